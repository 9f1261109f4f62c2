"""The seed of it all: recognising handwritten digits with scikit-learn's SVC [1]_.

.. [1] F. Nelli, Recognizing Handwritten Digits with scikit-learn. Digits is optdigits.tes of
   the UCI repository: 1,797 forms of 8x8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from zipread.training.fit import fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRAINED = slice(1, 1790)
HELD_BACK = slice(1791, 1797)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the tutorial shows: the (6, 8, 8) forms held back, what they are and are read as.

    ``half_split`` is the accuracy on the second half of Digits after fitting on the first.
    """

    forms: NDArray[np.float64]
    labels: tuple[int, ...]
    predicted: tuple[int, ...]
    half_split: float


def lesson() -> Lesson:
    """Fit, predict, measure."""
    digits = load_digits()
    forms, labels = digits.data, digits.target
    fitted = fit(SVC(gamma=0.001, C=100.0), forms[TRAINED], labels[TRAINED])
    predicted = fitted.estimator.predict(forms[HELD_BACK])
    half = len(labels) // 2
    halves = fit(SVC(gamma=0.001), forms[:half], labels[:half])
    return Lesson(
        forms[HELD_BACK].reshape(-1, 8, 8),
        tuple(int(label) for label in labels[HELD_BACK]),
        tuple(int(digit) for digit in predicted),
        halves.accuracy(forms[half:], labels[half:]),
    )
