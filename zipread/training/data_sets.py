"""The public sets of handwritten digits, in the formats they are published in.

Each is split by block or writer into a part to train on, one to calibrate on and one held out to
report on; the official test halves are never read here, only named to ``zipread evaluate digits``
on purpose. Where a user gets them: the files named below, or OpenML through scikit-learn's
``fetch_openml`` (see :mod:`zipread.training.fetch`).
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from zipread.errors import InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Split(NamedTuple):
    """Ends of the part to train on and of the part to calibrate on; what follows is held out."""

    trained: int
    calibrated: int


ALL_HELD_OUT = Split(0, 0)
MNIST = Split(46_000, 50_000)  # of 60,000
USPS = Split(5_791, 6_291)  # of 7,291
SEMEION = Split(1_333, 1_393)  # of 1,593
DIGITS = Split(1_350, 1_500)  # of 1,797
WORDS = Split(18, 20)  # by writers, of 24


@dataclass(frozen=True, slots=True)
class Digits:
    """Labelled digits of one set.

    ``glyphs`` are soft ink, 0 paper to 255 ink. ``labels`` are 0 to 9. ``as_forms`` says that a
    glyph is a Digits form (8x8, 16 shown as 255), which was normalised by others than us.
    """

    name: str
    glyphs: list[NDArray[np.uint8]]
    labels: NDArray[np.int64]
    split: Split
    as_forms: bool = False

    def training(self) -> tuple[list[NDArray[np.uint8]], NDArray[np.int64]]:
        """The part to train on."""
        return self.glyphs[: self.split.trained], self.labels[: self.split.trained]

    def calibration(self) -> tuple[list[NDArray[np.uint8]], NDArray[np.int64]]:
        """The part to calibrate on: neither trained nor reported on."""
        start, end = self.split
        return self.glyphs[start:end], self.labels[start:end]

    def held_out(self) -> tuple[list[NDArray[np.uint8]], NDArray[np.int64]]:
        """The part held out."""
        return self.glyphs[self.split.calibrated :], self.labels[self.split.calibrated :]


def load_digits_set(name: str, folder: Path | None) -> Digits:
    """One set by name from the folder that holds the sets, each in a folder of its own.

    ``digits`` is embedded in scikit-learn and needs no folder. Any other name that is not one of
    the public sets is a person's own folder of images, ``NAME/<digit>/*.png``; it may be a path
    that does not lie below the folder.

    Raises
    ------
    InputProblem
        If the set's files are missing or damaged.
    """
    if name == "digits":
        return _embedded()
    if folder is None and not Path(name).is_absolute():
        raise InputProblem(f"Data set {name!r} is read from a folder: name it with --data DIR.")
    home = Path(folder or "", name)
    if not home.is_dir():
        raise InputProblem(f"There is no folder {home} with the data set {name!r}.")
    try:
        return _READERS.get(name, _own)(home)
    except (ValueError, OSError, IndexError, EOFError) as error:
        raise InputProblem(f"The data set in {home} cannot be read: {error}") from error


def read_files(kind: str, paths: tuple[Path, ...]) -> Digits:
    """A test file of "usps", or the images and labels of "mnist": all of it held out.

    Raises
    ------
    InputProblem
        If a file is damaged or of another format.
    """
    try:
        return _read_files(kind, paths)
    except (ValueError, OSError, IndexError, EOFError) as error:
        raise InputProblem(f"{paths[0]} cannot be read as {kind}: {error}") from error


def _read_files(kind: str, paths: tuple[Path, ...]) -> Digits:
    if kind == "usps":
        return read_usps(paths[0], ALL_HELD_OUT)
    return read_mnist(paths[0], paths[1], ALL_HELD_OUT)


def _embedded() -> Digits:
    """scikit-learn's Digits: optdigits.tes, 1,797 forms of 13 writers."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return _of_forms("digits", bunch.data, bunch.target, DIGITS)


def _mnist(home: Path) -> Digits:
    images, labels = (_find(home, f"train-{kind}*") for kind in ("images", "labels"))
    return read_mnist(images, labels, MNIST)


def read_mnist(images: Path, labels: Path, split: Split) -> Digits:
    """MNIST from two IDX files, gzipped or not; the format is on LeCun's page of the set."""
    pixels, values = _idx(images, 3), _idx(labels, 1)
    if len(pixels) != len(values):
        raise ValueError(f"{len(pixels)} images, {len(values)} labels")
    return Digits("mnist", list(pixels), values.astype(np.int64), split)


def _idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    content = _content(path)
    if content[:4] != bytes([0, 0, 8, dimensions]):
        raise ValueError(f"{path.name} is no IDX file of bytes in {dimensions} dimensions")
    shape = np.frombuffer(content, ">u4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def read_usps(path: Path, split: Split) -> Digits:
    """USPS zip.train or zip.test: a line is the digit, then 256 values from -1 to 1."""
    table = _table(path, 257)
    pixels = np.clip(np.rint((table[:, 1:] + 1) * 127.5), 0, 255).astype(np.uint8)
    return Digits("usps", list(pixels.reshape(-1, 16, 16)), table[:, 0].astype(np.int64), split)


def _usps(home: Path) -> Digits:
    return read_usps(_find(home, "zip.train*"), USPS)


def _optdigits(home: Path) -> Digits:
    """UCI optdigits.tra: 64 counts, then the digit; commas or white space between."""
    table = _table(_find(home, "optdigits.tra*"), 65)
    return _of_forms("optdigits", table[:, :64], table[:, 64], Split(len(table), len(table)))


def _of_forms(name: str, forms: NDArray[np.float64], labels: object, split: Split) -> Digits:
    glyphs = np.rint(np.asarray(forms).reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    return Digits(name, list(glyphs), np.asarray(labels, np.int64), split, as_forms=True)


def _semeion(home: Path) -> Digits:
    """Semeion: 256 pixels of a 16x16 bitmap, then ten columns of which one is 1."""
    path = _find(home, "semeion.data*")
    table = _table(path, len(_content(path).split()) // 1_593)  # 266 columns or, with one more, 267
    glyphs = (table[:, :256].reshape(-1, 16, 16) * 255).astype(np.uint8)
    labels = table[:, 256:266].argmax(axis=1).astype(np.int64)
    return Digits("semeion", list(glyphs), labels, SEMEION)


def _own(home: Path) -> Digits:
    """A person's labelled images, ink dark or bright, one folder a digit.

    Of ten, one is to calibrate with and two are held out.
    """
    found = sorted((path, digit) for digit in range(10) for path in (home / str(digit)).glob("*.*"))
    if not found:
        raise ValueError("no images in folders named 0 to 9")
    calibrate, held_out = found[7::10], found[4::5]
    train = [pair for i, pair in enumerate(found) if i % 10 != 7 and i % 5 != 4]
    ordered = train + calibrate + held_out
    labels = np.array([digit for _, digit in ordered], np.int64)
    split = Split(len(train), len(train) + len(calibrate))
    return Digits(home.name, [_one_digit(path) for path, _ in ordered], labels, split)


def _one_digit(path: Path) -> NDArray[np.uint8]:
    """The soft ink of a picture of one digit, whose edge is mostly paper."""
    grey = _grey(path)
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    middle = (int(grey.min()) + int(grey.max())) / 2
    return _soft_ink(255 - grey if np.median(edge) < middle else grey)


def _grey(path: Path) -> NDArray[np.uint8]:
    grey = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise ValueError(f"{path.name} is no image")
    return np.asarray(grey, np.uint8)


def _soft_ink(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink of 0 to 255 from dark on light, most of it paper."""
    low, high = np.percentile(grey, (1, 90))
    return np.asarray(np.clip((high - grey) * (255 / max(1.0, high - low)), 0, 255), np.uint8)


@dataclass(frozen=True, slots=True)
class Words:
    """Handwritten words as soft ink, each with its writer's number from 1."""

    glyphs: list[NDArray[np.uint8]]
    writers: NDArray[np.int64]

    def training(self) -> list[NDArray[np.uint8]]:
        """The words of the writers that may be trained on."""
        return self._of_writers(1, WORDS.trained)

    def calibration(self) -> list[NDArray[np.uint8]]:
        """The words of the writers to calibrate on."""
        return self._of_writers(WORDS.trained + 1, WORDS.calibrated)

    def held_out(self) -> list[NDArray[np.uint8]]:
        """The words of the writers held out."""
        return self._of_writers(WORDS.calibrated + 1, int(self.writers.max(initial=0)))

    def _of_writers(self, first: int, last: int) -> list[NDArray[np.uint8]]:
        return [g for g, w in zip(self.glyphs, self.writers, strict=True) if first <= w <= last]


def load_words(folder: Path) -> Words:
    """Words from ``folder/words``: words.csv with the columns file, text, writer, and the PNGs."""
    home = folder / "words"
    try:
        with (home / "words.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        glyphs = [_soft_ink(_grey(home / row["file"])) for row in rows]
        return Words(glyphs, np.array([int(row["writer"]) for row in rows], np.int64))
    except (OSError, KeyError, ValueError) as error:
        raise InputProblem(f"The words in {home} cannot be read: {error}") from error


def _table(path: Path, columns: int) -> NDArray[np.float64]:
    """Numbers in so many columns, commas or white space between."""
    tokens = _content(path).replace(b",", b" ").split()
    if not tokens or columns < 1 or len(tokens) % columns:
        raise ValueError(f"{path.name} has not {columns} columns")
    return np.array(tokens, np.float64).reshape(-1, columns)


def _find(home: Path, pattern: str) -> Path:
    found = sorted(home.glob(pattern))
    if not found:
        raise FileNotFoundError(f"no file {pattern}")
    return found[0]


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


_READERS: dict[str, Callable[[Path], Digits]] = {
    "mnist": _mnist,
    "usps": _usps,
    "optdigits": _optdigits,
    "semeion": _semeion,
}
PUBLIC_SETS = ("digits", *_READERS)
