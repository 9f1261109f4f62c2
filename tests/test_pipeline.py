"""A page through all stages."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from zipread.api import read_document
from zipread.engine import Pipeline
from zipread.options import Options
from zipread.reading import Box, Page, Status

SAMPLES = Path(__file__).parents[1] / "samples/envelopes"
WITH_PLUS4 = SAMPLES / "04-blue-zip4.jpg"
SMALL = 600
"""Longer side of a picture as the web is full of them."""


def _samples():
    """Single pages that stand upright, with the code and where it is."""
    with (SAMPLES / "truth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), row["zip"], Box(*(int(row[k]) for k in "xywh")))
        for row in rows
        if not row["file"].startswith(("12", "17"))
        if (picture := cv2.imread(str(SAMPLES / row["file"]))) is not None
    ]


@pytest.fixture(scope="module")
def engine():
    return Pipeline(Options())


def test_a_small_picture_of_an_envelope_is_read_as_a_page(engine):
    read = 0
    for pixels, code, _ in _samples():
        scale = SMALL / max(pixels.shape[:2])
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        reading = engine.read(Page(1, small))
        assert reading.status is not Status.ACCEPTED or reading.zip == code
        read += reading.zip == code
    assert read >= 12


@pytest.mark.parametrize(("before", "above"), [(1, 1), (8, 3), (4, 5)])
def test_a_part_of_an_envelope_is_read_wherever_the_code_is_in_it(engine, before, above):
    read = 0
    for pixels, code, box in _samples():
        top, left = box.y - above * box.height, box.x - before * box.height
        part = pixels[max(0, top) : box.bottom + box.height // 2, max(0, left) : box.right + 40]
        reading = engine.read(Page(1, np.ascontiguousarray(part)))
        assert reading.status is not Status.ACCEPTED or reading.zip == code
        read += reading.zip == code
    assert read >= 12


@pytest.mark.parametrize("value", [0, 255])
def test_a_page_without_ink_holds_nothing_even_if_anything_is_accepted(value):
    page = Page(1, np.full((400, 900), value, np.uint8))
    assert Pipeline(Options(accept=0.0)).read(page).status is Status.NO_ZIP


def test_a_zip_may_be_sure_enough_and_its_plus4_not():
    (page,) = read_document(WITH_PLUS4).pages
    both = page.fields[0].zip4_confidence
    assert page.zip4
    assert 0 < both < page.confidence
    (accepted,) = read_document(WITH_PLUS4, Options(accept=page.confidence)).pages
    assert accepted.status is Status.ACCEPTED
    assert accepted.message == "The +4 is not sure enough."
    (whole,) = read_document(WITH_PLUS4, Options(accept=both)).pages
    assert whole.message == ""
