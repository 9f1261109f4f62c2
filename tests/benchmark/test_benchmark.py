"""The benchmark command: it measures what it says, in a form that programs can read."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zipread.benchmark.__main__ import PARTS, command
from zipread.benchmark.clock import ModuleClock
from zipread.benchmark.corpus import multiplied, resampled, samples_in
from zipread.benchmark.processes import run
from zipread.benchmark.readers import _codes
from zipread.benchmark.tables import Table
from zipread.documents import open_document
from zipread.normalise import digits_form
from zipread.options import Options

ENVELOPES = Path("samples/envelopes")
BURN = "import time\nwhile time.process_time() < {}: pass\n"


def measured(tmp_path, part, *more):
    file = tmp_path / "figures.json"
    arguments = [str(ENVELOPES), "--only", part, "--images", "3", "--json", str(file), *more]
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert f"== {part}" in done.output
    return json.loads(file.read_text())[part]["rows"]


def test_stages_add_up_and_all_are_named(tmp_path):
    rows = measured(tmp_path, "stages")
    assert rows[-1]["stage"] == "together"
    each = [row["CPU ms a document"] for row in rows[:-1]]
    assert sum(each) == pytest.approx(rows[-1]["CPU ms a document"])
    assert {row["stage"] for row in rows} >= {"open and decode", "ink", "model", "lattice", "write"}


def test_the_ratio_is_of_the_same_files(tmp_path):
    *_, whole = measured(tmp_path, "ratio")
    assert whole["documents"] == 3
    spent = whole["read ms"] + whole["write ms"]
    assert whole["ratio"] == pytest.approx(spent / whole["decode ms"])


def test_a_scan_is_timed_with_all_its_processes(tmp_path):
    one, two = measured(tmp_path, "throughput", "--documents", "4")
    assert (one["jobs"], two["jobs"]) == (1, 2)
    assert one["CPU ms a document"] > 10  # the workers', not the command's own alone
    assert one["gain"] == 1


def test_others_are_compared_on_the_same_images(tmp_path):
    ours, *_ = measured(tmp_path, "others")
    assert (ours["reader"], ours["images"]) == ("zipread", 3)
    assert ours["right %"] == ours["found %"] > 50


def test_codes_are_taken_out_of_texts_the_surest_first():
    texts = [("Waltham, MA 02453", 0.9), ("123456", 1.0), ("85357-1234", 0.95), ("", 0.5)]
    assert _codes(texts) == ["85357", "02453"]


def test_every_part_is_listed_and_no_other_taken():
    done = CliRunner().invoke(command, [str(ENVELOPES), "--only", "speed"])
    assert done.exit_code == 2
    assert all(part in done.output for part in PARTS)


def test_the_clock_puts_time_down_to_who_called():
    content = (ENVELOPES / "01-white-no10.jpg").read_bytes()
    before = time.process_time()
    with ModuleClock() as clock:
        while time.process_time() - before < 0.3:
            with open_document(content, Options()) as document:
                pixels = document.page(1).pixels
        digits_form(pixels[:50, :50, 0], ink="dark")
    whole = time.process_time() - before
    opened = sum(s for module, s in clock.spent.items() if module.startswith("documents"))
    assert 0.9 * whole < sum(clock.spent.values()) <= whole
    assert opened > 0.8 * whole


def test_the_clock_is_off_after_use():
    with ModuleClock() as clock:
        pass
    seen = dict(clock.spent)
    time.sleep(0.02)
    assert dict(clock.spent) == seen


@pytest.mark.skipif(sys.platform != "linux", reason="adopts orphans as only Linux can")
def test_cpu_of_an_orphan_is_counted():
    orphan = (
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {BURN.format(0.5)!r}])"
    )
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE):  # of others
        assert run([sys.executable, "-c", orphan]).cpu > 0.5


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_memory_is_that_of_all_processes():
    hold = "import time; x = bytearray(50_000_000); x[::4096] = x[::4096]; time.sleep(0.5)"
    both = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {hold!r}])\n{hold}"
    peak = run([sys.executable, "-c", both], memory=True).peak
    assert peak is not None
    assert 50_000_000 < peak < 90_000_000


def test_a_corpus_grows_by_its_own_documents(tmp_path):
    samples = samples_in(ENVELOPES, 2)
    before = samples[0].path.stat()
    folder = multiplied(samples, 5, tmp_path)
    assert samples[0].path.stat().st_ctime_ns == before.st_ctime_ns
    made = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(made) == 5
    assert made[0].read_bytes() == made[2].read_bytes() == samples[0].path.read_bytes()


def test_pages_are_resampled_to_scale(tmp_path):
    sample = samples_in(ENVELOPES, 1)[0]
    assert sample.dpi == 200
    (large,) = resampled([sample], 400, tmp_path / "large")
    (small,) = resampled([sample], 100, tmp_path / "small")
    height, width = _size(sample.path)
    assert _size(large.path) == (2 * height, 2 * width)
    assert _size(small.path) == pytest.approx((height / 2, width / 2), abs=1)


def _size(path):
    with open_document(path.read_bytes(), Options()) as document:
        return document.page(1).pixels.shape[:2]


def test_a_table_shows_what_could_not_be_measured():
    table = Table("memory", ("jobs", "peak MB"), ((1, 1234.5), (2, None)))
    assert table.as_text() == "== memory\njobs  peak MB\n1       1,234\n2           -\n"
