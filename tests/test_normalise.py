from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from zipread.digit_model import load_model
from zipread.normalise import digits_form, glyph_forms

SEVEN = [[(20, 20), (60, 20), (38, 84)]]
FOUR = [[(40, 16), (18, 58), (64, 58)], [(48, 40), (46, 88)]]
TWO = [[(20, 34), (28, 20), (46, 18), (54, 34), (44, 54), (20, 82), (60, 82)]]


def drawn(strokes: list[list[tuple[int, int]]], pen: int = 8) -> np.ndarray:
    """A digit drawn with a pen, soft ink, 100x80."""
    canvas = np.zeros((100, 80), np.uint8)
    for stroke in strokes:
        cv2.polylines(canvas, [np.array(stroke, np.int32)], False, 255, pen, cv2.LINE_AA)
    return canvas


def read(form: np.ndarray) -> int:
    return int(load_model().predict_proba(form.reshape(1, 64)).argmax())


@pytest.fixture(params=[(SEVEN, 7), (FOUR, 4), (TWO, 2)], ids=["7", "4", "2"])
def digit(request: pytest.FixtureRequest) -> tuple[np.ndarray, int]:
    strokes, value = request.param
    return drawn(strokes), value


def test_a_form_is_like_optdigits(digit: tuple[np.ndarray, int]) -> None:
    form = digits_form(digit[0], ink="bright")
    assert form.shape == (8, 8)
    assert form.min() >= 0
    assert 12 < form.max() <= 16
    assert (form.max(axis=1) > 2).all()  # all rows hold ink
    assert abs((form.sum(axis=0) @ np.arange(8)) / form.sum() - 3.5) < 1.0  # centred


def test_polarity_is_as_told(digit: tuple[np.ndarray, int]) -> None:
    bright, value = digit
    dark = 255 - bright
    np.testing.assert_allclose(digits_form(dark), digits_form(bright, ink="bright"), atol=0.1)
    assert read(digits_form(dark)) == value
    assert read(digits_form(bright)) != value or np.ptp(digits_form(bright)) < 12


@pytest.mark.parametrize(
    "convert",
    [
        lambda p: p > 127,
        lambda p: p.astype(np.uint16) * 257,
        lambda p: p.astype(np.float64) / 255,
        lambda p: p.astype(np.float32),
        lambda p: p.astype(np.int32) - 1000,
        lambda p: (p // 16).astype(np.uint8),
        lambda p: (p // 4 + 100).astype(np.uint8),
    ],
    ids=["bool", "16 bit", "0 to 1", "float", "signed", "0 to 16", "low contrast"],
)
def test_the_scale_of_the_values_does_not_matter(digit: tuple[np.ndarray, int], convert) -> None:
    form = digits_form(convert(digit[0]), ink="bright")
    np.testing.assert_allclose(form, digits_form(digit[0], ink="bright"), atol=3)
    assert read(form) == digit[1]


def test_an_uncropped_digit_gives_the_same_form(digit: tuple[np.ndarray, int]) -> None:
    wide = np.pad(digit[0], ((300, 10), (5, 400)))
    np.testing.assert_allclose(
        digits_form(wide, ink="bright"), digits_form(digit[0], ink="bright"), atol=0.5
    )


@pytest.mark.parametrize("height", [6, 8, 12, 20, 40, 64, 65, 100, 250, 600])
def test_any_size_reads_alike(digit: tuple[np.ndarray, int], height: int) -> None:
    scale = height / 72
    size = (round(80 * scale), round(100 * scale))
    resized = cv2.resize(
        digit[0], size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    form = digits_form(resized, ink="bright")
    if height >= 12:
        assert read(form) == digit[1]
    assert np.abs(form - digits_form(digit[0], ink="bright")).mean() < (3 if height < 12 else 1.5)


@pytest.mark.parametrize("pen", [2, 4, 8, 14])
def test_any_pen_reads_alike(pen: int) -> None:
    assert [read(digits_form(drawn(s, pen), ink="bright")) for s in (SEVEN, FOUR, TWO)] == [7, 4, 2]


@pytest.mark.parametrize("slant", [-0.5, -0.25, 0.25, 0.5])
def test_slant_is_taken_off(digit: tuple[np.ndarray, int], slant: float) -> None:
    padded = np.pad(digit[0], ((0, 0), (60, 60)))
    matrix = np.array([[1, slant, -50 * slant], [0, 1, 0]])
    leaning = cv2.warpAffine(padded, matrix, (200, 100))
    upright = digits_form(padded, ink="bright")
    assert np.abs(digits_form(leaning, ink="bright") - upright).mean() < 1.0


def test_faint_halo_does_not_shrink_the_digit(digit: tuple[np.ndarray, int]) -> None:
    halo = np.pad(digit[0], 30)
    halo[10:-10, 10:-10] = np.maximum(halo[10:-10, 10:-10], 30)
    [with_halo, without] = glyph_forms([halo, digit[0]])
    assert read(with_halo) == digit[1]
    assert np.abs(with_halo - without).mean() < 2.5


def test_no_ink_is_a_form_of_zeros() -> None:
    assert not digits_form(np.full((20, 20), 77)).any()
    assert not glyph_forms([np.zeros((9, 9), np.uint8)]).any()
    assert glyph_forms([]).shape == (0, 64)


@pytest.mark.parametrize(
    ("image", "ink"),
    [
        (np.zeros((4, 4, 3)), "dark"),
        (np.zeros(16), "dark"),
        (np.zeros((0, 5)), "dark"),
        (np.full((4, 4), np.nan), "dark"),
        (np.array([["a", "b"]]), "dark"),
        (np.zeros((4, 4), complex), "dark"),
        (np.zeros((4, 4)), "black"),
    ],
    ids=["colour", "one dimension", "empty", "not a number", "text", "complex", "no such ink"],
)
def test_what_is_no_glyph_is_named(image: np.ndarray, ink: str) -> None:
    with pytest.raises(ValueError, match=r"glyph|ink must"):
        digits_form(image, ink=ink)  # type: ignore[arg-type]


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=70)))
def test_any_glyph_gives_a_form_in_range(glyph: np.ndarray) -> None:
    forms = glyph_forms([glyph, glyph])
    assert np.isfinite(forms).all()
    assert forms.min() >= 0
    assert forms.max() <= 16
    np.testing.assert_array_equal(forms[0], forms[1])


@given(
    hnp.arrays(
        st.sampled_from([np.bool_, np.uint8, np.uint16, np.int64, np.float32, np.float64]),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements={"allow_nan": False, "allow_infinity": False},
    ),
    st.sampled_from(["dark", "bright"]),
)
def test_any_picture_gives_a_form_in_range(image: np.ndarray, ink: str) -> None:
    form = digits_form(image, ink=ink)  # type: ignore[arg-type]
    assert np.isfinite(form).all()
    assert form.min() >= 0
    assert form.max() <= 16


def test_a_glyph_takes_microseconds() -> None:
    glyphs = [np.asarray(cv2.resize(drawn(FOUR), (40, 60)), np.uint8)] * 500
    glyph_forms(glyphs)
    times = []
    for _ in range(5):
        start = time.process_time()
        glyph_forms(glyphs)
        times.append(time.process_time() - start)
    assert min(times) / len(glyphs) < 200e-6  # 20e-6 on one quiet core
