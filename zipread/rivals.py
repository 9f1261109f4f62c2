"""Readings of one place and which of them stays, with what the others say of it.

The same ink is read more than once: from a line and from its last words, by the boxes printed there
and without them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zipread.candidates import Candidate
from zipread.evidence import seconded, shown_too
from zipread.fields import shared
from zipread.prospects import Place

AS_GOOD = 0.5
"""A longer reading is as good that reads no worse by more than this, in log-score a digit."""
DRAWN = 0.2
"""Boxes speak for a reading by their cells, by so much log-score a digit if all of them is seen."""
STRAYING = 0.5
"""So much does it cost a digit not to keep to its boxes."""


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate with its evidence (features,), on the page turned clockwise ``turns`` times."""

    candidate: Candidate
    evidence: NDArray[np.float64]
    turns: int

    @property
    def place(self) -> Place:
        """Where it was read."""
        return self.candidate.place


def apart(found: list[Found]) -> list[Found]:
    """Of places that share their ink the one that reads best."""
    kept: list[Found] = []
    ordered = sorted(_best_drawn(found), key=_precedence)
    for each in _but_parts(ordered):
        if not any(shared(each.place.line, other.place.line) for other in kept):
            kept.append(each)
    return [_by_others(each, [o for o in ordered if o is not each]) for each in kept]


def _by_others(found: Found, others: list[Found]) -> Found:
    """What was found, with all that the others say of it."""
    return _seconded(_as_all_show_it(found, others), others)


def _as_all_show_it(found: Found, others: list[Found]) -> Found:
    """What was found, with what the places say that show the same code in its ink."""
    own = found.evidence
    for other in others:
        same = other.candidate.best.code == found.candidate.best.code
        if same and shared(found.place.line, other.place.line):
            own = shown_too(own, other.evidence)
    return replace(found, evidence=own)


def _but_parts(found: list[Found]) -> list[Found]:
    """What was found, but for what is the latter part of a longer number that reads as good.

    Of a ZIP+4 a part with the last word alone shows as five digits, too.
    """
    return [each for each in found if not any(_is_latter_part(each, other) for other in found)]


def _is_latter_part(part: Found, longer: Found) -> bool:
    own, digits = part.candidate.best.digits, longer.candidate.best.digits
    return (
        own in digits[1:]
        and _precedence(longer) < _precedence(part) + AS_GOOD
        and shared(part.place.line, longer.place.line)
    )


def _best_drawn(found: list[Found]) -> list[Found]:
    """What was found, but of rows of boxes in one place only in the one that is drawn best.

    Seen from a part of their line a row may seem to begin a box further on.
    """
    rows = [(each.place.line, each.place.row) for each in found]
    return [
        each
        for each, (line, row) in zip(found, rows, strict=True)
        if row is None
        or not any(o and o.rank > row.rank and shared(line, other) for other, o in rows)
    ]


def _seconded(found: Found, others: list[Found]) -> Found:
    """What was found, with what the best other reading of its ink says of it.

    That of a row of boxes was read another way, as plain ink if it was read so.
    """
    row = found.place.row
    for other in sorted(others, key=lambda each: each.candidate.straying):
        told = row is None or _way(other) != _way(found)
        if told and shared(found.place.line, other.place.line):
            same = other.candidate.best.code == found.candidate.best.code
            blind = row is not None and other.place.row is None
            own = seconded(found.evidence, other.evidence, same=same, blind=blind)
            return replace(found, evidence=own)
    return found


def _way(found: Found) -> tuple[bool, bool]:
    """How it was read: in boxes or not, and whether it strays from them."""
    return found.place.row is not None, found.candidate.straying


def _precedence(found: Found) -> float:
    best, row = found.candidate.best, found.place.row
    boxed = DRAWN * row.drawn - STRAYING * found.candidate.straying if row else 0.0
    return -best.score / len(best.edges) - boxed
