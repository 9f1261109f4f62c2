"""Which places of a page are read: the likeliest first, until what is left cannot matter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from zipread.candidates import Candidate, shared
from zipread.prospects import Place

READ_AT_ONCE = (1, 1, 2, 4)
"""Places read by one call of the model each; of a page no more are read than these together."""
NEGLIGIBLE = 0.05
"""Places left together this much less likely than one that is well read are left unread."""

Read = Callable[[list[Place]], list[Candidate]]
Settled = Callable[[Candidate], float]
"""The odds that a place which was read holds the code, 0 where it is not read well."""


def read_likeliest(
    places: list[Place], read: Read, settled: Settled, *, all_of_them: bool = False
) -> list[Candidate]:
    """Candidates of the places worth reading, likeliest place first.

    ``all_of_them`` goes on to the end of the places that may be read, whatever is found.
    """
    ordered = sorted(places, key=lambda place: -place.prior)[: sum(READ_AT_ONCE)]
    done: list[Candidate] = []
    well: list[Place] = []
    best = 0.0
    for batch, left in _batches(ordered):
        fresh = batch if all_of_them else [p for p in batch if not _is_done(p, well)]
        found = read(fresh) if fresh else []
        done += found
        odds = [settled(candidate) for candidate in found]
        well += [c.place for c, o in zip(found, odds, strict=True) if o > 0]
        best = max([best, *odds])
        unread = sum(math.exp(place.prior) for place in left if not _is_done(place, well))
        if not all_of_them and unread < NEGLIGIBLE * best:
            break
    return done


def _batches(ordered: list[Place]) -> Iterator[tuple[list[Place], list[Place]]]:
    """The places in batches, each with those that come after it."""
    start = 0
    for size in READ_AT_ONCE:
        if ordered[start:]:
            yield ordered[start : start + size], ordered[start + size :]
        start += size


def _is_done(place: Place, well: list[Place]) -> bool:
    return any(shared(place.line, other.line) for other in well)
