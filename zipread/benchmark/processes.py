"""What a command costs with all the processes it starts: time, CPU, memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ADOPT = 36  # PR_SET_CHILD_SUBREAPER
_LOOK = 0.05  # seconds between two looks at memory


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took: seconds, CPU seconds, and bytes at most, None if not looked at."""

    seconds: float
    cpu: float
    peak: int | None = None


def run(arguments: Sequence[str | os.PathLike[str]], *, memory: bool = False) -> Spent:
    """Run a command to its end, and count all that came of it.

    ``memory`` sums the memory of all its processes, pages that they share counted once, twenty
    times a second (Linux only); that itself takes CPU, so it is left out where time is measured.

    Raises
    ------
    subprocess.CalledProcessError
        If it ends with an exit code other than 0.
    """
    _adopt_orphans()
    others = _children(os.getpid())
    before, started = _cpu_of_children(), time.monotonic()
    peak = 0
    with subprocess.Popen(  # noqa: S603 (our own command lines)
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        while memory and process.poll() is None:
            peak = max(peak, sum(map(_memory_of, _tree(process.pid))))
            time.sleep(_LOOK)
        _, said = process.communicate()
    seconds = time.monotonic() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args, stderr=said)
    while left := _children(os.getpid()) - others:
        for orphan in left:
            os.waitpid(orphan, 0)
    return Spent(seconds, _cpu_of_children() - before, peak or None)


def _adopt_orphans() -> None:
    """Become the parent of what a command leaves behind, so that its CPU is counted here.

    The process that starts zipread's workers and waits for them is such a one.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _tree(process: int) -> Iterator[int]:
    """A process and all below it."""
    yield process
    for child in _children(process):
        yield from _tree(child)


def _children(process: int) -> set[int]:
    """A process's own children; none if it is gone or this is not Linux."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            found.update(map(int, (task / "children").read_text().split()))
    return found


def _memory_of(process: int) -> int:
    """Proportional set size in bytes; 0 if it is gone or this is not Linux."""
    with contextlib.suppress(OSError, StopIteration):
        with Path(f"/proc/{process}/smaps_rollup").open() as file:
            line = next(line for line in file if line.startswith("Pss:"))
        return int(line.split()[1]) * 1024
    return 0
