"""From the evidence for every candidate to a probability, and from that to a decision.

At most one candidate is the destination's code, rightly read. So the candidates of a page compete
in a conditional logit (McFadden 1974) with "none of them" as one more alternative: each gets a
score that is linear in its evidence, and the softmax over them is the probability that it is
right. Weights are learned on composed envelopes; the calibration table says what share of
accepted codes is wrong above a confidence, and so turns ``--max-error`` into a threshold.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zipread.candidates import EVIDENCE
from zipread.errors import ModelRefused
from zipread.options import Options
from zipread.reading import Status

SCHEMA = "zipread-confidence-1"
LEAST_TO_REPORT = 0.12
"""Below this confidence a guess helps nobody: the page counts as one without a ZIP."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """Learned weights, and the calibration table.

    ``weights`` fit :data:`zipread.candidates.EVIDENCE`; ``curve`` is (k, 2) float64, raw to
    calibrated probability, rising; ``table`` is (k, 2): threshold, and the upper bound of the
    error among what is accepted from it on, thresholds rising.
    """

    weights: NDArray[np.float64]
    curve: NDArray[np.float64]
    table: NDArray[np.float64]

    def probabilities(self, evidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability of each candidate to be the code, rightly read; (n, features) to (n,)."""
        scores = np.append(evidence @ self.weights, 0.0)
        shares = np.exp(scores - scores.max())
        raw = (shares / shares.sum())[:-1]
        return np.interp(raw, self.curve[:, 0], self.curve[:, 1])

    def threshold(self, max_error: float) -> float:
        """Lowest confidence from which on at most ``max_error`` of what is accepted is wrong."""
        low_enough = self.table[self.table[:, 1] <= max_error]
        return float(low_enough[0, 0]) if len(low_enough) else 1.0


def load_confidence(path: Path) -> Confidence:
    """Read the learned weights from JSON.

    Raises
    ------
    ModelRefused
        If the file is missing, damaged or made for other evidence.
    """
    try:
        stored = json.loads(path.read_bytes())
        fits = stored["schema"] == SCHEMA and stored["evidence"] == list(EVIDENCE)
        weights, curve, table = (np.array(stored[k], float) for k in ("weights", "curve", "table"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelRefused(f"The confidence file {path} cannot be read: {error}.") from error
    finite = all(np.isfinite(a).all() for a in (weights, curve, table))
    if not fits or weights.shape != (len(EVIDENCE),) or curve.ndim != 2 or not finite:
        raise ModelRefused(f"The confidence file {path} is of another version: reinstall zipread.")
    return Confidence(weights, curve, table)


def status_of(confidence: float, accepted_from: float) -> Status:
    """What becomes of a page whose best reading is right with this probability."""
    if confidence >= accepted_from:
        return Status.ACCEPTED
    return Status.REVIEW if confidence >= LEAST_TO_REPORT else Status.NO_ZIP


def accepted_from(confidence: Confidence, options: Options) -> float:
    """The threshold in force: ``accept`` where it is set, else from ``max_error``."""
    if options.accept is not None:
        return options.accept
    return confidence.threshold(options.max_error)
