"""From the evidence for every candidate to a probability, and from that to a decision.

A reading is right if its place is the destination's code's and if it is read right there; the two
are judged apart, because what speaks for them differs. At most one place of a page is the code's:
the candidates compete in a conditional logit (McFadden 1974) with "none of them" as one more
alternative. Whether the place's best reading is right is a logistic regression on how sure it is.
The product, calibrated, is the confidence. Weights are learned on composed mail; the calibration
table says what share of accepted codes is wrong above a confidence, and so turns ``--max-error``
into a threshold.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zipread.errors import ModelRefused
from zipread.evidence import EVIDENCE, OF_PLACE, OF_PLUS4, OF_READING
from zipread.options import Options
from zipread.prospects import CUES
from zipread.reading import Field, Status

SCHEMA = "zipread-confidence-4"
LEAST_PLACE = 0.15
"""A page whose likeliest place is less likely than this to hold a code counts as one without."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The probabilities of n candidates, each (n,).

    ``place``: it is the destination's code's place; ``confidence``: it is, and is read right.
    """

    place: NDArray[np.float64]
    confidence: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Confidence:
    """Learned weights, and the calibration table.

    ``prior`` fits :data:`zipread.prospects.CUES`; ``place``, ``reading`` and ``plus4`` fit
    :data:`zipread.evidence.EVIDENCE`, zero where they do not look. ``curve`` is (k, 2) float64, raw
    to calibrated probability, rising; ``table`` is (k, 2): threshold, and the error among what is
    accepted from it on, thresholds rising.
    """

    prior: NDArray[np.float64]
    place: NDArray[np.float64]
    reading: NDArray[np.float64]
    plus4: NDArray[np.float64]
    curve: NDArray[np.float64]
    table: NDArray[np.float64]

    def judge(self, evidence: NDArray[np.float64]) -> Judgement:
        """Weigh the candidates of a page; ``evidence`` is (n, features)."""
        place = shares(evidence @ self.place)
        raw = place * self.well_read(evidence)
        return Judgement(place, np.interp(raw, self.curve[:, 0], self.curve[:, 1]))

    def well_read(self, evidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability (n,) that a candidate is read right if a code is there."""
        return _logistic(evidence @ self.reading)

    def plus4_well_read(self, evidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability (n,) that the four digits more of a ZIP+4 are right if its ZIP is."""
        return _logistic(evidence @ self.plus4)

    def threshold(self, max_error: float) -> float:
        """Lowest confidence from which on at most ``max_error`` of what is accepted is wrong."""
        low_enough = self.table[self.table[:, 1] <= max_error]
        return float(low_enough[0, 0]) if len(low_enough) else 1.0


def _logistic(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -30, 30))))


def shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each alternative's probability (n,) where "none of them" has the score 0."""
    with_none = np.append(scores, 0.0)
    weights = np.exp(with_none - with_none.max())
    return np.asarray((weights / weights.sum())[:-1])


def load_confidence(path: Path) -> Confidence:
    """Read the learned weights from JSON.

    Raises
    ------
    ModelRefused
        If the file is missing, damaged or made for other evidence.
    """
    try:
        stored = json.loads(path.read_bytes())
        fits = stored["schema"] == SCHEMA
        prior = _vector(stored["prior"], CUES, CUES)
        place = _vector(stored["place"], OF_PLACE, EVIDENCE)
        reading = _vector(stored["reading"], OF_READING, EVIDENCE)
        plus4 = _vector(stored["plus4"], OF_PLUS4, EVIDENCE)
        curve, table = (np.array(stored[k], float).reshape(-1, 2) for k in ("curve", "table"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        text = f"The confidence file {path} cannot be used: {error}. Reinstall zipread."
        raise ModelRefused(text) from error
    loaded = Confidence(prior, place, reading, plus4, curve, table)
    if (
        not fits
        or not len(curve)
        or not all(np.isfinite(getattr(loaded, k)).all() for k in loaded.__slots__)
    ):
        raise ModelRefused(
            f"The confidence file {path} is damaged or of another version. Reinstall zipread."
        )
    return loaded


def _vector(
    weights: dict[str, Any], named: tuple[str, ...], order: tuple[str, ...]
) -> NDArray[np.float64]:
    """Weights by name as a vector in ``order``, zero where they have none."""
    if set(weights) != set(named):
        raise ValueError("it was made for other evidence")
    return np.array([float(weights.get(name, 0.0)) for name in order])


def status_of(confidence: float, place: float, accepted_from: float) -> Status:
    """What becomes of a page whose best reading is right with this probability.

    ``place`` is the probability that there is a code at all where it was read.
    """
    if confidence >= accepted_from:
        return Status.ACCEPTED
    return Status.REVIEW if place >= LEAST_PLACE else Status.NO_ZIP


def accepted_from(confidence: Confidence, options: Options) -> float:
    """The threshold in force: ``accept`` where it is set, else from ``max_error``."""
    if options.accept is not None:
        return options.accept
    return confidence.threshold(options.max_error)


def plus4_is_unsure(field: Field, accepted_from: float) -> bool:
    """Whether the four digits more of a ZIP+4, if it is one, are not as sure as is accepted."""
    return bool(field.zip4) and field.zip4_confidence < accepted_from
