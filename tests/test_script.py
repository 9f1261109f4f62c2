"""Typed or handwritten, told from where the digits stand."""

import cv2
import numpy as np
import pytest

from zipread.compose.glyphs import clear, sklearn_digits
from zipread.compose.letters import printed
from zipread.compose.writing import printed_hand, random_hand, write_code, write_word
from zipread.reading import Script
from zipread.script import script_of

CODES = ("02134", "90210", "60614", "37203", "11111")


def boxes_of(mask):
    """The boxes of the parts of a mask, left to right."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8))
    return np.array(sorted(stats[1:, :4].tolist()), float)


def whole(boxes):
    return len(boxes) == 5


@pytest.mark.parametrize("face", printed(), ids=lambda face: face.name)
@pytest.mark.parametrize("code", CODES)
def test_type_is_told(face, code):
    assert script_of(boxes_of(face.draw(code, 60))) is Script.PRINTED


@pytest.mark.parametrize("slope", [-0.1, 0.05])
def test_type_on_a_page_askew_is_told(slope):
    rng = np.random.default_rng(1)
    mask = write_word(printed_hand(rng, 80), "37203", rng).mask
    boxes = boxes_of(mask)
    boxes[:, 1] += slope * (boxes[:, 0] + boxes[:, 2] / 2)
    assert script_of(boxes) is Script.PRINTED


def test_hardly_any_handwriting_is_taken_for_type():
    rng = np.random.default_rng(2)
    supply = clear(sklearn_digits())
    hands = [
        boxes_of(write_code(random_hand(rng, 60), supply, "37203", rng).mask) for _ in range(80)
    ]
    told = [script_of(boxes) for boxes in filter(whole, hands)]
    assert len(told) > 30
    assert told.count(Script.PRINTED) <= 0.05 * len(told)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_of_few_digits_nothing_is_told(count):
    boxes = np.array([[10 * i, 0, 8, 20] for i in range(count)], float).reshape(-1, 4)
    assert script_of(boxes) is Script.HANDWRITTEN
