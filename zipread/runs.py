"""Long level runs of a mask: what underlines, rules and the sides of boxes are made of."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from zipread.ink import Grey


def level_runs(mask: Grey, length: int) -> Grey:
    """The parts of a mask (uint8) in level runs of at least ``length`` pixels.

    What OpenCV's opening with a level line gives, five times as fast: windows are put together
    from their halves, in log(length) steps. As there, runs go on beyond the edges.
    """
    before, behind = length // 2, length - 1 - length // 2
    widened = cv2.copyMakeBorder(mask, 0, 0, before, behind, cv2.BORDER_CONSTANT, value=255)
    middles = _windows(np.asarray(widened, np.uint8), length, cv2.min)
    if not cv2.countNonZero(middles):
        return middles
    widened = cv2.copyMakeBorder(middles, 0, 0, behind, before, cv2.BORDER_CONSTANT, value=0)
    return _windows(np.asarray(widened, np.uint8), length, cv2.max)


def _windows(
    picture: Grey, length: int, extreme: Callable[[Grey, Grey], cv2.typing.MatLike]
) -> Grey:
    """The extreme of each window of ``length`` columns; there are length - 1 less than columns."""
    reach = 1
    while reach < length:
        step = min(reach, length - reach)
        picture = np.asarray(extreme(picture[:, :-step], picture[:, step:]), np.uint8)
        reach += step
    return picture
