"""The Digits forms of a data set, ready for a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zipread.normalise import glyph_forms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zipread.training.data_sets import Digits


def held_out_forms(digits: Digits) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Forms and labels of what is held out; of the whole set where nothing is."""
    glyphs, labels = digits.held_out()
    if not glyphs:
        glyphs, labels = digits.glyphs, digits.labels
    if digits.as_forms:
        return as_given(glyphs), labels
    return glyph_forms(glyphs), labels


def as_given(glyphs: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Forms that others normalised, as they are."""
    stacked = np.stack(glyphs) if glyphs else np.zeros((0, 8, 8), np.uint8)
    return stacked.reshape(-1, 64).astype(np.float32) * np.float32(16 / 255)
