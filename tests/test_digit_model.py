from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.datasets import load_digits

from tests.foreign_models import SHIPPED, foreign_models
from zipread.digit_model import DigitModel, load_model
from zipread.errors import ExitCode, ModelRefused
from zipread.normalise import glyph_forms
from zipread.recognise import Recogniser


@pytest.fixture(scope="module")
def model() -> DigitModel:
    return load_model()


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    bunch = load_digits()
    return bunch.data, bunch.target


def test_it_reads_digits_of_writers_it_never_saw(
    model: DigitModel, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    forms, labels = digits
    assert np.mean(model.predict_proba(forms).argmax(axis=1) == labels) > 0.97


def test_rows_sum_to_the_probability_of_a_digit(
    model: DigitModel, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    whole = model.predict_proba(digits[0])
    assert whole.shape == (1797, 10)
    assert whole.dtype == np.float32
    assert whole.min() >= 0
    assert whole.sum(axis=1).max() <= 1 + 1e-5


def test_each_glyph_is_read_once(model: DigitModel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def watched(self: DigitModel, forms: np.ndarray) -> np.ndarray:
        asked.append(len(forms))
        return predict(self, forms)

    predict = DigitModel.predict_proba
    monkeypatch.setattr(DigitModel, "predict_proba", watched)
    rng = np.random.default_rng(1)
    one, other, third = (rng.integers(0, 256, (30, 20), np.uint8) for _ in range(3))
    recognise = Recogniser(model)
    recognise([one, other])
    forms, probabilities = recognise([third, one, one.copy(), one[:, :15], other])
    assert asked == [2, 2]
    expected = glyph_forms([third, one, one, one[:, :15], other])
    np.testing.assert_array_equal(forms, expected)
    np.testing.assert_allclose(probabilities, predict(model, expected), atol=1e-5)
    assert [rows.shape for rows in recognise([])] == [(0, 64), (0, 10)]


@given(
    hnp.arrays(
        np.float32, st.tuples(st.integers(0, 5), st.just(64)), elements=st.floats(0, 16, width=32)
    )
)
@settings(max_examples=50)
def test_any_form_gives_probabilities(forms: np.ndarray) -> None:
    rows = load_model().predict_proba(forms)
    assert rows.shape == (len(forms), 10)
    assert np.isfinite(rows).all()
    assert ((rows >= 0) & (rows <= 1)).all()


@pytest.mark.parametrize(
    "forms",
    [
        np.zeros(64),
        np.zeros((1, 63)),
        np.full((1, 64), np.nan),
        np.full((1, 64), 255.0),
        -np.ones((2, 64)),
    ],
    ids=["one dimension", "63 values", "not a number", "0 to 255", "negative"],
)
def test_forms_that_are_none_are_named(model: DigitModel, forms: np.ndarray) -> None:
    with pytest.raises(ValueError, match="forms"):
        model.predict_proba(forms)


def test_identity_is_the_files_sha256(model: DigitModel) -> None:
    assert model.identity == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    assert model.classes_.tolist() == list(range(10))


def test_the_file_is_small_and_scikit_learn_reads_it_too(
    model: DigitModel, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    assert SHIPPED.stat().st_size <= 8_000_000
    members = skops.io.load(SHIPPED)["members"]
    theirs = np.mean([m.predict_log_proba(digits[0] / 16) for m in members], axis=0)
    ours = model.predict_proba(digits[0]).argmax(axis=1)
    assert np.mean(theirs[:, :10].argmax(axis=1) == ours) > 0.999


def test_foreign_models_are_refused_and_run_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    cases = list(foreign_models(marker))
    assert len(cases) >= 30
    for name, content in cases:
        for suffix in (".skops", ".pkl"):
            path = tmp_path / f"model{suffix}"
            path.write_bytes(content)
            with pytest.raises(ModelRefused) as refusal:
                load_model(path)
            assert "zipread train" in str(refusal.value), name
            assert refusal.value.exit_code == ExitCode.MODEL
            assert not marker.exists(), name


def test_another_scikit_learn_is_told_by_name(tmp_path: Path) -> None:
    cases = dict(foreign_models(tmp_path / "ran"))
    path = tmp_path / "old.skops"
    path.write_bytes(cases["another scikit-learn"])
    with pytest.raises(ModelRefused, match=r"scikit-learn 1\.2\.0.*train it anew"):
        load_model(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="cannot be read"):
        load_model(tmp_path / "none.skops")
