"""A boxed field to digit hypotheses: the boxes taken off, one hypothesis a cell.

Boxes of another colour than the pen go by linear unmixing: a pixel is paper plus a share of pen
plus a share of box (the two-endmember mixture of remote sensing). Boxes of the pen's colour go by
form: long straight runs at the cells' edges, except where a stroke crosses them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.fields import Boxes
from zipread.ink import Grey, Ink, find_ink, to_grey
from zipread.rules import opened, take_off, without_rules
from zipread.segment import Hypothesis, Segmentation, hypothesis_of
from zipread.strip import STROKE, Strip

EDGE = 6
"""How far from a cell's measured edge its printed line may run, in strip pixels."""
LEAST_ANGLE_COSINE = 0.94
"""Colours whose contrasts to the paper point closer together than this are one colour."""


def segment_cells(strip: Strip, cells: Boxes) -> tuple[Ink, Segmentation]:
    """Ink without boxes, and one slice and at most one hypothesis for each of ``cells``.

    ``cells`` is (n, 4) int32 in strip pixels.
    """
    ink = find_ink(to_grey(strip.pixels), STROKE)
    lines = _printed_lines(ink.trace, cells)
    if strip.pixels.ndim == 3:
        unmixed = _unmix(strip.pixels, ink, lines, cells)
        if unmixed is not None:
            ink = find_ink(unmixed, STROKE)
            lines = _printed_lines(ink.mask, cells)
    ink = without_rules(take_off(ink, lines))
    return ink, _one_each(ink, cells)


def _printed_lines(mask: Grey, cells: Boxes) -> Grey:
    """The pixels of straight lines along the cells' edges, and of longer ones off their middles."""
    height, width = int(np.median(cells[:, 3])), int(np.median(cells[:, 2]))
    upright = opened(mask, 1, round(0.45 * height))
    whole_wall = opened(mask, 1, round(0.75 * height))
    flat = opened(mask, round(0.45 * width), 1)
    at_walls, at_sides, aside = (np.zeros_like(mask) for _ in range(3))
    top, bottom = (
        max(0, int(cells[:, 1].min()) - EDGE),
        int((cells[:, 1] + cells[:, 3]).max()) + EDGE,
    )
    aside[top:bottom, max(0, cells[0, 0] - EDGE) : cells[-1, 0] + cells[-1, 2] + EDGE] = 255
    for x, y, w, h in cells:
        aside[top:bottom, max(0, x + w // 4) : x + w - w // 4] = 0
        for wall in (x, x + w):
            at_walls[top:bottom, max(0, wall - EDGE) : wall + EDGE] = 255
        for side in (y, y + h):
            at_sides[max(0, side - EDGE) : side + EDGE, max(0, x - EDGE) : x + w + EDGE] = 255
    return np.asarray(
        (upright & at_walls) | (whole_wall & aside) | (flat & at_sides), dtype=np.uint8
    )


def _unmix(pixels: NDArray[np.uint8], ink: Ink, lines: Grey, cells: Boxes) -> Grey | None:
    """The strip with the boxes' colour taken out, grey; None where pen and boxes look alike."""
    inner = np.zeros_like(ink.mask)
    for x, y, w, h in cells:
        inner[max(0, y + EDGE) : y + h - EDGE, max(0, x + EDGE) : x + w - EDGE] = 255
    pen_at, paper_at = (ink.mask & inner) > 0, ink.trace == 0
    lines_at = (lines > 0) & (inner == 0)
    if min(np.count_nonzero(pen_at), np.count_nonzero(lines_at), np.count_nonzero(paper_at)) < 60:
        return None
    paper = np.median(pixels[paper_at], axis=0).astype(np.float32)
    pen = paper - np.median(pixels[pen_at], axis=0).astype(np.float32)
    box = paper - np.median(pixels[lines_at], axis=0).astype(np.float32)
    norms = float(np.linalg.norm(pen) * np.linalg.norm(box))
    if norms < 1 or float(pen @ box) / norms > LEAST_ANGLE_COSINE:
        return None
    shares = (paper - pixels.astype(np.float32)) @ np.linalg.pinv(np.stack([pen, box]))
    return (255 - np.clip(shares[..., 0], 0, 1) * 200).astype(np.uint8)


def _one_each(ink: Ink, cells: Boxes) -> Segmentation:
    """Each connected component to the cell that holds most of it."""
    middle = (cells[1:, 0] + cells[:-1, 0] + cells[:-1, 2]) // 2
    height, width = ink.mask.shape
    y0, y1 = int(np.median(cells[:, 1])), int(np.median(cells[:, 1] + cells[:, 3]))
    labels = np.zeros((height, width), np.int16)
    edges = [max(0, int(cells[0, 0]) - 4), *middle.tolist(), int(cells[-1, 0] + cells[-1, 2]) + 4]
    count, components, stats, centres = cv2.connectedComponentsWithStats(ink.mask, connectivity=8)
    for label in range(1, count):
        x, y, w, h, area = stats[label]
        centre_x, centre_y = centres[label]
        if area < 20 or not y0 - 4 <= centre_y <= y1 + 4 or not edges[0] <= centre_x <= edges[-1]:
            continue
        # What touches the writing above or below is parted from it at the cells' edges.
        bottom, y = min(y + h, y1 + EDGE), max(y, y0 - EDGE)
        h = bottom - y
        part = components[y : y + h, x : x + w] == label
        window = labels[y : y + h, x : x + w]
        if w > 1.35 * np.median(
            cells[:, 2]
        ):  # one stroke through several cells: cut at their walls
            owner = np.searchsorted(middle, np.arange(x, x + w), side="right") + 1
            window[part] = np.broadcast_to(owner.astype(np.int16), part.shape)[part]
        else:
            window[part] = int(np.searchsorted(middle, centre_x, side="right")) + 1
    return _segmentation(ink, labels, cells)


def _strays(own: NDArray[np.bool_], cell: NDArray[np.int32]) -> NDArray[np.bool_]:
    """What is left of printed lines and of the writing around: pieces along a cell's edges."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(own.astype(np.uint8), connectivity=8)
    if count <= 2:
        return np.zeros_like(own)
    x, y, w, h = cell
    left, top, width, height, area = stats.T
    edge = EDGE + 4
    along = (left + width <= x + edge) | (left >= x + w - edge)
    along |= (top + height <= y + edge) | (top >= y + h - edge)
    along[0] = False
    along[1 + int(area[1:].argmax())] = False
    return along[parts]


def _segmentation(ink: Ink, labels: NDArray[np.int16], cells: Boxes) -> Segmentation:
    boxes = cells.copy()
    area = np.zeros(len(cells), np.int32)
    found: list[Hypothesis] = []
    for index in range(len(cells)):
        strays = _strays(labels == index + 1, cells[index])
        labels[strays] = 0
        own = labels == index + 1
        area[index] = np.count_nonzero(own)
        if area[index] < 2 * STROKE**2:
            continue
        x, y, w, h = cv2.boundingRect(own.astype(np.uint8))
        boxes[index] = x, y, w, h
        found.append(hypothesis_of(ink.strength, labels, (x, y, w, h), index, index))
    heights = [h.box[3] for h in found]
    height = float(np.median(heights)) if heights else 0.7 * float(np.median(cells[:, 3]))
    return Segmentation(boxes, area, np.arange(len(cells), dtype=np.int32), tuple(found), height)
