"""The estimator of the shipped model: perceptrons that vote, behind fit() and predict()."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import TYPE_CHECKING, Self

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from zipread.digit_model import CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.svm import SVC

FULL = np.float32(16)  # of a block of a Digits form


class DigitEnsemble(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped library
    """Multi-layer perceptrons that differ by their seed; their log-probabilities are averaged.

    Parameters
    ----------
    members : int
        How many networks.
    hidden : tuple of int
        Widths of the hidden layers.
    epochs : tuple of (int, float)
        How many passes over the data at each learning rate, in turn (Adam).
    batch : int
        Samples in a step.
    alpha : float
        Weight decay.
    seed : int
        Of the first member; the others count on from it.
    jobs : int
        Members that are fitted at the same time, each in a process of one thread.
    """

    def __init__(
        self,
        members: int = 1,
        hidden: tuple[int, ...] = (200, 100),
        epochs: tuple[tuple[int, float], ...] = ((10, 1e-3), (3, 2e-4)),
        batch: int = 256,
        alpha: float = 1e-5,
        seed: int = 0,
        jobs: int = 2,
    ) -> None:
        self.members = members
        self.hidden = hidden
        self.epochs = epochs
        self.batch = batch
        self.alpha = alpha
        self.seed = seed
        self.jobs = jobs

    def fit(self, forms: NDArray[np.float32], labels: NDArray[np.int64]) -> Self:
        """Fit all members to (n, 64) forms, 0 to 16, and n labels."""
        x = np.asarray(forms, np.float32) / FULL
        middle, spread = x.mean(axis=0), float(x.std()) or 1.0
        x = (x - middle) / np.float32(spread)
        work = (delayed(_fit_member)(self, x, labels, self.seed + i) for i in range(self.members))
        fitted = Parallel(n_jobs=min(self.jobs, self.members))(work)
        self.members_ = [_for_raw(network, middle, spread) for network in fitted]
        self.classes_ = self.members_[0].classes_
        return self

    def predict_proba(self, forms: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, classes) probabilities, uncalibrated."""
        x = np.asarray(forms, np.float32) / FULL
        mean = np.mean([member.predict_log_proba(x) for member in self.members_], axis=0)
        shares = np.exp(mean - mean.max(axis=1, keepdims=True))
        normalised: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
        return normalised

    def predict(self, forms: NDArray[np.float32]) -> NDArray[np.int64]:
        """The likeliest class of each form."""
        chosen: NDArray[np.int64] = self.classes_[self.predict_proba(forms).argmax(axis=1)]
        return chosen


def _fit_member(
    how: DigitEnsemble, x: NDArray[np.float32], labels: NDArray[np.int64], seed: int
) -> MLPClassifier:
    """One network; its optimiser starts afresh at each learning rate."""
    network = MLPClassifier(
        how.hidden,
        batch_size=min(how.batch, len(x)),
        alpha=how.alpha,
        random_state=seed,
        warm_start=True,
        tol=0.0,
        n_iter_no_change=10_000,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the passes are the recipe's choice
        for passes, rate in how.epochs:
            network.set_params(max_iter=passes, learning_rate_init=rate).fit(x, labels)
    return network


def _for_raw(network: MLPClassifier, middle: NDArray[np.float32], spread: float) -> MLPClassifier:
    """A network fitted to standardised forms, made to take them as they are.

    Blocks are 0 to 1 and mostly paper: fitted to them as they are, it errs a sixth more often after
    as many passes.
    """
    weights = network.coefs_[0] / spread
    network.coefs_[0] = weights
    network.intercepts_[0] = network.intercepts_[0] - middle @ weights
    return network


class Margins:
    """A fitted SVC seen as a model: a digit's score is its least margin over another digit.

    scikit-learn counts how many others it beats, which chooses the same but for few digits and does
    not rank right from wrong.
    """

    identity = "SVC, not saved"

    def __init__(self, svc: SVC) -> None:
        self._svc = svc.set_params(decision_function_shape="ovo")

    def predict_proba(self, forms: NDArray[np.float32], /) -> NDArray[np.float64]:
        """(n, 10) shares of the digits, not calibrated."""
        pairs = combinations(self._svc.classes_, 2)
        scores = np.full((len(forms), CLASSES), np.inf)
        for margin, (first, second) in zip(
            self._svc.decision_function(forms).T, pairs, strict=True
        ):
            np.minimum(scores[:, first], margin, out=scores[:, first])
            np.minimum(scores[:, second], -margin, out=scores[:, second])
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        normalised: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
        return normalised
