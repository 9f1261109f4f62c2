"""Pre-printed boxes: rows of cells, one digit each.

A cell is two upright walls joined at top and bottom; a row is three or more like cells side by
side, joined or apart. Found on the reduced page, because a row says at once where a field is, how
its digits are cut, and which lines to take off.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.fields import Boxes, TextLine
from zipread.ink import Grey

WALL_LENGTHS = (30, 14)
"""Shortest walls looked for, in pixels of the reduced page. Large cells first: the longer the
wall that is asked for, the less a digit that touches it gets in the way."""
DIGIT_SHARE = 0.7
"""How much of a cell's height a digit takes up."""
LEAST_COVER = 0.7
FEWEST_CELLS = 4


@dataclass(frozen=True, slots=True)
class BoxRow:
    """A row of cells on the reduced page; ``cells`` is (n, 4) int32 x, y, width, height."""

    cells: Boxes

    @property
    def line(self) -> TextLine:
        """The row as a text line whose characters are the cells."""
        x = self.cells[:, 0] + self.cells[:, 2] / 2
        y = self.cells[:, 1] + self.cells[:, 3] / 2
        slope = float(np.polyfit(x, y, 1)[0])
        return TextLine(self.cells, slope, DIGIT_SHARE * float(np.median(self.cells[:, 3])))


def find_box_rows(trace: Grey) -> list[BoxRow]:
    """Rows of cells in the trace (uint8) of a reduced page."""
    rows: list[Boxes] = []
    for shortest in WALL_LENGTHS:
        walls = _walls(trace, shortest)
        if len(walls) > FEWEST_CELLS:
            near = _near_flat(trace, shortest)
            rows += [_extended(_filled(row), near) for row in _rows(_cells(walls, near))]
    rows = [row for row in rows if len(row) > FEWEST_CELLS and _like_cells(row)]
    # A cell and the gap behind it make a wider, false cell: of two readings the narrower one.
    rows.sort(key=lambda row: (-len(row), float(np.median(row[:, 2])), int(row[0, 0])))
    apart: list[Boxes] = []
    for row in rows:
        if not any(_overlap(row, other) for other in apart):
            apart.append(row)
    return [BoxRow(row) for row in apart]


def _like_cells(row: Boxes) -> bool:
    """Whether the cells are of one size and a digit fits in."""
    width, height = row[:, 2], row[:, 3]
    even = np.ptp(width) <= 0.3 * width.mean() + 2 and np.ptp(height) <= 0.3 * height.mean() + 2
    return bool(even and height.min() >= 20 and width.min() >= 14)


def _near_flat(trace: Grey, shortest: int) -> Grey:
    """Where a level straight stroke runs, or close by."""
    flat = cv2.morphologyEx(trace, cv2.MORPH_OPEN, np.ones((1, shortest // 2 + 1), np.uint8))
    return np.asarray(cv2.dilate(flat, np.ones((5, 3), np.uint8)), dtype=np.uint8)


def _overlap(one: Boxes, other: Boxes) -> bool:
    """Whether two rows take up the same place."""
    low = np.maximum(one[:, :2].min(axis=0), other[:, :2].min(axis=0))
    high = np.minimum(
        (one[:, :2] + one[:, 2:]).max(axis=0), (other[:, :2] + other[:, 2:]).max(axis=0)
    )
    return bool((high > low).all())


def _walls(trace: Grey, shortest: int) -> Boxes:
    """Upright straight strokes: what is left of the ink after opening with an upright line."""
    # A thin wall that leans a little is a stair of short runs: widened, they make one long run.
    wide = cv2.dilate(trace, np.ones((1, 3), np.uint8))
    upright = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((shortest, 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(upright, connectivity=8)
    thin = (stats[:, 2] <= 0.35 * stats[:, 3]) & (stats[:, 2] <= 13)
    thin[0] = False
    walls = stats[thin, :4].astype(np.int32)
    return walls[np.argsort(walls[:, 0], kind="stable")]


def _cells(walls: Boxes, near: Grey) -> Boxes:
    """Each wall with the nearest one of its height that lines join it to, at top and bottom."""
    x, y, w, h = walls.T.astype(np.float32)
    middle = x + w / 2
    apart = middle[None, :] - middle[:, None]
    # A letter that touches a wall makes it longer: what both walls share is the cell's height.
    top = np.maximum(y[:, None], y[None, :])
    bottom = np.minimum((y + h)[:, None], (y + h)[None, :])
    tall = bottom - top
    shorter, taller = np.minimum(h[:, None], h[None, :]), np.maximum(h[:, None], h[None, :])
    pairs = (tall > 0.8 * shorter) & (tall > 0.55 * taller)
    pairs &= (apart > 0.4 * tall) & (apart < 1.7 * tall)
    left, right = np.nonzero(pairs)
    top, bottom = top[left, right], bottom[left, right]
    joined = _joined(near, middle, top, left, right) & _joined(
        near, middle, bottom - 1, left, right
    )
    cells = np.column_stack([middle[left], top, apart[left, right], bottom - top])[joined]
    left = left[joined]
    nearest = np.lexsort((cells[:, 2], left))
    _, keep = np.unique(left[nearest], return_index=True)
    return cells[nearest][keep].round().astype(np.int32)


def _joined(
    near: Grey,
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """Whether lines run from wall ``left`` to wall ``right`` at height ``y``."""
    step = np.linspace(0, 1, 14, dtype=np.float32)[1:-1, None]
    xs = (x[left] + step * (x[right] - x[left])).round().astype(int)
    at = near[y.astype(int)[None, :], xs]
    return np.asarray(np.count_nonzero(at, axis=0) >= LEAST_COVER * len(step))


def _rows(cells: Boxes) -> list[Boxes]:
    """Cells that stand side by side at one height, left to right."""
    cells = cells[np.argsort(cells[:, 0], kind="stable")]
    rows: list[list[NDArray[np.int32]]] = []
    for cell in cells:
        for row in rows:
            if _continues(row[-1], cell):
                row.append(cell)
                break
        else:
            rows.append([cell])
    return [np.array(row, np.int32) for row in rows if len(row) >= FEWEST_CELLS - 1]


def _continues(last: NDArray[np.int32], cell: NDArray[np.int32]) -> bool:
    """Whether ``cell`` is the next of a row, or the next but one where a cell was missed."""
    gap = cell[0] - (last[0] + last[2])
    alike = abs(int(cell[3]) - int(last[3])) < 0.2 * last[3] and 0.75 < cell[2] / last[2] < 1.33
    level = abs(int(cell[1]) - int(last[1])) < 0.2 * last[3] + 0.18 * (cell[0] - last[0])
    return bool(alike and level and -0.15 * last[2] <= gap < 2.3 * last[2])


def _filled(row: Boxes) -> Boxes:
    """The row with cells put in where the pitch says that one was missed."""
    pitch = float(np.median(np.diff(row[:, 0]))) if len(row) > 1 else float(row[0, 2])
    if len(row) > 2:
        pitch = float(np.diff(row[:, 0]).min())
    filled = [row[0]]
    for cell in row[1:]:
        missing = round((cell[0] - filled[-1][0]) / pitch) - 1
        start = filled[-1]
        step = (cell - start) / (missing + 1)
        filled += [(start + k * step).round().astype(np.int32) for k in range(1, missing + 1)]
        filled.append(cell)
    return np.array(filled, np.int32)


def _extended(row: Boxes, near: Grey) -> Boxes:
    """A row of four with the cell at an end that was missed, where its top and bottom are there."""
    if len(row) != FEWEST_CELLS:
        return row
    step = ((row[-1] - row[0]) / (len(row) - 1)).round().astype(np.int32)
    ends = [(_frame_cover(row[0] - step, near), 0), (_frame_cover(row[-1] + step, near), 1)]
    cover, at_end = max(ends)
    if cover < LEAST_COVER:
        return row
    return np.vstack([row, row[-1] + step]) if at_end else np.vstack([row[0] - step, row])


def _frame_cover(cell: NDArray[np.int32], near: Grey) -> float:
    """Share of a cell's top and bottom that is drawn, the worse of the two."""
    x, y, w, h = cell
    if x < 0 or y < 0 or x + w > near.shape[1] or y + h > near.shape[0]:
        return 0.0
    return float(min(np.mean(near[y, x : x + w] > 0), np.mean(near[y + h - 1, x : x + w] > 0)))
