"""Two models on the same pages: called better only when it is clear."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.review.making import say
from zipread.cli import app
from zipread.errors import InputProblem, UsageProblem
from zipread.evaluation.compare import Verdict, compare
from zipread.evaluation.compared import as_text
from zipread.evaluation.matched import Matched
from zipread.evaluation.truth import Truth
from zipread.reading import PageReading, Status

SAMPLES = Path(__file__).parents[2] / "samples" / "envelopes"


def pages(read, pages_each=1):
    """Pages by a letter each: a accepted, r right for review, x wrong for review, w wrong but
    accepted, - not scanned."""
    found = []
    for i, letter in enumerate(read):
        truth = Truth(f"{i // pages_each}.png", i % pages_each + 1, "02134")
        code = "02134" if letter in "ar" else "99999"
        status = Status.ACCEPTED if letter in "aw" else Status.REVIEW
        reading = None if letter == "-" else PageReading(truth.page, status, code, "", 0.9)
        found.append(Matched(truth, reading))
    return found


def verdict(a, b):
    return compare(pages(a), pages(b)).verdict


def test_the_same_is_not_better():
    result = compare(pages("arxw" * 20), pages("arxw" * 20))
    assert result.verdict is Verdict.NOT_CLEAR
    assert (result.right.low, result.right.high, result.right.chance) == (0, 0, 1)
    assert result.needed is None


def test_many_more_right_is_better_and_the_other_way_round_worse():
    result = compare(pages("r" * 80 + "x" * 20), pages("r" * 100))
    assert result.verdict is Verdict.BETTER
    assert (result.right.a, result.right.b) == (0.8, 1.0)
    # 20 of 100, binomial: 0.2 +- 1.96 * 0.04
    assert result.right.low == pytest.approx(0.12, abs=0.02)
    assert result.right.high == pytest.approx(0.28, abs=0.02)
    assert verdict("r" * 100, "r" * 80 + "x" * 20) is Verdict.WORSE


def test_a_few_more_right_are_not_enough():
    # The bootstrap's interval of 5 against 0 leaves out 0; one in sixteen coins does that too.
    result = compare(pages("r" * 95 + "x" * 5), pages("r" * 100))
    assert result.right.low > 0
    assert result.right.chance == pytest.approx(2 * 0.5**5)
    assert result.verdict is Verdict.NOT_CLEAR
    assert result.needed


def test_more_right_is_not_better_if_more_is_accepted_wrong():
    assert verdict("x" * 30 + "x" * 10 + "r" * 60, "r" * 30 + "w" * 10 + "r" * 60) is (
        Verdict.NOT_CLEAR
    )
    assert verdict("r" * 30 + "x" * 10 + "r" * 60, "r" * 30 + "w" * 10 + "r" * 60) is Verdict.WORSE


def test_what_is_not_scanned_is_not_right():
    assert verdict("r" * 50, "r" * 30 + "-" * 20) is Verdict.WORSE


def test_pages_of_one_document_are_one_witness():
    many = compare(pages("x" * 60 + "r" * 60, 1), pages("r" * 60 + "x" * 60, 1))
    few = compare(pages("x" * 60 + "r" * 60, 20), pages("r" * 60 + "x" * 60, 20))
    assert few.documents == 6
    assert few.right.high - few.right.low > 3 * (many.right.high - many.right.low)
    assert compare(pages("x" * 20 + "r" * 20, 20), pages("r" * 40, 20)).verdict is (
        Verdict.NOT_CLEAR
    )


def test_of_two_alike_it_rarely_calls_one_better():
    rng = np.random.default_rng(7)
    wrong = sum(
        verdict(*("".join(rng.choice(["r", "x"], 200, p=[0.9, 0.1])) for _ in "ab"))
        is not Verdict.NOT_CLEAR
        for _ in range(40)
    )
    assert wrong <= 6  # 2 expected; 7 or more of 40 come once in 300


def test_the_words_fit_the_verdict():
    better = compare(pages("r" * 80 + "x" * 20), pages("r" * 100))
    assert "B is better" in as_text(better, ("old", "new"))
    unclear = compare(pages("r" * 95 + "x" * 5), pages("r" * 100))
    text = as_text(unclear, ("old", "new"))
    assert "Not clear" in text
    assert "better:" not in text
    assert "6% likely" in text


class TestTheCommand:
    @pytest.fixture
    def folder(self, tmp_path):
        """Two labelled envelopes."""
        folder = tmp_path / "scans"
        folder.mkdir()
        lines = (SAMPLES / "truth.csv").read_text().splitlines()
        for name in ("01-white-no10.jpg", "11-postcard.jpg"):
            shutil.copy(SAMPLES / name, folder)
        kept = [line for line in lines[1:] if line.startswith(("01-", "11-"))]
        (folder / "truth.csv").write_text("\n".join([lines[0], *kept]) + "\n")
        return folder

    def run(self, *arguments):
        return CliRunner().invoke(app, ["compare", *map(str, arguments)])

    def test_it_reads_with_both_and_says(self, folder, tmp_path):
        out, figures = tmp_path / "out", tmp_path / "figures.json"
        options = ("--truth", folder, "--out", out, "--json", figures, "--jobs", 1)
        done = self.run("shipped", "shipped", *options)
        assert done.exit_code == 0, done.output
        assert "labelled pages 2, documents 2" in done.stdout
        assert "Not clear" in done.stdout
        assert json.loads(figures.read_text())["verdict"] == "not clear"
        (results,) = out.iterdir()  # the same model reads once
        assert (results / "documents.csv").exists()

    def test_what_was_keyed_is_left_out(self, folder, tmp_path):
        out = tmp_path / "out"
        options = ("--truth", folder / "truth.csv", "--out", out, "--jobs", 1)
        self.run("shipped", "shipped", *options)
        (results,) = out.iterdir()
        record = json.loads((results / "11-postcard.jpg.json").read_text())
        say(results, record["source"]["sha256"])
        done = self.run("shipped", "shipped", *options, "--not-keyed-in", results)
        assert "labelled pages 1, documents 1, keyed and left out 1" in done.stdout
        say(
            results,
            json.loads((results / "01-white-no10.jpg.json").read_text())["source"]["sha256"],
        )
        done = self.run("shipped", "shipped", *options, "--not-keyed-in", results)
        assert isinstance(done.exception, UsageProblem)

    def test_a_model_that_is_not_there_is_said(self, folder, tmp_path):
        done = self.run("shipped", tmp_path, "--truth", folder, "--out", tmp_path / "out")
        assert isinstance(done.exception, InputProblem)
        assert "zipread train" in str(done.exception)
        assert not (tmp_path / "out").exists()
