"""Inputs and results by URL, in a store that needs no server."""

import json
from pathlib import Path

import pytest

from tests.faults.engines import MAGIC
from tests.faults.scan import cheap_scan
from tests.results import results, table, zips
from zipread.errors import InputProblem, OutputHeld, UsageProblem
from zipread.remote import Remote, located
from zipread.storage import hold
from zipread.store import state_folder

fsspec = pytest.importorskip("fsspec")

TEXTS = {
    "a.pdf": "10001",
    "b/c.pdf": "10002\n10003",
    "b/odd name é #1?.pdf": "10004",
    "bad.pdf": "bad",
    "corrupt.png": "corrupt",
}


@pytest.fixture(autouse=True)
def memory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    return system


@pytest.fixture
def inbox(memory):
    for name, text in TEXTS.items():
        memory.pipe_file(f"/inbox/{name}", MAGIC + text.encode())
    return located("memory://inbox")


def below(memory, folder, to: Path) -> Path:
    """A folder of the store, copied to disk."""
    for name in memory.find(folder):
        path = to / name.removeprefix(f"{folder}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(memory.cat_file(name))
    return to


def test_results_are_those_of_a_local_scan(memory, inbox, tmp_path):
    summary = cheap_scan(inbox, "memory://out")
    assert summary.documents == len(TEXTS)
    local = below(memory, "/inbox", tmp_path / "inbox")
    cheap_scan(local, tmp_path / "local")
    found = below(memory, "/out", tmp_path / "out")
    assert results(found) == results(tmp_path / "local")


def test_what_is_done_is_not_read_again_and_what_changed_is(memory, inbox, tmp_path):
    cheap_scan(inbox, "memory://out")
    again = cheap_scan(inbox, "memory://out")
    assert (again.documents, again.up_to_date) == (0, len(TEXTS))
    memory.pipe_file("/inbox/a.pdf", MAGIC + b"20001")
    memory.rm("/out/b/c.pdf.json")
    third = cheap_scan(inbox, "memory://out")
    assert third.up_to_date == len(TEXTS) - 2
    assert third.documents == 2
    assert zips(below(memory, "/out", tmp_path / "out"))["a.pdf"] == "20001"


def test_a_lost_ledger_is_built_again_from_the_store(memory, inbox, monkeypatch, tmp_path):
    cheap_scan(inbox, "memory://out")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "new"))
    assert cheap_scan(inbox, "memory://out").documents == 0


def test_rows_of_another_machine_are_kept(memory, inbox, monkeypatch, tmp_path):
    cheap_scan(inbox, "memory://out")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "d.pdf").write_bytes(MAGIC + b"10005")
    cheap_scan(tmp_path / "more", "memory://out")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    cheap_scan(inbox, "memory://out")
    names = {name for name, _ in table(below(memory, "/out", tmp_path / "out"))}
    assert names == {*TEXTS, "d.pdf"}


def test_results_among_what_is_scanned_are_no_input(memory, inbox):
    cheap_scan(inbox, "memory://inbox/out")
    memory.pipe_file("/inbox/out/seen.png", MAGIC + b"10009")
    assert cheap_scan(inbox, "memory://inbox/out").up_to_date == len(TEXTS)


def test_hidden_unfinished_and_other_files_are_left_alone(memory, inbox):
    for name in (".git/x.pdf", ".x.txt", "a.pdf.part", "notes.txt"):
        memory.pipe_file(f"/inbox/{name}", MAGIC + b"10001")
    summary = cheap_scan(inbox, "memory://out")
    assert summary.documents == len(TEXTS)
    assert dict(summary.left) == {"hidden": 2, "unfinished copy": 1, "no image": 1}


def test_one_file_can_be_named(memory, inbox, tmp_path):
    cheap_scan(inbox / "b/c.pdf", tmp_path / "out")
    assert zips(tmp_path / "out") == {"c.pdf": "10003"}


def test_a_name_that_is_no_path_is_said_and_the_others_are_read(memory, inbox, tmp_path):
    memory.store["/inbox/x/../y.pdf"] = memory.store["/inbox/a.pdf"]
    summary = cheap_scan(inbox, tmp_path / "out")
    assert summary.documents == len(TEXTS)
    assert ["Copy it to another name" in text for text in summary.missing] == [True]


def test_nothing_there_is_said(tmp_path):
    summary = cheap_scan(located("memory://nowhere"), tmp_path / "out")
    assert summary.missing == ["There is nothing at memory://nowhere."]


def test_young_files_wait(inbox, tmp_path):
    summary = cheap_scan(inbox, tmp_path / "out", settle=60.0)
    assert summary.waiting.total() == len(TEXTS)


def test_too_large_a_file_is_not_fetched(memory, inbox, tmp_path):
    memory.pipe_file("/inbox/large.pdf", MAGIC + bytes(3000))
    cheap_scan(inbox, tmp_path / "out", max_megabytes=0.002)
    row = table(tmp_path / "out")["large.pdf", "1"]
    assert (row["status"], "0.002 MB allowed" in row["message"]) == ("error", True)


def test_a_key_too_long_for_a_store_is_hashed(memory, tmp_path):
    folder = tmp_path / "inbox" / "/".join(["f" * 200] * 6)
    folder.mkdir(parents=True)
    (folder / "x.pdf").write_bytes(MAGIC + b"10001")
    cheap_scan(tmp_path / "inbox", "memory://out")
    assert max(len(name) for name in memory.find("/out")) < 100
    assert cheap_scan(tmp_path / "inbox", "memory://out").up_to_date == 1
    (record,) = (name for name in memory.find("/out") if name.endswith(".json"))
    assert json.loads(memory.cat_file(record))["source"]["document"].endswith("/x.pdf")


def test_the_url_is_held_on_this_machine(inbox):
    with hold(state_folder(Remote("memory://out"))), pytest.raises(OutputHeld):
        cheap_scan(inbox, "memory://out")


def test_a_file_url_is_a_path(tmp_path):
    assert located("file:///a/b%20c") == Path("/a/b c")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.pdf").write_bytes(MAGIC + b"10001")
    cheap_scan(located((tmp_path / "inbox").as_uri()), (tmp_path / "out").as_uri())
    assert zips(tmp_path / "out") == {"a.pdf": "10001"}


@pytest.mark.parametrize("url", ["nosuch://x", "hdfs://x/y"])
def test_a_store_that_cannot_be_reached_is_said(url, tmp_path):
    with pytest.raises(UsageProblem):
        cheap_scan(located(url), tmp_path / "out")


def test_what_is_remote_is_not_moved(inbox, tmp_path):
    with pytest.raises(UsageProblem, match="neither moved nor linked"):
        cheap_scan(inbox, tmp_path / "out", move_done=str(tmp_path / "done"))


def test_local_inputs_are_still_looked_for(tmp_path):
    with pytest.raises(InputProblem, match="no such file"):
        cheap_scan(tmp_path / "nowhere", "memory://out")
