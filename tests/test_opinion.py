"""Readings by digits and by the picture as a whole: what each adds to the other."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zipread.decode import Reading, decode
from zipread.ink import Ink
from zipread.lattice import Lattice, build_lattice
from zipread.opinion import Sight, beside, weighed
from zipread.segment import Hypothesis, Segmentation, segment
from zipread.state_model import NOTHING
from zipread.whole import BLANK, spelled, window_around

ZIP = ((5, 4),)


def _sight(text, doubt=0.01):
    """A picture that spells a text, with so much doubt about every digit."""
    likely = np.full((2 * len(text) + 1, BLANK + 1), doubt / BLANK)
    likely[::2, BLANK] = 1 - doubt
    likely[np.arange(1, len(likely), 2), [int(digit) for digit in text]] = 1 - doubt
    frames = np.log(likely)
    return Sight(window_around((0, 20, 40 * len(text), 44)), frames, *spelled(frames))


def _lattice(*digits):
    """Hypotheses side by side, each with its digits and log-scores."""
    count = len(digits)
    edges = np.arange(count, dtype=float)
    return Lattice(
        digits=[[(digit, score) for digit, score in each.items()] for each in digits],
        left=edges.tolist(),
        right=(edges + 0.7).tolist(),
        size=[0.0] * count,
        level=[0.0] * count,
        starts=[[(k, k + 1)] for k in range(count)],
        between=[-9.0] * count,
        before=[-3.0 * k for k in range(count + 1)],
        after=[-3.0 * (count - k) for k in range(count + 1)],
        dash=[-np.inf] * count,
        dashless=[3.0] * count,
    )


def _no_prior(_code):
    return 0.0


DOUBTFUL = _lattice({"1": -0.1}, {"2": -0.1}, {"7": -0.2, "1": -1.9}, {"4": -0.1}, {"5": -0.1})


def test_the_picture_settles_what_the_digits_leave_open():
    by_digits = decode(DOUBTFUL, ZIP, _no_prior)
    assert by_digits[0].text == "12745"
    readings, opinion = weighed(decode(DOUBTFUL, ZIP, _no_prior), _sight("12145"), NOTHING)
    assert [reading.text for reading in readings] == ["12145", "12745"]
    assert readings[0].posterior > 0.9
    assert opinion.text == "12145"
    assert opinion.readings[0] == pytest.approx(opinion.own)
    assert opinion.readings[0] > opinion.readings[1]


def test_where_both_agree_less_is_left_in_doubt():
    before = decode(DOUBTFUL, ZIP, _no_prior)[0]
    readings, _ = weighed(decode(DOUBTFUL, ZIP, _no_prior), _sight("12745"), NOTHING)
    assert readings[0].text == before.text
    assert readings[0].posterior > before.posterior


def test_what_only_the_picture_spells_is_no_reading():
    readings, opinion = weighed(decode(DOUBTFUL, ZIP, _no_prior), _sight("12845"), NOTHING)
    assert {reading.text for reading in readings} == {"12745", "12145"}
    assert opinion.text == "12845"
    assert opinion.readings.max() < opinion.own


def test_only_what_is_wanted_is_spelled():
    nine = _lattice(*[{str(k): -0.1, "0": -0.2} for k in range(1, 10)])
    spelled_so = [r.text for r in decode(nine, ZIP, _no_prior, "123456789")]
    assert spelled_so == ["12345-6789", "12345"]
    assert [r.text for r in decode(DOUBTFUL, ZIP, _no_prior, "12145")] == ["12145"]
    assert decode(DOUBTFUL, ZIP, _no_prior, "99999") == []


def test_a_wanted_code_has_a_path_however_unlikely_its_digits():
    segmentation = _side_by_side(5)
    unlike = np.full((5, 10), 1e-4, np.float32)
    unlike[:, 3] = 0.99
    plain = build_lattice(segmentation, unlike)
    assert [r.text for r in decode(plain, ZIP, _no_prior)] == ["33333"]
    wanted = build_lattice(segmentation, unlike, wanted="12345")
    assert [r.text for r in decode(wanted, ZIP, _no_prior, "12345")] == ["12345"]
    assert decode(wanted, ZIP, _no_prior)[0].text == "33333"


def _side_by_side(count):
    boxes = [(40 * k, 20, 28, 44) for k in range(count)]
    glyph = np.zeros((44, 28), np.uint8)
    hypotheses = tuple(Hypothesis(k, k, box, glyph) for k, box in enumerate(boxes))
    ones = np.ones(count, np.int32)
    of_their_own = np.arange(count, dtype=np.int32)
    return Segmentation(np.array(boxes, np.int32), ones, of_their_own, hypotheses, 44.0)


def test_ink_is_parted_amid_two_digits_where_there_is_least_of_it():
    sight = replace(_sight("12"), middles=[8.0, 20.0])
    first, second = (sight.window.strip_column(middle) for middle in sight.middles)
    assert 0 < first < second < 90
    ink = np.full((84, 90), 255, np.uint8)
    thin = round(first + 0.6 * (second - first))
    ink[:, thin] = 0
    assert sight.parted(ink) == [thin]
    ink[:] = 255
    assert sight.parted(ink) == pytest.approx([(first + second) / 2], abs=1)
    assert _sight("1").parted(ink) == []


@pytest.mark.parametrize("overlap", [0, 6, 12])
def test_what_is_parted_at_a_column_is_cut_there(overlap):
    mask = np.zeros((84, 120), np.uint8)
    for x in (20, 60 - overlap):
        cv2.ellipse(mask, (x + 18, 42), (18, 20), 0, 0, 360, 255, 5)
    column = 58 - overlap / 2
    seen = segment(
        Ink(mask, mask), lambda glyphs: np.zeros((len(glyphs), 10), np.float32), [column]
    )
    ends = seen.slices[:, 0] + seen.slices[:, 2]
    assert (np.abs(ends - column) <= 2).any()
    assert sum(seen.area) == np.count_nonzero(mask)
    assert (seen.component == seen.component[0]).all() or not overlap


def test_scores_and_shares_go_together():
    readings, _ = weighed(decode(DOUBTFUL, ZIP, _no_prior), _sight("12145", doubt=0.3), NOTHING)
    scores = [reading.score for reading in readings]
    assert scores == sorted(scores, reverse=True)
    assert sum(reading.posterior for reading in readings) == pytest.approx(1)


def test_what_the_picture_spells_is_weighed_however_many_read_better():
    many = [Reading(f"{k:05d}", (0,) * 5, -1.0 - k / 100, 0.01) for k in range(40)]
    shown = Reading("98765", (0,) * 5, -20.0, 0.0)
    readings, _ = weighed([shown, *many], _sight("98765", doubt=1e-4), NOTHING)
    assert readings[0].text == "98765"


SPAN = st.tuples(st.integers(-50, 600), st.integers(20, 400))
"""Left end and width on a strip."""


@given(SPAN, SPAN, st.sampled_from([5, 9]))
def test_a_code_is_seen_with_its_neighbours_as_far_as_its_line_goes(code, line, digits):
    x, y, width, height = beside((code[0], 30, code[1], 44), digits, (line[0], 25, line[1], 60))
    (left, right), (start, end) = ((a, a + long) for a, long in (code, line))
    pitch = code[1] / digits
    assert (y, height) == (30, 44)
    assert min(left, start) <= x <= left
    assert right <= x + width <= max(right, end)
    assert left - x <= 2 * pitch + 1
    if start <= left - 2 * pitch and end >= right + 6 * pitch:
        assert left - x > pitch - 1
        assert x + width - right > 5 * pitch - 1
