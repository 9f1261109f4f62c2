"""The whole way from a recipe to a model folder: prepare, fit, calibrate, measure, write."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sklearn.svm import SVC

from zipread.digit_model import REJECT, DigitModel, read_model
from zipread.errors import OutputProblem
from zipread.shipped import DIGITS
from zipread.training.data_sets import ALL_HELD_OUT, load_digits_set
from zipread.training.ensemble import DigitEnsemble, Margins
from zipread.training.evaluate import Evaluation, Model, Rejection, evaluate, rejection
from zipread.training.fit import Calibration, calibrate, fit, model_bytes
from zipread.training.forms import held_out_forms
from zipread.training.prepare import Prepared, Progress, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from zipread.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Report:
    """What training gave: figures by data set, how non-digits fare, the time taken.

    ``model`` and ``path`` are None for an estimator that is measured but not saved.
    """

    recipe: Recipe
    model: DigitModel | None
    path: Path | None
    samples: int
    evaluations: tuple[Evaluation, ...]
    rejection: tuple[Rejection, ...]
    seconds: float


def train(
    recipe: Recipe, data: Path | None, out: Path, cache: Path, progress: Progress, jobs: int = 2
) -> Report:
    """Make ``out/digits.skops`` from a recipe; an SVC is measured only.

    Raises
    ------
    InputProblem
        If a data set is missing or damaged.
    OutputProblem
        If the model cannot be written.
    """
    start = time.perf_counter()
    prepared = prepare(recipe, data, cache, progress, jobs)
    training, held_out = prepared["training"], prepared["held-out"]
    progress(f"fitting to {len(training.labels):,} forms", 0, 1)
    model = path = None
    measured: Model
    if recipe.estimator.kind == "svc":
        measured = _fit_svc(recipe, training)
    else:
        content = _fit_ensemble(recipe, training, prepared["calibration"], jobs)
        path = _write(out, content)
        measured = model = read_model(content)
    evaluations = _evaluations(recipe, data, measured)
    rejected = _rejection(measured, held_out)
    seconds = time.perf_counter() - start
    return Report(recipe, model, path, len(training.labels), evaluations, rejected, seconds)


def _fit_svc(recipe: Recipe, training: Prepared) -> Margins:
    how = recipe.estimator
    return Margins(fit(SVC(C=how.c, gamma=how.gamma), training.forms, training.labels).estimator)


def _fit_ensemble(recipe: Recipe, training: Prepared, apart: Prepared, jobs: int) -> bytes:
    """The model file."""
    how = recipe.estimator
    ensemble = DigitEnsemble(
        how.members, how.hidden, how.epochs, how.batch, how.alpha, recipe.seed, jobs
    )
    fit(ensemble, training.forms, training.labels)
    return model_bytes(ensemble, _calibration(ensemble, apart), recipe.name)


def _calibration(ensemble: DigitEnsemble, apart: Prepared) -> Calibration:
    """By the digits set apart for it; none where there are none, or nothing to doubt."""
    digits = apart.labels != REJECT
    if not digits.any() or REJECT not in ensemble.classes_:
        return Calibration()
    return calibrate(ensemble.predict_proba(apart.forms[digits]), apart.labels[digits])


def _write(out: Path, content: bytes) -> Path:
    path = out / DIGITS
    try:
        out.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise OutputProblem(f"{path} could not be written: {error.strerror}.") from error
    return path


def _evaluations(recipe: Recipe, data: Path | None, model: Model) -> tuple[Evaluation, ...]:
    """Figures on what each set of the recipe holds out, and on the whole of other sets."""
    results = []
    redraw = recipe.augmentation if recipe.redraw else None
    for name in (*recipe.data, *recipe.measure):
        digits = load_digits_set(name, data)
        if name in recipe.measure:
            digits = replace(digits, split=ALL_HELD_OUT)
        if recipe.whole and name in recipe.data:
            continue
        if digits.split.calibrated < len(digits.labels):
            results.append(evaluate(model, *held_out_forms(digits, redraw), digits.name))
    return tuple(results)


def _rejection(model: Model, held_out: Prepared) -> tuple[Rejection, ...]:
    digits = held_out.forms[held_out.labels != REJECT]
    others = {kind: held_out.forms[where] for kind, where in held_out.non_digits.items()}
    return rejection(model, digits, others) if len(digits) and others else ()
