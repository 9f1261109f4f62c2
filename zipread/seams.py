"""Where touching digits part: the paths from top to bottom that cross the least ink.

A straight cut goes through strokes where two digits lean on each other. The seam of least ink, a
shortest path by dynamic programming as in seam carving (Avidan and Shamir 2007) and in spirit the
drop-fall cut of Congedo et al. (1995), steps aside where that pays.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SIDESTEP = 1.0
"""What a step aside costs, in crossed ink pixels: of two like ways the straighter one."""


def find_seams(own: NDArray[np.bool_], apart: int, most_ink: float, most: int) -> NDArray[np.int32]:
    """The best seams of a component, left to right: (n, height) int32, a column for each row.

    ``own`` is the component's mask (height, width). Seams are at least ``apart`` columns from each
    other and from the ends, cross at most ``most_ink`` pixels of ink, and are at most ``most``.
    """
    height, width = own.shape
    cost, came = _least_ink(own)
    smooth = cv2.blur(cost.reshape(1, -1), (3, 1)).ravel()
    low = cv2.erode(smooth.reshape(1, -1), np.ones((1, 2 * (apart // 2) + 1), np.uint8)).ravel()
    columns = np.flatnonzero((smooth <= low + 1e-3) & (cost <= most_ink))
    chosen: list[NDArray[np.int32]] = []
    for column in sorted(columns.tolist(), key=lambda c: (smooth[c], c)):
        seam = _trace(came, column)
        middle = float(seam.mean())
        inside = apart <= middle <= width - apart
        if inside and all(abs(middle - float(other.mean())) >= apart for other in chosen):
            chosen.append(seam)
        if len(chosen) == most:
            break
    chosen.sort(key=lambda seam: float(seam.mean()))
    return np.array(chosen, np.int32).reshape(-1, height)


def _least_ink(own: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Ink crossed on the best way to each column of the last row, and each step's origin."""
    height, width = own.shape
    ink = own.astype(np.float32)
    came = np.zeros((height, width), np.int8)
    cost = ink[0]
    padded = np.full((3, width), np.inf, np.float32)
    for row in range(1, height):
        padded[0, 1:] = cost[:-1] + SIDESTEP
        padded[1] = cost
        padded[2, :-1] = cost[1:] + SIDESTEP
        step = padded.argmin(axis=0)
        came[row] = step - 1
        cost = padded.min(axis=0) + ink[row]
    return cost, came


def _trace(came: NDArray[np.int8], column: int) -> NDArray[np.int32]:
    seam = np.empty(len(came), np.int32)
    for row in range(len(came) - 1, -1, -1):
        seam[row] = column
        column += int(came[row, column])
    return seam
