"""A reading put to the test: its digits slightly distorted, as another hand would have them.

What is read for sure is read so again; what is read wrong is often swayed. Ha and Bunke (PAMI 19,
1997) read digits better by it (the perturbation method); here it tells right readings from wrong.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from zipread.digit_model import CLASSES, DigitModel
from zipread.evidence import put_to_the_test
from zipread.ink import Grey
from zipread.normalise import glyph_forms
from zipread.rivals import Found

TURN = 0.12
"""A digit is turned by so much either way, in radians."""
ROOM = 0.25
"""Free room around a digit that is turned, in heights of it."""


def tested(found: Found, model: DigitModel) -> Found:
    """What was found, with the evidence of how firm its code reads."""
    best, hypotheses = found.candidate.best, found.candidate.segmentation.hypotheses
    glyphs = [glyph for edge in best.edges for glyph in distorted(hypotheses[edge].glyph)]
    read = model.predict_proba(glyph_forms(glyphs)).reshape(len(best.edges), -1, CLASSES)
    return replace(found, evidence=put_to_the_test(found.evidence, read, best.text))


def distorted(glyph: Grey) -> list[Grey]:
    """A glyph (uint8, soft ink) turned a little either way, each by a thicker and a thinner pen."""
    pen = np.ones((3, 3), np.uint8)
    turned = [_turned(glyph, angle) for angle in (-TURN, TURN)]
    thicker = [np.asarray(cv2.dilate(each, pen), np.uint8) for each in turned]
    return thicker + [np.asarray(cv2.erode(each, pen), np.uint8) for each in turned]


def _turned(glyph: Grey, angle: float) -> Grey:
    """The glyph turned clockwise about its middle."""
    height, width = glyph.shape
    room = max(4, round(ROOM * height))
    size = width + 2 * room, height + 2 * room
    about = cv2.getRotationMatrix2D((width / 2, height / 2), -np.degrees(angle), 1.0)
    about[:, 2] += room
    return np.asarray(cv2.warpAffine(glyph, about, size), np.uint8)
