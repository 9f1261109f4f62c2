"""The figures of a scan of labelled pages."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zipread.evaluation.causes import Cause, cause_of
from zipread.evaluation.thresholds import Suggestion, suggestions, upper_bound
from zipread.training.evaluate import Bin, calibration_error, reliability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zipread.evaluation.matched import Matched

READ_AT = (0.01, 0.005)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of none is 0."""
        return self.count / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class OfTag:
    """The figures of the pages of one tag."""

    tag: str
    right: Share
    accepted: Share
    wrong: Share


@dataclass(frozen=True, slots=True)
class OfField:
    """The figures of a further field of a layout, ``wrong`` of those on accepted pages."""

    name: str
    right: Share
    wrong: Share


@dataclass(frozen=True, slots=True)
class Miss:
    """A page that was not read right, and why."""

    file: str
    page: int
    want: str
    got: str
    confidence: float
    status: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all labelled pages: ``right`` whatever the status, ``accepted``, ``wrong`` of those.

    ``wrong_bound`` is the upper bound of the error among the accepted, 95 % sure.
    ``read_rate`` pairs an error with the largest share of all pages that can be accepted, best
    confidence first, with no more of it wrong. ``calibration_error`` is the expected calibration
    error over 15 bins of the pages with a guess, ``reliability`` those bins. ``plus4`` counts, of
    the pages that have a ZIP+4, those where all nine digits are right. ``curve`` is (accepted
    share, error) for every threshold, strictest first.
    """

    pages: int
    statuses: dict[str, int]
    right: Share
    accepted: Share
    wrong: Share
    wrong_bound: float
    read_rate: dict[float, float]
    calibration_error: float
    reliability: tuple[Bin, ...]
    guesses: int
    plus4: Share
    tags: tuple[OfTag, ...]
    fields: tuple[OfField, ...]
    causes: dict[str, int]
    misses: tuple[Miss, ...]
    curve: tuple[tuple[float, float], ...]
    suggestions: tuple[Suggestion, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data for ``json.dumps``."""
        plain = asdict(self)
        plain["read_rate"] = {f"{error:g}": rate for error, rate in self.read_rate.items()}
        return plain


def measure(pages: Sequence[Matched]) -> Figures:
    """The figures of all labelled pages, at least one."""
    guessed = [page for page in pages if page.guess]
    confidence = np.array([page.confidence for page in guessed], np.float64)
    right = np.array([page.right for page in guessed], bool)
    bins = reliability(confidence, right)
    accepted = [page for page in pages if page.accepted]
    wrong = _share(accepted, "right", of=False)
    misses = _misses(pages)
    causes = Counter(str(miss.cause) for miss in misses)
    with_plus4 = [page for page in pages if page.truth.zip4]
    whole = sum(page.right and page.plus4 == page.truth.zip4 for page in with_plus4)
    return Figures(
        pages=len(pages),
        statuses=dict(Counter(page.status for page in pages)),
        right=_share(pages, "right"),
        accepted=_share(pages, "accepted"),
        wrong=wrong,
        wrong_bound=upper_bound(wrong.count, wrong.of),
        read_rate={error: read_rate(confidence, right, len(pages), error) for error in READ_AT},
        calibration_error=calibration_error(bins),
        reliability=bins,
        guesses=len(guessed),
        plus4=Share(whole, len(with_plus4)),
        tags=_by_tag(pages),
        fields=_by_field(pages),
        causes={str(cause): causes[cause] for cause in Cause if causes[cause]},
        misses=misses,
        curve=_curve(confidence, right, len(pages)),
        suggestions=suggestions(confidence, right),
    )


def read_rate(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], pages: int, limit: float
) -> float:
    """Largest share of ``pages`` that can be accepted with a wrong share of at most ``limit``.

    ``confidence`` (n,) and ``right`` (n,) are of the pages with a guess; the best are accepted
    first, and those of one confidence together.
    """
    accepted, wrong = _counted(confidence, right)
    within = accepted[wrong <= limit * accepted]
    return int(within.max(initial=0)) / pages


def _counted(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many are accepted, and how many of them wrong, at every threshold, strictest first."""
    order = np.argsort(-confidence, kind="stable")
    last_of_tie = np.append(np.diff(confidence[order]) < 0, True)[: len(order)]
    accepted = np.arange(1, len(order) + 1)
    return accepted[last_of_tie], np.cumsum(~right[order])[last_of_tie]


def _curve(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], pages: int
) -> tuple[tuple[float, float], ...]:
    accepted, wrong = _counted(confidence, right)
    return tuple((int(n) / pages, int(k) / int(n)) for n, k in zip(accepted, wrong, strict=True))


def _share(pages: Sequence[Matched], what: str, *, of: bool = True) -> Share:
    """How many of the pages have a property, or with ``of`` False have it not."""
    return Share(sum(getattr(page, what) is of for page in pages), len(pages))


def _by_tag(pages: Sequence[Matched]) -> tuple[OfTag, ...]:
    tags = sorted({tag for page in pages for tag in page.truth.tags})
    return tuple(_of_tag(tag, [p for p in pages if tag in p.truth.tags]) for tag in tags)


def _of_tag(tag: str, pages: Sequence[Matched]) -> OfTag:
    accepted = [page for page in pages if page.accepted]
    wrong = _share(accepted, "right", of=False)
    return OfTag(tag, _share(pages, "right"), _share(pages, "accepted"), wrong)


def _by_field(pages: Sequence[Matched]) -> tuple[OfField, ...]:
    """The fields that readings have beside the ZIP and the truth has a column for."""
    cells: dict[str, list[tuple[bool, bool]]] = {}
    for page in pages:
        truth = dict(page.truth.others)
        for field in page.reading.fields[1:] if page.reading else ():
            if field.name in truth:
                right = field.zip + field.zip4 == truth[field.name]
                cells.setdefault(field.name, []).append((right, page.accepted))
    return tuple(_of_field(name, found) for name, found in cells.items())


def _of_field(name: str, found: list[tuple[bool, bool]]) -> OfField:
    sure = [right for right, accepted in found if accepted]
    right = sum(right for right, _ in found)
    return OfField(name, Share(right, len(found)), Share(sure.count(False), len(sure)))


def missed(pages: Sequence[Matched]) -> list[Matched]:
    """The pages that were not read right: accepted ones first, then the more confident."""
    wrong = [page for page in pages if not page.right]
    return sorted(wrong, key=lambda page: (not page.accepted, -page.confidence))


def _misses(pages: Sequence[Matched]) -> tuple[Miss, ...]:
    return tuple(
        Miss(
            page.truth.file,
            page.truth.page,
            page.truth.zip,
            page.guess,
            page.confidence,
            page.status,
            cause_of(page),
        )
        for page in missed(pages)
    )
