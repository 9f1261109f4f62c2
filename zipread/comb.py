"""Where a row of like cells stands in a band of a strip: template matching with a comb.

Of all rows that there could be (where it starts, its pitch, how wide a cell is) that one is taken
of whose walls and sides most is drawn, and least between its walls. The template is sparse, so it
is laid everywhere at once by adding up shifted copies of what is drawn (the generalised Hough
transform of Ballard 1981, one parameter voted for and two tried).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

LEAST_WALL = 0.6
"""Share of a wall, and of one side of a cell, that is drawn where there is one."""
LEAST_SIDE = 0.6
NARROWEST = 0.45
"""Width of a cell over its height at least; over the pitch at least half."""
PITCH_STEP = 1.0
MOST_PITCHES = 10
"""Pitches at which the left walls are drawn best: others are not worth the trial of all widths."""
MOST_STARTS = 24
WALL = 5
"""So many pixels from the edge of a cell on is its inside."""
BEYOND = 40
"""A row may go on so many pixels beyond the strip: what is there is neither drawn nor not."""
UNKNOWN = 0.5
MOST_CELLS = 10
GOES_ON = 0.25
"""What it costs that base and top go on at an end of the row: it is longer, or of wider cells."""
LEAST_DRAWN = 0.35
"""Share of the outer wall, and of base and top, of one cell more that there must be, together
LEAST_BOTH; of base and top alone LEAST_NEXT, of its width on the strip LEAST_SEEN."""
LEAST_BOTH = 1.4
LEAST_NEXT = 0.9
LEAST_SEEN = 0.3
ROOM = (0.15, 3.0)
"""Between a ZIP's cells and those of its +4, in widths of a cell."""
LEAST_BEHIND = 1.3

Profile = NDArray[np.float64]
Rows = NDArray[np.float64]
"""(3, n): the pitch of each row, where it starts, how wide its cells are."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is drawn in a band, by column, from BEYOND columns before the strip on: values 0 .. 1.

    ``walls`` is how much of the band's height an upright line fills, ``sides`` how much of base and
    top runs there; ``walls_before`` and ``sides_before`` are their sums up to a column.
    """

    walls: Profile
    sides: Profile
    walls_before: Profile
    sides_before: Profile

    def drawn_on(self, first: NDArray[np.intp], last: NDArray[np.intp]) -> Profile:
        """Mean of the sides between columns; beyond the strip nothing is drawn."""
        first, last = (np.clip(c, BEYOND, len(self.walls) - BEYOND) for c in (first, last))
        drawn = self.sides_before[last] - self.sides_before[first]
        return np.asarray(drawn / np.maximum(last - first, 1), np.float64)

    @property
    def wall_count(self) -> int:
        """How many walls there may be."""
        is_wall = self.walls >= LEAST_WALL
        return int(np.count_nonzero(is_wall[1:] & ~is_wall[:-1]))

    @staticmethod
    def of(walls: Profile, sides: Profile) -> Frame:
        """The frame of what is drawn in each column of the strip."""
        beyond = np.full(BEYOND, UNKNOWN)
        walls, sides = (np.concatenate([beyond, p, beyond]) for p in (walls, sides))
        before = [np.append(0.0, profile.cumsum()) for profile in (walls, sides)]
        return Frame(walls, sides, before[0], before[1])


@dataclass(frozen=True, slots=True)
class Comb:
    """Cells ``width`` wide and ``pitch`` apart, the first at column ``start`` of a frame.

    ``score``, up to 2, is how much of walls and sides is drawn, less what is between the walls.
    """

    start: int
    pitch: float
    width: int
    count: int
    score: float

    @property
    def lefts(self) -> NDArray[np.float64]:
        """The left wall of each cell, a column of the strip."""
        places = np.arange(self.count, dtype=np.float64)
        return self.start - BEYOND + places * self.pitch


def best_comb(
    frame: Frame, count: int, pitches: tuple[float, float], height: float | None
) -> Comb | None:
    """The row of ``count`` cells of which most is drawn; without a ``height`` they are joined."""
    if frame.wall_count < count:
        return None
    tried = np.arange(*pitches, PITCH_STEP)
    tried = tried[(count - 1) * tried < len(frame.walls) - 1]
    walls = _left_walls(frame, count, tried)
    most = walls.max(axis=1, initial=0.0)
    best = np.argsort(-most, kind="stable")[:MOST_PITCHES]
    rows = [
        _possible(walls[k], float(tried[k]), height)
        for k in best[most[best] >= LEAST_WALL].tolist()
    ]
    return _best_of(frame, count, np.hstack(rows)) if rows else None


def _left_walls(frame: Frame, count: int, pitches: NDArray[np.float64]) -> Profile:
    """How much is drawn of the left walls of a row that starts in each column, by its pitch.

    Minus infinity where the last of them is beyond the frame.
    """
    teeth = _teeth(count, pitches)
    beyond = np.full(teeth.max(initial=0), -np.inf)
    shifted = sliding_window_view(np.append(frame.walls, beyond), len(frame.walls))
    drawn = np.zeros((len(pitches), len(frame.walls)))
    for places in teeth:  # one by one: all at once they are too many for a processor's cache
        drawn += shifted[places]
    return drawn / count


def _possible(walls: Profile, pitch: float, height: float | None) -> Rows:
    """The rows of one pitch: of starts where the left ``walls`` are, and all widths."""
    joined = round(pitch)
    narrowest = joined if height is None else int(max(NARROWEST * height, pitch / 2))
    last = max(0, np.count_nonzero(np.isfinite(walls)) - narrowest)
    starts = np.flatnonzero(walls[:last] >= LEAST_WALL)
    starts = starts[np.argsort(-walls[starts], kind="stable")[:MOST_STARTS]]
    # joined, or apart by more than a line is thick
    widths = np.append(np.arange(narrowest, joined - 3), joined)
    return _rows(pitch, starts, widths)


def _rows(pitch: float, starts: NDArray[np.intp], widths: NDArray[np.intp]) -> Rows:
    """The rows with each start and each width."""
    rows = np.empty((3, len(starts), len(widths)))
    rows[0], rows[1], rows[2] = pitch, starts[:, None], widths
    return rows.reshape(3, -1)


def _best_of(frame: Frame, count: int, rows: Rows) -> Comb | None:
    """The best of rows; None where none is drawn enough."""
    rows = _in_sight(frame, count, rows)
    if not rows.size:
        return None
    pitch, (left, width) = rows[0], rows[1:].astype(np.intp)
    lefts = left + _teeth(count, pitch)
    rights = lefts + width
    drawn = (frame.walls[lefts].mean(axis=0) + frame.walls[rights].mean(axis=0)) / 2
    sides = _mean(frame.sides_before, lefts, rights)
    inside = _mean(frame.walls_before, lefts + WALL, rights - WALL)
    half, end = np.maximum(WALL, np.rint(pitch / 2).astype(np.intp)), rights[-1]
    beyond = frame.drawn_on(left - half, left - WALL // 2)
    beyond = beyond + frame.drawn_on(end + WALL // 2, end + half)
    score = drawn + sides - inside - GOES_ON * beyond
    score[(drawn < LEAST_WALL) | (sides < LEAST_SIDE)] = -1
    best = int(score.argmax())
    if score[best] < 0:
        return None
    return Comb(int(left[best]), float(pitch[best]), int(width[best]), count, float(score[best]))


def _in_sight(frame: Frame, count: int, rows: Rows) -> Rows:
    """The rows of which the picture cuts off half a cell at either end, no more."""
    left, width = rows[1:].astype(np.intp)
    end = len(frame.walls) - _teeth(count, rows[0])[-1]
    middle = (left + left + width) // 2
    return rows[:, (middle >= BEYOND) & (middle <= end - BEYOND) & (left + width < end)]


def with_more(frame: Frame, comb: Comb, *, closed: bool) -> Comb:
    """The row with the cells that are drawn before and behind it at its pitch."""
    while comb.count < MOST_CELLS and _is_cell(frame, comb, comb.count, closed=closed):
        comb = replace(comb, count=comb.count + 1)
    while comb.count < MOST_CELLS and _is_cell(frame, comb, -1, closed=closed):
        comb = replace(comb, start=round(comb.start - comb.pitch), count=comb.count + 1)
    return comb


def _is_cell(frame: Frame, comb: Comb, place: int, *, closed: bool) -> bool:
    """Whether a cell is drawn at a place of the row's pitch, or what of it is on the strip.

    Top and base that both go on say so alone; a base does not, it may be a ruled line.
    """
    left = round(comb.start + place * comb.pitch)
    right = left + comb.width
    first, last = max(left, BEYOND), min(right, len(frame.walls) - BEYOND)
    if last - first < LEAST_SEEN * comb.width:
        return False
    side = (frame.sides_before[last] - frame.sides_before[first]) / (last - first)
    if closed and side >= LEAST_NEXT:
        return True
    outer = left if place < 0 else right
    wall = frame.walls[outer - 3 : outer + 4].max() if first <= outer <= last else 0.0
    return bool(min(wall, side) >= LEAST_DRAWN and wall + side >= LEAST_BOTH)


def group_behind(frame: Frame, comb: Comb, count: int) -> Comb | None:
    """``count`` cells more of the same size after some room, as those of a ZIP+4."""
    end = comb.start + round((comb.count - 1) * comb.pitch) + comb.width
    low, high = (round(end + share * comb.width) for share in ROOM)
    room = len(frame.walls) - round((count - 1) * comb.pitch) - comb.width
    starts = np.arange(low, min(high, room))
    found = _best_of(frame, count, _rows(comb.pitch, starts, np.array([comb.width])))
    return found if found and found.score >= LEAST_BEHIND else None


def _teeth(count: int, pitches: NDArray[np.float64]) -> NDArray[np.intp]:
    """The places (count, pitches) of the left walls of rows, from the first on."""
    return np.rint(np.arange(count)[:, None] * pitches).astype(np.intp)


def _mean(before: Profile, lefts: NDArray[np.intp], rights: NDArray[np.intp]) -> Profile:
    """Mean of a profile, whose sums are ``before``, in all cells of each row."""
    return (before[rights] - before[lefts]).mean(axis=0) / (rights - lefts)[0]
