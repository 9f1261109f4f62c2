"""Which places of a page are read: the likeliest first, until what is left cannot matter."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

from zipread.fields import shared
from zipread.prospects import Place

READ_AT_ONCE = (1, 1, 2, 2)
"""Places read by one call of the model each; of a page no more are read than these together."""
READ_AGAIN = READ_AT_ONCE[:-1]
"""The same of a page that was looked at before: as it may lie otherwise, or without its colours."""
MOST_GLANCES, GLANCES_AGAIN = 12, 8
"""To find those that are worth reading no more places are glanced at than this; of a page that was
looked at before, than that."""
NEGLIGIBLE = 0.3
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
    worth: Callable[[Place], bool],
    *,
    again: bool = False,
) -> tuple[list[Read], float]:
    """What ``read`` finds at the places worth reading, likeliest place first, and what is left.

    ``read`` is handed places, and what was found before. ``settled`` gives the odds that a place
    which was read holds the code, 0 where it is not read well. ``worth`` glances at a place, at a
    fraction of what reading it costs, and tells whether to read it: but for a page's likeliest
    place, which is read in any case unless the page was looked at before, ``again``. What is left
    are the odds, by their priors, that one of the places holds the code that were neither glanced
    at nor read.
    """
    left = deque(sorted(places, key=lambda place: -place.prior))
    done: list[Read] = []
    well: list[Place] = []
    best = unread = 0.0
    coming = _worthwhile(left, well, worth, again=again)
    for size in READ_AGAIN if again else READ_AT_ONCE:
        fresh = list(islice(coming, size))
        found = read(fresh, done) if fresh else []
        done += found
        odds = [settled(each) for each in found]
        well += [each.place for each, o in zip(found, odds, strict=True) if o > 0]
        best = max([best, *odds])
        unread = sum(math.exp(place.prior) for place in left if not _is_done(place, well))
        if unread < NEGLIGIBLE * best or not left:
            break
    return done, unread


def _worthwhile(
    left: deque[Place], well: list[Place], worth: Callable[[Place], bool], *, again: bool
) -> Iterator[Place]:
    """The places to read, one by one taken from those ``left``: none where ``well`` reads well.

    The first one is glanced at only where the page was looked at before, ``again``. Lines that go
    on in one another have their last words in common: these are read once.
    """
    glance, most = again, GLANCES_AGAIN if again else MOST_GLANCES
    glances, taken = 0, set()
    while left and glances < most:
        place = left.popleft()
        ink = place.line.boxes.tobytes()
        if ink in taken or _is_done(place, well):
            continue
        taken.add(ink)
        if glance:
            glances += 1
            if not worth(place):
                continue
        glance = True
        yield place


def _is_done(place: Place, well: list[Place]) -> bool:
    return any(shared(place.line, other.line) for other in well)
