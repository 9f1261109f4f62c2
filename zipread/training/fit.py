"""Fit any scikit-learn classifier to forms, calibrate an ensemble, save it as a model file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from zipread.digit_model import FORMAT, REJECT
from zipread.training.evaluate import calibration_error, reliability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zipread.training.ensemble import DigitEnsemble

_KEPT = 0.994  # of the digits: what is asked for, 99 %, and more, or confidence is too low for all

# What a fitted MLPClassifier needs to predict; the rest of its state is about fitting.
_STATE = (
    "classes_",
    "n_features_in_",
    "n_layers_",
    "n_outputs_",
    "out_activation_",
    "_label_binarizer",
)


class Classifier(Protocol):
    """What is asked of an estimator, scikit-learn's SVC as well as our ensemble."""

    def fit(self, forms: NDArray[Any], labels: NDArray[Any], /) -> Any:
        """Fit to (n, 64) forms and n labels."""

    def predict(self, forms: NDArray[Any], /) -> NDArray[Any]:
        """The label of each form."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted estimator and how long it took."""

    estimator: Classifier
    seconds: float

    def accuracy(self, forms: NDArray[Any], labels: NDArray[Any]) -> float:
        """The share of forms that it reads as labelled."""
        return float(np.mean(self.estimator.predict(forms) == labels))


def fit(estimator: Classifier, forms: NDArray[Any], labels: NDArray[Any]) -> Fitted:
    """Fit an estimator: the tutorial's SVC and the shipped model both come through here."""
    start = time.perf_counter()
    estimator.fit(forms, labels)
    return Fitted(estimator, time.perf_counter() - start)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What makes an ensemble's log-probabilities honest.

    ``temperature`` multiplies them (above 1 sharpens), then ``doubt`` is added to that of "no
    digit". Neither changes the order of the digits.
    """

    temperature: float = 1.0
    doubt: float = 0.0

    def on(self, logs: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 11) probabilities from log-probabilities."""
        scores = logs * self.temperature
        scores[:, REJECT] += self.doubt
        calibrated: NDArray[np.float64] = np.exp(
            scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        )
        return calibrated


def calibrate(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> Calibration:
    """The temperature [1]_ that makes digits' confidence honest, and the doubt that keeps them.

    ``probabilities`` is (n, 11) of digits alone, the last column for no digit; ``labels`` 0 to 9.
    They come from digits as they are found: what was trained on is bent and badly scanned on
    purpose, so that good scans get too low a confidence, and its share of non-digits is our choice,
    not the mail's. For each temperature doubt is such that ``_KEPT`` of the digits are likelier a
    digit than not; the one with the least expected calibration error is taken. (The likeliest
    temperature, as in [1]_, errs half as much again here: a few digits that are none at all to the
    model weigh more than all others.)

    .. [1] C. Guo, G. Pleiss, Y. Sun, K. Weinberger, On calibration of modern neural networks,
       ICML 2017 (there as the inverse).
    """
    logs = np.log(np.maximum(probabilities, 1e-30))
    tried = [_with_doubt(logs, float(t)) for t in np.geomspace(0.5, 3.0, 60)]
    return min(tried, key=lambda calibration: _dishonesty(calibration.on(logs), labels))


def _with_doubt(logs: NDArray[np.float64], temperature: float) -> Calibration:
    scores = logs * temperature
    for_digit = np.logaddexp.reduce(scores[:, :REJECT], axis=1) - scores[:, REJECT]
    return Calibration(temperature, float(np.quantile(for_digit, 1 - _KEPT)))


def _dishonesty(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    digits = probabilities[:, :REJECT]
    right = digits.argmax(axis=1) == labels
    return calibration_error(reliability(digits.max(axis=1), right))


def model_bytes(ensemble: DigitEnsemble, calibration: Calibration, name: str) -> bytes:
    """The model file: skops, of stripped networks in single precision."""
    from zipfile import ZIP_DEFLATED

    import skops.io

    content: bytes = skops.io.dumps(
        {
            "zipread_model": FORMAT,
            "name": name,
            "scikit_learn": metadata.version("scikit-learn"),
            "temperature": calibration.temperature,
            "doubt": calibration.doubt,
            "members": [_stripped(member) for member in ensemble.members_],
        },
        compression=ZIP_DEFLATED,
    )
    return content


def _stripped(network: Any) -> Any:
    """A network that predicts as this one and knows nothing of how it was fitted."""
    bare = type(network)(network.hidden_layer_sizes, random_state=0)
    for name in _STATE:
        setattr(bare, name, getattr(network, name))
    bare.coefs_ = [weights.astype(np.float32) for weights in network.coefs_]
    bare.intercepts_ = [bias.astype(np.float32) for bias in network.intercepts_]
    return bare
