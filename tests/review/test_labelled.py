"""Keyed digits as training data: cut out, labelled by the person, learned from."""

import shutil

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from tests.review.making import pictures, say
from zipread.cli import app
from zipread.errors import InputProblem
from zipread.review.labelled import export_digits
from zipread.training.recipe import load_recipe

CODES = ["60185", "10001"]
RECIPE = """\
name = "tiny"
seed = 1
[data]
digits = 0
[negatives]
marks = 160
[estimator]
hidden = [20]
epochs = [[2, 1e-3]]
"""


@pytest.fixture
def hashes(tmp_path):
    return pictures(tmp_path / "inbox", tmp_path / "out", ["a.png", "b.png"], CODES)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def labels(folder):
    """The labels of the digits in an export, in the order of documents and positions."""
    found = sorted(folder.glob("*/*.png"), key=lambda path: path.name)
    return "".join(path.parent.name for path in found)


def test_each_digit_is_cut_out_and_has_the_persons_label(hashes, out, tmp_path):
    say(out, hashes[0], zip="60186")
    exported = export_digits(out, tmp_path / "digits")
    assert (exported.digits, labels(tmp_path / "digits")) == (5, "60186")
    for path in (tmp_path / "digits").glob("*/*.png"):
        glyph = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
        assert 20 <= glyph.shape[0] <= 45
        assert np.median(glyph) > 200  # dark on light
        assert glyph.min() < 120


def test_what_is_keyed_anew_moves_and_what_is_undone_goes(hashes, out, tmp_path):
    folder = tmp_path / "digits"
    (folder / "7").mkdir(parents=True)
    (folder / "7" / "mine.png").write_bytes(b"not ours")
    say(out, hashes[0], zip="60185")
    other = say(out, hashes[1], zip="10001")
    assert export_digits(out, folder).digits == 10
    say(out, hashes[0], zip="60186")
    say(out, hashes[1], action="undo", undoes=other.id)
    assert export_digits(out, folder).digits == 5
    assert (folder / "7" / "mine.png").exists()
    (folder / "7" / "mine.png").unlink()
    assert labels(folder) == "60186"


def test_what_is_too_far_from_the_reading_is_left_out(hashes, out, tmp_path):
    say(out, hashes[0], zip="99999")
    exported = export_digits(out, tmp_path / "digits")
    assert exported.digits == 0
    assert exported.left_out.total() == 1


def test_images_that_are_gone_are_told_and_found_with_source(hashes, out, tmp_path):
    say(out, hashes[0], zip="60185")
    export_digits(out, tmp_path / "digits")
    (tmp_path / "inbox").rename(tmp_path / "moved")
    exported = export_digits(out, tmp_path / "digits")
    assert (exported.digits, exported.left_out.total()) == (0, 1)
    assert labels(tmp_path / "digits") == "60185"  # kept: what they are by now is not known
    assert export_digits(out, tmp_path / "digits", tmp_path / "moved").digits == 5


class TestTraining:
    def train(self, tmp_path, *more):
        (tmp_path / "tiny.toml").write_text(RECIPE)
        arguments = ["train", "--recipe", str(tmp_path / "tiny.toml"), "--jobs", "1"]
        arguments += ["--out", str(tmp_path / "model"), *map(str, more)]
        return CliRunner().invoke(app, arguments)

    def test_corrections_are_one_more_data_set(self, hashes, out, tmp_path):
        say(out, hashes[0], zip="60185")
        done = self.train(tmp_path, "--with-corrections", out)
        assert done.exit_code == 0, done.output
        assert "5 keyed digits" in done.stderr
        assert f"of {1350 + 160 + 4 * 21:,} forms" in done.stdout
        (kept,) = (tmp_path / "model").glob("corrections-*")
        assert labels(kept) == "60185"
        assert (tmp_path / "model" / "digits.skops").exists()
        assert "tiny with corrections" in (tmp_path / "model" / "MODEL_CARD.md").read_text()

    def test_the_same_corrections_are_prepared_once(self, hashes, out, tmp_path):
        say(out, hashes[0], zip="60185")
        self.train(tmp_path, "--with-corrections", out)
        prepared = tmp_path / "model" / "prepared"
        times = {path.name: path.stat().st_mtime_ns for path in prepared.iterdir()}
        self.train(tmp_path, "--with-corrections", out)
        assert {path.name: path.stat().st_mtime_ns for path in prepared.iterdir()} == times
        say(out, hashes[1], zip="10001")
        self.train(tmp_path, "--with-corrections", out)
        assert len(list(prepared.iterdir())) > len(times)

    def test_without_any_it_says_what_to_do(self, hashes, out, tmp_path):
        error = self.train(tmp_path, "--with-corrections", out).exception
        assert isinstance(error, InputProblem)
        assert "zipread review" in str(error)
        assert not (tmp_path / "model" / "digits.skops").exists()


def test_a_recipe_may_name_a_folder_anywhere(hashes, out, tmp_path):
    say(out, hashes[0], zip="60185")
    export_digits(out, tmp_path / "mine")
    recipe = tmp_path / "own.toml"
    recipe.write_text(RECIPE.replace("digits = 0", f"digits = 0\n'{tmp_path / 'mine'}' = 2"))
    assert load_recipe(str(recipe)).data[str(tmp_path / "mine")] == 2
    arguments = ["train", "--recipe", str(recipe), "--out", str(tmp_path / "model"), "--jobs", "1"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    shutil.rmtree(tmp_path / "mine")
    assert isinstance(CliRunner().invoke(app, arguments).exception, InputProblem)
