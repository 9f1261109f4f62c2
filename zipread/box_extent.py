"""How far a row of cells reaches: on from those found, while enough of a frame is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zipread.box_cells import SIDE_COVER
from zipread.box_chains import FEWEST_KNOWN, MOST_IN_ROW, find_chains
from zipread.fits import line_through, middle_of
from zipread.straight import Lines, cover_of

FEWEST_CELLS = 5
LEAST_MEAN_COVER = 0.62
MOST_CROSSED = 0.6
"""So much of a line through the cells' middles may be there, as a share of their frames."""
GAP_COVER = 0.35
"""With less of its base and top than that a place is no cell: there ZIP and +4 are parted."""
WEAK_COVER = 0.45
"""Share of a cell's frame that must be there where the pitch already says that there is one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row in pixels of the scale it was found at: ``cells`` (n, 4) float, ``score`` its cover."""

    cells: NDArray[np.float64]
    comb: bool
    score: float


def best_row(cells: NDArray[np.float64], near: Lines, *, comb: bool) -> Row | None:
    """The row of four cells or more of which most is drawn."""
    if len(cells) < FEWEST_KNOWN + comb:
        return None
    plans = [_Plan.of(cells[own], places) for own, places in find_chains(cells, comb=comb)]
    if not plans:
        return None
    frames = _frames(np.concatenate([plan.cells for plan in plans]), near, comb=comb)
    rows = []
    for index, plan in enumerate(plans):
        own = frames[:, index * _PLACES : (index + 1) * _PLACES]
        low, high = _group(own, *_reach(own, plan))
        reached = own[:, low : high + 1]
        count, score = high - low + 1, _score(reached[:4])
        enough = FEWEST_CELLS - 1 <= count <= MOST_IN_ROW and score >= LEAST_MEAN_COVER * count
        if enough and not _is_texture(reached):
            rows.append((score, index, low, high))
    if not rows:
        return None
    score, index, low, high = max(rows)
    return Row(plans[index].cells[low : high + 1], comb, score)


_PLACES = 2 * MOST_IN_ROW - 1


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where all cells of a row can be, from those that were found.

    ``cells`` is (places, 4) float; ``first`` and ``last`` are the outermost that were found.
    """

    cells: NDArray[np.float64]
    first: int
    last: int

    @staticmethod
    def of(found: NDArray[np.float64], place: list[int]) -> _Plan:
        """The plan that the cells ``found`` (n, 4) make, which stand at ``place``, from 0 on."""
        x, y, w, h = found.T
        (pitch, first), (drop, top) = (line_through(np.array(place), side) for side in (x, y))
        places = np.arange(-MOST_IN_ROW + 1, MOST_IN_ROW)
        cells = np.empty((_PLACES, 4))
        cells[:, 0], cells[:, 1] = first + pitch * places, top + drop * places
        cells[:, 2:] = middle_of(w), middle_of(h)
        cells[np.array(place) + MOST_IN_ROW - 1] = found
        return _Plan(cells, MOST_IN_ROW - 1, MOST_IN_ROW - 1 + place[-1])


def _reach(frames: NDArray[np.float64], plan: _Plan) -> tuple[int, int]:
    """First and last place of a row: on from the cells found while there is enough of a frame.

    ``frames`` is (6, places), see :func:`_frames`.
    """
    low, high = plan.first, plan.last
    # base, top and the outer wall: the inner one may be the last cell's
    leftwards, rightwards = frames[[0, 1, 2]], frames[[0, 1, 3]]
    while low > 0 and high - low < MOST_IN_ROW and _is_drawn(leftwards[:, low - 1]):
        low -= 1
    while high + 1 < _PLACES and high - low < MOST_IN_ROW and _is_drawn(rightwards[:, high + 1]):
        high += 1
    if high - low + 1 == FEWEST_CELLS - 1:
        # Five is what a ZIP has: the fifth may be hidden by its digit.
        before = _weakly(leftwards[:, low - 1]) if low > 0 else 0.0
        behind = _weakly(rightwards[:, high + 1]) if high + 1 < _PLACES else 0.0
        # before four cells it is as likely the gap between a ZIP and its +4
        before = before if before >= SIDE_COVER else 0.0
        if max(before, behind) >= WEAK_COVER:
            low, high = (low - 1, high) if before > behind else (low, high + 1)
    return low, high


def _group(frames: NDArray[np.float64], low: int, high: int) -> tuple[int, int]:
    """The most places from ``low`` to ``high`` without a gap: base and top are missing there."""
    level = frames[:2, low : high + 1]
    seen = np.isfinite(level)
    drawn = np.where(seen, level, 0).max(axis=0) >= GAP_COVER
    gaps = np.flatnonzero(~drawn & seen.any(axis=0))
    ends = np.concatenate([[-1], gaps, [high - low + 1]])
    widest = int(np.argmax(np.diff(ends)))
    return low + int(ends[widest]) + 1, low + int(ends[widest + 1]) - 1


def _score(frames: NDArray[np.float64]) -> float:
    """How many cells' worth of frame is drawn; a cell all of which is hidden counts for little."""
    seen = np.isfinite(frames)
    drawn = np.where(seen, frames, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return float(np.where(seen.any(axis=0), drawn, 0.3).sum())


def _is_texture(frames: NDArray[np.float64]) -> bool:
    """Whether lines are everywhere, in noise or a pattern or a barcode: no frames."""
    level, upright = _score(frames[:2]), _score(frames[2:4])
    return _score(frames[4:5]) > MOST_CROSSED * level or _score(frames[5:]) > MOST_CROSSED * upright


def _is_drawn(sides: NDArray[np.float64]) -> bool:
    """Whether base, top and outer wall (cover each; nan where not to be seen) make a next cell."""
    seen = sides[np.isfinite(sides)]
    level_seen = np.isfinite(sides[:2]).any()
    return bool(level_seen and seen.min() >= WEAK_COVER and seen.mean() >= SIDE_COVER)


def _weakly(sides: NDArray[np.float64]) -> float:
    seen = sides[np.isfinite(sides)]
    return float(seen.mean()) if len(seen) else 0.0


def _frames(cells: NDArray[np.float64], near: Lines, *, comb: bool) -> NDArray[np.float64]:
    """Cover of base, top, left, right and both middle lines of each cell, (6, n); nan where hidden.

    Of a comb's cells the tops are not looked for.
    """
    x, y, w, h = cells.T
    slope = np.gradient(y) / np.gradient(x)
    # y is the top at the cell's middle, x the wall at half its height
    drop, lean = slope * w / 2, slope * h / 2
    base = cover_of(near.level, x - lean, y + h - drop - 1, x + w - lean, y + h + drop - 1)
    top = cover_of(near.level, x + lean, y - drop, x + w + lean, y + drop)
    left = cover_of(near.upright, x + lean, y - drop, x - lean, y + h - drop)
    right = cover_of(near.upright, x + w + lean, y + drop, x + w - lean, y + h + drop)
    if comb:
        top = np.full_like(top, np.nan)
    level = cover_of(near.level, x, y + 0.5 * h - drop, x + w, y + 0.5 * h + drop)
    upright = cover_of(near.upright, x + 0.5 * w + lean, y, x + 0.5 * w - lean, y + h)
    frames = np.stack([base, top, left, right, level, upright])
    inside = (x + 0.6 * w > 0) & (x + 0.4 * w < near.level.shape[1])
    return np.where(inside, frames, 0.0)
