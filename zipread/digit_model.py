"""The digit model: 64 numbers in, ten probabilities out, and what is missing to one is doubt.

The file holds an ensemble of scikit-learn's ``MLPClassifier``, each with eleven classes: the ten
digits and class 10, no digit. It is read by :mod:`zipread.model_file`, which runs no code, checked
here, and evaluated in single precision without scikit-learn, which a scan need not import.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zipread.errors import ModelRefused
from zipread.model_file import ADVICE, audit_tree, construct, get_tree, refused
from zipread.shipped import DIGITS, models_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 2
FEATURES = 64
CLASSES = 10
REJECT = 10
_LARGEST_WEIGHT = 1e3
_FADED = 1e-20
"""Weights that training let fade, those of pixels that are never inked, are zero from here on: they
tell nothing, and a processor takes ten times as long for numbers too small for its float format."""
_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a network: ``x @ weights + bias``."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True)
class DigitModel:
    """A loaded model.

    ``identity`` is the SHA-256 of the file in hex, ``name`` what its recipe calls it, ``classes_``
    the digits 0 to 9 in the order of the columns of :meth:`predict_proba`. ``temperature`` and
    ``doubt`` are the calibration, see :class:`zipread.training.fit.Calibration`.
    """

    name: str
    identity: str
    members: tuple[tuple[Layer, ...], ...] = field(repr=False)
    temperature: float = 1.0
    doubt: float = 0.0
    classes_: NDArray[np.int64] = field(default_factory=lambda: np.arange(CLASSES), repr=False)

    def predict_proba(self, forms: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Probabilities of the ten digits.

        Parameters
        ----------
        forms : (n, 64) array
            Digits forms, values 0 to 16, as :func:`zipread.normalise.glyph_forms` gives them.

        Returns
        -------
        (n, 10) float32 array
            P(it is a digit, and this one). A row sums to P(it is a digit), at most 1; the rest is
            the probability that it is none.

        Raises
        ------
        ValueError
            If the forms are not of 64 finite numbers from 0 to 16.
        """
        x = np.asarray(forms, np.float32)
        if x.ndim != 2 or x.shape[1] != FEATURES:
            raise ValueError(f"forms are of shape (n, {FEATURES}), not {x.shape}")
        if x.size and not (x.min() >= -0.01 and x.max() <= 16.01):
            raise ValueError("forms hold finite values from 0 to 16")
        x = x * np.float32(1 / 16)
        parts = [self._probabilities(x[i : i + _CHUNK]) for i in range(0, len(x), _CHUNK)]
        return np.concatenate(parts) if parts else np.zeros((0, CLASSES), np.float32)

    def _probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        # The mean of the members' log-probabilities, but for what all classes have in common.
        total = np.zeros((len(x), CLASSES + 1), np.float32)
        for layers in self.members:
            total += _forward(layers, x)
        total *= np.float32(self.temperature / len(self.members))
        total[:, REJECT] += np.float32(self.doubt)
        probabilities: NDArray[np.float32] = np.exp(_log_softmax(total))
        return probabilities[:, :CLASSES]


def _forward(layers: tuple[Layer, ...], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The scores of the classes: ReLU between the layers."""
    for layer in layers[:-1]:
        x = x @ layer.weights
        x += layer.bias
        np.maximum(x, 0, out=x)
    scores: NDArray[np.float32] = x @ layers[-1].weights + layers[-1].bias
    return scores


def _log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted: NDArray[np.float32] = scores - scores.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


def load_model(path: Path | None = None) -> DigitModel:
    """Load a model file, by default the one that is shipped.

    Raises
    ------
    ModelRefused
        If the file is missing, of a format that could run code, damaged, of another scikit-learn
        minor version, or if its classes, features or weights are not those of a digit model.
    """
    path = path or models_folder() / DIGITS
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelRefused(
            f"The model {path} cannot be read: {error.strerror}. {ADVICE}"
        ) from error
    return read_model(content)


def read_model(content: bytes) -> DigitModel:
    """The model in a file's bytes; raises :class:`ModelRefused` as :func:`load_model` does."""
    tree = get_tree(content)
    audit_tree(tree)
    data = construct(tree)
    if not isinstance(data, dict) or data.get("zipread_model") != FORMAT:
        raise refused("it is not a digit model of this version of zipread")
    _check_version(data.get("scikit_learn"))
    members = data.get("members")
    if not isinstance(members, list) or not 1 <= len(members) <= 16:
        raise refused("it holds no ensemble of 1 to 16 networks")
    return DigitModel(
        name=str(data.get("name")),
        identity=hashlib.sha256(content).hexdigest(),
        members=tuple(_layers(member) for member in members),
        temperature=_number(data.get("temperature"), 0.05, 20.0),
        doubt=_number(data.get("doubt"), -20.0, 20.0),
    )


@cache
def _installed_version() -> str:
    return metadata.version("scikit-learn")


def _check_version(version: object) -> None:
    ours = _installed_version()
    if not isinstance(version, str) or version.split(".")[:2] != ours.split(".")[:2]:
        raise refused(
            f"it is of scikit-learn {version}, and {ours} is installed; train it anew with this one"
        )


def _number(value: object, low: float, high: float) -> float:
    if not isinstance(value, (int, float)) or not low <= value <= high:
        raise refused("its numbers are out of range")
    return float(value)


def _layers(member: Any) -> tuple[Layer, ...]:
    """The layers of one network, checked so that no input can make it fail."""
    if not isinstance(member, dict) or member.get("__class__") != "MLPClassifier":
        raise refused("it holds another estimator than MLPClassifier")
    if member.get("activation") != "relu" or member.get("out_activation_") != "softmax":
        raise refused("its networks are not of ReLU and softmax")
    classes = member.get("classes_")
    if not isinstance(classes, np.ndarray) or classes.tolist() != list(range(CLASSES + 1)):
        raise refused("its classes are not the ten digits and no digit")
    weights, biases = member.get("coefs_"), member.get("intercepts_")
    if not isinstance(weights, list) or not isinstance(biases, list) or len(weights) != len(biases):
        raise refused("its layers are not complete")
    layers = tuple(Layer(_array(w, 2), _array(b, 1)) for w, b in zip(weights, biases, strict=True))
    widths = [FEATURES, *(len(layer.bias) for layer in layers)]
    shapes = [layer.weights.shape for layer in layers]
    if shapes != list(pairwise(widths)) or widths[-1] != CLASSES + 1:
        raise refused(f"its layers do not lead from {FEATURES} features to {CLASSES + 1} classes")
    return layers


def _array(value: Any, dimensions: int) -> NDArray[np.float32]:
    if not isinstance(value, np.ndarray) or value.ndim != dimensions or value.dtype.kind != "f":
        raise refused("its weights are not arrays of numbers")
    if not np.isfinite(value).all() or np.abs(value).max(initial=0.0) > _LARGEST_WEIGHT:
        raise refused("its weights are not finite or out of range")
    weights = np.ascontiguousarray(value, np.float32)
    return np.where(np.abs(weights) < _FADED, np.float32(0), weights)
