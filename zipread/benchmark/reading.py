"""What reading costs in one process: by stage, against plain decoding, by resolution."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from zipread.api import read_document
from zipread.benchmark.clock import ModuleClock
from zipread.benchmark.corpus import Sample, resampled
from zipread.benchmark.tables import Table
from zipread.engine import Pipeline
from zipread.options import Options
from zipread.results import Results
from zipread.storage import hold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

_GROUP = 32  # documents saved at once, as a scan does

STAGES = {
    "open and decode": ("intake", "documents"),
    "ink": ("ink",),
    "fields": ("fields", "prospects", "look", "search", "forms", "layout"),
    "components and runs": ("components", "runs", "fits"),
    "boxes": ("boxes", "comb", "straight"),
    "strips": ("prepared", "strip", "bars", "rules", "inpaint", "unboxed", "cells", "slant"),
    "segmentation": ("segment", "seams"),
    "forms": ("normalise",),
    "model": ("digit_model", "recognise"),
    "lattice": ("lattice", "decode", "directory"),
    "as a whole": ("opinion", "whole"),
    "state": ("ending", "state_model", "states"),
    "networks": ("network",),
    "evidence": ("candidates", "evidence", "rivals", "script"),
    "decision": ("pipeline", "decide", "outcome", "engine", "api", "reading"),
    "write": ("results", "storage", "store", "ledger", "outputs", "places", "verdicts", "names"),
}
"""Modules that make up a stage; one that is in none is shown by its own name."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of so many documents: decoded by OpenCV alone; read; written."""

    documents: int
    decode: float
    read: float
    write: float

    @property
    def ratio(self) -> float:
        """Reading and writing against plain decoding."""
        return (self.read + self.write) / self.decode

    def row(self, name: str) -> tuple[str | float | int, ...]:
        """As milliseconds a document."""
        each = (1000 * s / self.documents for s in (self.decode, self.read, self.write))
        return (name, self.documents, *each, self.ratio)


_COST_COLUMNS = ("documents", "decode ms", "read ms", "write ms", "ratio")


def stages(samples: list[Sample]) -> Table:
    """CPU a document by stage."""
    clock = ModuleClock()
    _cost(samples, Pipeline(Options()), clock)
    spent: defaultdict[str, float] = defaultdict(float)
    stage_of = {module: stage for stage, modules in STAGES.items() for module in modules}
    for module, seconds in clock.spent.items():
        head = module.partition(".")[0]
        spent[stage_of.get(head, head or "elsewhere")] += seconds
    whole = sum(spent.values())
    order = [*STAGES, *sorted(set(spent) - set(STAGES))]
    rows = [(name, 1000 * spent[name] / len(samples), 100 * spent[name] / whole) for name in order]
    note = f"{len(samples)} documents; looked at a thousand times a second, see clock.py."
    total = ("together", 1000 * whole / len(samples), 100.0)
    return Table("stages", ("stage", "CPU ms a document", "%"), (*rows, total), note)


def ratio(samples: list[Sample]) -> Table:
    """CPU against plain decoding, by resolution."""
    engine = Pipeline(Options())
    by_dpi: defaultdict[int | None, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_dpi[sample.dpi].append(sample)
    costs = {dpi: _cost(group, engine) for dpi, group in by_dpi.items()}
    rows = [costs[dpi].row(f"{dpi or '?'} dpi") for dpi in sorted(costs, key=lambda d: d or 0)]
    note = "Decoding is cv2.imread of the same files in grey; CPU of the process, one thread."
    columns = ("resolution", *_COST_COLUMNS)
    return Table("ratio", columns, (*rows, _sum(costs.values()).row("all")), note)


def by_resolution(samples: list[Sample], resolutions: Iterable[int]) -> Table:
    """CPU of the same pages at several resolutions."""
    engine = Pipeline(Options())
    rows = []
    for dpi in resolutions:
        with tempfile.TemporaryDirectory() as folder:
            pages = resampled(samples, dpi, Path(folder, "pages"))
            if pages:
                rows.append(_cost(pages, engine).row(f"{dpi} dpi"))
    note = "The same pages resampled, with a scanner's grain, as JPEG of quality 90."
    return Table("resolution", ("resolution", *_COST_COLUMNS), tuple(rows), note)


def _sum(costs: Iterable[Cost]) -> Cost:
    parts = [(c.documents, c.decode, c.read, c.write) for c in costs]
    documents, *seconds = map(sum, zip(*parts, strict=True))
    return Cost(int(documents), *seconds)


def _cost(samples: list[Sample], engine: Pipeline, clock: ModuleClock | None = None) -> Cost:
    """Decode, read and write in turns, a group at a time, so that a busy machine shows in all."""
    spent = [0.0, 0.0, 0.0]
    read_document(samples[0].path, engine=engine)  # what is only loaded once
    watched: AbstractContextManager[object] = clock or nullcontext()
    with (
        tempfile.TemporaryDirectory() as out,
        hold(Path(out)),
        closing(Results(Path(out))) as results,
    ):
        for start in range(0, len(samples), _GROUP):
            group = samples[start : start + _GROUP]
            times = [time.process_time()]
            for sample in group:
                _decode(sample.path)
            times.append(time.process_time())
            with watched:
                readings = [read_document(sample.path, engine=engine) for sample in group]
                times.append(time.process_time())
                results.save([(reading, "", None) for reading in readings])
                times.append(time.process_time())
            for i in range(3):
                spent[i] += times[i + 1] - times[i]
    return Cost(len(samples), *spent)


def _decode(path: Path) -> None:
    if path.suffix.lower() in (".tif", ".tiff"):
        cv2.imreadmulti(str(path), flags=cv2.IMREAD_GRAYSCALE)
    else:
        cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
