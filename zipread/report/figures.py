"""The figures at the head of a report: totals, a histogram, the slowest, errors by kind."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zipread.names import visible
from zipread.reading import Status, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zipread.shelf import Kept

BINS = 20
SLOWEST = 5
_ORDER = (Status.ERROR, Status.REVIEW, Status.NO_ZIP, Status.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Line:
    """What the head of the report and its search need of a page."""

    document: str
    page: int
    status: Status
    code: str
    confidence: float
    machine_confidence: float
    seconds: float
    error_kind: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document in the report: its record, its pages' lines, what it was made by."""

    kept: Kept
    lines: tuple[Line, ...]
    model: str
    version: str

    def urgency(self) -> tuple[int, float, str]:
        """Sorts what needs a person first, the least sure of it first."""
        worst = min(self.lines, key=lambda line: _ORDER.index(line.status))
        return _ORDER.index(worst.status), worst.confidence, worst.document


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over all pages."""

    documents: int
    pages: int
    statuses: Counter[Status]
    read: int
    by_person: int
    errors: list[tuple[str, int]]
    slowest: list[Line]
    seconds: float
    median_seconds: float
    histogram: list[tuple[int, int]]
    models: list[str]
    versions: list[str]

    @property
    def read_rate(self) -> float:
        """Share of pages that the reader accepted by itself."""
        return self.read / self.pages if self.pages else 0.0


def sheet_of(kept: Kept) -> Sheet | None:
    """The lines of a record, read without checking it in full: there may be thousands."""
    try:
        record = json.loads(kept.record.read_bytes())
        document = visible(record["source"]["document"])
        pages = record["pages"]
        lines = tuple(_line(document, page, len(pages) > 1) for page in pages)
        return Sheet(kept, lines, str(record["model"]), str(record["version"])) if lines else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _line(document: str, page: dict[str, Any], several: bool) -> Line:
    person = page.get("person")
    return Line(
        document,
        int(page["page"]) if several else 0,
        Status(page["status"]),
        joined(page["zip"], page["zip4"]),
        float(page["confidence"]),
        float(person["machine_confidence"] if person else page["confidence"]),
        float(page["seconds"]),
        str(page["error_kind"]),
        person is not None,
    )


def figures_of(sheets: Sequence[Sheet]) -> Figures:
    """The figures of all documents."""
    lines = [line for sheet in sheets for line in sheet.lines]
    errors = Counter(line.error_kind for line in lines if line.status is Status.ERROR)
    seconds = [line.seconds for line in lines]
    return Figures(
        documents=len(sheets),
        pages=len(lines),
        statuses=Counter(line.status for line in lines),
        read=sum(line.status is Status.ACCEPTED and not line.by_person for line in lines),
        by_person=sum(line.by_person for line in lines),
        errors=errors.most_common(),
        slowest=sorted(lines, key=lambda line: -line.seconds)[:SLOWEST],
        seconds=sum(seconds),
        median_seconds=statistics.median(seconds) if seconds else 0.0,
        histogram=_histogram(lines),
        models=sorted({sheet.model for sheet in sheets}),
        versions=sorted({sheet.version for sheet in sheets}),
    )


def _histogram(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Pages by the machine's confidence, in even bins: (accepted, others) for each."""
    bins = [[0, 0] for _ in range(BINS)]
    for line in lines:
        if line.machine_confidence > 0:
            place = min(int(line.machine_confidence * BINS), BINS - 1)
            bins[place][line.status is not Status.ACCEPTED] += 1
    return [(accepted, others) for accepted, others in bins]
