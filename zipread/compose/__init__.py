"""Composed mail with its truth: material for samples, calibration and tests.

:func:`compose_envelope`, :func:`compose_field` and :func:`compose_nothing` make one picture each,
:func:`compose_set` a folder of them with a truth.csv. Every choice comes from the numpy Generator
handed in: the same seed gives the same bytes.
"""

from zipread.compose.composed import Composed
from zipread.compose.envelope import compose_envelope
from zipread.compose.envelope_style import EnvelopeStyle, legible_style, random_style
from zipread.compose.forms import compose_form
from zipread.compose.glyphs import DigitSupply, MixedSupply, clear, mnist, sklearn_digits
from zipread.compose.letters import WordSupply
from zipread.compose.nothing import compose_nothing
from zipread.compose.output import compose_many, compose_set, write_picture
from zipread.compose.scans import Scan
from zipread.compose.strings import compose_field

__all__ = [
    "Composed",
    "DigitSupply",
    "EnvelopeStyle",
    "MixedSupply",
    "Scan",
    "WordSupply",
    "clear",
    "compose_envelope",
    "compose_field",
    "compose_form",
    "compose_many",
    "compose_nothing",
    "compose_set",
    "legible_style",
    "mnist",
    "random_style",
    "sklearn_digits",
    "write_picture",
]
