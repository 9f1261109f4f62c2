"""Codes in printed boxes, on whole pages: which row is seen, and digits that do not keep to it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.paper import noisy_paper
from zipread.boxes import BoxRow
from zipread.digit_model import load_model
from zipread.engine import Pipeline
from zipread.fields import Raster, TextLine
from zipread.options import Options
from zipread.prepared import prepare
from zipread.prospects import CUES, Place, cues
from zipread.reading import Page, Status
from zipread.recognise import Recogniser
from zipread.strip import Sheet

FONT = cv2.FONT_HERSHEY_SIMPLEX
CELL, TALL = 46, 54
CODE = "60614"


def _page(shift=0, colour=90):
    """An envelope with a code in five boxes, its digits ``shift`` pixels off their middles."""
    page = noisy_paper(600, 1000)
    cv2.putText(page, "MARY MILLER", (400, 330), FONT, 1.3, 40, 3, cv2.LINE_AA)
    cv2.putText(page, "12 ELM LANE", (400, 385), FONT, 1.3, 40, 3, cv2.LINE_AA)
    for k, sign in enumerate(CODE):
        left = 400 + CELL * k
        cv2.rectangle(page, (left, 410), (left + CELL, 410 + TALL), colour, 2)
        cv2.putText(page, sign, (left + 9 + shift, 452), FONT, 1.3, 40, 3, cv2.LINE_AA)
    cv2.putText(page, "HILLTOP", (680, 452), FONT, 1.3, 40, 3, cv2.LINE_AA)
    return page


@pytest.fixture(scope="module")
def engine():
    return Pipeline(Options())


@pytest.mark.parametrize("colour", [90, 170], ids=["dark", "pale"])
@pytest.mark.parametrize("shift", [0, 14, 18], ids=["inside", "astride", "on the wall"])
def test_digits_are_read_wherever_they_stand_in_the_row(engine, shift, colour):
    assert engine.read(Page(1, _page(shift, colour))).zip == CODE


@pytest.mark.parametrize("wall", [12, 14, 18])
def test_digits_that_stick_out_of_a_comb_are_read_whole(engine, wall):
    page = np.full((600, 1000), 225, np.uint8)
    cv2.putText(page, "12 ELM LANE", (400, 325), FONT, 1.3, 40, 3, cv2.LINE_AA)
    foot = 410 + TALL
    for k, sign in enumerate("35268"):
        left = 400 + CELL * k
        for x in (left, left + CELL):
            cv2.line(page, (x, foot), (x, foot - wall), 90, 2)
        cv2.putText(page, sign, (left + 4, foot - 20), FONT, 2.2, 40, 4, cv2.LINE_AA)
    cv2.line(page, (400, foot), (400 + 5 * CELL, foot), 90, 2)
    assert engine.read(Page(1, page)).zip == "35268"


def _line(left, right, y=437, height=40):
    boxes = [[x, y - 20, 30, height] for x in range(left, right - 29, CELL)]
    return TextLine(np.array(boxes, np.int32), float(height), 0.0)


def _rows(places, known=()):
    recognise = Recogniser(load_model())
    prepared = prepare(Sheet(_page(), 1.0), [Place(line) for line in places], recognise, known)
    return [each.place.row for ways in prepared for each in ways.plain if each.place.row]


def test_a_row_that_shows_from_several_places_is_read_once():
    whole, part = _line(400, 640), _line(446, 860)
    rows = _rows([part, whole])
    assert rows
    assert len({id(row) for row in rows}) == 1
    assert rows[0].cells[0, 0] == pytest.approx(400, abs=4)
    assert not _rows([part, whole], known=[rows[0]])


@pytest.mark.parametrize("seen", [range(4, 9), range(5)], ids=["last five", "first five"])
def test_a_row_is_seen_whole_from_a_part_of_it(seen):
    page = np.full((600, 1000), 225, np.uint8)
    lefts = [300 + CELL * k + 20 * (k > 4) for k in range(9)]
    for left in lefts:
        cv2.rectangle(page, (left, 410), (left + CELL, 410 + TALL), 90, 2)
    boxes = np.array([[lefts[k] + 8, 417, 30, 40] for k in seen], np.int32)
    place = Place(TextLine(boxes, 40.0, 0.0))
    (ways,) = prepare(Sheet(page, 1.0), [place], Recogniser(load_model()))
    assert [len(each.place.row.cells) for each in ways.plain if each.place.row] == [9]


def test_of_two_rows_closed_cells_are_better_than_open_ones_and_more_drawn_than_less():
    cells = np.array([[CELL * k, 0, CELL, TALL] for k in range(9)], float)
    closed, clearer = BoxRow(cells[:5], drawn=1.5), BoxRow(cells[1:6], drawn=1.7)
    assert closed.is_clearer_than(BoxRow(cells[:5], is_open=True, drawn=1.9))
    assert clearer.is_clearer_than(closed)
    assert not BoxRow(cells[:5], drawn=1.52).is_clearer_than(closed)
    assert BoxRow(cells, drawn=1.4).is_clearer_than(clearer)


def test_what_goes_on_behind_a_place_is_a_cue():
    number, name = _line(100, 300, y=200), _line(380, 700, y=203)
    raster = Raster(600, 1000)
    seen = cues([Place(number), Place(name)], [number, name], raster)[:, CUES.index("behind")]
    assert seen.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("count", [4, 5, 6, 9])
@pytest.mark.parametrize("pen", [1, 2, 5, 9])
@pytest.mark.parametrize("apart", [0, 4, 12], ids=["joined", "nearly", "apart"])
def test_the_walls_of_empty_boxes_are_no_ones(engine, count, pen, apart):
    crop = noisy_paper(130, 620, 2)
    for k in range(count):
        left = 20 + (CELL + apart) * k
        cv2.rectangle(crop, (left, 36), (left + CELL, 36 + TALL), 60, pen)
    for picture in (crop, crop[:, 30:], crop[:86]):  # and cut off at the left, and below
        reading = engine.read(Page(1, np.ascontiguousarray(picture)))
        assert reading.confidence < 0.9, reading.zip


@pytest.mark.parametrize("asked", [True, False], ids=["US", "elsewhere"])
def test_strokes_in_a_row_are_no_code(asked):
    crop = noisy_paper(120, 420, 3)
    strokes = [(40, 30, 80), (100, 24, 82), (155, 31, 74), (215, 20, 76), (280, 28, 84)]
    for x, top, foot in strokes:
        cv2.line(crop, (x + 6, top), (x, foot), 40, 5, cv2.LINE_AA)
    engine = Pipeline(Options(directory=asked))
    assert engine.read(Page(1, crop)).status is not Status.ACCEPTED
