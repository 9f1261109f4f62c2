"""What is done to stdout and stderr stops no scan."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.results import table
from zipread.errors import ExitCode

ROOT = Path(__file__).parents[2]
SCAN = f"{sys.executable} -m zipread scan inbox --out out"


@pytest.fixture
def shell(tmp_path):
    (tmp_path / "inbox").mkdir()
    for i in range(40):
        (tmp_path / "inbox" / f"日本 {i}.png").write_bytes(b"rubbish")

    def run(command, **environment):
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    yield run
    assert len(table(tmp_path / "out")) == 40


def test_a_reader_that_has_enough(shell):
    done = shell(f"{SCAN} | head -1")
    assert done.returncode == ExitCode.SOME_FAILED
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("closed", ["0<&-", ">&-", "2>&-", "0<&- >&- 2>&-"])
def test_closed_streams(shell, closed):
    assert shell(f"{SCAN} {closed}").returncode == ExitCode.SOME_FAILED


def test_a_full_disk_under_stdout_is_told_and_stops_no_scan(shell):
    done = shell(f"{SCAN} >/dev/full")
    assert done.returncode == ExitCode.OUTPUT
    assert "Cannot write the standard output: No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_under_stderr_stops_nothing(shell):
    assert shell(f"{SCAN} 2>/dev/full").returncode == ExitCode.SOME_FAILED
    assert shell(f"{SCAN.replace('inbox', 'nowhere')} 2>/dev/full").returncode == ExitCode.INPUT


def test_an_encoding_without_the_characters(shell):
    done = shell(SCAN, PYTHONIOENCODING="ascii")
    assert done.returncode == ExitCode.SOME_FAILED
    assert r"\u65e5" in done.stdout
