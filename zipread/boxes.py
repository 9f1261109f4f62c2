"""Pre-printed boxes: rows of cells, one digit each.

A cell is two upright walls on one base line, closed at the top or open (a comb). A row is several
like cells side by side at one pitch, joined or apart. Single cells are found first, from what of
their walls and sides can be seen; their common pitch then says where the others must be, and so
much weaker evidence is enough for those: a wall that a digit hides, a cell cut off by the edge of
the picture. A row says at once where a field is and how its digits are cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.box_cells import SMALLEST, find_cells, find_walls, standing
from zipread.box_extent import FEWEST_CELLS, Row, best_row
from zipread.fields import Boxes, TextLine
from zipread.fits import line_through
from zipread.ink import Grey
from zipread.straight import level_lines, lines_nearby, upright_lines

SCALES = (1.0, 0.5)
"""Rows are looked for at the size of the reduced page and at half of it, for large cells."""
SHORTEST_WALL = 8
SHORTEST_SIDE = 7
DIGIT_SHARE = 0.7
"""How much of a cell's height a digit takes up."""
COMB_SHARE = 0.42
"""How much of its height the walls of a cell take up that is open above."""


@dataclass(frozen=True, slots=True)
class BoxRow:
    """A row of cells on the reduced page; ``cells`` is (n, 4) int32 x, y, width, height."""

    cells: Boxes

    @property
    def line(self) -> TextLine:
        """The row as a text line whose characters are the cells."""
        x = self.cells[:, 0] + self.cells[:, 2] / 2
        y = self.cells[:, 1] + self.cells[:, 3] / 2
        slope, _ = line_through(x, y)
        return TextLine(self.cells, slope, DIGIT_SHARE * float(np.median(self.cells[:, 3])))


def find_box_rows(strength: Grey) -> list[BoxRow]:
    """Rows of cells in the soft ink (uint8) of a reduced page, the surest first."""
    rows: list[Row] = []
    if min(strength.shape) < 2 * SMALLEST[1]:
        return []
    for scale in SCALES:
        small = strength
        if scale < 1:
            even = strength[: strength.shape[0] & ~1, : strength.shape[1] & ~1]
            small = np.asarray(
                cv2.resize(even, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
            )
        rows += [Row(r.cells / scale, r.comb, r.score) for r in _rows_at(small)]
    rows.sort(key=lambda row: (row.comb, -row.score))
    apart: list[Row] = []
    for row in rows:
        if not any(_overlap(row.cells, other.cells) for other in apart):
            apart.append(row)
    return [BoxRow(_whole(row)) for row in _with_plus4(apart) if len(row.cells) >= FEWEST_CELLS]


def _rows_at(strength: Grey) -> list[Row]:
    """Rows of four cells or more of the sizes that are seen at this scale."""
    upright, level = upright_lines(strength, SHORTEST_WALL), level_lines(strength, SHORTEST_SIDE)
    near = lines_nearby(upright, level, strength)
    walls = standing(find_walls(upright), near.level)
    rows = []
    for comb in (False, True):
        cells = find_cells(walls, near, comb=comb)
        while (row := best_row(cells, near, comb=comb)) is not None:
            rows.append(row)
            cells = _outside(cells, row.cells)
    return rows


def _outside(cells: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cells that do not lie where those of the row do."""
    left, right = row[:, 0].min(), (row[:, 0] + row[:, 2]).max()
    top, bottom = row[:, 1].min(), (row[:, 1] + row[:, 3]).max()
    x, y = cells[:, 0] + cells[:, 2] / 2, cells[:, 1] + cells[:, 3] / 2
    return cells[(x < left) | (x > right) | (y < top) | (y > bottom)]


def _with_plus4(rows: list[Row]) -> list[Row]:
    """Rows of five with the row of four behind them taken in: the cells of a ZIP+4."""
    used: set[int] = set()
    made = []
    for row in rows:
        if len(row.cells) == 5:
            for index, other in enumerate(rows):
                if len(other.cells) == 4 and index not in used and _goes_on(row, other):
                    used.add(index)
                    cells = np.vstack([row.cells, other.cells])
                    row = Row(cells, row.comb, row.score + other.score)
                    break
        made.append(row)
    return made


def _goes_on(row: Row, other: Row) -> bool:
    """Whether ``other`` stands right behind ``row`` and has its size."""
    last, first = row.cells[-1], other.cells[0]
    size = np.median(row.cells[:, 2:], axis=0)
    gap = first[0] - last[0] - last[2]
    alike = np.abs(np.median(other.cells[:, 2:], axis=0) - size) <= 0.15 * size + 2
    level = abs(first[1] - last[1]) <= 0.2 * (first[0] - last[0]) + 2
    return bool(alike.all() and level and 0 < gap < 3 * size[0] and row.comb == other.comb)


def _overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether two rows take up the same place."""
    low = np.maximum(one[:, :2].min(axis=0), other[:, :2].min(axis=0))
    high = np.minimum(
        (one[:, :2] + one[:, 2:]).max(axis=0), (other[:, :2] + other[:, 2:]).max(axis=0)
    )
    return bool((high > low).all())


def _whole(row: Row) -> Boxes:
    """The cells, int32; those of a comb drawn up to the height that digits in it have."""
    cells = row.cells.copy()
    if row.comb:
        height = np.median(cells[:, 3])
        width = np.median(cells[:, 2])
        grown = float(np.clip(height / COMB_SHARE, 1.0 * width, 1.7 * width)) - height
        cells[:, 1] -= max(0.0, grown)
        cells[:, 3] += max(0.0, grown)
    return cells.round().astype(np.int32)
