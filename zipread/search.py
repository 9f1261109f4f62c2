"""Which places of a page are read: the likeliest first, until what is left cannot matter."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol, TypeVar

from zipread.fields import shared
from zipread.prospects import Place

READ_AT_ONCE = (1, 1, 2, 4)
"""Places read by one call of the model each; of a page no more are read than these together."""
READ_AGAIN = READ_AT_ONCE[:-1]
"""The same of a page that was looked at before: as it may lie otherwise, or without its colours."""
NEGLIGIBLE = 0.04
"""Places left together this much less likely than one that is well read are left unread."""


class Placed(Protocol):
    """What was read at a place."""

    @property
    def place(self) -> Place:
        """The place."""


Read = TypeVar("Read", bound=Placed)


def read_likeliest(
    places: list[Place],
    read: Callable[[list[Place], list[Read]], list[Read]],
    settled: Callable[[Read], float],
    *,
    again: bool = False,
) -> tuple[list[Read], float]:
    """What ``read`` finds at the places worth reading, likeliest place first, and what is left.

    ``read`` is handed places, and what was found before. ``settled`` gives the odds that a place
    which was read holds the code, 0 where it is not read well. ``again`` says that the page was
    looked at before. What is left are the odds, by their priors, that one of the places holds the
    code that were left unread.
    """
    ordered = sorted(places, key=lambda place: -place.prior)
    done: list[Read] = []
    well: list[Place] = []
    best = unread = 0.0
    start = 0
    for size in READ_AGAIN if again else READ_AT_ONCE:
        fresh = [p for p in ordered[start : start + size] if not _is_done(p, well)]
        start += size
        found = read(fresh, done) if fresh else []
        done += found
        odds = [settled(each) for each in found]
        well += [each.place for each, o in zip(found, odds, strict=True) if o > 0]
        best = max([best, *odds])
        unread = sum(
            math.exp(place.prior) for place in ordered[start:] if not _is_done(place, well)
        )
        if unread < NEGLIGIBLE * best or start >= len(ordered):
            break
    return done, unread


def _is_done(place: Place, well: list[Place]) -> bool:
    return any(shared(place.line, other.line) for other in well)
