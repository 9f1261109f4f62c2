"""The whole way from a recipe to a model folder: prepare, fit, calibrate, measure, write."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zipread.digit_model import MODEL_NAME, REJECT, DigitModel, read_model
from zipread.errors import OutputProblem
from zipread.training.data_sets import load_digits_set
from zipread.training.ensemble import DigitEnsemble
from zipread.training.evaluate import Evaluation, Rejection, evaluate, rejection
from zipread.training.fit import fit, model_bytes, temperature
from zipread.training.forms import held_out_forms
from zipread.training.prepare import Prepared, Progress, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from zipread.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Report:
    """What training gave: the model, figures by data set, how non-digits fare, the time taken."""

    recipe: Recipe
    model: DigitModel
    path: Path
    samples: int
    evaluations: tuple[Evaluation, ...]
    rejection: Rejection | None
    seconds: float


def train(
    recipe: Recipe, data: Path | None, out: Path, cache: Path, progress: Progress, jobs: int = 2
) -> Report:
    """Make ``out/digits.skops`` from a recipe.

    Raises
    ------
    InputProblem
        If a data set is missing or damaged.
    OutputProblem
        If the model cannot be written.
    """
    start = time.perf_counter()
    training, held_out = prepare(recipe, data, cache, progress, jobs)
    progress(f"fitting to {len(training.labels):,} forms", 0, 1)
    how = recipe.estimator
    ensemble = DigitEnsemble(
        how.members, how.hidden, how.epochs, how.batch, how.alpha, recipe.seed, jobs
    )
    fit(ensemble, training.forms, training.labels)
    content = model_bytes(ensemble, _calibrated(ensemble, held_out), recipe.name)
    path = _write(out, content)
    model = read_model(content)
    return Report(
        recipe,
        model,
        path,
        len(training.labels),
        _evaluations(recipe, data, model),
        _rejection(model, held_out),
        time.perf_counter() - start,
    )


def _calibrated(ensemble: DigitEnsemble, held_out: Prepared) -> float:
    """The temperature by what is held out; 1 where no digits are."""
    if not (held_out.labels != REJECT).any():
        return 1.0
    columns = np.searchsorted(ensemble.classes_, held_out.labels)
    return temperature(ensemble.predict_proba(held_out.forms), columns)


def _write(out: Path, content: bytes) -> Path:
    path = out / MODEL_NAME
    try:
        out.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise OutputProblem(f"{path} could not be written: {error.strerror}.") from error
    return path


def _evaluations(recipe: Recipe, data: Path | None, model: DigitModel) -> tuple[Evaluation, ...]:
    """Figures on what each set of the recipe holds out, and on the whole of other sets."""
    results = []
    for name in (*recipe.data, *recipe.measure):
        digits = load_digits_set(name, data)
        if name in recipe.measure:
            digits = replace(digits, trained=0)
        if digits.trained < len(digits.labels):
            results.append(evaluate(model, *held_out_forms(digits), digits.name))
    return tuple(results)


def _rejection(model: DigitModel, held_out: Prepared) -> Rejection | None:
    others = held_out.labels == REJECT
    if not others.any() or others.all():
        return None
    return rejection(model, held_out.forms[~others], held_out.forms[others])
