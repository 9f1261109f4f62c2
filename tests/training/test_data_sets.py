from __future__ import annotations

import gzip
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.training.making import as_mnist, as_usps, pictures
from zipread.errors import InputProblem
from zipread.training.data_sets import load_digits_set, load_words, read_files
from zipread.training.forms import held_out_forms


def test_the_parts_of_a_set_are_apart_and_make_the_whole() -> None:
    digits = load_digits_set("digits", None)
    parts = [digits.training(), digits.calibration(), digits.held_out()]
    assert [len(labels) for _, labels in parts] == [1350, 150, 297]
    assert all(len(glyphs) == len(labels) for glyphs, labels in parts)
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in parts]), digits.labels)


def test_forms_come_back_as_they_were_given() -> None:
    forms, labels = held_out_forms(load_digits_set("digits", None))
    bunch = load_digits()
    np.testing.assert_allclose(forms, bunch.data[1500:], atol=0.05)
    np.testing.assert_array_equal(labels, bunch.target[1500:])


@pytest.mark.parametrize("packed", [True, False])
def test_mnists_files_are_read_packed_or_not(tmp_path: Path, packed: bool) -> None:
    images, labels = as_mnist(tmp_path, 40)
    if not packed:
        for path in (images, labels):
            path.write_bytes(gzip.decompress(path.read_bytes()))
    digits = read_files("mnist", (images, labels))
    assert digits.labels.tolist() == load_digits().target[:40].tolist()
    assert digits.glyphs[0].shape == (28, 28)
    assert len(digits.held_out()[1]) == 40  # nothing of an official test file is trained on


def test_usps_files_are_read(tmp_path: Path) -> None:
    digits = read_files("usps", (as_usps(tmp_path, 30),))
    assert digits.labels.tolist() == load_digits().target[:30].tolist()
    assert digits.glyphs[0].shape == (16, 16)
    assert digits.glyphs[0].min() == 0
    assert digits.glyphs[0].max() > 200
    assert len(digits.held_out()[1]) == 30


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b rubbish", b"1 2 3\n", b"\0\0\x08\x03\0\0\0\x09"]
)
@pytest.mark.parametrize("kind", ["usps", "mnist"])
def test_a_damaged_file_is_named(tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / "damaged.gz"
    path.write_bytes(content)
    with pytest.raises(InputProblem, match=r"damaged\.gz cannot be read"):
        read_files(kind, (path, path))


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="--data"):
        load_digits_set("mnist", None)
    with pytest.raises(InputProblem, match="no folder"):
        load_digits_set("mnist", tmp_path)
    (tmp_path / "mnist").mkdir()
    with pytest.raises(InputProblem, match="no file"):
        load_digits_set("mnist", tmp_path)
    with pytest.raises(InputProblem, match="words"):
        load_words(tmp_path)


def test_a_persons_own_pictures_read_dark_or_bright(tmp_path: Path) -> None:
    pictures(tmp_path / "mine", 60)
    mine = load_digits_set("mine", tmp_path)
    assert [len(part()[1]) for part in (mine.training, mine.calibration, mine.held_out)] == [
        42,
        6,
        12,
    ]
    for path in (tmp_path / "mine").rglob("*.png"):
        dark = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
        cv2.imwrite(str(path), 255 - dark)
    bright = load_digits_set("mine", tmp_path)
    for one, other in zip(mine.glyphs, bright.glyphs, strict=True):
        assert np.abs(one.astype(int) - other).mean() < 12
        assert one.mean() < 110  # ink is high, and less than the paper


def test_a_folder_of_no_digits_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine/7").mkdir(parents=True)
    with pytest.raises(InputProblem, match="no images"):
        load_digits_set("mine", tmp_path)
    (tmp_path / "mine/7/note.txt").write_text("seven")
    with pytest.raises(InputProblem, match=r"note\.txt is no image"):
        load_digits_set("mine", tmp_path)
