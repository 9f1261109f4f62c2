"""The Digits forms of a data set, ready for a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zipread.normalise import glyph_forms
from zipread.training.augment import Augmentation, drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zipread.training.data_sets import Digits


def held_out_forms(
    digits: Digits, redraw: Augmentation | None = None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Forms and labels of what is held out; of the whole set where nothing is.

    What others normalised is left as it is, or if asked ``redraw`` drawn so and normalised our way.
    """
    glyphs, labels = digits.held_out()
    if not glyphs:
        glyphs, labels = digits.glyphs, digits.labels
    if digits.as_forms and not redraw:
        return as_given(glyphs), labels
    if digits.as_forms and redraw:
        glyphs = [drawn(glyph, redraw) for glyph in glyphs]
    return glyph_forms(glyphs), labels


def as_given(glyphs: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Forms that others normalised, as they are."""
    stacked = np.stack(glyphs) if glyphs else np.zeros((0, 8, 8), np.uint8)
    return stacked.reshape(-1, 64).astype(np.float32) * np.float32(16 / 255)
