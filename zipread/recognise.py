"""Glyphs to Digits forms and what the model makes of them, each glyph once.

A whole component is looked at twice: to see whether it needs a cut, and as a hypothesis.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zipread.digit_model import CLASSES, FEATURES, DigitModel
from zipread.ink import Grey
from zipread.normalise import glyph_forms

Rows = NDArray[np.float32]


class Recogniser:
    """The digit model on glyphs; what it said of one before it says again, unasked."""

    def __init__(self, model: DigitModel) -> None:
        self._model = model
        self._known: dict[tuple[tuple[int, ...], bytes], Rows] = {}

    def __call__(self, glyphs: Sequence[Grey]) -> tuple[Rows, Rows]:
        """Forms (n, 64) and probabilities (n, 10) of glyphs."""
        keys = [(glyph.shape, glyph.tobytes()) for glyph in glyphs]
        fresh = {k: glyph for k, glyph in zip(keys, glyphs, strict=True) if k not in self._known}
        forms = glyph_forms(list(fresh.values()))
        rows = np.hstack([forms, self._model.predict_proba(forms)])
        self._known |= zip(fresh, rows, strict=True)
        known = np.array([self._known[k] for k in keys]).reshape(-1, FEATURES + CLASSES)
        return known[:, :FEATURES], known[:, FEATURES:]
