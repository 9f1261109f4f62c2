"""Read handwritten ZIP codes from scanned envelopes, and know when not to.

Everything that is meant for use from Python is here by name, and imported when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zipread.api import read_document
    from zipread.digit_model import DigitModel, load_model
    from zipread.errors import (
        DocumentError,
        ErrorKind,
        ExitCode,
        InputProblem,
        ModelRefused,
        OutputHeld,
        OutputProblem,
        UsageProblem,
        ZipreadError,
    )
    from zipread.normalise import digits_form
    from zipread.options import Options
    from zipread.reading import (
        Alternative,
        Box,
        Digit,
        DocumentReading,
        Field,
        Page,
        PageReading,
        Script,
        Source,
        Status,
    )

__version__ = "0.1.0"

__all__ = [
    "Alternative",
    "Box",
    "Digit",
    "DigitModel",
    "DocumentError",
    "DocumentReading",
    "ErrorKind",
    "ExitCode",
    "Field",
    "InputProblem",
    "ModelRefused",
    "Options",
    "OutputHeld",
    "OutputProblem",
    "Page",
    "PageReading",
    "Script",
    "Source",
    "Status",
    "UsageProblem",
    "ZipreadError",
    "__version__",
    "digits_form",
    "load_model",
    "read_document",
]

_HOMES = ("errors", "options", "reading", "normalise", "digit_model", "api")  # light ones first


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562): ``import zipread`` alone costs nothing."""
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"zipread.{home}")
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module 'zipread' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
