"""Middle and spread of a few values, and their line: numpy takes ten times as long for each."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def middle_of(values: NDArray[np.number]) -> float:
    """The median, of none 0."""
    ordered = np.sort(values)
    count = len(ordered)
    if not count:
        return 0.0
    return (float(ordered[count // 2]) + float(ordered[(count - 1) // 2])) / 2


def share_of(rows: NDArray[np.number], share: float) -> NDArray[np.float64]:
    """The value of each column that this share of its rows is below: NumPy's quantile."""
    return np.asarray(_at(np.sort(rows, axis=0), share), np.float64)


def shares_of(values: NDArray[np.number], shares: tuple[float, ...]) -> list[float]:
    """The values that these shares of all are below: NumPy's quantiles."""
    ordered = np.sort(values, axis=None)
    return [float(_at(ordered, share)) for share in shares]


def _at(ordered: NDArray[np.number], share: float) -> Any:
    place = share * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low + (high - low) * (place % 1)


def level_below(levels: NDArray[np.uint8], share: float) -> float:
    """The level that this share of a picture's pixels is below: NumPy's quantile of its bytes."""
    counts = cv2.calcHist([np.ascontiguousarray(levels)], [0], None, [256], [0, 256])
    up_to = counts.ravel().cumsum(dtype=np.int64)
    place = share * (levels.size - 1)
    low, high = np.searchsorted(up_to, (math.floor(place), math.ceil(place)), side="right")
    return float(low + (high - low) * (place % 1))


def spread_of(values: NDArray[np.number]) -> float:
    """The standard deviation, of none 0."""
    count = max(1, len(values))
    aside = values - float(values.sum()) / count
    return math.sqrt(float(aside @ aside) / count)


def line_through(x: NDArray[np.number], y: NDArray[np.number]) -> tuple[float, float]:
    """Slope and height at x = 0 of the least-squares line, level where all x are the same."""
    middle_x, middle_y = float(x.sum()) / len(x), float(y.sum()) / len(y)
    aside = x - middle_x
    spread = float(aside @ aside)
    slope = float(aside @ y) / spread if spread else 0.0
    return slope, middle_y - slope * middle_x
