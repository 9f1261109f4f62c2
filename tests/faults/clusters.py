"""A Dask cluster of real processes over TCP on this machine, to be killed at will."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LIMIT = 60.0  # seconds for a scheduler or worker to start, on a busy machine


class DaskCluster:
    """A scheduler, and workers of one thread each; all logs stand in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._port = 0
        self.processes: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()

    @property
    def address(self) -> str:
        return str(json.loads(self._file.read_text())["address"])

    def start_scheduler(self) -> None:
        """Start it; again, at the address that it had."""
        self._file.unlink(missing_ok=True)
        place = ("--host", "127.0.0.1", "--port", self._port, "--no-dashboard")
        self.scheduler = self._start("scheduler", *place, "--scheduler-file", self._file)
        until = time.monotonic() + _LIMIT
        while not (self._file.exists() and self._file.read_text().endswith("}")):
            assert time.monotonic() < until
            time.sleep(0.05)
        self._port = int(self.address.rpartition(":")[2])

    def start_worker(self, *, nanny: bool = False) -> subprocess.Popen[bytes]:
        where = self._folder / f"worker-{len(self.processes)}"
        more = ("--nanny" if nanny else "--no-nanny", "--local-directory", where)
        return self._start("worker", self.address, "--nthreads", 1, "--no-dashboard", *more)

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def _start(self, what: str, *arguments: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", what, *map(str, arguments)]
        with (self._folder / f"{what}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        self.processes.append(process)
        return process
