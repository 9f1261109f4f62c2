"""Every write, sync, rename, creation and truncation of a scan fails, or is its last, in turn."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zipread.errors import ExitCode

HERE = Path(__file__).parent


@pytest.fixture
def shim(tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler for the shim that injects faults")
    library = tmp_path / "shim.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", library, HERE / "shim.c", "-ldl"]
    subprocess.run(command, check=True)
    return library


@pytest.mark.slow
@pytest.mark.parametrize("tries", ["faults", "kills"])
def test_nothing_that_happens_at_any_call_tears_or_loses_a_result(shim, quick_disk, tries):
    """An error of the disk, or kill -9, at each write, sync and rename in turn."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.disk", tries, quick_disk],
        env=os.environ | {"LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=False,
    )
    *wrong, last = done.stdout.splitlines() or [done.stderr]
    assert not wrong
    tried, ended = map(int, re.findall(r"\d+", last))
    assert tried > (1000 if tries == "faults" else 300)
    assert ended > 0.9 * tried


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_mixed_up_whatever_happens_in_whatever_order(shim, quick_disk):
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.chaos", "80", quick_disk],
        env=os.environ | {"LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["80 histories"], done.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_ends_the_run_and_a_larger_one_completes_it(tmp_path):
    inbox, disk = tmp_path / "inbox", tmp_path / "disk"
    inbox.mkdir()
    disk.mkdir()
    for i in range(60):
        (inbox / f"{i}.pdf").write_bytes(b"%PDF-10001\n10002")
    script = f"""
        mount -t tmpfs -o size=200k tmpfs {disk} || exit 99
        {sys.executable} -m tests.faults.scan {inbox} {disk}/out; first=$?
        mount -o remount,size=9m {disk}
        {sys.executable} -m tests.faults.scan {inbox} {disk}/out; second=$?
        echo $first $second $(grep -c accepted {disk}/out/documents.csv)
    """
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("this container may not mount")
    assert done.stdout.split()[-3:] == [str(int(ExitCode.OUTPUT)), "0", "120"]
    assert "No space left" in done.stderr or "disk is full" in done.stderr
