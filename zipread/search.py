"""Which places of a page are read: the likeliest first, until what is left cannot matter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from zipread.fields import shared
from zipread.prospects import Place

READ_AT_ONCE = (1, 1, 2, 4)
"""Places read by one call of the model each; of a page no more are read than these together."""
READ_AGAIN = READ_AT_ONCE[:-1]
"""The same of a page that was looked at before: as it may lie otherwise, or without its colours."""
NEGLIGIBLE = 0.2
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
    all_of_them: bool = False,
) -> list[Read]:
    """What ``read`` finds at the places worth reading, likeliest place first.

    ``read`` is handed places, and what was found before. ``settled`` gives the odds that a place
    which was read holds the code, 0 where it is not read well. ``again`` says that the page was
    looked at before; ``all_of_them`` goes on to the end of the places that may be read, whatever
    is found.
    """
    at_once = READ_AGAIN if again else READ_AT_ONCE
    ordered = sorted(places, key=lambda place: -place.prior)[: sum(at_once)]
    done: list[Read] = []
    well: list[Place] = []
    best = 0.0
    for batch, left in _batches(ordered, at_once):
        fresh = batch if all_of_them else [p for p in batch if not _is_done(p, well)]
        found = read(fresh, done) if fresh else []
        done += found
        odds = [settled(each) for each in found]
        well += [each.place for each, o in zip(found, odds, strict=True) if o > 0]
        best = max([best, *odds])
        unread = sum(math.exp(place.prior) for place in left if not _is_done(place, well))
        if not all_of_them and unread < NEGLIGIBLE * best:
            break
    return done


def _batches(
    ordered: list[Place], at_once: tuple[int, ...]
) -> Iterator[tuple[list[Place], list[Place]]]:
    """The places in batches, each with those that come after it."""
    start = 0
    for size in at_once:
        if ordered[start:]:
            yield ordered[start : start + size], ordered[start + size :]
        start += size


def _is_done(place: Place, well: list[Place]) -> bool:
    return any(shared(place.line, other.line) for other in well)
