"""Labelled scans measured: figures, thresholds, where misses went wrong, and the command."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from zipread.cli.evaluate_scan import FLAGS, command
from zipread.errors import InputProblem, UsageProblem
from zipread.evaluation.causes import Cause, cause_of, shared, truth_box
from zipread.evaluation.matched import Matched, match
from zipread.evaluation.measure import measure, read_rate
from zipread.evaluation.report import as_text
from zipread.evaluation.thresholds import suggestions, upper_bound
from zipread.evaluation.truth import Truth, load_truth
from zipread.reading import Box, Field, PageReading, Status

SAMPLES = Path(__file__).parents[2] / "samples"


def matched(want="", got="", confidence=0.9, status="review", want4="", **more):
    truth = Truth("a.png", 1, want, want4, more.get("box"), more.get("tags", ()))
    fields = (Field("zip", more["read_at"], got, "", confidence, ()),) if "read_at" in more else ()
    reading = PageReading(
        1, Status(status), got, more.get("got4", ""), confidence, fields, width=100, height=60
    )
    return Matched(truth, reading)


# truth.csv


def write(path, text):
    path.write_text(text)
    return path


def test_a_truth_needs_a_file_and_a_zip_alone(tmp_path):
    path = write(tmp_path / "t.csv", "\ufefffile,zip\na.png,02134\nb.png,\n")
    assert load_truth(path) == [Truth("a.png", 1, "02134"), Truth("b.png", 1, "")]


@pytest.mark.parametrize("folder", ["envelopes", "awkward"])
def test_the_samples_truth_is_read(folder):
    truths = load_truth(SAMPLES / folder / "truth.csv")
    assert any(t.box for t in truths)
    assert all(t.tags for t in truths)


def test_pages_are_told_apart():
    pages = [t for t in load_truth(SAMPLES / "envelopes" / "truth.csv") if "two-pages" in t.file]
    assert [(t.page, t.zip, t.zip4) for t in pages] == [(1, "52565", ""), (2, "62651", "6460")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,zip\n", "no column 'file'"),
        ("file,zips\n", "Do you mean 'zips'"),
        ("file,zip\n", "no rows"),
        ("file,zip\na,0213x\n", "line 2: zip is digits"),
        ("file,zip,page\na,02134,0\n", "line 2: page is a number"),
        ("file,zip,x,y,w,h\na,02134,1,2,3,wide\n", "numbers of pixels"),
        ("file,zip\na,02134\na,02135\n", "two rows for page 1 of a"),
    ],
)
def test_what_is_wrong_with_a_truth_is_said(tmp_path, text, says):
    with pytest.raises(UsageProblem, match=says):
        load_truth(write(tmp_path / "t.csv", text))


def test_columns_and_cells_beyond_are_no_matter(tmp_path):
    path = write(tmp_path / "t.csv", "file,zip,member\na.png,02134, 77 ,stray\nb.png,02135\n")
    first, second = load_truth(path)
    assert first.others == (("member", "77"),)
    assert second.others == (("member", ""),)


def test_a_truth_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageProblem, match="UTF-8"):
        load_truth(tmp_path / "t.csv")
    with pytest.raises(InputProblem, match="cannot be read"):
        load_truth(tmp_path)


# figures

_SCANS = st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9, 0.99]), st.booleans()), max_size=40)


@given(_SCANS, st.integers(0, 5), st.sampled_from([0.0, 0.01, 0.1, 0.5]))
def test_the_read_rate_is_the_largest_share_within_the_error(scans, silent, limit):
    confidence = np.array([c for c, _ in scans])
    right = np.array([r for _, r in scans], bool)
    pages = max(1, len(scans) + silent)
    best = 0
    for level in {c for c, _ in scans}:
        accepted = [r for c, r in scans if c >= level]
        if accepted.count(False) <= limit * len(accepted):
            best = max(best, len(accepted))
    assert read_rate(confidence, right, pages, limit) == best / pages


def test_figures_count_what_was_read_accepted_and_wrong():
    pages = [
        matched("02134", "02134", 0.99, "accepted", tags=("boxed",)),
        matched("02134", "02135", 0.98, "accepted", tags=("boxed",)),
        matched("02134", "02134", 0.5, tags=("photo",), want4="0001", got4="0001"),
        matched("02134", "02134", 0.4, want4="0001", got4="0002"),
        matched("02134", "", 0.0, "no-zip"),
        matched("", "", 0.0, "no-zip"),
        Matched(Truth("gone.png", 1, "")),
    ]
    found = measure(pages)
    assert (found.right.count, found.right.of) == (4, 7)
    assert (found.accepted.count, found.wrong.count, found.wrong.of) == (2, 1, 2)
    assert found.plus4.share == 0.5
    assert found.statuses == {"accepted": 2, "review": 2, "no-zip": 2, "missing": 1}
    assert [(t.tag, t.right.count, t.wrong.count) for t in found.tags] == [
        ("boxed", 1, 1),
        ("photo", 1, 0),
    ]
    assert found.misses[0].status == "accepted"
    assert found.causes == {"not scanned": 1, "not found": 1, "wrong digit": 1}
    json.dumps(found.as_json())
    assert "4 of 7 (57.1 %)" in as_text(found)


def test_pages_without_any_guess_are_measured():
    found = measure([matched("02134", "", 0.0, "no-zip")])
    assert found.read_rate == {0.01: 0.0, 0.005: 0.0}
    assert "none" in as_text(found)


# thresholds


@pytest.mark.parametrize("count", [1, 10, 300])
def test_the_bound_of_none_wrong_is_known(count):
    assert upper_bound(0, count) == pytest.approx(1 - 0.05 ** (1 / count))
    assert upper_bound(count, count) == 1.0


def test_the_bound_of_some_wrong_is_that_of_the_tables():
    assert upper_bound(1, 10, 0.975) == pytest.approx(0.4450, abs=1e-4)


def test_what_is_promised_is_kept():
    """Where 2 % are wrong at every confidence, a promise of 2 % or less is rare."""
    rng = np.random.default_rng(7)
    broken = 0
    for _ in range(300):
        right = rng.random(1500) > 0.021
        promised = suggestions(rng.random(1500).round(4), right, (0.02,))[0].sure
        broken += promised is not None
    assert broken <= 300 * 0.05


def test_a_threshold_is_sure_with_enough_scans():
    confidence = np.linspace(0, 1, 2000)
    suggestion = suggestions(confidence, confidence > 0.3, (0.01,))[0]
    assert suggestion.seen is not None
    assert suggestion.sure is not None
    assert 0.3 <= suggestion.seen.accept <= suggestion.sure.accept < 0.4
    assert suggestion.sure.bound <= 0.01


# where misses went wrong

PLACE, ELSEWHERE = Box(10, 10, 50, 10), Box(10, 40, 50, 10)


@pytest.mark.parametrize(
    ("want", "got", "read_at", "cause"),
    [
        ("02134", "02135", PLACE, Cause.WRONG_DIGIT),
        ("02134", "10213", PLACE, Cause.WRONG_CUT),
        ("02134", "02987", PLACE, Cause.WRONG_CUT),
        ("02134", "02135", ELSEWHERE, Cause.WRONG_FIELD),
        ("", "02135", PLACE, Cause.NOTHING_THERE),
    ],
)
def test_where_it_went_wrong_is_told_by_the_place(want, got, read_at, cause):
    assert cause_of(matched(want, got, box=PLACE, read_at=read_at)) is cause


@pytest.mark.parametrize(
    ("got", "cause"),
    [
        ("02135", Cause.WRONG_DIGIT),
        ("10213", Cause.WRONG_CUT),
        ("77958", Cause.WRONG_FIELD),
        ("", Cause.NOT_FOUND),
    ],
)
def test_without_a_place_it_is_told_by_the_digits(got, cause):
    assert cause_of(matched("02134", got)) is cause


@pytest.mark.parametrize("turns", range(4))
def test_the_place_turns_with_the_page(turns):
    ink = np.zeros((60, 100), np.uint8)
    ink[40:50, 5:25] = 1
    upright = np.rot90(ink, -turns)
    rows, columns = np.nonzero(upright)
    height, width = upright.shape
    page = matched("02134", "02134", box=Box(5, 40, 20, 10))
    assert page.reading is not None
    reading = replace(page.reading, rotation=90 * turns, width=width, height=height)
    found = truth_box(replace(page, reading=reading))
    wide, tall = int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    assert found == Box(int(columns.min()), int(rows.min()), wide, tall)


def test_boxes_share_a_part_of_the_smaller():
    assert shared(Box(0, 0, 10, 10), Box(5, 0, 20, 10)) == 0.5
    assert shared(PLACE, ELSEWHERE) == 0


# the command


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), catch_exceptions=False)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Three samples measured against a truth with one wrong ZIP, and what was printed."""
    folder = tmp_path_factory.mktemp("scans")
    out = tmp_path_factory.mktemp("measured")
    for name in ("envelopes/12-two-pages.tif", "awkward/turned.jpg", "awkward/corrupt.jpg"):
        shutil.copy(SAMPLES / name, folder)
    rows = (SAMPLES / "envelopes" / "truth.csv").read_text().splitlines()
    awkward = (SAMPLES / "awkward" / "truth.csv").read_text().splitlines()[1:]
    kept = [row for row in rows + awkward if row.startswith(("file", "12-", "turned", "corrupt"))]
    text = "\n".join(kept).replace("52565", "52566") + "\n"
    (folder / "truth.csv").write_text(text)
    return folder, out, run(folder, "--out", out, "--jobs", 1)


def test_scans_are_read_and_measured(measured):
    _, out, done = measured
    assert done.exit_code == 0
    assert "3 of 4 (75.0 %)" in done.stdout
    figures = json.loads((out / "figures.json").read_text())
    assert figures["right"] == {"count": 3, "of": 4}
    assert [m["got"] for m in figures["misses"]] == ["52565"]
    assert figures["misses"][0]["cause"] == "wrong digit"
    assert (out / "results" / "documents.csv").exists()
    with Image.open(out / "misses.png") as sheet:
        assert sheet.width > 1000


def test_a_results_folder_is_measured_as_it_is(measured, tmp_path):
    folder, out, first = measured
    done = run(out / "results", "--truth", folder / "truth.csv", "--out", tmp_path)
    assert done.stdout == first.stdout


def test_a_name_of_two_documents_is_refused(measured, tmp_path):
    folder, _, _ = measured
    for sub in ("a", "b"):
        (tmp_path / "in" / sub).mkdir(parents=True)
        shutil.copy(folder / "corrupt.jpg", tmp_path / "in" / sub)
    write(tmp_path / "in" / "truth.csv", "file,zip\nb/corrupt.jpg,\n")
    assert run(tmp_path / "in", "--out", tmp_path / "out", "--jobs", 1).exit_code == 0
    with pytest.raises(UsageProblem, match=r"may be a/corrupt\.jpg or b/corrupt\.jpg"):
        match([Truth("corrupt.jpg", 1, "")], tmp_path / "out" / "results")


def test_measuring_moves_nothing():
    assert not {"move_done", "move_failed", "link_bins"} & set(FLAGS)
