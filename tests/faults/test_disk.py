"""Every write, sync, rename, creation and truncation in the results folder fails, in turn."""

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
def test_no_fault_of_the_disk_tears_or_loses_a_result(shim, quick_disk):
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.disk", quick_disk],
        env=os.environ | {"LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=False,
    )
    *faults, last = done.stdout.splitlines() or [done.stderr]
    assert not faults
    calls, ways, ended = map(int, re.findall(r"\d+", last)[:3])
    assert calls > 50
    assert 0.9 * calls * ways < ended <= calls * ways


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
