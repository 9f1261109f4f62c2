from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from tests.training.making import as_mnist, as_usps, pictures
from zipread.cli import app
from zipread.digit_model import load_model
from zipread.errors import UsageProblem
from zipread.training.data_sets import load_digits_set
from zipread.training.forms import held_out_forms
from zipread.training.prepare import prepare
from zipread.training.recipe import load_recipe

SMALL = """
name = "small"
seed = 7
[data]
digits = 1
[negatives]
halves = 300
touching = 300
marks = 300
[estimator]
hidden = [64]
epochs = [[10, 3e-3], [3, 1e-3]]
batch = 64
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.stdout


def test_training_makes_a_model_that_reads_and_says_how_well(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    told = run("train", "--recipe", recipe, "--out", out, "--jobs", 1)
    model = load_model(out / "digits.skops")
    forms, labels = held_out_forms(load_digits_set("digits", None))
    right = model.predict_proba(forms).argmax(axis=1) == labels
    assert np.mean(right) > 0.9
    assert f"error                       {100 * np.mean(~right):.2f} %" in told
    assert "no digit, touching" in told
    assert model.identity[:12] in told
    card = (out / "MODEL_CARD.md").read_text()
    assert model.identity in card
    assert f"{100 * np.mean(~right):.2f} %" in card
    for name in ("confusion.png", "reliability.png"):
        assert name in card
        assert cv2.imread(str(out / name)) is not None


def test_preparing_goes_on_where_it_was_stopped(recipe: Path, tmp_path: Path) -> None:
    asked = load_recipe(str(recipe))
    home = tmp_path / "prepared"
    whole = prepare(asked, None, home, lambda *_: None, 1)
    made = sorted(home.iterdir())
    made[0].unlink()
    (home / ".half.npz").write_bytes(b"half")  # what a killed run leaves
    before = {path: path.stat().st_mtime_ns for path in made[1:]}
    said: list[str] = []
    again = prepare(asked, None, home, lambda what, *_: said.append(what), 1)
    assert len(said) == 1
    assert {path: path.stat().st_mtime_ns for path in made[1:]} == before
    for use, part in whole.items():
        np.testing.assert_array_equal(part.forms, again[use].forms)
        np.testing.assert_array_equal(part.labels, again[use].labels)


def test_another_seed_makes_other_copies(recipe: Path, tmp_path: Path) -> None:
    first = prepare(load_recipe(str(recipe)), None, tmp_path, lambda *_: None, 1)["training"]
    recipe.write_text(SMALL.replace("seed = 7", "seed = 8"))
    other = prepare(load_recipe(str(recipe)), None, tmp_path, lambda *_: None, 1)["training"]
    np.testing.assert_array_equal(first.forms[:1350], other.forms[:1350])  # the digits as they are
    assert np.abs(first.forms[1350:2700] - other.forms[1350:2700]).mean() > 0.1


def test_a_persons_own_digits_are_a_set_of_a_recipe(recipe: Path, tmp_path: Path) -> None:
    pictures(tmp_path / "data/mine", 300)
    recipe.write_text(SMALL.replace("digits = 1", "mine = 2"))
    told = run("train", "--recipe", recipe, "--data", tmp_path / "data", "--out", tmp_path / "m")
    assert "mine: 60 digits" in told
    assert load_model(tmp_path / "m/digits.skops").name == "small"
    assert "| mine | your own |" in (tmp_path / "m/MODEL_CARD.md").read_text()


def test_an_svc_is_measured_and_not_saved(recipe: Path, tmp_path: Path) -> None:
    recipe.write_text(
        'name = "svc"\nseed = 1\n[data]\ndigits = 0\n[estimator]\nkind = "svc"\nc = 10.0\n'
    )
    told = run("train", "--recipe", recipe, "--out", tmp_path / "model")
    assert "SVC, measured, not saved" in told
    assert not (tmp_path / "model/digits.skops").exists()
    assert not (tmp_path / "model/MODEL_CARD.md").exists()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("name = ", "does not read"),
        ('name = "a"\nseed = 1\n', "does not read"),
        (SMALL.replace("halves", "quarters"), "unknown: quarters"),
        (SMALL.replace("[estimator]", '[estimator]\nkind = "tree"'), "tree"),
    ],
    ids=["no TOML", "no data", "unknown key", "unknown kind"],
)
def test_what_is_no_recipe_is_named(recipe: Path, text: str, named: str) -> None:
    recipe.write_text(text)
    with pytest.raises(UsageProblem, match=named):
        load_recipe(str(recipe))
    with pytest.raises(UsageProblem, match="no recipe"):
        load_recipe("none")


def test_the_model_is_evaluated_on_official_files(tmp_path: Path) -> None:
    images, labels = as_mnist(tmp_path, 100)
    told = run("evaluate", "digits", "--mnist", images, labels)
    assert "mnist: 100 digits" in told
    written = tmp_path / "deep/usps.json", tmp_path / "usps.png"
    told = run(
        *("evaluate", "digits", "--usps", as_usps(tmp_path, 100)),
        *("--json", written[0], "--picture", written[1]),
    )
    figures = json.loads(written[0].read_text())
    assert figures["data"] == "usps"
    assert figures["count"] == 100
    assert figures["error"] < 0.1
    assert len(figures["model"]) == 64
    assert f"error                       {100 * figures['error']:.2f} %" in told
    assert [share for share, _ in figures["reject_curve"]] == [0.0, 0.01, 0.03, 0.05, 0.09]
    assert sum(map(sum, figures["confusion"])) == 100
    assert sum(cell["count"] for cell in figures["reliability"]) == 100
    picture = cv2.imread(str(written[1]))
    assert picture is not None
    assert picture.std() > 10


def test_only_one_set_is_evaluated_at_a_time(tmp_path: Path) -> None:
    run("evaluate", "digits", "--set", "digits", "--usps", as_usps(tmp_path, 10), code=2)
