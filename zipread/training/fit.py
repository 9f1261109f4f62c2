"""Fit any scikit-learn classifier to forms, calibrate an ensemble, save it as a model file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from zipread.digit_model import FORMAT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zipread.training.ensemble import DigitEnsemble

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


def temperature(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], grid: int = 80
) -> float:
    """The exponent on the probabilities that makes the labels likeliest [1]_.

    ``probabilities`` is (n, classes), of forms that were not fitted on, ``labels`` their columns.
    Above 1 sharpens, below 1 softens; the order of the classes never changes.

    .. [1] C. Guo, G. Pleiss, Y. Sun, K. Weinberger, On calibration of modern neural networks,
       ICML 2017 (there as the inverse).
    """
    logs = np.log(np.maximum(probabilities, 1e-30))
    exponents = np.geomspace(0.25, 4.0, grid)
    return float(exponents[np.argmin([_surprise(logs * e, labels) for e in exponents])])


def _surprise(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    top = scores.max(axis=1, keepdims=True)
    normaliser = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
    return float(np.mean(normaliser - scores[np.arange(len(labels)), labels]))


def model_bytes(ensemble: DigitEnsemble, exponent: float, name: str) -> bytes:
    """The model file: skops, of stripped networks in single precision."""
    from zipfile import ZIP_DEFLATED

    import skops.io

    content: bytes = skops.io.dumps(
        {
            "zipread_model": FORMAT,
            "name": name,
            "scikit_learn": metadata.version("scikit-learn"),
            "temperature": exponent,
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
