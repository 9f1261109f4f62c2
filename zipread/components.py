"""Connected components of a mask, measured no more than is asked for.

OpenCV's own statistics take seven times as long as the labelling; a page has them by the contours.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import cv2
import numpy as np
from numpy.typing import NDArray

Components = tuple[NDArray[np.uint16], NDArray[np.int32]]
"""Label image, and OpenCV's statistics (n, 5), the paper first."""


def labelled(mask: NDArray[np.uint8]) -> Components:
    """The 8-connected components of a mask.

    For a mask of less than 65,536 components, as any strip is: with so small a type it takes a
    third of the time.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    return np.asarray(labels, np.uint16), np.asarray(stats, np.int32)


def component_boxes(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Boxes (n, 4) int32 (x, y, width, height) of the 8-connected components, from the top down."""
    contours, parent = _contours(mask)
    boxes = _boxes(contours)[parent < 0]
    return boxes[np.lexsort((boxes[:, 0], boxes[:, 1]))]


def measured_components(
    mask: NDArray[np.uint8],
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Boxes (n, 4) int32 and ink areas (n,) of the 8-connected components.

    The area is that within the outline less that of the holes (Green's formula), so a stroke of one
    pixel counts half of what its pixels would.
    """
    contours, parent = _contours(mask)
    outer = parent < 0
    sizes = np.array([cv2.contourArea(contour) for contour in contours])
    areas = np.where(outer, sizes, 0.0)
    np.subtract.at(areas, parent[~outer], sizes[~outer])
    return _boxes(contours)[outer], areas[outer]


def _contours(
    mask: NDArray[np.uint8],
) -> tuple[Sequence[cv2.typing.MatLike], NDArray[np.int32]]:
    """Outlines of components and of their holes, and which one a hole is in: -1 if it is none."""
    contours, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return contours, tree[0, :, 3] if contours else np.zeros(0, np.int32)


def _boxes(contours: Sequence[cv2.typing.MatLike]) -> NDArray[np.int32]:
    """The boxes (n, 4) around outlines, all at once."""
    if not contours:
        return np.zeros((0, 4), np.int32)
    points = np.concatenate(contours)[:, 0]
    starts = [0, *accumulate(len(contour) for contour in contours[:-1])]
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    return np.hstack([low, high - low + 1]).astype(np.int32)
