"""The composer: same seed same bytes, and a truth that the picture bears out."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zipread.compose import (
    Composed,
    DigitSupply,
    Scan,
    compose_envelope,
    compose_field,
    compose_form,
    compose_nothing,
    compose_set,
    legible_style,
    random_style,
    sklearn_digits,
)
from zipread.compose.addresses import places
from zipread.compose.canvas import Canvas
from zipread.compose.degrade import digitise, finish
from zipread.compose.envelope_style import FORMATS
from zipread.compose.nothing import KINDS
from zipread.compose.output import SET_KINDS, compose, write_picture
from zipread.compose.paper import PATTERNS
from zipread.compose.strings import NO_CODE


@pytest.fixture(scope="module")
def supply() -> DigitSupply:
    return sklearn_digits()


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def darkness_in_and_around(composed: Composed) -> tuple[float, float]:
    """The darkest percent in the truth's box and in a frame around it, as distances from paper."""
    box, grey = composed.box, composed.pixels
    assert box is not None
    grey = grey if grey.ndim == 2 else grey.mean(axis=2)
    inside = grey[box.y : box.bottom, box.x : box.right]
    frame = grey[max(0, box.y - 4) : box.y, box.x : box.right]
    paper = float(np.median(grey[max(0, box.y - 20) : box.bottom + 20, box.x : box.right]))
    dark = paper - float(np.percentile(inside, 2))
    return dark, (paper - float(np.percentile(frame, 2)) if frame.size else 0.0)


@pytest.mark.parametrize("kind", SET_KINDS)
def test_the_same_seed_gives_the_same_picture(kind: str, supply: DigitSupply) -> None:
    first, second = (compose(kind, rng(3, 1), supply) for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)
    assert (first.zip, first.box, first.tags) == (second.zip, second.box, second.tags)
    assert not np.array_equal(first.pixels, compose(kind, rng(3, 2), supply).pixels)


@pytest.mark.parametrize("seed", range(12))
def test_an_envelope_has_a_real_zip_within_its_picture(seed: int, supply: DigitSupply) -> None:
    composed = compose_envelope(rng(seed), supply)
    assert composed.pixels.dtype == np.uint8
    assert composed.box is not None
    height, width = composed.pixels.shape[:2]
    assert composed.box.x >= 0 <= composed.box.y
    assert composed.box.right <= width
    assert composed.box.bottom <= height
    assert len(composed.zip) == 5
    assert len(composed.zip4) in (0, 4)
    assert ("zip4" in composed.tags) == bool(composed.zip4)
    if "no-us-zip" not in composed.tags:
        assert composed.zip in {place.zip for place in places()}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_truth_box_holds_the_ink(seed: int, turn: int, supply: DigitSupply) -> None:
    style = legible_style(rng(seed))
    block = replace(style.block, zip_place="own-line", pitch=3.5, underline=False)
    block = replace(block, guides=False, tail="", country="")
    scan = Scan(skew=2.0, turn=turn)
    style = replace(style, block=block, scan=scan, paper="white", barcode=False, form="a7")
    composed = compose_envelope(rng(seed, 5), supply, style)
    dark, frame = darkness_in_and_around(composed)
    assert dark > 60
    assert frame < dark / 2


@pytest.mark.parametrize("kind", ["block", "small"])
def test_of_less_than_an_envelope_the_truth_is_told_as_well(kind: str, supply: DigitSupply) -> None:
    made = [compose(kind, rng(4, seed), supply) for seed in range(16)]
    assert (kind == "block") == all(each.zip for each in made)
    assert all(bool(each.zip) == (each.box is not None) for each in made)
    clear = [darkness_in_and_around(each)[0] for each in made if each.box]
    assert np.median(clear) > 40
    assert kind != "small" or all(max(each.pixels.shape) <= 900 for each in made)


def test_a_pen_stroke_has_the_width_asked_for(supply: DigitSupply) -> None:
    from zipread.compose.glyphs import Stroke, redraw

    glyph = supply.digit(1, rng(1))
    thin, thick = (redraw(glyph, Stroke(90, pen)) for pen in (6.0, 13.0))
    assert abs(thin.shape[0] - 90) < 20
    assert (thick > 127).sum() > 1.3 * (thin > 127).sum()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_its_size(form: str, supply: DigitSupply) -> None:
    style = replace(random_style(rng(2)), form=form, dpi=150, scan=Scan())
    height, width = compose_envelope(rng(2, 2), supply, style).pixels.shape[:2]
    wide, tall, _ = FORMATS[form]
    assert (width, height) == (round(wide * 150 / 25.4), round(tall * 150 / 25.4))


@pytest.mark.parametrize("place", ["inline", "own-line", "boxed", "boxed-left", "leading"])
def test_the_zip_stands_wherever_the_style_says(place: str, supply: DigitSupply) -> None:
    style = random_style(rng(4))
    style = replace(style, block=replace(style.block, zip_place=place), dpi=150)
    assert place in compose_envelope(rng(4, 4), supply, style).tags


@pytest.mark.parametrize("length", [5, 9])
def test_a_field_holds_its_code(length: int, supply: DigitSupply) -> None:
    for seed in range(20):
        composed = compose_field(rng(seed, length), supply, length)
        assert len(composed.zip) == 5
        assert composed.box is not None
        assert composed.box.right <= composed.pixels.shape[1]


@pytest.mark.parametrize("kind", NO_CODE)
def test_a_field_without_a_code_has_no_truth(kind: str, supply: DigitSupply) -> None:
    composed = compose_field(rng(6), supply, kind=kind)
    assert (composed.zip, composed.zip4, composed.box) == ("", "", None)
    assert kind in composed.tags


@pytest.mark.parametrize("length", [4, 6, 7])
def test_a_field_of_another_length_has_no_truth(length: int, supply: DigitSupply) -> None:
    composed = compose_field(rng(7), supply, length, boxed=False)
    assert (composed.zip, composed.box) == ("", None)
    assert f"{length}-digits" in composed.tags


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_without_a_zip_has_no_truth(kind: str, supply: DigitSupply) -> None:
    composed = compose_nothing(rng(8), supply, kind)
    assert (composed.zip, composed.box) == ("", None)
    assert composed.tags[0] in (kind, "nothing") or kind in composed.tags


def test_a_form_has_a_zip_field(supply: DigitSupply) -> None:
    composed = compose_form(rng(9), supply, Scan(), boxed=True)
    assert composed.zip in {place.zip for place in places()}
    assert darkness_in_and_around(composed)[0] > 40


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_security_pattern_leaves_more_paper_than_ink(pattern: str) -> None:
    from zipread.compose.paper import add_pattern, make_paper

    canvas = make_paper(rng(1), 80, 300, "white", colour=False)
    before = canvas.pixels.astype(int)
    assert add_pattern(canvas, rng(2), 12.0, pattern, depth=1.0) == pattern
    lost = before - canvas.pixels
    assert lost.max() > 20
    assert lost.mean() < 60


def test_points_move_with_the_sheet() -> None:
    sheet = np.full((200, 300), 255, np.uint8)
    sheet[80:90, 60:70] = 0
    corners = np.array([[60.0, 80.0], [70.0, 90.0]])
    for scan in (Scan(skew=8, margin=0.1), Scan(turn=90), Scan(perspective=0.05, margin=0.1)):
        pixels, moved = digitise(sheet, corners, replace(scan, around="white"), rng(3))
        rows, columns = np.nonzero(pixels < 100)
        middle = moved.mean(axis=0)
        assert abs(columns.mean() - middle[0]) < 2
        assert abs(rows.mean() - middle[1]) < 2


def test_a_zip_that_the_scan_cut_off_is_none_of_the_picture() -> None:
    sheet = Canvas(np.full((300, 600), 230, np.uint8))
    inks = [(x, y, 120.0, 25.0) for x in (20.0, 460.0) for y in (10.0, 140.0, 265.0)]
    pages = [
        finish(sheet, ink, Scan(skew=9), rng(1), code=("60614", ""), dpi=200, tags=())
        for ink in inks
    ]
    assert {page.zip for page in pages} == {"60614", ""}
    assert all((page.box is None) == (page.zip == "") for page in pages)
    assert all(page.zip for page, ink in zip(pages, inks, strict=True) if ink[1] == 140)


@pytest.mark.parametrize("method", ["otsu", "adaptive", "fixed", "dither"])
def test_a_bilevel_scan_is_written_as_g4(method: str, supply: DigitSupply, tmp_path: Path) -> None:
    scan = Scan(bilevel=method, format="tif")
    composed = compose_envelope(rng(1), supply, replace(random_style(rng(1)), scan=scan, dpi=150))
    assert set(np.unique(composed.pixels)) <= {0, 255}
    write_picture(composed, tmp_path / "a.tif")
    with Image.open(tmp_path / "a.tif") as image:
        assert (image.mode, image.info["compression"]) == ("1", "group4")
        assert np.array_equal(np.asarray(image.convert("L")), composed.pixels)


def test_a_set_is_the_same_bytes_and_its_truth_names_every_file(
    supply: DigitSupply, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        assert compose_set(tmp_path / name, 10, 5, supply, SET_KINDS) == 10
    with (tmp_path / "one" / "truth.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted([row["file"] for row in rows] + ["truth.csv"])
    assert all(
        (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        for name in files
    )
    assert all(bool(row["zip"]) == bool(row["x"]) for row in rows)
