"""A code read as a whole: what the network sees, and what that says of a text."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, product

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paper import noisy_paper
from zipread.errors import ModelRefused
from zipread.shipped import models_folder
from zipread.strip import Strip
from zipread.whole import (
    BLANK,
    HEIGHT,
    INK,
    WIDEST,
    load_whole_model,
    log_likelihoods,
    picture_of,
    spelled,
    window_around,
)

FONT = cv2.FONT_HERSHEY_SIMPLEX


@pytest.fixture(scope="module")
def model():
    return load_whole_model(models_folder() / "whole.onnx")


def _strip(text, *, slant=0.0, ink=40, paper=None):
    """A strip with a typed text, and the box of its ink."""
    pixels = noisy_paper(90, 420) if paper is None else paper
    mask = np.zeros(pixels.shape, np.uint8)
    cv2.putText(mask, text, (60, 65), FONT, 1.9, 255, 4, cv2.LINE_AA)
    pixels = np.where(mask > 0, (pixels * (1 - mask / 255) + ink * (mask / 255)), pixels)
    return Strip(pixels.astype(np.uint8), np.eye(2, 3), 1.0, slant=slant), cv2.boundingRect(mask)


def _shown(strip, box):
    return picture_of(strip, window_around(box))


def _frames(rng, count):
    scores = rng.normal(0, 2, (count, BLANK + 1))
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def _spells(path):
    return "".join(str(label) for label, _ in groupby(path) if label != BLANK)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_likelihoods_are_those_of_all_ways_that_spell_a_text(seed, count):
    frames = _frames(np.random.default_rng(seed), count)
    counted: dict[str, float] = {}
    for path in product(range(BLANK + 1), repeat=count):
        likely = np.exp(sum(frames[k, label] for k, label in enumerate(path)))
        counted[_spells(path)] = counted.get(_spells(path), 0.0) + likely
    texts = sorted(counted)
    assert np.exp(log_likelihoods(frames, texts)) == pytest.approx([counted[t] for t in texts])


def test_no_number_of_frames_is_too_many_for_the_sum():
    frames = np.full((500, BLANK + 1), np.log(1e-4))
    likely = log_likelihoods(frames, ["12345", "123456789", ""])
    assert np.isfinite(likely).all()
    assert likely[2] == pytest.approx(500 * np.log(1e-4))


@pytest.mark.parametrize("text", ["20817", "53904", "11774", "00501"])
def test_a_typed_code_is_read(model, text):
    frames = model.frames(_shown(*_strip(text)))
    assert spelled(frames)[0] == text
    other = text[:-1] + str((int(text[-1]) + 5) % 10)
    right, wrong = log_likelihoods(frames, [text, other])
    assert right > wrong + 2


def test_digits_are_seen_where_they_stand(model):
    strip, box = _strip("20817")
    window = window_around(box)
    text, middles = spelled(model.frames(picture_of(strip, window)))
    x, _, width, _ = box
    stand = [x + width * (k + 0.5) / len(text) for k in range(len(text))]
    about = width / len(text) / 3  # the training tells it the order, not the places
    assert [window.strip_column(middle) for middle in middles] == pytest.approx(stand, abs=about)


def test_a_picture_has_the_ink_in_its_middle_however_large_it_is():
    strip, (x, y, width, height) = _strip("20817")
    picture = _shown(strip, (x, y, width, height))
    rows, columns = np.nonzero(picture > 0.5)
    assert picture.shape[0] == HEIGHT
    assert rows.max() - rows.min() + 1 == pytest.approx(INK, abs=2)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(HEIGHT / 2 - 0.5, abs=1.5)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(picture.shape[1] / 2, abs=2)
    assert _shown(strip, (0, y, 420, 10)).shape[1] == WIDEST


def test_a_slanted_line_is_seen_where_its_ink_was_set_upright():
    strip, (x, y, width, height) = _strip("20817")
    slant = -0.4
    lean = np.array([[1, slant, -slant * 90], [0, 1, 0]])
    leaning = cv2.warpAffine(strip.pixels, lean, (460, 90), borderMode=cv2.BORDER_REPLICATE)
    slanted = Strip(leaning, np.eye(2, 3), 1.0, slant=slant)
    upright = _shown(slanted, (x + 36, y, width, height))
    assert np.abs(upright - _shown(strip, (x, y, width, height))).mean() < 0.1


def test_light_and_pen_change_nothing(model):
    dark = noisy_paper(90, 420) // 2
    seen = [
        _shown(*_strip("53904", ink=ink, paper=paper)) for ink, paper in [(40, None), (20, dark)]
    ]
    assert [spelled(model.frames(picture))[0] for picture in seen] == ["53904", "53904"]


def test_empty_paper_spells_nothing(model):
    strip = Strip(noisy_paper(90, 420), np.eye(2, 3), 1.0)
    assert spelled(model.frames(_shown(strip, (60, 20, 200, 44))))[0] == ""


def test_a_model_travels_and_is_asked_by_many_at_once(model):
    picture = _shown(*_strip("20817"))
    other = pickle.loads(pickle.dumps(model))
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(other.frames, [picture] * 16))
    assert all(np.array_equal(each, model.frames(picture)) for each in seen)


def test_what_is_no_such_model_is_refused(tmp_path, model):
    path = tmp_path / "whole.onnx"
    with pytest.raises(ModelRefused, match="cannot be read"):
        load_whole_model(path)
    for content in (b"", b"PK\x03\x04", model.network.content[: len(model.network.content) // 2]):
        path.write_bytes(content)
        with pytest.raises(ModelRefused):
            load_whole_model(path)
