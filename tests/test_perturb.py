"""Readings put to the test by distorting their digits."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.paper import noisy_paper
from zipread.engine import Pipeline
from zipread.evidence import EVIDENCE, put_to_the_test
from zipread.options import Options
from zipread.perturb import distorted
from zipread.reading import Page

SWAYED, SWAYED_ALL, PLUS4_SWAYED = (
    EVIDENCE.index(name) for name in ("swayed", "swayed_all", "plus4_swayed")
)
NO_EVIDENCE = np.zeros(len(EVIDENCE))


def _lean(glyph):
    """How far the ink moves to the right, row by row downwards."""
    y, x = np.nonzero(glyph > 100)
    return np.polyfit(y, x, 1)[0]


def test_a_glyph_is_turned_either_way_and_written_thicker_and_thinner():
    stroke = np.zeros((44, 30), np.uint8)
    cv2.line(stroke, (15, 4), (15, 40), 255, 5)
    thicker, thinner = np.split(np.array(distorted(stroke)), 2)
    for pair in (thicker, thinner):
        one, other = map(_lean, pair)
        assert one == pytest.approx(-other, abs=0.03)
        assert 0.08 < abs(one) < 0.16
    assert (thicker >= thinner).all()
    assert thicker.sum() > 1.5 * thinner.sum()


@given(arrays(np.float64, (5, 4, 10), elements=st.floats(0, 1)))
def test_the_digit_that_is_swayed_most_is_behind_at_least_as_far_as_all_are(probabilities):
    tested = put_to_the_test(NO_EVIDENCE, probabilities, "01234")
    assert tested[SWAYED] >= tested[SWAYED_ALL]
    rest = np.delete(tested, [SWAYED, SWAYED_ALL])
    assert not rest.any()


def test_the_four_digits_more_are_tested_apart():
    firm = np.zeros((9, 4, 10))
    firm[np.arange(9), :, [6, 0, 6, 1, 4, 1, 2, 3, 4]] = 1.0
    torn = firm.copy()
    torn[6, :2] = np.eye(10)[7]
    one, other = (put_to_the_test(NO_EVIDENCE, read, "60614-1234") for read in (firm, torn))
    assert one[SWAYED] == other[SWAYED] < -5
    assert one[PLUS4_SWAYED] < -5
    assert other[PLUS4_SWAYED] == pytest.approx(0.0)


def test_a_digit_that_reads_as_another_when_distorted_is_swayed():
    firm = np.zeros((5, 4, 10))
    firm[np.arange(5), :, [6, 0, 6, 1, 4]] = 1.0
    torn = firm.copy()
    torn[3, :2] = np.eye(10)[7]
    assert put_to_the_test(NO_EVIDENCE, firm, "60614")[SWAYED] < -5
    assert put_to_the_test(NO_EVIDENCE, torn, "60614")[SWAYED] == pytest.approx(0.0)


def _crop_with_a_hooked_one(hook):
    """60614, the 1 a stroke with a hook to its left so many pixels long: a 7 in the end."""
    sheet = noisy_paper(90, 330)
    for k, digit in enumerate("606 4"):
        cv2.putText(sheet, digit, (20 + 60 * k, 68), cv2.FONT_HERSHEY_SIMPLEX, 1.8, 40, 4)
    cv2.line(sheet, (226, 30), (222, 67), 40, 4, cv2.LINE_AA)
    cv2.line(sheet, (226, 30), (226 - hook, 32), 40, 4, cv2.LINE_AA)
    return Page(1, sheet)


def test_a_one_that_is_nearly_a_seven_is_less_sure_than_either():
    engine = Pipeline(Options())
    readings = [engine.read(_crop_with_a_hooked_one(hook)) for hook in range(0, 32, 2)]
    one, seven = readings[0], readings[-1]
    assert (one.zip, seven.zip) == ("60614", "60674")
    assert min(r.confidence for r in readings) < min(one.confidence, seven.confidence) - 0.1
    changes = [(a.zip, b.zip) for a, b in pairwise(readings) if a.zip != b.zip]
    assert changes == [("60614", "60674")]
