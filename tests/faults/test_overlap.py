"""Runs that meet in one results folder."""

import fcntl
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.faults.test_kill import fill, start
from zipread.errors import ExitCode, OutputHeld
from zipread.storage import STATE, hold


@pytest.mark.slow
def test_of_twenty_starts_at_once_one_works(tmp_path):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    fill(inbox, 2, "sleep 12")
    runs = [start(inbox, out) for _ in range(20)]
    said = [run.communicate()[1] for run in runs]
    codes = sorted(run.returncode for run in runs)
    assert codes == [ExitCode.OK] + [ExitCode.HELD] * 19
    said = [text for run, text in zip(runs, said, strict=True) if run.returncode]
    assert all("is held by process" in text and "--wait" in text for text in said)


def test_a_run_that_has_not_signed_its_lock_yet_is_waited_for(tmp_path):
    state = tmp_path / STATE
    state.mkdir()
    with (state / "lock").open("w", buffering=1) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        signed = '{"pid": 77, "host": "here", "started": "now"}'
        signing = threading.Timer(0.15, lock.write, [signed + "\n"])
        signing.start()
        with pytest.raises(OutputHeld, match="is held by process 77 on here"), hold(tmp_path):
            pass
        signing.join()


def test_a_second_run_ends_within_a_second_and_a_killed_one_leaves_no_lock(tmp_path):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    fill(inbox, 1, "sleep 30")
    first = start(inbox, out)
    while not (out / ".zipread/ledger.sqlite").exists():
        time.sleep(0.02)
    started = time.monotonic()
    second = start(inbox, out)
    second.communicate()
    assert second.returncode == ExitCode.HELD
    assert time.monotonic() - started < 1
    first.send_signal(signal.SIGKILL)
    first.communicate()
    (inbox / "000.pdf").write_bytes(b"%PDF-10001")
    third = start(inbox, out)
    third.communicate()
    assert third.returncode == ExitCode.OK


def test_a_run_waits_its_turn(tmp_path):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    fill(inbox, 1, "sleep 1")
    runs = [start(inbox, out, "wait=20") for _ in range(3)]
    said = [run.communicate()[0].split() for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert sorted(said) == [["0", "1"], ["0", "1"], ["1", "0"]]


def test_workers_do_not_hold_the_lock(tmp_path):
    """A child that outlived its parent by a moment must not keep the folder held."""
    script = (
        "import fcntl, os, sys; from pathlib import Path; from zipread.storage import hold\n"
        "with hold(Path(sys.argv[1])): os.execv('/bin/sh', ['sh', '-c', 'echo; exec sleep 9'])"
    )
    child = subprocess.Popen([sys.executable, "-c", script, tmp_path / "out"], stdout=-1)
    assert child.stdout
    child.stdout.readline()
    fill(tmp_path / "inbox", 1)
    run = start(tmp_path / "inbox", tmp_path / "out")
    run.communicate()
    child.kill()
    child.communicate()
    assert run.returncode == ExitCode.OK
