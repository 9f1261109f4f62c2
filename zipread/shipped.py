"""The files that are shipped with the program: what was learned, and which version of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.errors import ModelRefused
from zipread.names import visible

if TYPE_CHECKING:
    from zipread.options import Options

DIGITS = "digits.skops"
WHOLE = "whole.onnx"
STATES = "states.onnx"
CONFIDENCE = "confidence.json"
DIRECTORY = "directory.bits"


def models_folder() -> Path:
    """Where the shipped models are: inside the package when installed, beside it in a checkout."""
    inside = Path(__file__).parent / "models"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "models"


def learned_files(options: Options) -> tuple[Path, ...]:
    """All learned files that a scan with these options reads with."""
    folder = models_folder()
    digits = Path(options.model) if options.model else folder / DIGITS
    return digits, *(folder / name for name in (WHOLE, STATES, CONFIDENCE, DIRECTORY))


def identity(options: Options) -> str:
    """SHA-256 in hex over all learned files.

    Raises
    ------
    ModelRefused
        If one is missing or cannot be read.
    """
    whole = hashlib.sha256()
    for path in learned_files(options):
        try:
            whole.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as error:
            text = f"The model file {visible(str(path))} cannot be read: {error.strerror}."
            raise ModelRefused(text) from error
    return whole.hexdigest()
