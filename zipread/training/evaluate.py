"""How well a model reads a labelled set of digits, and whether it knows when it does not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

REJECT_SHARES = (0.0, 0.01, 0.03, 0.05, 0.09)
BINS = 15


class Model(Protocol):
    """What is measured: a :class:`zipread.digit_model.DigitModel`, or what acts like one."""

    @property
    def identity(self) -> str:
        """SHA-256 of its file in hex, or what it is called."""

    def predict_proba(self, forms: NDArray[np.float32], /) -> NDArray[Any]:
        """(n, 10) probabilities of the digits."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Digits of about one confidence: how many, their mean confidence, the share read right."""

    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a model on a set; shares from 0 to 1.

    ``confusion[i][j]`` counts digits i read as j. ``reject_curve`` pairs a share of digits set
    aside, the least confident first, with the error among the rest. ``auroc`` is the probability
    that a digit read right is given more confidence than one read wrong, None if all are right.
    ``calibration_error`` is the expected calibration error over 15 bins of equal width [1]_.
    ``kept`` is the share of digits whose probability to be a digit at all is 0.5 or more.

    .. [1] C. Guo et al., On calibration of modern neural networks, ICML 2017.
    """

    data: str
    model: str
    count: int
    error: float
    error_by_digit: tuple[float, ...]
    confusion: tuple[tuple[int, ...], ...]
    reject_curve: tuple[tuple[float, float], ...]
    auroc: float | None
    calibration_error: float
    reliability: tuple[Bin, ...]
    kept: float

    def as_json(self) -> dict[str, Any]:
        """Plain data for ``json.dumps``."""
        return asdict(self)


def evaluate(
    model: Model, forms: NDArray[np.float32], labels: NDArray[np.int64], data: str
) -> Evaluation:
    """Measure a model on (n, 64) forms and n labels 0 to 9, n at least 1."""
    probabilities = model.predict_proba(forms)
    chosen = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = chosen == labels
    confusion = np.zeros((10, 10), np.int64)
    np.add.at(confusion, (labels, chosen), 1)
    bins = reliability(confidence, right)
    return Evaluation(
        data=data,
        model=model.identity,
        count=len(labels),
        error=float(np.mean(~right)),
        error_by_digit=tuple(_error(~right[labels == digit]) for digit in range(10)),
        confusion=tuple(tuple(int(n) for n in row) for row in confusion),
        reject_curve=reject_curve(confidence, right),
        auroc=auroc(confidence, right),
        calibration_error=calibration_error(bins),
        reliability=bins,
        kept=float(np.mean(probabilities.sum(axis=1) >= 0.5)),
    )


def _error(wrong: NDArray[np.bool_]) -> float:
    return float(np.mean(wrong)) if len(wrong) else 0.0


def reject_curve(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[tuple[float, float], ...]:
    """(share rejected, error of the rest), the least confident rejected first."""
    ordered = right[np.argsort(confidence, kind="stable")]
    return tuple((s, _error(~ordered[round(s * len(ordered)) :])) for s in REJECT_SHARES)


def auroc(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """The area under the ROC curve of confidence for right against wrong; ties count half."""
    if right.all() or not right.any():
        return None
    wrong = np.sort(confidence[~right])
    below = np.searchsorted(wrong, confidence[right], side="left")
    upto = np.searchsorted(wrong, confidence[right], side="right")
    return float(np.mean((below + upto) / 2) / len(wrong))


def reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS
) -> tuple[Bin, ...]:
    """Digits gathered in bins of equal width of confidence; empty bins have zeros."""
    place = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    some = np.maximum(count, 1)
    mean = np.bincount(place, confidence, bins) / some
    accuracy = np.bincount(place, right, bins) / some
    rows = zip(count, mean, accuracy, strict=True)
    return tuple(Bin(int(n), float(c), float(a)) for n, c, a in rows)


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Mean distance of confidence from accuracy, bins weighted by their digits."""
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.confidence - b.accuracy) for b in bins) / max(1, total)


@dataclass(frozen=True, slots=True)
class Rejection:
    """How well non-digits of one kind are told from digits.

    ``below_half`` is the share of non-digits with a digit probability under 0.5;
    ``at_99`` the share under the threshold that keeps 99 % of the digits.
    """

    kind: str
    count: int
    below_half: float
    at_99: float


def rejection(
    model: Model, digits: NDArray[np.float32], others: dict[str, NDArray[np.float32]]
) -> tuple[Rejection, ...]:
    """Measure the reject class on forms of digits and, by kind, forms of what is none.

    The last is of all kinds together.
    """
    threshold = np.quantile(model.predict_proba(digits).sum(axis=1), 0.01)
    found = {kind: model.predict_proba(forms).sum(axis=1) for kind, forms in others.items()}
    found["all"] = np.concatenate(list(found.values()))
    return tuple(
        Rejection(kind, len(p), float(np.mean(p < 0.5)), float(np.mean(p < threshold)))
        for kind, p in found.items()
    )


def as_text(result: Evaluation) -> str:
    """The figures for a terminal."""
    by_digit = "  ".join(f"{d}: {100 * e:.1f}" for d, e in enumerate(result.error_by_digit))
    curve = "\n".join(f"  {100 * s:4.0f} %   {100 * e:6.2f} %" for s, e in result.reject_curve)
    ranking = "-" if result.auroc is None else f"{result.auroc:.3f}"
    return (
        f"{result.data}: {result.count:,} digits\n"
        f"error                       {100 * result.error:.2f} %\n"
        f"error by digit, %           {by_digit}\n"
        f"rejected   error of the rest\n{curve}\n"
        f"AUROC, right against wrong  {ranking}\n"
        f"calibration error, {BINS} bins  {result.calibration_error:.4f}\n"
        f"taken for a digit           {100 * result.kept:.2f} %\n"
        f"model                       {result.model[:12]}\n"
    )
