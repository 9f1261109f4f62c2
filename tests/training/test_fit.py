from __future__ import annotations

import numpy as np
import pytest
import skops.io
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from zipread.digit_model import REJECT, read_model
from zipread.training.ensemble import DigitEnsemble
from zipread.training.evaluate import calibration_error, reliability
from zipread.training.fit import Calibration, calibrate, fit, model_bytes


@pytest.fixture(scope="module")
def labelled() -> tuple[np.ndarray, np.ndarray]:
    """Digits, and turned upside down those that are none so."""
    bunch = load_digits()
    upside_down = bunch.data[np.isin(bunch.target, (3, 4, 7))].reshape(-1, 8, 8)[:, ::-1]
    forms = np.concatenate([bunch.data, upside_down.reshape(-1, 64)]).astype(np.float32)
    none = np.full(len(upside_down), REJECT)
    return forms, np.concatenate([bunch.target, none])


@pytest.fixture(scope="module")
def ensemble(labelled: tuple[np.ndarray, np.ndarray]) -> DigitEnsemble:
    small = DigitEnsemble(2, (40,), ((12, 3e-3), (3, 1e-3)), batch=32, seed=5, jobs=1)
    fit(small, labelled[0][::2], labelled[1][::2])
    return small


def test_the_tutorials_estimator_and_ours_have_one_way_in(
    labelled: tuple[np.ndarray, np.ndarray], ensemble: DigitEnsemble
) -> None:
    forms, labels = labelled
    fitted = fit(SVC(gamma=0.001), forms[::2], labels[::2])
    assert fitted.accuracy(forms[1::2], labels[1::2]) > 0.95
    assert np.mean(ensemble.predict(forms[1::2]) == labels[1::2]) > 0.93


def test_the_file_reads_as_the_ensemble_does(
    labelled: tuple[np.ndarray, np.ndarray], ensemble: DigitEnsemble
) -> None:
    calibration = Calibration(1.5, -0.7)
    content = model_bytes(ensemble, calibration, "small")
    model = read_model(content)
    assert (model.name, model.temperature, model.doubt) == ("small", 1.5, -0.7)
    scores = np.log(ensemble.predict_proba(labelled[0])) * 1.5
    scores[:, REJECT] -= 0.7
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(labelled[0]), expected[:, :10], atol=1e-4)
    theirs = skops.io.loads(content)["members"]  # scikit-learn's own, nothing trusted
    logs = [member.predict_log_proba(labelled[0] / 16) for member in theirs]
    np.testing.assert_array_equal(
        np.mean(logs, axis=0).argmax(axis=1), ensemble.predict(labelled[0])
    )


def test_the_same_seed_gives_the_same_file(labelled: tuple[np.ndarray, np.ndarray]) -> None:
    def made(seed: int) -> bytes:
        tiny = DigitEnsemble(1, (10,), ((2, 1e-3),), seed=seed, jobs=1)
        fit(tiny, *labelled)
        return model_bytes(tiny, Calibration(), "tiny")

    members = [read_model(made(seed)).members for seed in (1, 1, 2)]
    weights = [member[0][0].weights for member in members]
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


def test_calibration_finds_how_flat_the_confidences_are() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(0, 3, (20_000, 11))
    scores[:, REJECT] = -40  # all are digits, surely
    true = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(11, p=row) for row in true])
    flat = np.exp(scores / 2)
    found = calibrate(flat / flat.sum(axis=1, keepdims=True), labels)
    assert found.temperature == pytest.approx(2.0, rel=0.15)


def test_doubt_keeps_digits_and_is_as_high_as_that_allows(
    labelled: tuple[np.ndarray, np.ndarray], ensemble: DigitEnsemble
) -> None:
    digits = labelled[1] != REJECT
    forms, labels = labelled[0][digits][1::2], labelled[1][digits][1::2]
    found = calibrate(ensemble.predict_proba(forms), labels)
    kept = read_model(model_bytes(ensemble, found, "small")).predict_proba(forms).sum(axis=1) >= 0.5
    assert 0.985 < np.mean(kept) < 0.998


def test_calibration_makes_confidence_honest_on_other_digits_and_ranks_alike(
    labelled: tuple[np.ndarray, np.ndarray], ensemble: DigitEnsemble
) -> None:
    digits = labelled[1] != REJECT
    forms, labels = labelled[0][digits][1::2], labelled[1][digits][1::2]
    found = calibrate(ensemble.predict_proba(forms[::2]), labels[::2])
    probabilities = read_model(model_bytes(ensemble, found, "small")).predict_proba(forms[1::2])
    right = probabilities.argmax(axis=1) == labels[1::2]
    confidence = probabilities.max(axis=1).astype(np.float64)
    assert calibration_error(reliability(confidence, right)) < 0.04
    before = ensemble.predict_proba(forms[1::2])[:, :REJECT].argmax(axis=1)
    np.testing.assert_array_equal(before, probabilities.argmax(axis=1))
