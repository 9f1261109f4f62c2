"""Each page's truth beside what was read of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from zipread.errors import UsageProblem
from zipread.names import visible
from zipread.reading import Status
from zipread.shelf import kept
from zipread.verdicts import machine_reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from zipread.evaluation.truth import Truth
    from zipread.reading import DocumentReading, PageReading
    from zipread.shelf import Kept

MISSING = "missing"
"""The status of a page that was not scanned."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A labelled page; ``reading`` and ``kept`` are None if it was not scanned."""

    truth: Truth
    reading: PageReading | None = None
    kept: Kept | None = None

    @property
    def status(self) -> str:
        """The reading's status, or that there is none."""
        return str(self.reading.status) if self.reading else MISSING

    @property
    def accepted(self) -> bool:
        """Whether nobody would have looked at it."""
        return self.reading is not None and self.reading.status is Status.ACCEPTED

    @property
    def guess(self) -> str:
        """The ZIP that was read, whatever the status; "" for none."""
        return self.reading.zip if self.reading else ""

    @property
    def plus4(self) -> str:
        """The four digits of a ZIP+4 that were read, or ""."""
        return self.reading.zip4 if self.reading else ""

    @property
    def confidence(self) -> float:
        """The probability that was given to the guess."""
        return self.reading.confidence if self.reading else 0.0

    @property
    def right(self) -> bool:
        """Whether the guess is the truth: also if there is nothing, and nothing was read."""
        return self.reading is not None and self.guess == self.truth.zip


def match(truths: Sequence[Truth], results: Path, source: Path | None = None) -> list[Matched]:
    """What was read of each labelled page, as the machine read it, in the order of the truth.

    A truth's ``file`` is the document's path as scanned, or its name alone where that is one
    document's only. Images are where the results say, or below ``source``.

    Raises
    ------
    UsageProblem
        If a name is that of several documents.
    InputProblem
        If ``results`` is no folder of results.
    """
    loaded = ((each, each.load()) for each in kept(results, source))
    found = {reading.source.document: (each, reading) for each, reading in loaded if reading}
    names = _by_name(found)
    return [_matched(truth, found, names) for truth in truths]


def _by_name(documents: Iterable[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for document in documents:
        names[PurePosixPath(document).name].append(document)
    return names


def _matched(
    truth: Truth,
    found: dict[str, tuple[Kept, DocumentReading]],
    names: dict[str, list[str]],
) -> Matched:
    document = truth.file
    if document not in found:
        same = names.get(PurePosixPath(document).name, [])
        if len(same) > 1:
            text = f"{visible(truth.file)} may be {visible(same[0])} or {visible(same[1])}"
            raise UsageProblem(f"{text}: give the path in the truth's column 'file'.")
        if not same:
            return Matched(truth)
        document = same[0]
    each, reading = found[document]
    pages = [page for page in reading.pages if page.page == truth.page]
    return Matched(truth, machine_reading(pages[0]), each) if pages else Matched(truth)
