"""Boxes, barcodes and rules are found and come off; strokes that cross them stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.paper import noisy_paper
from zipread.bars import without_bars
from zipread.boxes import BoxRow, find_row
from zipread.cells import segment_cells
from zipread.digit_model import load_model
from zipread.ink import find_ink
from zipread.normalise import glyph_forms
from zipread.rules import without_rules
from zipread.strip import STROKE, Strip

Picture = NDArray[np.uint8]
WIDTH, HEIGHT = 56, 64


def _draw_cells(strip: Picture, lefts: list[int], top: int, tone: int, *, comb: bool) -> None:
    for left in lefts:
        right, foot = left + WIDTH, top + HEIGHT
        start = top + (HEIGHT * 6 // 10 if comb else 0)
        for x in (left, right):
            cv2.line(strip, (x, start), (x, foot), tone, 2)
        cv2.line(strip, (left, foot), (right, foot), tone, 2)
        if not comb:
            cv2.line(strip, (left, top), (right, top), tone, 2)


def _write(strip: Picture, text: str, lefts: list[int], top: int, size: float = 1.6) -> None:
    for sign, left in zip(text, lefts, strict=True):
        place = (left + 13, top + HEIGHT - 14)
        cv2.putText(strip, sign, place, cv2.FONT_HERSHEY_SIMPLEX, size, 40, 4, cv2.LINE_AA)


JOINED = [60 + WIDTH * k for k in range(5)]
APART = [60 + (WIDTH + 16) * k for k in range(5)]
PLUS4 = [*JOINED, *(JOINED[-1] + WIDTH + 34 + WIDTH * k for k in range(4))]
SIX = [60 + WIDTH * k for k in range(6)]


@pytest.mark.parametrize("tone", [90, 190], ids=["dark", "pale"])
@pytest.mark.parametrize(
    "lefts", [JOINED, APART, PLUS4, SIX], ids=["joined", "apart", "plus4", "six"]
)
def test_row_is_found_with_all_its_cells(lefts: list[int], tone: int) -> None:
    strip = noisy_paper(110, 700, 0)
    _draw_cells(strip, lefts, 22, tone, comb=False)
    _write(strip, "314159265"[: len(lefts)], lefts, 22)
    row = find_row(strip)
    assert row is not None
    assert len(row.cells) == len(lefts)
    assert np.abs(row.cells[:, 0] - lefts).max() <= 4
    assert np.abs(row.cells[:, 1:] - [22, WIDTH, HEIGHT]).max() <= 4


def test_row_that_runs_aslant_is_followed() -> None:
    strip = noisy_paper(140, 460, 0)
    _draw_cells(strip, JOINED, 36, 90, comb=False)
    _write(strip, "31415", JOINED, 36)
    matrix = np.array([[1.0, 0, 0], [0.06, 1, -0.06 * 230]])
    row = find_row(cv2.warpAffine(strip, matrix, (460, 140), borderMode=cv2.BORDER_REPLICATE))
    assert row is not None
    assert row.cells[4, 1] - row.cells[0, 1] == pytest.approx(0.06 * 4 * WIDTH, abs=4)


def test_pale_boxes_of_one_colour_are_found() -> None:
    strip = np.repeat(noisy_paper(110, 460, 0)[..., None], 3, axis=2)
    for left in APART:
        cv2.rectangle(strip, (left, 22), (left + WIDTH, 22 + HEIGHT), (246, 205, 150), 2)
    row = find_row(strip)
    assert row is not None
    assert len(row.cells) == 5


def test_comb_reaches_up_to_where_its_digits_stand() -> None:
    strip = noisy_paper(130, 460, 0)
    _draw_cells(strip, JOINED, 40, 110, comb=True)
    _write(strip, "31415", JOINED, 34)
    row = find_row(strip)
    assert row is not None
    assert row.is_open
    assert len(row.cells) == 5
    assert row.cells[0, 3] >= 0.9 * WIDTH


def test_cells_cut_off_by_the_picture_count() -> None:
    strip = noisy_paper(110, 460, 0)
    _draw_cells(strip, APART, 22, 100, comb=False)
    _write(strip, "31415", APART, 22)
    row = find_row(np.ascontiguousarray(strip[:, APART[0] + 6 : APART[4] + WIDTH - 6]))
    assert row is not None
    assert len(row.cells) == 5


def test_known_count_of_cells_is_held_to() -> None:
    strip = noisy_paper(110, 520, 0)
    _draw_cells(strip, [60 + WIDTH * k for k in range(7)], 22, 100, comb=False)
    row = find_row(strip, 7)
    assert row is not None
    assert len(row.cells) == 7


def test_writing_and_barcodes_are_no_boxes() -> None:
    strip = noisy_paper(110, 700, 0)
    cv2.putText(strip, "HILLIMHNLE", (40, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.8, 40, 4)
    cv2.line(strip, (30, 80), (600, 80), 60, 3)
    assert find_row(strip) is None
    strip = noisy_paper(110, 700, 0)
    for k in range(60):
        cv2.rectangle(strip, (30 + 10 * k, 30), (34 + 10 * k, 50 + 16 * (k % 3)), 30, -1)
    assert find_row(strip) is None


_RECTANGLE = st.tuples(*(st.integers(-60, 500) for _ in range(2)), *(st.integers(1, 120),) * 2)


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(8, 140), st.integers(8, 500)),
    rectangles=st.lists(st.tuples(_RECTANGLE, st.integers(1, 5)), max_size=12),
    pitch=st.integers(15, 100),
    count=st.sampled_from([None, 4, 7]),
)
def test_whatever_is_drawn_a_row_is_none_or_whole(
    size: tuple[int, int],
    rectangles: list[tuple[tuple[int, ...], int]],
    pitch: int,
    count: int | None,
) -> None:
    strip = noisy_paper(*size, 0)
    for (x, y, width, height), thick in rectangles:
        cv2.rectangle(strip, (x, y), (x + width, y + height), 60, thick)
    for k in range(6):
        cv2.rectangle(strip, (k * pitch, 10), (k * pitch + pitch, 70), 90, 2)
    row = find_row(strip, count)
    if row is not None:
        assert len(row.cells) == count if count else len(row.cells) >= 5
        assert np.isfinite(row.cells).all()
        assert (row.cells[:, 2:] > 0).all()
        _, segmentation = segment_cells(Strip(strip, np.eye(2, 3), 1.0), row, 5.0)
        assert sum(segmentation.groups) == len(row.cells)


def test_pale_digits_in_dark_boxes_are_read_cell_by_cell() -> None:
    strip = noisy_paper(110, 380, 0)
    cells = np.array([(20 + 68 * k, 22, 62, 64) for k in range(5)], np.int32)
    for x, y, w, h in cells.tolist():
        cv2.rectangle(strip, (x, y), (x + w, y + h), 20, 4)
    for sign, (x, y, _, h) in zip("23568", cells.tolist(), strict=True):
        cv2.putText(strip, sign, (x + 16, y + h - 12), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 150, 5)
    page = Strip(strip, np.array([[1.0, 0, 0], [0, 1, 0]]), 1.0)
    _, segmentation = segment_cells(page, BoxRow(cells.astype(float)), 8.0)
    assert [h.first for h in segmentation.hypotheses] == [0, 1, 2, 3, 4]
    for hypothesis, (x, _, w, _) in zip(segmentation.hypotheses, cells.tolist(), strict=True):
        left, _, width, height = hypothesis.box
        assert left > x + 4
        assert left + width < x + w - 2
        assert height > 30


def _segmented(strip: Picture, lefts: list[int], top: int) -> list[tuple[int, int, int, int]]:
    cells = np.array([(left, top, WIDTH, HEIGHT) for left in lefts], float)
    row = BoxRow(cells)
    _, segmentation = segment_cells(Strip(strip, np.eye(2, 3), 1.0), row, 5.0)
    assert [h.first for h in segmentation.hypotheses] == list(range(len(lefts)))
    return [h.box for h in segmentation.hypotheses]


def test_a_stroke_that_runs_along_a_pale_box_stays() -> None:
    strip = noisy_paper(130, 420, 0)
    _draw_cells(strip, JOINED, 32, 160, comb=False)
    for left in JOINED:  # a seven whose bar lies on the top of its box
        cv2.line(strip, (left + 10, 32), (left + 44, 32), 40, 4, cv2.LINE_AA)
        cv2.line(strip, (left + 44, 32), (left + 22, 82), 40, 4, cv2.LINE_AA)
    for left, (x, y, w, _) in zip(JOINED, _segmented(strip, JOINED, 32), strict=True):
        assert abs(y - 32) <= 4
        assert x <= left + 14
        assert w >= 30


def test_a_digit_keeps_what_reaches_out_of_its_box() -> None:
    strip = noisy_paper(150, 420, 0)
    _draw_cells(strip, JOINED, 46, 110, comb=False)
    for left in JOINED:
        cv2.line(strip, (left + 14, 28), (left + 42, 28), 40, 4, cv2.LINE_AA)
        cv2.line(strip, (left + 42, 28), (left + 24, 96), 40, 4, cv2.LINE_AA)
    for x, y, w, h in _segmented(strip, JOINED, 46):
        assert y <= 30
        assert y + h >= 94
        assert w >= 24
        assert x > 0


def test_bars_come_off_the_feet_of_digits() -> None:
    strip = np.full((100, 520), 225, np.uint8)
    cv2.putText(strip, "80359", (60, 62), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 40, 5)
    alone = find_ink(strip, STROKE, one_pen=True).mask
    for k in range(40):
        cv2.rectangle(strip, (15 + 12 * k, 58), (18 + 12 * k, 72 + 8 * (k % 3 == 0)), 30, -1)
    mask = without_bars(find_ink(strip, STROKE, one_pen=True)).mask
    both, either = np.count_nonzero(mask & alone), np.count_nonzero(mask | alone)
    assert both / either > 0.85


def test_digits_without_a_barcode_stay_as_they_are() -> None:
    strip = np.full((90, 700), 225, np.uint8)
    cv2.putText(strip, "1 1 1 1 1 - 1 1 4 7", (20, 62), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 40, 5)
    ink = find_ink(strip, STROKE, one_pen=True)
    assert np.array_equal(without_bars(ink).mask, ink.mask)


def test_an_underline_through_the_feet_comes_off() -> None:
    strip = np.full((100, 420), 225, np.uint8)
    cv2.putText(strip, "80359", (60, 66), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 40, 5)
    alone = find_ink(strip, STROKE, one_pen=True).mask
    cv2.line(strip, (20, 62), (400, 68), 60, 3)
    mask = without_rules(find_ink(strip, STROKE, one_pen=True)).mask
    both, either = np.count_nonzero(mask & alone), np.count_nonzero(mask | alone)
    assert both / either > 0.8


def test_a_dotted_rule_comes_off_and_small_signs_stay() -> None:
    strip = np.full((110, 420), 225, np.uint8)
    cv2.putText(strip, "80,359", (60, 66), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 40, 5)
    alone = find_ink(strip, STROKE, one_pen=True).mask
    for k in range(25):
        cv2.rectangle(strip, (10 + 16 * k, 88), (17 + 16 * k, 91), 60, -1)
    mask = without_rules(find_ink(strip, STROKE, one_pen=True)).mask
    both, either = np.count_nonzero(mask & alone), np.count_nonzero(mask | alone)
    assert both / either > 0.9


def _sevens(across: int) -> Picture:
    """Sevens in dark boxes, their bars ``across`` pixels below the top lines."""
    strip = noisy_paper(130, 420, 0)
    for left in JOINED:
        cv2.line(strip, (left + 12, 32 + across), (left + 42, 32 + across), 60, 5)
        cv2.line(strip, (left + 40, 32 + across), (left + 22, 84), 60, 5)
    _draw_cells(strip, JOINED, 32, 60, comb=False)
    return strip


def _read_cells(strip: Picture) -> list[tuple[int, str]]:
    """The cell of each hypothesis, and what it reads as."""
    row = BoxRow(np.array([(left, 32, WIDTH, HEIGHT) for left in JOINED], float))
    _, segmentation = segment_cells(Strip(strip, np.eye(2, 3), 1.0), row, 5.0)
    forms = glyph_forms([h.glyph for h in segmentation.hypotheses])
    read = load_model().predict_proba(forms).argmax(axis=1)
    return [(h.first, str(digit)) for h, digit in zip(segmentation.hypotheses, read, strict=True)]


@pytest.mark.parametrize("across", range(-6, 7, 2))
def test_a_bar_on_a_line_as_dark_as_the_pen_stays_where_it_shows(across: int) -> None:
    read = _read_cells(_sevens(across))
    assert {cell for cell, digit in read if digit == "7"} == set(range(5)), read


def test_a_piece_that_a_line_parted_from_its_digit_is_tried_with_it_and_without() -> None:
    strip = noisy_paper(130, 420, 0)
    _draw_cells(strip, JOINED, 32, 90, comb=False)
    for left in JOINED:  # the bar above the line, the stem below it
        cv2.line(strip, (left + 10, 25), (left + 34, 25), 60, 5)
        cv2.line(strip, (left + 40, 38), (left + 24, 84), 60, 5)
    read = _read_cells(strip)
    assert set(read) >= {(k, "1") for k in range(5)} | {(k, "7") for k in range(5)}, read
