import errno
import json
import os
import random
import socket
import sqlite3
import time
from contextlib import closing

import pytest

from tests.faults.engines import IDENTITY, MAGIC
from tests.faults.inline import Inline
from tests.faults.scan import cheap_scan
from tests.results import results, table, zips
from zipread.cli.console import Quiet
from zipread.errors import InputProblem, OutputHeld, UsageProblem
from zipread.intake import Stamp
from zipread.ledger import Entry
from zipread.moves import Mover
from zipread.outputs.records import from_json
from zipread.reading import Status
from zipread.storage import STATE, hold


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def put(folder, name, text, age=60):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MAGIC + text.encode())
    os.utime(path, (time.time() - age,) * 2)
    return path


class TestResume:
    def test_a_second_run_reads_nothing(self, inbox, out):
        put(inbox, "a.pdf", "10001\n10002")
        put(inbox, "b/c.pdf", "10003")
        first = cheap_scan(inbox, out)
        before = {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
        second = cheap_scan(inbox, out)
        assert (first.documents, second.documents, second.up_to_date) == (2, 0, 2)
        after = {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
        for path in after:
            if STATE not in path.parts:
                assert after[path] == before[path]

    def test_what_is_new_or_changed_is_read(self, inbox, out):
        put(inbox, "a.pdf", "10001")
        put(inbox, "b.pdf", "10002")
        cheap_scan(inbox, out)
        put(inbox, "b.pdf", "20002")
        put(inbox, "c.pdf", "10003")
        summary = cheap_scan(inbox, out)
        assert (summary.documents, summary.up_to_date) == (2, 1)
        assert zips(out) == {"a.pdf": "10001", "b.pdf": "20002", "c.pdf": "10003"}

    def test_a_file_that_was_only_touched_is_not_read(self, inbox, out):
        path = put(inbox, "a.pdf", "10001")
        cheap_scan(inbox, out)
        path.touch()
        assert cheap_scan(inbox, out).documents == 0

    @pytest.mark.parametrize(
        "change", [{"model": "other"}, {"max_pages": 7}, {"accept": 0.5}, {"again": True}]
    )
    def test_another_model_or_option_reads_again(self, inbox, out, change):
        put(inbox, "a.pdf", "10001")
        cheap_scan(inbox, out)
        assert cheap_scan(inbox, out, **change).documents == 1

    def test_options_of_the_run_do_not(self, inbox, out):
        put(inbox, "a.pdf", "10001")
        cheap_scan(inbox, out)
        assert cheap_scan(inbox, out, jobs=1, timeout=9.0, quiet=True).documents == 0

    def test_a_layout_counts_by_its_content(self, inbox, out, tmp_path):
        layout = tmp_path / "layout.toml"
        text = "[fields.a]\nx = 0\ny = 0\nwidth = 1\nheight = 1\ndigits = "
        layout.write_text(f"{text}5")
        put(inbox, "a.pdf", "10001")
        cheap_scan(inbox, out, layout=str(layout))
        assert cheap_scan(inbox, out, layout=str(layout)).documents == 0
        layout.write_text(f"{text}6")
        assert cheap_scan(inbox, out, layout=str(layout)).documents == 1

    def test_a_layout_that_goes_while_it_runs_stops_nothing(self, inbox, out, tmp_path):
        layout = tmp_path / "layout.toml"
        layout.write_text("[fields.a]\nx = 0\ny = 0\nwidth = 1\nheight = 1\ndigits = 5")
        put(inbox, "a.pdf", "10001")

        class Thief(Quiet):
            def planned(self, documents, up_to_date):
                layout.unlink()

        assert cheap_scan(inbox, out, Thief(), layout=str(layout)).documents == 1

    def test_a_result_that_was_deleted_is_made_again(self, inbox, out):
        put(inbox, "a.pdf", "10001")
        cheap_scan(inbox, out)
        (out / "a.pdf.csv").unlink()
        assert cheap_scan(inbox, out).documents == 1
        assert (out / "a.pdf.csv").exists()

    def test_errors_are_not_read_again_unless_asked(self, inbox, out):
        put(inbox, "a.pdf", "corrupt")
        assert cheap_scan(inbox, out).errors == {"corrupt": 1}
        assert cheap_scan(inbox, out).documents == 0
        assert cheap_scan(inbox, out, retry=True).documents == 1

    @pytest.mark.parametrize("loss", ["deleted", "damaged", "rubbish", "no schema", "older"])
    def test_losing_the_ledger_loses_no_result(self, inbox, out, loss):
        for i in range(30):
            put(inbox, f"{i}.pdf", f"{10000 + i}")
        cheap_scan(inbox, out)
        before = results(out)
        ledger = out / STATE / "ledger.sqlite"
        content = ledger.read_bytes()
        (inbox / "0.pdf").unlink()
        ledger.unlink()
        if loss == "damaged":
            ledger.write_bytes(content[:4096] + b"\xff" * 5000 + content[9096:])
        if loss == "rubbish":
            ledger.write_bytes(b"rubbish" * 999)
        if loss == "no schema":
            ledger.touch()
        if loss == "older":
            with closing(sqlite3.connect(ledger)) as old:
                old.execute("CREATE TABLE documents (document BLOB PRIMARY KEY, path BLOB)")
                old.execute("PRAGMA user_version = 1")
        summary = cheap_scan(inbox, out)
        assert summary.up_to_date + summary.documents == 29
        assert summary.documents == 0
        assert results(out) == before

    def test_a_ledger_damaged_anywhere_is_built_anew(self, inbox, out, monkeypatch):
        """Also where SQLite sees nothing: a digit of a ZIP may be what is turned over."""
        monkeypatch.setattr("zipread.batch.Workers", Inline)
        for i in range(12):
            put(inbox, f"{i}.pdf", f"{10000 + i}")
        cheap_scan(inbox, out)
        before = results(out)
        ledger = out / STATE / "ledger.sqlite"
        sound = ledger.read_bytes()
        filled = [at for at, byte in enumerate(sound) if byte]
        chance = random.Random(4)
        for place in [*range(16, 100, 2), *chance.sample(filled, 40)]:
            content = bytearray(sound)
            content[place] ^= 1 << chance.randrange(8)
            ledger.write_bytes(content)
            assert cheap_scan(inbox, out).documents == 0
            assert results(out) == before, place

    def test_a_lost_ledger_mixes_up_no_inboxes(self, tmp_path, out):
        one, two = tmp_path / "one", tmp_path / "two"
        put(one, "a.pdf", "10001")
        put(two, "a.pdf", "10002")
        cheap_scan([one, two], out)
        before = results(out)
        (out / STATE / "ledger.sqlite").unlink()
        assert cheap_scan([two, one], out).documents == 0
        assert results(out) == before

    def test_a_lost_ledger_gives_no_name_away(self, inbox, out):
        options = {"move_done": str(inbox / "done")}
        put(inbox, "scan.pdf", "10001")
        cheap_scan(inbox, out, **options)
        (out / STATE / "ledger.sqlite").unlink()
        put(inbox, "scan.pdf", "10002")
        cheap_scan(inbox, out, **options)
        assert zips(out) == {"scan.pdf": "10001", "scan~2.pdf": "10002"}

    def test_results_do_not_depend_on_the_number_of_jobs(self, inbox, out):
        for i in range(40):
            put(inbox, f"{i}.pdf", f"{10000 + i}\nbad\n{i}" if i % 3 else "corrupt")
        cheap_scan(inbox, out / "1", jobs=1)
        cheap_scan(inbox, out / "5", jobs=5)
        assert results(out / "1") == results(out / "5")
        assert len(results(out / "1")) == 81


class TestRows:
    def test_every_document_has_its_rows_whatever_happens(self, inbox, out):
        faults = ["10001", "corrupt", "die", "segfault", "bug", "bug-open", "hang", "die-open"]
        for text in faults:
            put(inbox, f"{text}.pdf", text)
        put(inbox, "empty.png", "")
        put(inbox, "pages.pdf", "10001\nbad\n10003")
        summary = cheap_scan(inbox, out, timeout=1.0)
        rows = table(out)
        assert {d for d, _ in rows} == {f"{t}.pdf" for t in faults} | {"empty.png", "pages.pdf"}
        assert len(rows) == len(faults) + 4
        assert summary.errors == {"corrupt": 2, "crashed": 3, "internal": 2, "timeout": 1}
        assert all(row["message"] for row in rows.values() if row["status"] == "error")

    def test_records_carry_what_made_them(self, inbox, out):
        path = put(inbox, "a/x.png", "10001")
        cheap_scan(inbox, out)
        reading = from_json((out / "a/x.png.json").read_bytes())
        assert reading.source.document == "a/x.png"
        assert reading.source.size == path.stat().st_size
        assert reading.model == IDENTITY
        assert reading.pages[0].status is Status.ACCEPTED

    def test_a_file_over_the_limit_is_an_error_that_is_not_looked_at_again(self, inbox, out):
        put(inbox, "a.pdf", "1" * 2000)
        path = inbox / "a.pdf"
        os.utime(path, (1, 1))
        first = cheap_scan(inbox, out, max_megabytes=0.001)
        assert first.errors == {"too-large": 1}
        time.sleep(2.1)  # a change within the clock's grain would not show in the times
        cheap_scan(inbox, out, max_megabytes=0.001)
        assert cheap_scan(inbox, out, max_megabytes=0.001).documents == 0

    def test_two_inboxes_with_one_name_keep_both(self, tmp_path, out):
        one, two = tmp_path / "one", tmp_path / "two"
        put(one, "a.pdf", "10001")
        put(two, "a.pdf", "10002")
        cheap_scan([one, two], out)
        assert zips(out) == {"a.pdf": "10001", "a~2.pdf": "10002"}
        assert cheap_scan([two, one], out).documents == 0
        (one / "a.pdf").unlink()
        assert cheap_scan([one, two], out).documents == 0

    def test_a_path_named_twice_is_read_once(self, inbox, out):
        path = put(inbox, "a.pdf", "10001")
        assert cheap_scan([inbox, path, inbox], out).documents == 1

    def test_a_file_that_vanishes_is_left(self, inbox, out):
        path = put(inbox, "a.pdf", "10001")

        class Thief:
            def planned(self, documents, up_to_date):
                path.unlink()

            def saved(self, rows):
                raise AssertionError(rows)

        summary = cheap_scan(inbox, out, Thief())
        assert summary.waiting.total() == 1
        assert table(out) == {}


class TestWaiting:
    def test_a_young_file_is_left_for_the_next_run(self, inbox, out):
        put(inbox, "old.pdf", "10001", age=100)
        young = put(inbox, "young.pdf", "10002", age=1)
        summary = cheap_scan(inbox, out, settle=30.0)
        assert (summary.documents, summary.waiting.total()) == (1, 1)
        assert zips(out) == {"old.pdf": "10001"}
        os.utime(young, (time.time() - 60,) * 2)
        assert cheap_scan(inbox, out, settle=30.0).documents == 1

    def test_a_file_of_the_future_does_not_wait_for_ever(self, inbox, out):
        put(inbox, "a.pdf", "10001", age=-1e6)
        assert cheap_scan(inbox, out, settle=30.0).documents == 1

    def test_a_file_that_grows_is_left_for_the_next_run(self, inbox, out):
        path = put(inbox, "a.pdf", "10001")

        class Writer:
            def planned(self, documents, up_to_date):
                with path.open("ab") as file:
                    file.write(b"\n10002")

            def saved(self, rows):
                raise AssertionError(rows)

        assert cheap_scan(inbox, out, Writer()).waiting.total() == 1
        assert cheap_scan(inbox, out).pages[Status.ACCEPTED] == 2


class TestInputs:
    def test_what_is_no_image_is_left_alone_in_a_folder_and_an_error_when_named(self, inbox, out):
        note = inbox / "note.txt"
        note.write_text("10001")
        (inbox / ".a.pdf.x7Yq").write_bytes(MAGIC)
        (inbox / "._a.pdf").write_bytes(b"\0\5\x16\7")
        (inbox / "b.pdf.part").write_bytes(MAGIC)
        put(inbox, ".cache/c.pdf", "10001")
        summary = cheap_scan(inbox, out)
        assert (summary.documents, summary.left.total()) == (0, 5)
        put(inbox, ".hidden.pdf", "10001")
        assert cheap_scan(inbox, out).documents == 1
        assert cheap_scan([note], out).documents == 1

    def test_no_link_is_followed_and_nothing_special_opened(self, inbox, out, tmp_path):
        outside = put(tmp_path, "outside/secret.pdf", "99999")
        (inbox / "link.pdf").symlink_to(outside)
        (inbox / "folder").symlink_to(outside.parent)
        (inbox / "loop").symlink_to(inbox)
        os.mkfifo(inbox / "fifo.pdf")
        os.mknod(inbox / "device.pdf", 0o600 | 0o020000, os.makedev(1, 5))
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(inbox / "socket.pdf"))
            summary = cheap_scan(inbox, out)
        assert summary.documents == 0
        assert summary.left == {"link": 3, "no regular file": 3}

    def test_a_link_that_is_named_is_followed_and_keeps_its_name(self, inbox, out, tmp_path):
        link = inbox / "today.pdf"
        link.symlink_to(put(tmp_path, "store/0001.pdf", "10001"))
        cheap_scan(link, out)
        assert zips(out) == {"today.pdf": "10001"}
        assert cheap_scan(link, out).documents == 0

    def test_a_file_that_becomes_a_link_is_not_followed(self, inbox, out, tmp_path):
        outside = put(tmp_path, "outside/secret.pdf", "99999")
        path = put(inbox, "a/x.pdf", "10001")

        class Swap:
            def planned(self, documents, up_to_date):
                path.unlink()
                path.parent.rmdir()
                path.parent.symlink_to(outside.parent)
                outside.rename(outside.with_name("x.pdf"))

            def saved(self, rows):
                assert rows[0].status is Status.ERROR

        cheap_scan(inbox, out, Swap())
        assert "99999" not in (out / "documents.csv").read_text()

    def test_results_among_the_input_are_not_scanned(self, inbox):
        put(inbox, "a.pdf", "10001")
        out = inbox / "out"
        put(out, "b.pdf", "10002")
        assert cheap_scan(inbox, out).documents == 1
        assert cheap_scan(inbox, inbox / "other").documents == 1  # the first is an out folder now

    def test_the_results_of_another_scan_are_left_alone_and_told(self, inbox, tmp_path, out):
        put(inbox, "sub/a.pdf", "10001")
        cheap_scan(inbox / "sub", inbox / "sub")
        summary = cheap_scan(inbox, out)
        assert (summary.documents, summary.left) == (0, {"folder of results": 1})

    def test_a_folder_that_cannot_be_listed_is_told_as_long_as_it_is_so(
        self, inbox, out, monkeypatch
    ):
        put(inbox, "a.pdf", "10001")
        put(inbox, "sub/b.pdf", "10002")

        def refuse(path):
            if str(path).rstrip("/").endswith("sub"):
                raise PermissionError(errno.EACCES, "Permission denied")
            return listed(path)

        listed = os.scandir
        with monkeypatch.context() as patch:
            patch.setattr(os, "scandir", refuse)
            summary = cheap_scan(inbox, out)
        assert summary.documents == 1
        assert summary.missing == [f"{inbox}/sub: Permission denied."]
        assert cheap_scan(inbox, out).missing == []
        assert zips(out) == {"a.pdf": "10001", "sub/b.pdf": "10002"}

    def test_a_missing_input_is_told_and_the_others_are_read(self, inbox, out):
        put(inbox, "a.pdf", "10001")
        summary = cheap_scan([inbox / "nowhere", inbox], out)
        assert summary.documents == 1
        assert "nowhere" in summary.missing[0]

    def test_with_no_input_there_is_no_output(self, tmp_path, out):
        with pytest.raises(InputProblem, match="nowhere"):
            cheap_scan(tmp_path / "nowhere", out)
        assert not out.exists()

    def test_an_empty_folder_is_nothing_to_do(self, inbox, out):
        assert cheap_scan(inbox, out).documents == 0
        assert (out / "documents.csv").read_text().count("\n") == 1


class TestHolding:
    def test_a_second_run_is_told_who_holds_the_folder(self, inbox, out):
        put(inbox, "a.pdf", "10001")
        with hold(out), pytest.raises(OutputHeld, match=f"process {os.getpid()} on"):
            cheap_scan(inbox, out)
        assert cheap_scan(inbox, out).documents == 1

    def test_a_second_run_waits_if_told_to(self, inbox, out):
        started = time.monotonic()
        with hold(out), pytest.raises(OutputHeld):
            cheap_scan(inbox, out, wait=0.3)
        assert 0.3 <= time.monotonic() - started < 1


class TestSorting:
    @pytest.fixture
    def plan(self, tmp_path):
        path = tmp_path / "plan.csv"
        path.write_text("zip,bin\n1,One\n10002-10003,Few\n*,Rest\n")
        return str(path)

    def test_each_row_gets_its_bin(self, inbox, out, plan):
        put(inbox, "a.pdf", "10001\n10003\n02134\n10001 review\n10001 no-zip\nbad")
        cheap_scan(inbox, out, sort_plan=plan)
        bins = [row["bin"] for row in table(out).values()]
        assert bins == ["One", "Few", "Rest", "reject", "reject", "reject"]

    def test_bins_hold_links_that_follow_the_plan(self, inbox, out, plan, tmp_path):
        a = put(inbox, "x/a.pdf", "10001")
        put(inbox, "b.pdf", "corrupt")
        bins = tmp_path / "bins"
        options = {"sort_plan": plan, "link_bins": str(bins)}
        cheap_scan(inbox, out, **options)
        assert (bins / "One/x/a.pdf").readlink() == a
        assert (bins / "reject/b.pdf").is_symlink()
        put(inbox, "x/a.pdf", "10002")
        (bins / "One/mine.txt").write_text("kept")
        cheap_scan(inbox, out, **options)
        assert (bins / "Few/x/a.pdf").readlink() == a
        assert not (bins / "One/x/a.pdf").is_symlink()
        assert (bins / "One/mine.txt").exists()

    def test_no_link_but_ours_is_taken_away(self, inbox, out, plan, tmp_path):
        put(inbox, "a.pdf", "10001")
        bins = tmp_path / "bins"
        theirs = [bins / "python", bins / "One/python", bins / "venv/lib/a.pdf", bins / "folder"]
        for link in theirs:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(tmp_path)
        cheap_scan(inbox, out, sort_plan=plan, link_bins=str(bins))
        assert all(link.is_symlink() for link in theirs)
        assert (bins / "One/a.pdf").is_symlink()

    def test_links_need_a_plan(self, inbox, out):
        with pytest.raises(UsageProblem, match="sort-plan"):
            cheap_scan(inbox, out, link_bins="bins")


class TestMoving:
    def test_what_is_done_is_moved_with_its_results_kept(self, inbox, out):
        put(inbox, "x/a.pdf", "10001")
        put(inbox, "b.pdf", "corrupt")
        options = {"move_done": str(inbox / "done"), "move_failed": str(inbox / "failed")}
        cheap_scan(inbox, out, **options)
        assert (inbox / "done/x/a.pdf").exists()
        assert (inbox / "failed/b.pdf").exists()
        assert cheap_scan(inbox, out, **options).documents == 0
        assert zips(out) == {"x/a.pdf": "10001", "b.pdf": ""}

    def test_another_scan_of_the_same_name_replaces_nothing(self, inbox, out):
        options = {"move_done": str(inbox / "done")}
        for code in ("10001", "10002", "10003"):
            put(inbox, "scan.pdf", code)
            cheap_scan(inbox, out, **options)
        assert zips(out) == {"scan.pdf": "10001", "scan~2.pdf": "10002", "scan~3.pdf": "10003"}
        done = {path.name for path in (inbox / "done").iterdir()}
        assert done == {"scan.pdf", "scan~2.pdf", "scan~3.pdf"}

    def test_names_come_again_for_years_and_no_result_is_replaced(self, inbox, out):
        """A scanner that counts from 1 every day, into an inbox whose archive is emptied."""
        options = {"move_done": str(inbox / "done"), "move_failed": str(inbox / "failed")}
        for code in ("10001", "corrupt", "10002"):
            put(inbox, "scan.pdf", code)
            cheap_scan(inbox, out, **options)
            for path in [*(inbox / "done").rglob("*.pdf"), *(inbox / "failed").rglob("*.pdf")]:
                path.unlink()
        assert zips(out) == {"scan.pdf": "10001", "scan~2.pdf": "", "scan~3.pdf": "10002"}

    def test_a_file_that_comes_to_stand_in_the_way_is_not_replaced(self, inbox, tmp_path):
        path = put(inbox, "a.pdf", "10001")
        entry = Entry("a.pdf", str(path), Stamp.of(path.stat()), "", "", "", ())
        told: list[str] = []

        def intrude(entries):
            told.extend(entry.path for entry in entries)
            put(tmp_path / "done", "a.pdf", "another's")

        Mover(tmp_path / "done", None).move([entry], intrude)
        done = sorted(path.name for path in (tmp_path / "done").iterdir())
        assert done == ["a.pdf", "a~2.pdf"]
        assert "another" in (tmp_path / "done/a.pdf").read_text()
        assert told == [str(tmp_path / "done" / name) for name in done]

    def test_what_an_earlier_run_left_is_moved(self, inbox, out):
        put(inbox, "a.pdf", "10001")
        cheap_scan(inbox, out)
        summary = cheap_scan(inbox, out, move_done=str(inbox / "done"))
        assert summary.documents == 0
        assert (inbox / "done/a.pdf").exists()

    @pytest.mark.parametrize("change", ["replaced", "gone"])
    def test_a_file_that_is_not_the_one_that_was_read_stays(self, inbox, tmp_path, change):
        path = put(inbox, "a.pdf", "10001")
        entry = Entry("a.pdf", str(path), Stamp.of(path.stat()), "", "", "", ())
        path.unlink()
        if change == "replaced":
            put(inbox, "a.pdf", "10002")
        Mover(tmp_path / "done", None).move([entry], lambda _: pytest.fail("moved"))
        assert not (tmp_path / "done").exists()

    def test_the_scanned_folder_is_no_place_to_move_to(self, inbox, out):
        with pytest.raises(UsageProblem, match="is scanned"):
            cheap_scan(inbox, out, move_done=str(inbox))


def test_the_json_and_csv_are_there_for_each_document(inbox, out):
    put(inbox, "a.pdf", "10001")
    cheap_scan(inbox, out)
    assert json.loads((out / "a.pdf.json").read_text())["pages"][0]["zip"] == "10001"
    assert (out / "a.pdf.csv").read_text().count("\n") == 6
