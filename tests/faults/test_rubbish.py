"""Rubbish through the whole command: a row for each, no traceback, no hang, bounded memory."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.bombs import bombs
from tests.foreign_models import foreign_models
from tests.horrors import horrors
from tests.mutations import mutants
from tests.results import table
from zipread.errors import ErrorKind, ExitCode
from zipread.reading import Status

MOST_MEGABYTES = 700
ROOT = Path(__file__).parents[2]


class Memory(threading.Thread):
    """The largest resident size that a process or one of its descendants ever had, in MB."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.most = 0.0

    def run(self):
        while Path(f"/proc/{self.pid}").exists():
            waiting = [str(self.pid)]
            while waiting:
                pid = waiting.pop()
                try:
                    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
                    status = Path(f"/proc/{pid}/status").read_text()
                except OSError:
                    continue
                waiting += children.split()
                if "VmHWM:" in status:
                    self.most = max(self.most, int(status.split("VmHWM:")[1].split()[0]) / 1024)
            time.sleep(0.1)


def scan(inbox, out, *flags):
    """Exit code, stderr, largest memory of a process, and seconds of a scan of ``inbox``."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "zipread", "scan", inbox, "--out", out, *flags],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    memory = Memory(process.pid)
    memory.start()
    _, said = process.communicate()
    memory.join()
    return process.returncode, said, memory.most, time.monotonic() - started


def fill(inbox, files):
    inbox.mkdir()
    names = set()
    for name, content in files:
        (inbox / name).write_bytes(content)
        names.add(name)
    return names


@pytest.mark.slow
def test_two_thousand_mutants_and_all_horrors_have_their_rows(tmp_path):
    files = [*mutants(2000), *((f"horror-{name}", content) for name, content in horrors().items())]
    names = fill(tmp_path / "inbox", files)
    code, said, megabytes, _ = scan(tmp_path / "inbox", tmp_path / "out")
    rows = table(tmp_path / "out")
    assert {document for document, _ in rows} == names
    assert len(names) >= 2030
    assert code == ExitCode.SOME_FAILED
    assert "Traceback" not in said
    kinds = {row["message"] for row in rows.values() if row["status"] == Status.ERROR}
    assert all(message.endswith(".") for message in kinds)
    assert not [message for message in kinds if "bug of ours" in message]
    assert megabytes < MOST_MEGABYTES


@pytest.mark.slow
def test_no_bomb_goes_off(tmp_path):
    files = ((f"{name}.png", make()) for name, make in bombs().items())
    names = fill(tmp_path / "inbox", files)
    code, said, megabytes, _ = scan(tmp_path / "inbox", tmp_path / "out", "--jobs", "1")
    assert code == ExitCode.SOME_FAILED
    assert "Traceback" not in said
    rows = table(tmp_path / "out")
    assert {document for document, _ in rows} == names
    assert not [row for row in rows.values() if row["status"] == Status.ACCEPTED]
    assert re.search(rf"\d+ {ErrorKind.TOO_LARGE}", said)
    assert megabytes < 300  # a worker with its libraries and model has half of that


@pytest.mark.slow
def test_no_foreign_model_is_loaded_by_a_scan(tmp_path):
    inbox, marker = tmp_path / "inbox", tmp_path / "owned"
    fill(inbox, [("a.png", b"")])
    models = list(foreign_models(marker))
    assert len(models) >= 30
    for name, content in models:
        model = tmp_path / name
        model.write_bytes(content)
        code, said, *_ = scan(inbox, tmp_path / "out", "--model", model)
        assert code == ExitCode.MODEL, name
        assert "Traceback" not in said
        assert not marker.exists(), name
