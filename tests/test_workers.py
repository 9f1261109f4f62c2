import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.faults.engines import IDENTITY, MAGIC
from zipread.errors import ErrorKind, ModelRefused
from zipread.intake import Stamp, StillGrowing
from zipread.options import Options
from zipread.reading import Status
from zipread.worker import Task
from zipread.workers import Workers

CHEAP = "tests.faults.engines:Cheap"


@pytest.fixture
def read(tmp_path):
    """Read documents given as name=text; their outcomes by name."""

    def run(texts, jobs=2, engine=CHEAP, **options):
        tasks = []
        for name, text in texts.items():
            path = tmp_path / name
            path.write_bytes(MAGIC + text.encode())
            tasks.append(Task(str(tmp_path), name, name, Stamp.of(path.stat())))
        workers = Workers(jobs, Options(**options), engine)
        return {outcome.task.document: outcome for outcome in workers.run(tasks) if outcome}

    return run


def told(outcome):
    return [page.error_kind or page.zip for page in outcome.pages]


def test_all_documents_are_read_whatever_the_number_of_workers(read):
    texts = {f"{i}.pdf": f"{10000 + i}\n{20000 + i}" for i in range(20)}
    for jobs in (1, 3):
        outcomes = read(texts, jobs)
        assert {name: told(outcome) for name, outcome in outcomes.items()} == {
            f"{i}.pdf": [str(10000 + i), str(20000 + i)] for i in range(20)
        }
        assert {outcome.model for outcome in outcomes.values()} == {IDENTITY}


def test_nothing_to_do_starts_no_worker(read):
    started = time.monotonic()
    assert read({}, engine="no.such:engine") == {}
    assert time.monotonic() - started < 0.1


def test_lasting_workers_are_kept_and_one_that_died_idle_is_replaced(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(MAGIC + b"10001")
    task = Task(str(tmp_path), path.name, path.name, Stamp.of(path.stat()))
    workers = Workers(1, Options(), CHEAP, lasting=True)
    with closing(workers):
        for _ in range(2):
            assert [told(o) for o in workers.run([task]) if o] == [["10001"]]
        (before,) = multiprocessing.active_children()
        before.kill()
        before.join()
        assert [told(o) for o in workers.run([task]) if o] == [["10001"]]
        (after,) = multiprocessing.active_children()
        assert after.pid != before.pid
    assert multiprocessing.active_children() == []


def test_content_that_comes_along_is_read_in_place_of_the_file():
    stamp = Stamp(1, 2, 3, 4, 5)
    there = Task("/nowhere", "a.pdf", "a.pdf", stamp, content=MAGIC + b"10001")
    gone = Task("/nowhere", "b.pdf", "b.pdf", stamp, content=StillGrowing())
    outcomes = [o for o in Workers(1, Options(), CHEAP).run([there, gone]) if o]
    assert [told(o) for o in outcomes] == [["10001"], []]
    assert [o.growing for o in outcomes] == [False, True]


def test_a_worker_that_dies_costs_its_page_alone(read):
    texts = {f"{i}.pdf": "10001" for i in range(6)}
    outcomes = read(texts | {"die.pdf": "10002\ndie\n10003", "segv.pdf": "segfault"})
    assert told(outcomes["die.pdf"]) == ["10002", "crashed", "10003"]
    assert told(outcomes["segv.pdf"]) == ["crashed"]
    assert "signal 11" in outcomes["segv.pdf"].pages[0].message
    assert all(told(outcomes[name]) == ["10001"] for name in texts)


def test_a_worker_that_dies_by_chance_costs_nothing(read, tmp_path):
    outcomes = read({"a.pdf": f"10001\ndie-once {tmp_path / 'mark'}\n10003", "b.pdf": "10004"})
    assert told(outcomes["a.pdf"]) == ["10001", "02134", "10003"]
    assert [page.page for page in outcomes["a.pdf"].pages] == [1, 2, 3]


def test_chance_is_forgiven_once_a_page_not_once_a_document(read, tmp_path):
    lines = [f"die-once {tmp_path / mark}" for mark in "abcd"]
    assert told(read({"a.pdf": "\n".join(lines)})["a.pdf"]) == ["02134"] * 4


def test_a_document_is_tried_again_after_the_others(tmp_path):
    names = ["a.pdf", *(f"{i}.pdf" for i in range(9))]
    for name in names:
        (tmp_path / name).write_bytes(MAGIC + b"10001")
    (tmp_path / "a.pdf").write_bytes(MAGIC + f"die-once {tmp_path / 'mark'}".encode())
    stamps = {name: Stamp.of((tmp_path / name).stat()) for name in names}
    tasks = [Task(str(tmp_path), name, name, stamps[name]) for name in names]
    done = [o.task.document for o in Workers(1, Options(), CHEAP).run(tasks) if o]
    assert done == [*names[1:], "a.pdf"]


def test_memory_is_bounded(read):
    outcomes = read({"a.pdf": f"10001\ntake {20 << 30}\n10003", "b.pdf": "10004"})
    assert told(outcomes["a.pdf"]) == ["10001", "too-large", "10003"]
    assert "needs more memory" in outcomes["a.pdf"].pages[1].message
    assert told(outcomes["b.pdf"]) == ["10004"]


def test_without_room_for_the_sockets_of_workers_the_run_ends_with_a_sentence(tmp_path):
    script = (
        "import multiprocessing.util as util, sys; from pathlib import Path\n"
        "from zipread.intake import Stamp; from zipread.options import Options\n"
        "from zipread.worker import Task; from zipread.workers import Workers\n"
        "def full(): raise OSError(28, 'No space left on device')\n"
        "util.get_temp_dir = full\n"
        "task = Task('/', 'a', 'a', Stamp(0, 0, 0, 0, 0))\n"
        "try: list(Workers(1, Options(), 'tests.faults.engines:Cheap').run([task]))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=-1, text=True, check=True)
    assert done.stdout.startswith("OutputProblem No worker can be started: No space left")


def test_a_page_over_its_time_is_stopped_within_two_seconds(read):
    started = time.monotonic()
    outcomes = read({"a.pdf": "10001\nhang\n10003", "b.pdf": "10004"}, timeout=1)
    assert time.monotonic() - started < 1 + 2
    assert told(outcomes["a.pdf"]) == ["10001", "timeout", "10003"]
    assert told(outcomes["b.pdf"]) == ["10004"]


def test_time_is_counted_by_page_not_by_document(read):
    assert told(read({"a.pdf": "sleep 0.2\n" * 5}, timeout=0.5)["a.pdf"]) == ["02134"] * 5


def test_a_document_that_loses_page_after_page_is_given_up(read):
    outcome = read({"a.pdf": "hang\n" * 6}, timeout=0.3)["a.pdf"]
    assert told(outcome) == ["timeout"] * 6
    assert "pages before it were lost" in outcome.pages[-1].message


@pytest.mark.parametrize(
    ("text", "kind"),
    [("corrupt", "corrupt"), ("die-open", "crashed"), ("hang-open", "timeout")],
)
def test_a_document_that_cannot_be_opened_is_one_error(read, text, kind):
    outcomes = read({"a.pdf": text, "b.pdf": "10001"}, timeout=0.5)
    assert told(outcomes["a.pdf"]) == [kind]
    assert outcomes["a.pdf"].source.sha256
    assert told(outcomes["b.pdf"]) == ["10001"]


@pytest.mark.parametrize("text", ["bug", "bug-open"])
def test_a_bug_is_an_error_of_its_page_and_in_the_log(read, text, caplog):
    outcome = read({"a.pdf": text})["a.pdf"]
    assert told(outcome) == [ErrorKind.INTERNAL]
    assert "ZeroDivisionError" in outcome.pages[0].message
    assert "Traceback" in caplog.text


def test_a_page_that_cannot_be_read_leaves_the_others(read):
    outcome = read({"a.pdf": "bad\n10001"})["a.pdf"]
    assert [page.status for page in outcome.pages] == [Status.ERROR, Status.ACCEPTED]


def test_a_file_that_changed_since_it_was_found_is_left(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(MAGIC)
    task = Task(str(tmp_path), "a.pdf", "a.pdf", Stamp.of(path.stat()))
    path.write_bytes(MAGIC + b"more")
    (outcome,) = filter(None, Workers(1, Options(), CHEAP).run([task]))
    assert outcome.growing
    assert not outcome.pages


def test_a_model_that_is_refused_ends_the_run(read):
    with pytest.raises(ModelRefused, match="pickle"):
        read({"a.pdf": ""}, engine="tests.faults.engines:refused")


@pytest.mark.parametrize("engine", ["broken", "dead"])
def test_an_engine_that_cannot_start_ends_the_run(read, engine):
    with pytest.raises(RuntimeError, match=r"ZeroDivisionError|exit code 7"):
        read({"a.pdf": ""}, engine=f"tests.faults.engines:{engine}")


def test_time_that_the_parent_was_stopped_is_not_counted(tmp_path):
    """As by Ctrl-Z, or a laptop that sleeps: parent and workers stand still together."""
    path = tmp_path / "a.pdf"
    path.write_bytes(MAGIC + b"sleep 1")
    workers = Workers(1, Options(timeout=1.5), CHEAP)
    outcomes = []
    for turn, outcome in enumerate(
        workers.run([Task(str(tmp_path), "a.pdf", "a.pdf", Stamp.of(path.stat()))])
    ):
        if turn == 2:
            (pid,) = [worker.process.pid for worker in workers._workers]
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            time.sleep(2.5)
            os.kill(pid, signal.SIGCONT)
        outcomes += [outcome] if outcome else []
    assert told(outcomes[0]) == ["02134"]
