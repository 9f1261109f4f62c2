"""Ten thousand documents, a hundred thousand results."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.engines import IDENTITY, MAGIC
from tests.faults.scan import cheap_scan
from zipread.api import provenance
from zipread.intake import Stamp
from zipread.ledger import Entry, Ledger
from zipread.options import Options, fingerprint
from zipread.outputs.tables import PageRow
from zipread.places import results_of
from zipread.reading import Status
from zipread.storage import STATE

WATCHED = """
import json, os, sys
from pathlib import Path
from tests.faults.scan import cheap_scan
from zipread.cli.console import Quiet

class Memory(Quiet):
    count, sizes = 0, []
    def saved(self, rows):
        self.count += 1
        if self.count % 500 == 0:
            status = Path("/proc/self/status").read_text()
            self.sizes.append(int(status.split("VmRSS:")[1].split()[0]))

memory = Memory()
cheap_scan(Path(sys.argv[1]), sys.argv[2], memory)
print(json.dumps(memory.sizes))
"""


def fill(inbox, count):
    for i in range(count):
        path = inbox / f"{i // 500:03}" / f"{i:06}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(MAGIC + str(i % 90000 + 10000).encode())


def timed(inbox, out):
    """A whole run of the command, from start to end; its CPU seconds and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "tests.faults.scan", inbox, out]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, done.stdout.split()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
def test_ten_thousand_documents_in_steady_memory_and_a_quick_rerun(quick_disk):
    inbox, out = quick_disk / "inbox", quick_disk / "out"
    fill(inbox, 10_000)
    command = [sys.executable, "-c", WATCHED, inbox, out]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    sizes = json.loads(done.stdout)
    assert len(sizes) == 20
    print(sizes)
    assert max(sizes) < 1.05 * sizes[0]
    seconds, printed = timed(inbox, out)
    assert printed == ["0", "10000"]
    print(f"a rerun over 10,000 documents: {seconds:.2f} s of CPU")
    assert seconds < 3


def done(path, inbox, out):
    """The entry of a document as if it had been read, with empty files for its results."""
    document = str(path.relative_to(inbox))
    for result in results_of(document, out):
        result.parent.mkdir(exist_ok=True)
        result.touch()
    row = PageRow(document, 1, Status.ACCEPTED, "02134", "", 0.99, 0.05, "")
    options = fingerprint(provenance(Options()))
    return Entry(document, str(path), Stamp.of(path.stat()), "ab" * 32, IDENTITY, options, (row,))


@pytest.mark.slow
def test_a_rerun_over_a_hundred_thousand_results(quick_disk):
    inbox, out = quick_disk / "inbox", quick_disk / "out"
    fill(inbox, 100_000)
    out.mkdir()
    cheap_scan(out, out)
    ledger = Ledger(out / STATE / "ledger.sqlite")
    ledger.record(done(path, inbox, out) for path in inbox.rglob("*.pdf"))
    ledger.close()
    seconds, printed = timed(inbox, out)
    assert printed == ["0", "100000"]
    print(f"a rerun over 100,000: {seconds:.2f} s of CPU")
    assert seconds < 15
    with (out / "documents.csv").open() as file:
        assert sum(1 for _ in file) == 100_001
