"""Cells of one size at one pitch: what of the single cells on a page may be a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zipread.box_cells import Cells

FEWEST_KNOWN = 2
"""From so many cells on a row is looked for; from one more for a comb, of which less is seen."""
MOST_CHAINS = 6
MOST_IN_ROW = 10
FARTHEST = 3
"""A row's next cell is at most so many pitches on: up to two in between may be missed."""


def find_chains(cells: Cells, *, comb: bool) -> list[tuple[list[int], list[int]]]:
    """Cells of one size at one pitch, left to right: the few longest such chains.

    Of each the indices of its cells and their places in the row, from 0 on.
    """
    x, y, w, h = cells.T
    dx, dy = x[None, :] - x[:, None], y[None, :] - y[:, None]
    alike = (np.abs(w[None, :] - w[:, None]) <= 0.12 * w[:, None] + 1.5) & (
        np.abs(h[None, :] - h[:, None]) <= 0.15 * h[:, None] + 2
    )
    alike &= (np.abs(dy) <= 0.2 * np.abs(dx) + 2) & (dx >= -1)
    steps = np.where(alike & (dx > 0.8 * w[:, None]), dx, np.inf)
    nearest = np.sort(steps, axis=1)[:, :2]
    ranked = []
    for pitch in np.concatenate([nearest, nearest[:, :1] / 2], axis=1).T:
        usable = np.isfinite(pitch) & (pitch > 0.85 * w) & (pitch < (1.15 if comb else 2.0) * w + 2)
        if not usable.any():
            continue
        step = np.where(usable, pitch, 1.0)[:, None]
        place = np.rint(dx / step)
        off = np.abs(dx - place * step)
        on = alike & usable[:, None] & (off <= 0.06 * step + 1 + 0.03 * dx)
        taken = (on[..., None] & (place[..., None] == np.arange(MOST_IN_ROW))).any(axis=1)
        size = _unbroken(taken) - 0.02 * w / w.max()
        fewest = FEWEST_KNOWN + comb
        ranked += [
            (-size[i], i, place[i], off[i], on[i]) for i in np.flatnonzero(size > fewest - 0.1)
        ]
    ranked.sort(key=lambda chain: chain[:2])
    return [_followed(*chain[2:]) for chain in ranked[:MOST_CHAINS]]


def _unbroken(taken: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How many places of each row (n, places) are taken, up to its first wide hole."""
    size, hole = np.zeros(len(taken)), np.zeros(len(taken))
    for here in taken.T:
        size += here & (hole < FARTHEST)
        hole = np.where(here & (hole < FARTHEST), 0, hole + 1)
    return size


def _followed(
    place: NDArray[np.float64], off: NDArray[np.float64], on: NDArray[np.bool_]
) -> tuple[list[int], list[int]]:
    """For each place of the row the cell that fits it best, up to the first wide hole."""
    chain: list[int] = []
    places: list[int] = []
    last = 0
    for k in range(MOST_IN_ROW):
        here = np.flatnonzero(on & (place == k))
        if len(here):
            chain.append(int(here[np.argmin(off[here])]))
            places.append(k)
            last = k
        elif k - last >= FARTHEST:
            break
    return chain, places
