"""Paper to draw on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def noisy_paper(height: int, width: int, seed: int = 1) -> NDArray[np.uint8]:
    """Light paper with a scanner's grain."""
    noise = np.random.default_rng(seed).normal(0, 2, (height, width))
    return (225 + noise).round().astype(np.uint8)
