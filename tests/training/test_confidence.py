"""Learning how likely a code stands at a place, and what is composed to learn from."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.paper import noisy_paper
from zipread.look import find_places
from zipread.options import Options
from zipread.pipeline import load_reader
from zipread.reading import Box
from zipread.training.confidence import Truth, see_places
from zipread.training.typed import TypefaceSupply, typefaces

FONT = cv2.FONT_HERSHEY_SIMPLEX


@pytest.fixture(scope="module")
def reader():
    return load_reader(Options())


def _page(path, code, plus4=""):
    """A page with one address line that ends in a code, and the truth about it."""
    sheet = noisy_paper(600, 1000)
    text, x, y = f"Springfield Ohio {code}{plus4 and '-'}{plus4}", 200, 400
    cv2.putText(sheet, text, (x, y), FONT, 1.0, 40, 2, cv2.LINE_AA)
    cv2.imwrite(str(path), sheet)
    (before, _), _ = cv2.getTextSize("Springfield Ohio ", FONT, 1.0, 2)
    (along, high), _ = cv2.getTextSize(text, FONT, 1.0, 2)
    box = Box(x + before, y - high, along - before, high)
    return sheet, Truth(path, code, plus4, box, turned=False)


@pytest.mark.parametrize("plus4", ["", "4063"])
def test_the_places_of_a_code_are_narrow_and_show_all_of_it(tmp_path, reader, plus4):
    sheet, truth = _page(tmp_path / "page.png", "60614", plus4)
    look = find_places(sheet, reader, 0)
    ((cues, holds),) = see_places(truth, Options(), reader)
    assert len(cues) == len(holds) == len(look.places)
    spans = [(p.line.left, p.line.right) for p, own in zip(look.places, holds, strict=True) if own]
    box = truth.box
    assert spans
    assert all(left <= box.x + 5 and right >= box.right - 5 for left, right in spans)
    assert all(right - left < 2.3 * box.width for left, right in spans)
    whole = max(look.places, key=lambda place: place.line.right - place.line.left)
    assert whole.line.left < 210
    assert (whole.line.left, whole.line.right) not in spans


def test_a_page_without_a_code_has_none_of_its_places(tmp_path, reader):
    _, truth = _page(tmp_path / "page.png", "60614")
    nothing = Truth(truth.path, "", "", None, turned=False)
    ((_, holds),) = see_places(nothing, Options(), reader)
    assert not holds.any()


@pytest.mark.parametrize("face", typefaces()[::5], ids=lambda face: face.name)
def test_a_typeface_has_ten_digits(face):
    supply = TypefaceSupply(face)
    glyphs = [supply.digit(value, np.random.default_rng(0)) for value in range(10)]
    assert len({glyph.tobytes() for glyph in glyphs}) == 10
    assert all(glyph[[0, -1]].any() and glyph[:, [0, -1]].any() for glyph in glyphs)
