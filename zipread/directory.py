"""The ZIP directory as a prior on what a reader expects to see.

Over half of all single-digit errors still give a code that exists, so the directory is a prior and
never a proof. It ships as 100,000 bits beside the model, made from the ``zipcodes`` package by
:func:`directory_bits`: loading the package itself costs a second at every start.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zipread.errors import ModelRefused

CODES = 100_000
NOT_LISTED_IN_MAIL = 0.02
"""Share of mail whose ZIP is not in the directory: new codes, mistakes, other countries'."""
NOT_LISTED_ELSEWHERE = 0.25
"""The same of codes in boxes and in cut-out fields, which forms of any kind have."""

SHARE_LISTED = 0.417
"""Share of the 100,000 codes that are in use."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Which of the 100,000 five-digit codes are in use: bool (100000,)."""

    active: NDArray[np.bool_]

    def __contains__(self, code: str) -> bool:
        return len(code) == 5 and bool(self.active[int(code)])

    def prior(self, not_listed: float) -> Callable[[str], float]:
        """Log-probability of a code, relative to all codes being alike.

        ``not_listed`` is the share of codes that the directory does not list.
        """
        listed = math.log((1 - not_listed) / SHARE_LISTED)
        other = math.log(not_listed / (1 - SHARE_LISTED))
        return lambda code: listed if code in self else other


def load_directory(path: Path) -> Directory:
    """Read the shipped table.

    Raises
    ------
    ModelRefused
        If it is missing or not of its size.
    """
    try:
        bits = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise ModelRefused(f"The ZIP directory {path} cannot be read: {error}.") from error
    if bits.size * 8 != CODES:
        raise ModelRefused(f"The ZIP directory {path} is damaged: reinstall zipread.")
    return Directory(np.unpackbits(bits).astype(bool))


def directory_bits() -> bytes:
    """The table as it is shipped, from the ``zipcodes`` package: one bit a code, 00000 first."""
    import zipcodes

    active = np.zeros(CODES, bool)
    entries: list[dict[str, Any]] = zipcodes.list_all()  # type: ignore[no-untyped-call]
    for entry in entries:
        if entry["active"]:
            active[int(entry["zip_code"])] = True
    return np.packbits(active).tobytes()
