"""kill -9 at any moment: of the run, of its workers."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import forkserver
from pathlib import Path

import pytest

from tests.faults.engines import MAGIC
from tests.faults.scan import cheap_scan
from tests.results import results, zips


def start(inbox, out, *flags):
    command = [sys.executable, "-m", "tests.faults.scan", inbox, out, *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def fill(inbox, count, text="{}"):
    inbox.mkdir()
    for i in range(count):
        (inbox / f"{i:03}.pdf").write_bytes(MAGIC + text.format(10000 + i).encode())


class Poller(threading.Thread):
    """Reads what is in a results folder all the time, and notes what is not whole."""

    def __init__(self, out):
        super().__init__(daemon=True)
        self.out = out
        self.partial = []
        self.looks = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.01):
            with contextlib.suppress(FileNotFoundError):
                for path in self.out.iterdir():
                    if path.suffix in (".json", ".csv"):
                        self.look(path)

    def look(self, path):
        try:
            text = path.read_text()
        except FileNotFoundError:
            return
        self.looks += 1
        whole = text.endswith("\n")
        if path.suffix == ".json":
            try:
                json.loads(text)
            except ValueError:
                whole = False
        if not whole:
            self.partial.append(path)


@pytest.mark.slow
def test_a_run_killed_at_any_moment_is_completed_by_the_next(quick_disk):
    """A hundred times: on a new folder, and on one with results that other options made."""
    inbox, out = quick_disk / "inbox", quick_disk / "out"
    fill(inbox, 200)
    expected = {}
    for accept in ("0.5", "0.6"):
        started = time.monotonic()
        finish(start(inbox, quick_disk / accept, f"accept={accept}"))
        whole = time.monotonic() - started
        expected[accept] = results(quick_disk / accept)
    poller = Poller(out)
    poller.start()
    chance = random.Random(5)
    cut_short = 0
    for round_ in range(100):
        if round_ % 3 == 0 and out.exists():
            out.rename(quick_disk / f"old{round_}")
        accept = "0.6" if round_ % 3 == 1 else "0.5"
        run = start(inbox, out, f"accept={accept}")
        time.sleep(chance.uniform(0.1, whole))
        run.kill()
        cut_short += finish(run) == -signal.SIGKILL
        assert finish(start(inbox, out, f"accept={accept}")) == 0
        assert results(out) == expected[accept]
    poller.ended.set()
    poller.join()
    assert cut_short > 50
    assert poller.looks > 1000
    assert poller.partial == []


def finish(run):
    run.communicate()
    return run.returncode


def workers():
    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    children = Path(f"/proc/{server}/task/{server}/children")
    return [int(pid) for pid in children.read_text().split()] if server else []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds workers through /proc")
def test_workers_that_are_killed_cost_nothing_but_the_culprits(tmp_path):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    fill(inbox, 200, "sleep 0.03")
    for i in range(0, 200, 40):
        (inbox / f"{i:03}.pdf").write_bytes(MAGIC + b"segfault")
    killed: list[int] = []

    def killer():
        while len(killed) < 20:
            time.sleep(0.12)
            for pid in workers()[:1]:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    thread = threading.Thread(target=killer, daemon=True)
    thread.start()
    summary = cheap_scan(inbox, out)
    thread.join(timeout=10)
    assert len(killed) == 20
    assert summary.errors == {"crashed": 5}
    assert len(zips(out)) == 200
    assert [d for d, code in zips(out).items() if not code] == [
        f"{i:03}.pdf" for i in range(0, 200, 40)
    ]


@pytest.fixture
def _signals_count():
    """No signal is ignored: under nohup, or behind a shell's &, all children would inherit that."""
    hangup = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGHUP, hangup)
    signal.signal(signal.SIGINT, interrupt)


@pytest.mark.usefixtures("_signals_count")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_saves_what_is_done(tmp_path, number):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    fill(inbox, 40, "sleep 0.1\n{}")
    run = start(inbox, out)
    wait_for(lambda: list(out.glob("*.json")))
    run.send_signal(number)
    started = time.monotonic()
    run.communicate()
    assert time.monotonic() - started < 2
    assert run.returncode == 130
    done = len(zips(out))
    assert 0 < done < 40
    assert cheap_scan(inbox, out).documents == 40 - done


def test_a_run_that_is_told_to_end_while_it_looks_around_ends(tmp_path, monkeypatch):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    fill(inbox, 5)
    looked = []

    def look(found):
        looked.append(found)
        os.kill(os.getpid(), signal.SIGTERM)
        return True

    with monkeypatch.context() as patch:
        patch.setattr("zipread.plan.is_document", look)
        summary = cheap_scan(inbox, out)
    assert (summary.stopped_by, summary.documents, len(looked)) == (signal.SIGTERM, 0, 1)
    assert cheap_scan(inbox, out).documents == 5


def test_a_signal_that_was_ignored_stays_so(tmp_path):
    """As under nohup."""
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    fill(inbox, 4, "sleep 0.4\n{}")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run = start(inbox, out)
    finally:
        signal.signal(signal.SIGHUP, before)
    wait_for(lambda: (out / ".zipread/ledger.sqlite").exists())
    run.send_signal(signal.SIGHUP)
    run.communicate()
    assert run.returncode == 0
    assert len(zips(out)) == 4


def test_the_server_that_workers_come_from_may_be_killed(tmp_path):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    fill(inbox, 30, "sleep 0.05\n{}")
    run = start(inbox, out)
    wait_for(lambda: len(list(out.glob("*.json"))) > 3)
    servers = [pid for pid in processes(str(run.pid))[1:] if children(pid)]
    for pid in servers:
        os.kill(int(pid), signal.SIGKILL)
    run.communicate()
    assert servers
    assert run.returncode == 0
    assert len(zips(out)) == 30


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_workers_do_not_outlive_a_run_that_is_killed(tmp_path):
    inbox, mark = tmp_path / "inbox", f"zipread-{os.getpid()}"
    fill(inbox, 2, "sleep 30")
    run = start(inbox, tmp_path / mark)
    wait_for(lambda: len(processes(str(run.pid))) >= 5)  # it, two helpers, two workers
    before = processes(str(run.pid))
    run.kill()
    run.communicate()
    time.sleep(0.5)
    assert len(before) >= 3
    assert not [pid for pid in before if Path(f"/proc/{pid}/stat").exists() and alive(pid)]


def processes(root):
    """A process, its children and theirs."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children(pid)
    return found


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def alive(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
