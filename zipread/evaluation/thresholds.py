"""Which confidence to accept from on, for a wanted error, and how sure that is.

A threshold chosen because it looks good on these scans looks better than it is. So the thresholds
that may be chosen are fixed beforehand, by ranks of confidence and not by what is right, and the
upper bounds hold for all of them together: Clopper and Pearson's (1934) bound for each, at a level
that Bonferroni's inequality shares out among them. For the idea see Geifman and El-Yaniv,
Selective classification for deep neural networks, NIPS 2017.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

SURENESS = 0.95
STEPS = 20
"""Thresholds to choose from: each accepts about this part of the guesses more."""
WANTED = (0.005, 0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Threshold:
    """What accepting from a confidence on gives: of ``accepted`` scans, ``wrong`` are wrong.

    ``bound`` is what the share of wrong ones is below, all thresholds together, with
    :data:`SURENESS`.
    """

    accept: float
    accepted: int
    wrong: int
    bound: float

    @property
    def error(self) -> float:
        """The share of wrong ones that was seen."""
        return self.wrong / max(1, self.accepted)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """For a ``wanted`` error: the threshold that kept it here, and one that is sure to keep it.

    Either is None where there is none; ``needed`` is how many accepted scans, all right, it takes
    at least to be sure.
    """

    wanted: float
    seen: Threshold | None
    sure: Threshold | None
    needed: int


def upper_bound(wrong: int, count: int, sureness: float = SURENESS) -> float:
    """Clopper and Pearson's one-sided upper bound of a share seen as ``wrong`` of ``count``."""
    if wrong >= count:
        return 1.0
    return float(betaincinv(wrong + 1, count - wrong, sureness))


def thresholds(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[tuple[Threshold, ...], float]:
    """The thresholds to choose from, strictest first, and the level each one's bound has.

    ``confidence`` (n,) and ``right`` (n,) are of the scans with a guess.
    """
    order = np.argsort(-confidence, kind="stable")
    if not len(order):
        return (), SURENESS
    ranks = np.unique(np.ceil(len(order) * np.arange(1, STEPS + 1) / STEPS).astype(int))
    levels = np.unique(confidence[order][ranks - 1])[::-1]
    sureness = 1 - (1 - SURENESS) / len(levels)
    found = []
    for level in levels:
        accepted = confidence >= level
        count, wrong = int(accepted.sum()), int((accepted & ~right).sum())
        found.append(Threshold(float(level), count, wrong, upper_bound(wrong, count, sureness)))
    return tuple(found), sureness


def suggestions(
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    wanted: tuple[float, ...] = WANTED,
) -> tuple[Suggestion, ...]:
    """For each wanted error, the thresholds that accept the most."""
    offered, sureness = thresholds(confidence, right)
    return tuple(
        Suggestion(
            error,
            _most([t for t in offered if t.error <= error]),
            _most([t for t in offered if t.bound <= error]),
            math.ceil(math.log(1 - sureness) / math.log(1 - error)),
        )
        for error in wanted
    )


def _most(offered: list[Threshold]) -> Threshold | None:
    return max(offered, key=lambda t: t.accepted, default=None)
