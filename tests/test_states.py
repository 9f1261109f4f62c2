"""The state before a ZIP: where it stands, which it is, and what that says of the code."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import zipcodes
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.paper import noisy_paper
from zipread.api import read_document
from zipread.ending import COLUMNS, ending, picture_of_ending
from zipread.errors import ModelRefused
from zipread.fields import TextLine, find_lines
from zipread.ink import find_mask
from zipread.look import FINDING_STROKE, reduced
from zipread.options import Options
from zipread.reading import Status
from zipread.shipped import models_folder
from zipread.state_model import NONE, before, load_state_model
from zipread.states import NAMES, STATES, state_of
from zipread.whole import HEIGHT

SAMPLES = Path(__file__).parents[1] / "samples" / "envelopes"
FONT = cv2.FONT_HERSHEY_SIMPLEX


@pytest.fixture(scope="module")
def model():
    return load_state_model(models_folder() / "states.onnx")


def _likely(named, surely=0.9):
    """Likelihoods where a state, or NONE, is seen with such a probability."""
    likely = np.full(NONE + 1, (1 - surely) / NONE)
    likely[named] = surely
    return likely


def _first_digit(text, place, scale):
    """The box of the first of five digits typed behind a text at a place."""
    (before, _), _ = cv2.getTextSize(text, FONT, scale, 2)
    (width, height), _ = cv2.getTextSize("0", FONT, scale, 2)
    return np.array([place[0] + before, place[1] - height, width, height], float)


def _page(*texts, size=(400, 900)):
    """A page with lines of text, each at its place."""
    pixels = noisy_paper(*size)
    for text, place in texts:
        cv2.putText(pixels, text, place, FONT, 1.2, 40, 2, cv2.LINE_AA)
    small, raster = reduced(pixels)
    return pixels, raster, find_lines(find_mask(small, FINDING_STROKE), raster)


def _named(model, pixels, end, raster):
    likely = model.likely(picture_of_ending(pixels, end, raster.reduction))
    best = int(likely.argmax())
    return STATES[best] if best < NONE else ""


def test_states_are_those_of_the_directory_but_for_a_few_across_the_border():
    listed = [(row["zip_code"], row["state"]) for row in zipcodes.list_all() if row["active"]]
    other = {f"{state} as {state_of(code)}" for code, state in listed if state_of(code) != state}
    assert other == {
        "NY as CT", "NJ as AE", "MD as DC", "VA as DC", "MO as AR", "TX as OK", "WY as ID",
        "DC as None", "AS as HI", "PW as GU", "FM as GU", "MP as GU", "MH as GU",
    }  # fmt: skip
    assert sum(state_of(code) != state for code, state in listed) < len(listed) / 1000
    assert set(NAMES) < set(STATES)


@given(st.integers(0, NONE - 1), st.floats(0.2, 0.999), st.integers(0, 99_999))
def test_a_code_of_the_named_state_gains_and_others_lose(named, surely, code):
    agrees = before(_likely(named, surely)).agrees
    own = state_of(f"{code:05}") == STATES[named]
    assert (agrees(f"{code:05}") > 0) == own
    assert abs(agrees(f"{code:05}")) < 7


@given(st.floats(0.9, 1.0), st.integers(0, 99_999))
def test_where_no_state_is_named_it_hardly_matters(surely, code):
    agrees = before(_likely(NONE, surely)).agrees
    assert abs(agrees(f"{code:05}")) < 0.3


@given(st.integers(0, 10**6))
def test_what_all_states_lose_and_gain_is_even(seed):
    likely = np.random.default_rng(seed).dirichlet(np.full(NONE + 1, 0.2))
    agrees = before(likely).agrees
    codes = {state_of(f"{k:03}00"): f"{k:03}00" for k in range(1000)}
    assert np.mean([np.exp(agrees(codes[state])) for state in STATES]) == pytest.approx(1)


@pytest.mark.parametrize("state", ["MI", "TX", "NH", "OR", "WY"])
def test_the_state_before_a_code_is_read(model, state):
    place, text = (60, 200), f"Springfield, {state} "
    pixels, raster, lines = _page((f"{text}48002", place), ("12 Oak Street", (60, 140)))
    first = _first_digit(text, place, 1.2) / raster.reduction
    assert _named(model, pixels, ending(lines, first, 0.0), raster) == state


def test_the_state_on_the_line_above_a_code_is_read(model):
    text, place = "", (90, 260)
    pixels, raster, lines = _page(
        ("48002", place), ("Springfield, MI", (60, 200)), ("12 Oak Street", (60, 140))
    )
    first = _first_digit(text, place, 1.2) / raster.reduction
    assert _named(model, pixels, ending(lines, first, 0.0), raster) == "MI"


def test_a_street_names_no_state(model):
    text, place = "25 Walnut Street  ", (60, 200)
    pixels, raster, lines = _page((f"{text}48002", place))
    first = _first_digit(text, place, 1.2) / raster.reduction
    assert _named(model, pixels, ending(lines, first, 0.0), raster) == ""


def test_nothing_stands_before_a_code_that_is_alone():
    assert ending([], np.array([50.0, 50, 10, 20]), 0.0) is None
    digits = TextLine(np.array([[50 + 15 * k, 50, 10, 20] for k in range(5)]), 20.0, 0.0)
    assert ending([digits], np.array([50.0, 50, 10, 20]), 0.0) is None


def test_the_end_of_a_long_line_is_shown_and_not_all_of_it():
    letters = np.array([[10 + 12 * k, 50, 10, 20] for k in range(40)], np.int32)
    end = ending([TextLine(letters, 20.0, 0.0)], np.array([520.0, 50, 10, 20]), 0.0)
    assert end is not None
    assert end.right == letters[-1, 0] + 10
    assert 4 * 20 < end.right - end.left < 7 * 20


@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.1])
def test_a_picture_is_level_and_its_last_letter_at_the_right(slope):
    page = np.full((300, 600), 240, np.uint8)
    boxes = []
    for k in range(8):
        x = 100 + 40 * k
        y = round(150 + slope * x)
        cv2.rectangle(page, (x, y), (x + 24, y + 40), 30, -1)
        boxes.append((x, y, 25, 41))
    end = TextLine(np.array(boxes, np.int32), 41.0, slope)
    picture = picture_of_ending(page, end, 1.0)
    rows, columns = np.nonzero(picture > 0.5)
    assert picture.shape == (HEIGHT, COLUMNS)
    assert abs((rows.min() + rows.max()) / 2 - HEIGHT / 2) < 2
    assert COLUMNS - 14 <= columns.max() <= COLUMNS - 9


def test_states_of_the_samples_are_seen(model):
    """Inline and on the line above, in handwriting that is a typeface's."""
    seen = {}
    for row in csv.DictReader((SAMPLES / "truth.csv").read_text().splitlines()):
        if not row["file"].endswith(".jpg") or "turned" in row["tags"]:
            continue
        with Image.open(SAMPLES / row["file"]) as image:
            pixels = np.array(image.convert("L"))
        small, raster = reduced(pixels)
        lines = find_lines(find_mask(small, FINDING_STROKE), raster)
        x, y, w, h = (float(row[k]) / raster.reduction for k in "xywh")
        if end := ending(lines, np.array([x, y, w / 5, h]), 0.0):
            seen[row["file"]] = _named(model, pixels, end, raster), state_of(row["zip"])
    right = [own == state for own, state in seen.values() if own]
    assert len(right) >= 4
    assert sum(right) >= len(right) - 1


def test_a_reading_says_which_state_stands_before_it():
    path = SAMPLES / "03-cream-own-line.jpg"
    (field,) = read_document(path).pages[0].fields
    assert field.state == state_of(field.zip) == "TN"
    (field,) = read_document(path, options=Options(directory=False)).pages[0].fields
    assert field.state == ""


def test_a_code_of_another_state_than_is_written_goes_to_a_person(tmp_path):
    """All else is alike; the stroke font is none of those that anything was learned from."""
    readings, options = [], Options(accept=0.92)
    for code in ("48002", "18002"):
        address = ("Robert Rossi", (300, 300)), ("907 Spring Court", (300, 360))
        pixels, *_ = _page(*address, (f"Allenton, MI  {code}", (300, 420)), size=(600, 1000))
        cv2.imwrite(str(tmp_path / f"{code}.png"), pixels)
        readings.append(read_document(tmp_path / f"{code}.png", options).pages[0])
    own, other = readings
    assert (own.zip, own.status, other.zip) == ("48002", Status.ACCEPTED, "18002")
    assert other.confidence < own.confidence - 0.08
    assert (other.status, "MI" in other.message) == (Status.REVIEW, True)


def test_what_is_no_such_model_is_refused(tmp_path):
    path = tmp_path / "states.onnx"
    with pytest.raises(ModelRefused, match="cannot be read"):
        load_state_model(path)
    path.write_bytes((models_folder() / "whole.onnx").read_bytes())
    with pytest.raises(ModelRefused):
        load_state_model(path)
