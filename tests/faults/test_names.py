"""Names that are meant to harm: each is read, told escaped, kept exactly, and stays where it is."""

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.engines import MAGIC
from tests.faults.scan import cheap_scan
from tests.results import table
from zipread.outputs.records import from_json
from zipread.outputs.tables import inert
from zipread.places import results_of
from zipread.storage import STATE

ROOT = Path(__file__).parents[2]

NAMES = [
    b"plain.pdf",
    b"new\nline.pdf",
    b"\n.pdf",
    b"carriage\rreturn.pdf",
    b"\r\n=1+1.pdf",
    b"tab\there.pdf",
    b"\t=1+1.pdf",
    b"\x1b[31mred.pdf",
    b"\x1b]0;title\x07.pdf",
    b"\x1b[2J\x1b[H.pdf",
    b"\x07bell.pdf",
    b"\x08back.pdf",
    b"\x7fdelete.pdf",
    "\x9b31mC1.pdf".encode(),
    "\u202egnp.pdf".encode(),
    "\u2066rtl\u2069.pdf".encode(),
    "line\u2028separator.pdf".encode(),
    "zero\u200bwidth.pdf".encode(),
    "\ufeffbom.pdf".encode(),
    "no-break\u00a0space.pdf".encode(),
    "عربي.pdf".encode(),
    "日本語 💌.pdf".encode(),
    "e\u0301 not composed.pdf".encode(),
    b"=1+1.pdf",
    b"=cmd|' /C calc'!A0.pdf",
    b'=HYPERLINK("http:,x").pdf',
    b"+1+1.pdf",
    b"-1+1.pdf",
    b"@SUM(1).pdf",
    "\uff1d1+1.pdf".encode(),
    b"-rf.pdf",
    b"--help.pdf",
    b"--out=elsewhere.pdf",
    b"\xff\xfe.pdf",
    b"latin-\xe9.pdf",
    b"overlong-\xc0\xaf.pdf",
    b"surrogate-\xed\xa0\x80.pdf",
    b'quote".pdf',
    b"'apostrophe.pdf",
    b"comma,semi;colon.pdf",
    b"back\\slash.pdf",
    b"$(touch owned).pdf",
    b"`touch owned`.pdf",
    b"; touch owned;.pdf",
    b"| touch owned.pdf",
    b"%00%2e%2e%2f.pdf",
    b"*?[a-z].pdf",
    b"<script>alert(1)<script>.pdf",
    b" leading and trailing .pdf",
    b"x" * 251 + b".pdf",
    b"documents.pdf",
    b"CON.pdf",
]

PATHS = [
    b"documents.csv/a.pdf",
    b"documents.csv.json/a.pdf",
    b".../a.pdf",
    b"..a/a.pdf",
    b"a.pdf.json/b.pdf",
    b"a.pdf.csv/b.pdf",
    b"a.pdf/b.pdf",
    b"\\..\\..\\a.pdf",
    b"...pdf/..%2f..pdf",
    b"-/--/---.pdf",
    b"\n/\n/\n.pdf",
    b"\xff/\xfe/\xfd.pdf",
    b"=/+/@.pdf",
    b"~/a.pdf",
    b"/".join([b"deep"] * 300) + b"/a.pdf",
    b"/".join([b"w" * 250] * 10) + b"/a.pdf",
    b"lock/a.pdf",
    b"ledger.sqlite/a.pdf",
]


assert len(NAMES) >= 50
assert len(PATHS) >= 15


def put(inbox, names):
    for name in names:
        path = inbox / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(MAGIC + b"02134")


@pytest.mark.parametrize("names", [NAMES, PATHS], ids=["names", "paths"])
def test_hostile_names_are_read_told_escaped_and_kept(tmp_path, names):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    put(inbox, names)
    summary = cheap_scan(inbox, out)
    assert summary.documents == len(names)
    rows = table(out)
    assert {document for document, _ in rows} == {inert(os.fsdecode(name)) for name in names}
    assert {row["zip"] for row in rows.values()} == {"02134"}
    for name in names:
        document = os.fsdecode(name)
        csv_path, json_path = results_of(document, out)
        assert from_json(json_path.read_bytes()).source.document == document
        assert csv_path.is_file()
    assert cheap_scan(inbox, out).documents == 0
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"inbox", "out"}


def test_losing_the_ledger_keeps_them_all(tmp_path):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    put(inbox, NAMES)
    cheap_scan(inbox, out)
    before = (out / "documents.csv").read_bytes()
    (out / STATE / "ledger.sqlite").unlink()
    assert cheap_scan(inbox, out).documents == 0
    assert (out / "documents.csv").read_bytes() == before


def test_nothing_in_a_table_acts_on_a_terminal_or_in_a_spreadsheet(tmp_path):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    put(inbox, NAMES)
    cheap_scan(inbox, out)
    text = (out / "documents.csv").read_bytes().decode()
    assert len(text.splitlines()) == len(NAMES) + 1
    assert text.replace("\n", "").isprintable()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if re.match(r"\s*[=+@\uff1d-]", cell)]


def test_names_on_the_command_line_and_on_stdout(tmp_path):
    """Through the real command, with the real engine refusing what is no PDF."""
    inbox = tmp_path / "inbox"
    put(inbox, NAMES[:40])
    done = subprocess.run(
        [sys.executable, "-m", "zipread", "scan", ".", "--out", tmp_path / "out"],
        cwd=inbox,
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 3
    assert done.stdout.count(b"error\t") == 40
    assert done.stdout.decode().replace("\n", "").replace("\t", "").isprintable()
    assert b"Traceback" not in done.stderr
