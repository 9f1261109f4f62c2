from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from zipread.training.evaluate import (
    as_text,
    auroc,
    calibration_error,
    evaluate,
    reject_curve,
    rejection,
    reliability,
)


@dataclass(frozen=True)
class Oracle:
    """A model that says what it is told: the first ten values of a form."""

    identity: str = "oracle"

    def predict_proba(self, forms: np.ndarray, /) -> np.ndarray:
        return forms[:, :10]


def said(labels: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """Forms of which the oracle says: this label, with this confidence."""
    forms = np.zeros((len(labels), 64), np.float32)
    forms[np.arange(len(labels)), labels] = confidence
    return forms


def test_the_auroc_is_scikit_learns() -> None:
    rng = np.random.default_rng(1)
    confidence = np.round(rng.random(500), 2)  # with ties
    right = rng.random(500) < confidence
    assert auroc(confidence, right) == pytest.approx(roc_auc_score(right, confidence))
    assert auroc(confidence, np.ones(500, bool)) is None


def test_an_honest_confidence_has_no_calibration_error_and_a_boastful_one_has() -> None:
    rng = np.random.default_rng(2)
    confidence = rng.random(100_000)
    right = rng.random(100_000) < confidence
    assert calibration_error(reliability(confidence, right)) < 0.01
    boasted = np.sqrt(confidence)
    expected = np.mean(boasted - confidence)
    assert calibration_error(reliability(boasted, right)) == pytest.approx(expected, abs=0.01)


def test_the_least_confident_are_rejected_first() -> None:
    confidence = np.linspace(0.1, 1, 100)
    right = np.arange(100) >= 4  # the four least confident are wrong
    curve = dict(reject_curve(confidence, right))
    assert curve[0.0] == pytest.approx(0.04)
    assert curve[0.01] == pytest.approx(3 / 99)
    assert curve[0.05] == curve[0.09] == 0


def test_figures_of_a_model_on_a_set() -> None:
    labels = np.repeat(np.arange(10), 20)
    read = labels.copy()
    read[:5] = 6  # five of the zeros
    result = evaluate(Oracle(), said(read, np.full(200, 0.9)), labels, "made")
    assert result.error == pytest.approx(0.025)
    assert result.error_by_digit == (0.25, *(9 * [0.0]))
    assert result.confusion[0][6] == 5
    assert sum(map(sum, result.confusion)) == 200
    assert result.calibration_error == pytest.approx(0.975 - 0.9, abs=1e-6)
    assert result.kept == 1.0
    assert json.loads(json.dumps(result.as_json()))["error"] == pytest.approx(0.025)
    text = as_text(result)
    assert "error                       2.50 %" in text
    assert "0: 25.0" in text


def test_how_non_digits_fare_by_kind_and_together() -> None:
    some = np.zeros(100, np.int64)
    digits = said(some, np.linspace(0.4, 1, 100))
    others = {"letters": said(some, np.full(100, 0.45)), "dirt": said(some, np.full(100, 0.1))}
    letters, dirt, every = rejection(Oracle(), digits, others)
    assert (letters.kind, letters.count, letters.below_half) == ("letters", 100, 1.0)
    assert letters.at_99 == 0.0  # 99 % of the digits are above 0.406
    assert dirt.at_99 == 1.0
    assert (every.kind, every.count, every.at_99) == ("all", 200, 0.5)
