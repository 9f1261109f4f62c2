"""From ink to lines, from lines to the places that are read, and what is read there."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.paper import noisy_paper
from zipread.components import component_boxes, measured_components
from zipread.decide import Confidence, load_confidence, shares
from zipread.engine import Pipeline
from zipread.errors import ModelRefused
from zipread.evidence import EVIDENCE, Setting, evidence
from zipread.fields import Raster, TextLine, cuts, find_lines, heads
from zipread.fits import line_through, middle_of
from zipread.ink import find_mask
from zipread.lattice import build_lattice
from zipread.look import find_places, read_found
from zipread.options import Options
from zipread.pipeline import load_reader
from zipread.prospects import Place, list_places
from zipread.reading import Page, Status
from zipread.rivals import apart
from zipread.runs import level_runs
from zipread.search import GLANCES_AGAIN, MOST_GLANCES, READ_AGAIN, READ_AT_ONCE, read_likeliest
from zipread.segment import Segmentation
from zipread.shipped import models_folder
from zipread.training.confidence import calibration_curve

FONT = cv2.FONT_HERSHEY_SIMPLEX


@pytest.fixture(scope="module")
def engine():
    return Pipeline(Options())


def _sheet(height=600, width=1000):
    return noisy_paper(height, width)


def _write(sheet, text, x, y, size=1.0, thick=2):
    cv2.putText(sheet, text, (x, y), FONT, size, 40, thick, cv2.LINE_AA)


def _bars(kind):
    """The left, top, width and height of a barcode's bars on a base 430 down."""
    chance = np.random.default_rng(4)
    lefts = [300 + 7 * k for k in range(60)]
    if kind == "two heights":
        talls = chance.choice([7, 15], 60)
        return [(x, 430 - tall, 3, tall) for x, tall in zip(lefts, talls, strict=True)]
    if kind == "four states":
        up, down = chance.choice([0, 5], 60), chance.choice([0, 5], 60)
        return [(x, 425 - u, 3, 5 + u + d) for x, u, d in zip(lefts, up, down, strict=True)]
    steps, widths = chance.integers(8, 20, 40).cumsum(), chance.integers(2, 6, 40)
    return [(300 + int(x), 390, int(w), 40) for x, w in zip(steps, widths, strict=True)]


@pytest.mark.parametrize("kind", ["two heights", "four states", "lines of any width"])
def test_a_barcode_is_no_line_of_writing(kind):
    sheet = _sheet()
    _write(sheet, "illicit lilting title till it fills it", 60, 300, 0.9)
    _write(sheet, "Springfield OH 45501", 300, 380)
    without = find_lines(find_mask(sheet, 2.0), Raster(600, 1000))
    assert without
    for x, y, width, height in _bars(kind):
        sheet[y : y + height, x : x + width] = 40
    lines = find_lines(find_mask(sheet, 2.0), Raster(600, 1000))
    assert len(lines) == len(without)
    assert all(line.middle[1] < 385 for line in lines)


@settings(deadline=None)
@given(arrays(np.bool_, st.tuples(st.integers(1, 30), st.integers(1, 30))))
def test_components_are_those_of_opencv(pixels):
    mask = pixels.astype(np.uint8) * 255
    boxes, areas = measured_components(mask)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert sorted(boxes.tolist()) == sorted(stats[1:, :4].tolist())
    assert sorted(component_boxes(mask).tolist()) == sorted(boxes.tolist())
    assert (areas <= boxes[:, 2] * boxes[:, 3]).all()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_middle_is_the_median(values):
    assert middle_of(np.array(values)) == pytest.approx(np.median(values))


def test_the_middle_of_bytes_does_not_overflow():
    assert middle_of(np.array([250, 254], np.uint8)) == 252


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=2, max_size=9))
def test_the_line_through_points_is_that_of_numpy(points):
    x, y = np.array(points, float).T
    assume(np.ptp(x) > 0)
    assert line_through(x, y) == pytest.approx(np.polyfit(x, y, 1), abs=1e-6)


@settings(deadline=None)
@given(arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 99))), st.integers(1, 40))
def test_level_runs_are_what_opening_with_a_line_leaves(pixels, half):
    length = 2 * half + 1  # of even ones OpenCV's opening is off by a pixel
    mask = cv2.dilate(pixels.astype(np.uint8) * 255, np.ones((1, 9), np.uint8))
    line = np.ones((1, length), np.uint8)
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, line)
    assert np.array_equal(level_runs(mask, length), opened)


def _lines(sheet):
    return find_lines(find_mask(sheet, 2.0), Raster(*sheet.shape))


def test_an_underline_does_not_tie_characters_together():
    sheet = _sheet()
    _write(sheet, "60614", 300, 400)
    cv2.line(sheet, (280, 400), (430, 403), 60, 2)
    assert any(len(line.boxes) == 5 for line in _lines(sheet))


def test_a_gap_does_not_part_what_goes_on_in_one_line():
    sheet = _sheet()
    _write(sheet, "60", 300, 400)
    _write(sheet, "614", 400, 404)
    reach = [(line.left, line.right) for line in _lines(sheet)]
    assert any(left < 310 and right > 445 for left, right in reach)


def test_the_last_word_is_cut_off_but_not_one_of_wide_set_digits():
    boxes = [[20 * k, 100, 14, 22] for k in range(6)] + [
        [200 + 18 * k, 100, 14, 22] for k in range(5)
    ]
    ((tail, gap),) = cuts(TextLine(np.array(boxes, np.int32), 22.0, 0.0))
    assert len(tail.boxes) == 5
    assert gap > 2
    wide = np.array([[45 * k, 100, 14, 22] for k in range(9)], np.int32)
    assert cuts(TextLine(wide, 22.0, 0.0)) == []
    assert heads(TextLine(wide, 22.0, 0.0)) == []


def test_a_code_that_leads_its_line_is_a_place_of_its_own():
    boxes = [[18 * k, 100, 14, 22] for k in range(5)] + [
        [150 + 20 * k, 100, 14, 22] for k in range(9)
    ]
    line = TextLine(np.array(boxes, np.int32), 22.0, 0.0)
    ((head, gap),) = heads(line)
    assert len(head.boxes) == 5
    assert gap > 2
    leading = [place for place in list_places([line], Raster(600, 1000)) if place.lead]
    assert [len(place.line.boxes) for place in leading] == [5]


def test_a_code_that_leads_its_line_is_read(engine):
    sheet = _sheet()
    _write(sheet, "60614", 300, 420, 1.4, 3)
    _write(sheet, "CHICAGO HTS", 520, 420, 1.4, 3)
    assert engine.read(Page(1, sheet)).zip == "60614"


def test_a_page_of_nothing_but_dots_is_borne(engine):
    dots = np.where(np.indices((700, 1000)).sum(axis=0) % 2, 255, 0).astype(np.uint8)
    dots[::2] = 255  # single dots: more components than 16 bits can count
    assert engine.read(Page(1, dots)).status is not Status.ACCEPTED


def _place(y, prior):
    line = TextLine(np.array([[10, y, 90, 20]], np.int32), 20.0, 0.0)
    return Place(line, prior=prior)


class _Reader:
    """Stands in for reading: notes what was asked for."""

    def __init__(self, well, empty=()):
        self.asked, self.glanced, self.well, self.empty = [], [], well, empty

    def read(self, places, _before):
        self.asked += places
        return [_Read(place) for place in places]

    def worth(self, place):
        self.glanced.append(place)
        return place.line.boxes[0, 1] not in self.empty

    def search(self, places, **how):
        return read_likeliest(places, self.read, self.settled, self.worth, **how)

    def settled(self, candidate):
        return self.well.get(candidate.place.line.boxes[0, 1], 0.0)


class _Read:
    def __init__(self, place):
        self.place = place


PLACES = [_place(100 * k, prior) for k, prior in enumerate((0.0, 3.0, -4.0, 1.0, -5.0))]


def test_the_likeliest_place_is_read_first_and_the_rest_left_when_it_reads_well():
    reader = _Reader({100: 200.0})
    reader.search(PLACES)
    assert reader.asked == [PLACES[1]]


def test_what_might_still_be_the_code_is_read_too():
    reader = _Reader({100: 2.0})
    reader.search(PLACES)
    assert [place.prior for place in reader.asked[:2]] == [3.0, 1.0]


def test_no_more_is_read_than_the_bound():
    reader = _Reader({})
    many = [_place(100 * k, 1.0) for k in range(40)]
    found, unread = reader.search(many)
    assert len(found) == sum(READ_AT_ONCE)
    assert unread == pytest.approx((40 - len(found)) * np.e)
    found, _ = reader.search(many, again=True)
    assert len(found) == sum(READ_AGAIN)


def test_a_glance_saves_reading_all_but_the_likeliest_place():
    reader = _Reader({300: 200.0}, empty=(0, 100, 200))
    reader.search(PLACES)
    assert [place.prior for place in reader.asked] == [3.0, 1.0]
    assert all(place is not PLACES[1] for place in reader.glanced)
    again = _Reader({300: 200.0}, empty=(0, 100, 200))
    again.search(PLACES, again=True)
    assert [place.prior for place in again.asked] == [1.0]


def test_no_more_is_glanced_at_than_the_bound():
    many = [_place(100 * k, 1.0) for k in range(40)]
    reader = _Reader({}, empty=range(100, 4000))
    _, unread = reader.search(many)
    assert len(reader.asked) == 1
    assert len(reader.glanced) == MOST_GLANCES
    assert unread == pytest.approx((39 - MOST_GLANCES) * np.e)
    again = _Reader({}, empty=range(4000))
    again.search(many, again=True)
    assert len(again.glanced) == GLANCES_AGAIN


def test_only_writing_with_digits_is_worth_a_reading():
    reader, sheet = load_reader(Options()), _sheet()
    _write(sheet, "MARY", 300, 200, 1.4, 3)
    _write(sheet, "60614", 300, 420, 1.4, 3)
    look = read_found(find_places(sheet, reader, 0), reader, Options(), again=True)
    assert [found.candidate.best.text for found in look.found] == ["60614"]


def test_a_place_that_was_read_well_is_not_read_again():
    again = replace(PLACES[1], prior=2.0)
    reader = _Reader({100: 9.0})
    reader.search([*PLACES, again])
    assert 2.0 not in [place.prior for place in reader.asked]


@given(arrays(float, st.integers(0, 6), elements=st.floats(-50, 50)))
def test_shares_leave_room_for_none(scores):
    found = shares(scores)
    assert (found >= 0).all()
    assert found.sum() <= 1 + 1e-9


def test_doubt_about_the_reading_lowers_the_confidence_not_the_place():
    learned = load_confidence(models_folder() / "confidence.json")
    sure = np.zeros(len(EVIDENCE))
    sure[EVIDENCE.index("bias")] = 1.0
    sure[EVIDENCE.index("prior")] = 3.0
    sure[EVIDENCE.index("doubt")] = -8.0
    unsure = sure.copy()
    unsure[EVIDENCE.index("doubt")] = 0.0
    one, other = learned.judge(sure[None]), learned.judge(unsure[None])
    assert one.place == pytest.approx(other.place)
    assert one.confidence > other.confidence


def test_a_lower_bound_on_errors_asks_for_more_confidence():
    table = np.array([[0.5, 0.05], [0.9, 0.01], [0.99, 0.001]])
    nothing = np.zeros(1)
    learned = Confidence(nothing, nothing, nothing, nothing, table, table)
    assert [learned.threshold(e) for e in (0.05, 0.02, 0.01, 0.001, 0.0)] == [
        0.5,
        0.9,
        0.9,
        0.99,
        1,
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("reading"),
        lambda d: d.update(schema="zipread-confidence-1"),
        lambda d: d["place"].pop("prior"),
        lambda d: d["place"].update(prior=float("nan")),
        lambda d: d.update(curve=[]),
        lambda d: d.update(prior=[1, 2]),
    ],
)
def test_a_confidence_file_that_does_not_fit_is_refused(tmp_path, spoil):
    stored = json.loads((models_folder() / "confidence.json").read_text())
    spoil(stored)
    path = tmp_path / "confidence.json"
    path.write_text(json.dumps(stored))
    with pytest.raises(ModelRefused, match="Reinstall"):
        load_confidence(path)


@pytest.mark.parametrize(
    ("text", "code", "plus4"),
    [
        ("60614", "60614", ""),
        ("87725-4063", "87725", "4063"),
        ("87725 4063", "87725", "4063"),
        ("60614.", "60614", ""),
        ("(60614)", "60614", ""),
    ],
)
def test_a_cut_out_code_is_read(engine, text, code, plus4):
    crop = _sheet(90, 60 + 36 * len(text))
    _write(crop, text, 30, 66, 1.8, 4)
    reading = engine.read(Page(1, crop))
    assert (reading.zip, reading.zip4) == (code, plus4)


def _read(sheet, reader, first):
    """What is read on a sheet's longest line, without so many pieces at its beginning."""
    look = find_places(sheet, reader, 0)
    whole = max(look.places, key=lambda place: place.line.right - place.line.left)
    boxes = whole.line.boxes[np.argsort(whole.line.boxes[:, 0])][first:]
    place = replace(whole, line=replace(whole.line, boxes=boxes))
    (found,) = read_found(replace(look, places=[place]), reader, Options()).found
    return found


def _scored(found, a_digit):
    best = found.candidate.best
    scored = replace(best, score=a_digit * len(best.edges))
    return replace(found, candidate=replace(found.candidate, readings=(scored,)))


def test_the_latter_part_of_a_longer_number_is_no_code_but_where_that_reads_badly():
    sheet = _sheet()
    _write(sheet, "87725-4063", 300, 400, 1.2, 3)
    reader = load_reader(Options())
    whole, part = _read(sheet, reader, 0), _read(sheet, reader, 4)
    assert (whole.candidate.best.text, part.candidate.best.text) == ("87725-4063", "54063")
    for score, stays in ((-0.4, "87725-4063"), (-2.0, "54063")):
        kept = apart([_scored(part, -0.1), _scored(whole, score)])
        assert [each.candidate.best.text for each in kept] == [stays]


def test_of_a_code_that_several_places_show_the_likelier_place_and_all_beside_it_count():
    sheet = _sheet()
    _write(sheet, "60614", 340, 400, 1.2, 3)
    found = _read(sheet, load_reader(Options()), 0)
    prior, sixth = EVIDENCE.index("prior"), EVIDENCE.index("sixth")
    likelier, seeing = found.evidence.copy(), found.evidence.copy()
    likelier[prior] += 2.0
    seeing[sixth] = 0.9
    others = [_scored(replace(found, evidence=own), -1.0) for own in (likelier, seeing)]
    (kept,) = apart([_scored(found, -0.1), *others])
    assert kept.evidence[prior] == likelier[prior]
    assert kept.evidence[sixth] == 0.9
    (alone,) = apart([_scored(found, -0.1)])
    assert alone.evidence[[prior, sixth]].tolist() == found.evidence[[prior, sixth]].tolist()


@pytest.mark.parametrize("text", ["6061", "606143", "5-4063"])
def test_more_or_fewer_digits_are_not_accepted_as_a_code(engine, text):
    crop = _sheet(90, 60 + 36 * len(text))
    _write(crop, text, 30, 66, 1.8, 4)
    assert engine.read(Page(1, crop)).status is not Status.ACCEPTED


@pytest.mark.parametrize("digits", ["9 0 6 0 6 1 4 3", "9 0 6 0 6 1 4 3 8"])
def test_a_digit_that_a_strip_would_cut_through_is_no_part_of_a_code(engine, digits):
    sheet = _sheet()
    _write(sheet, digits, 250, 400, 1.2, 3)
    assert engine.read(Page(1, sheet)).status is not Status.ACCEPTED


def test_a_dash_at_the_end_of_a_line_asks_for_the_four_digits_behind_it():
    sheet = _sheet()
    _write(sheet, "87725-", 300, 400, 1.2, 3)
    _write(sheet, "4063", 470, 400, 1.2, 3)
    reader = load_reader(Options())
    look = find_places(sheet, reader, 0)
    ends_there = [place for place in look.places if place.line.right < 430]
    found = read_found(replace(look, places=ends_there), reader, Options()).found
    assert [each.candidate.best.text for each in found] == ["87725-4063"]


@pytest.mark.parametrize(
    ("more", "longer"), [("", 0.0), ("7", 1.0), ("713", 1.0), ("7134", 0.0), ("71342", 1.0)]
)
def test_more_digits_in_the_picture_speak_against_a_code_but_for_four(more, longer):
    sheet = _sheet()
    _write(sheet, "60614", 340, 400, 1.2, 3)
    reader = load_reader(Options())
    candidate = read_found(find_places(sheet, reader, 0), reader, Options()).found[0].candidate
    opinion = replace(candidate.opinion, text=candidate.best.digits + more)
    setting = Setting(candidate.place.prior, listed=True, cropped=False, turned=False)
    own = evidence(replace(candidate, opinion=opinion), setting)
    assert own[EVIDENCE.index("longer")] == longer


def test_digits_may_be_larger_than_the_letters_before_them(engine):
    sheet = _sheet()
    _write(sheet, "MILLIS ILL", 300, 400, 0.9, 2)
    _write(sheet, "60614", 475, 400, 1.7, 3)
    assert engine.read(Page(1, sheet)).zip == "60614"


def test_tips_of_the_line_above_are_no_part_of_a_code(engine):
    sheet = _sheet()
    _write(sheet, "Wagga ygpqy", 300, 352, 1.3, 3)
    _write(sheet, "60614", 340, 402, 1.2, 3)
    assert engine.read(Page(1, sheet)).zip == "60614"


def test_coloured_boxes_drop_out(engine):
    sheet = cv2.cvtColor(_sheet(), cv2.COLOR_GRAY2RGB)
    for k, digit in enumerate("60614"):
        left = 400 + 45 * k
        cv2.rectangle(sheet, (left, 380), (left + 38, 424), (222, 96, 60), 3)
        cv2.putText(sheet, digit, (left + 4, 418), FONT, 1.5, (40, 40, 60), 4, cv2.LINE_AA)
    assert engine.read(Page(1, sheet)).zip == "60614"


def _ring(sheet, x, y):
    cv2.circle(sheet, (x, y), 17, 40, 3, cv2.LINE_AA)


def _bar(sheet, x, y):
    cv2.line(sheet, (x - 6, y + 18), (x + 6, y - 18), 40, 4, cv2.LINE_AA)


def _hook(sheet, x, y):
    bends = np.array([(x - 10, y - 18), (x + 12, y - 18), (x - 2, y + 18)], np.int32)
    cv2.polylines(sheet, [bends], False, 40, 4, cv2.LINE_AA)


@pytest.mark.parametrize("sign", [_ring, _bar, _hook])
@pytest.mark.parametrize("size", [(100, 400), (600, 1000)], ids=["crop", "page"])
def test_a_row_of_like_signs_is_no_code(engine, sign, size):
    sheet = _sheet(*size)
    left, y = size[1] // 2 - 150, round(0.6 * size[0])
    for k in range(5):
        sign(sheet, left + 56 * k, y)
    assert engine.read(Page(1, sheet)).status is not Status.ACCEPTED


@pytest.mark.parametrize("text", ["441977", "4 4 1 9 7 7", "4419773"])
def test_six_digits_in_a_row_are_no_zip(engine, text):
    sheet = _sheet()
    _write(sheet, "MEMBER", 300, 340)
    _write(sheet, text, 400, 420, 1.2, 3)
    assert engine.read(Page(1, sheet)).status is not Status.ACCEPTED


def test_a_bar_within_a_digit_is_less_easily_left_out_than_one_beside_it():
    slices = np.array([[0, 0, 30, 40], [5, 22, 20, 4], [60, 18, 20, 4]], np.int32)
    area = np.array([300, 70, 70], np.int32)
    seen = Segmentation(slices, area, np.arange(3, dtype=np.int32), (), 40.0)
    lattice = build_lattice(seen, np.zeros((0, 10), np.float32))
    assert lattice.between[1] < lattice.between[2] - 1


def test_the_surest_pages_are_worth_no_more_than_their_number_shows():
    raw = np.linspace(0, 1, 400)
    right = raw > 0.5
    curve = calibration_curve(raw, right, np.ones(400))
    assert curve[-1, 1] < 1 - 1 / 400
    assert (np.diff(curve[:, 1]) >= 0).all()
