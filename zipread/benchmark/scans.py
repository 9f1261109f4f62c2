"""What whole scans cost, from the command's start to its end."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.benchmark.corpus import Sample, multiplied
from zipread.benchmark.processes import Spent, run
from zipread.benchmark.tables import Table
from zipread.places import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ZIPREAD = (sys.executable, "-m", "zipread")
_STARTS = 5
_MEGABYTE = 1_000_000


def startup(samples: list[Sample]) -> Table:
    """The quickest of several starts."""
    helps = [run([*_ZIPREAD, "--help"]) for _ in range(_STARTS)]
    scans = [scan(samples, 1, 1) for _ in range(_STARTS)]
    rows = [
        (name, min(s.seconds for s in starts), min(s.cpu for s in starts))
        for name, starts in (("zipread --help", helps), ("zipread scan of one document", scans))
    ]
    note = f"The least of {_STARTS} starts each, with the interpreter's own."
    return Table("startup", ("command", "seconds", "CPU seconds"), tuple(rows), note)


def throughput(samples: list[Sample], documents: int, jobs: Iterable[int]) -> Table:
    """Documents a second by the number of jobs."""
    rows: list[tuple[int | float, ...]] = []
    for count in jobs:
        spent = scan(samples, documents, count)
        rate = documents / spent.seconds
        gain = rate / (float(rows[0][2]) if rows else rate)
        cpu = 1000 * spent.cpu / documents
        rows.append((count, documents, rate, 3600 * rate, cpu, gain))
    columns = ("jobs", "documents", "documents/s", "an hour", "CPU ms a document", "gain")
    note = "Whole runs of the command, its start included; CPU of all its processes."
    return Table("throughput", columns, tuple(rows), note)


def growth(samples: list[Sample], sizes: Sequence[int], jobs: int) -> Table:
    """CPU a document by the number of documents; how much more than with the fewest."""
    samples = samples[: min(sizes)]  # so that each size has the same mix
    start = min(scan(samples, 1, jobs).cpu for _ in range(2))
    rows: list[tuple[int | float, ...]] = []
    for size in sizes:
        spent = scan(samples, size, jobs)
        cpu, behind = 1000 * spent.cpu / size, 1000 * (spent.cpu - start) / size
        first = float(rows[0][3]) if rows else behind
        rows.append((size, spent.seconds, cpu, behind, 100 * (behind / first - 1)))
    columns = ("documents", "seconds", "CPU ms each", "without start", "% more")
    note = f"Jobs: {jobs}. Without start: less the CPU of a scan of one document."
    return Table("growth", columns, tuple(rows), note)


def memory(samples: list[Sample], documents: int, jobs: Iterable[int]) -> Table:
    """The most memory that a scan's processes take together."""
    peaks = [(count, scan(samples, documents, count, memory=True).peak) for count in jobs]
    rows = tuple((count, documents, peak / _MEGABYTE if peak else None) for count, peak in peaks)
    note = "Proportional set size of all processes together, looked at twenty times a second."
    return Table("memory", ("jobs", "documents", "peak MB"), rows, note)


def scan(samples: list[Sample], documents: int, jobs: int, *, memory: bool = False) -> Spent:
    """Run ``zipread scan`` over so many documents, the samples over and over."""
    with tempfile.TemporaryDirectory() as folder:
        inbox = multiplied(samples, documents, Path(folder, "inbox"))
        out = Path(folder, "out")
        how = ("--out", out, "--jobs", str(jobs), "--quiet")
        spent = run([*_ZIPREAD, "scan", inbox, *how], memory=memory)
        read = sum(1 for _ in out.rglob(f"*{JSON}"))
        if read != documents:
            raise RuntimeError(f"of {documents} documents {read} were read: nothing was measured")
        return spent
