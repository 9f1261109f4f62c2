"""Logit models of few features, by maximum likelihood with a ridge on scaled features."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

RIDGE = 2.0

Features = NDArray[np.float64]
Loss = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]


def choice_weights(choices: Sequence[tuple[Features, NDArray[np.bool_]]]) -> NDArray[np.float64]:
    """Weights (features,) of a conditional logit (McFadden 1974), the first being the bias.

    Each choice is alternatives (n, features) and which of them are right (n,); where none is, the
    alternative "none of them" is, whose score is 0.
    """
    choices = [(x, right) for x, right in choices if len(x)]
    scale = _scale(np.concatenate([x for x, _ in choices]))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = _ridge(weights)
        for x, right in choices:
            scaled = x / scale
            scores = np.append(scaled @ weights, 0.0)
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            target = np.append(right.astype(float), 0.0 if right.any() else 1.0)
            hit = max(float(shares @ target), 1e-300)
            total -= float(np.log(hit))
            gradient = gradient + scaled.T @ (shares - shares * target / hit)[:-1]
        return total, gradient

    return _minimum(loss, scale)


def yes_weights(x: Features, yes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights (features,) of a logistic regression, the first being the bias."""
    scale = _scale(x)
    scaled = x / scale

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = _ridge(weights)
        scores = scaled @ weights
        total += float(np.logaddexp(0.0, np.where(yes, -scores, scores)).sum())
        return total, gradient + scaled.T @ (1 / (1 + np.exp(-scores)) - yes)

    return _minimum(loss, scale)


def _scale(x: Features) -> NDArray[np.float64]:
    scale: NDArray[np.float64] = x.std(axis=0) + 1e-6
    scale[0] = 1.0
    return scale


def _ridge(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The penalty and its gradient; the bias goes free."""
    gradient = RIDGE * weights
    gradient[0] = 0.0
    return 0.5 * RIDGE * float(weights[1:] @ weights[1:]), gradient


def _minimum(loss: Loss, scale: NDArray[np.float64]) -> NDArray[np.float64]:
    found = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / scale)
