"""The public sets of handwritten digits, in the formats they are published in.

Each is split by block or writer into a part to train on and a part held out; the official test
halves are never read here, only named to ``zipread evaluate digits`` on purpose. Where a user gets
them: the files named below, or OpenML through scikit-learn's ``fetch_openml`` (see
:mod:`zipread.training.fetch`).
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from zipread.errors import InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MNIST_TRAINED = 50_000  # of 60,000; the rest is held out
USPS_TRAINED = 6_291  # of 7,291
SEMEION_TRAINED = 1_393  # of 1,593
DIGITS_TRAINED = 1_500  # of 1,797
WORDS_TRAINED = 20  # writers 1 to 20 of 24


@dataclass(frozen=True, slots=True)
class Digits:
    """Labelled digits of one set.

    ``glyphs`` are soft ink, 0 paper to 255 ink. ``labels`` are 0 to 9. ``trained`` is how many of
    them, from the first, may be trained on; the others are held out. ``as_forms`` says that a glyph
    is a Digits form (8x8, 16 shown as 255), which was normalised by others than us.
    """

    name: str
    glyphs: list[NDArray[np.uint8]]
    labels: NDArray[np.int64]
    trained: int
    as_forms: bool = False

    def training(self) -> tuple[list[NDArray[np.uint8]], NDArray[np.int64]]:
        """The part to train on."""
        return self.glyphs[: self.trained], self.labels[: self.trained]

    def held_out(self) -> tuple[list[NDArray[np.uint8]], NDArray[np.int64]]:
        """The part held out."""
        return self.glyphs[self.trained :], self.labels[self.trained :]


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
        return read_usps(paths[0], 0) if kind == "usps" else read_mnist(paths[0], paths[1], 0)
    except (ValueError, OSError, IndexError, EOFError) as error:
        raise InputProblem(f"{paths[0]} cannot be read as {kind}: {error}") from error


def _embedded() -> Digits:
    """scikit-learn's Digits: optdigits.tes, 1,797 forms of 13 writers."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return _of_forms("digits", bunch.data, bunch.target, DIGITS_TRAINED)


def _mnist(home: Path) -> Digits:
    images, labels = (_find(home, f"train-{kind}*") for kind in ("images", "labels"))
    return read_mnist(images, labels, MNIST_TRAINED)


def read_mnist(images: Path, labels: Path, trained: int) -> Digits:
    """MNIST from two IDX files, gzipped or not; the format is on LeCun's page of the set."""
    pixels, values = _idx(images, 3), _idx(labels, 1)
    if len(pixels) != len(values):
        raise ValueError(f"{len(pixels)} images, {len(values)} labels")
    return Digits("mnist", list(pixels), values.astype(np.int64), trained)


def _idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    content = _content(path)
    if content[:4] != bytes([0, 0, 8, dimensions]):
        raise ValueError(f"{path.name} is no IDX file of bytes in {dimensions} dimensions")
    shape = np.frombuffer(content, ">u4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def read_usps(path: Path, trained: int) -> Digits:
    """USPS zip.train or zip.test: a line is the digit, then 256 values from -1 to 1."""
    table = np.loadtxt(_content(path).decode("ascii").splitlines())
    if table.ndim != 2 or table.shape[1] != 257:
        raise ValueError(f"{path.name} has not 257 columns")
    pixels = np.clip(np.rint((table[:, 1:] + 1) * 127.5), 0, 255).astype(np.uint8)
    return Digits("usps", list(pixels.reshape(-1, 16, 16)), table[:, 0].astype(np.int64), trained)


def _usps(home: Path) -> Digits:
    return read_usps(_find(home, "zip.train*"), USPS_TRAINED)


def _optdigits(home: Path) -> Digits:
    """UCI optdigits.tra: 64 counts, then the digit; commas or white space between."""
    lines = _content(_find(home, "optdigits.tra*")).decode("ascii").replace(",", " ").splitlines()
    table = np.loadtxt(lines)
    return _of_forms("optdigits", table[:, :64], table[:, 64], len(table))


def _of_forms(name: str, forms: NDArray[np.float64], labels: object, trained: int) -> Digits:
    glyphs = np.rint(np.asarray(forms).reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    return Digits(name, list(glyphs), np.asarray(labels, np.int64), trained, as_forms=True)


def _semeion(home: Path) -> Digits:
    """Semeion: 256 pixels of a 16x16 bitmap, then ten columns of which one is 1."""
    tokens = np.array(_content(_find(home, "semeion.data*")).split(), np.float64)
    table = tokens.reshape(1_593, -1)
    glyphs = (table[:, :256].reshape(-1, 16, 16) * 255).astype(np.uint8)
    labels = table[:, 256:266].argmax(axis=1).astype(np.int64)
    return Digits("semeion", list(glyphs), labels, SEMEION_TRAINED)


def _own(home: Path) -> Digits:
    """A person's labelled images, dark on light, one folder a digit; every fifth is held out."""
    found = sorted((path, digit) for digit in range(10) for path in (home / str(digit)).glob("*.*"))
    if not found:
        raise ValueError("no images in folders named 0 to 9")
    ordered = [pair for i, pair in enumerate(found) if i % 5 != 4] + found[4::5]
    labels = np.array([digit for _, digit in ordered], np.int64)
    trained = len(found) - len(found) // 5
    return Digits(home.name, [_dark_ink(path) for path, _ in ordered], labels, trained)


def _dark_ink(path: Path) -> NDArray[np.uint8]:
    grey = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise ValueError(f"{path.name} is no image")
    low, high = np.percentile(grey, (1, 90))
    return np.asarray(np.clip((high - grey) * (255 / max(1.0, high - low)), 0, 255), np.uint8)


@dataclass(frozen=True, slots=True)
class Words:
    """Handwritten words as soft ink, each with its writer's number from 1."""

    glyphs: list[NDArray[np.uint8]]
    writers: NDArray[np.int64]

    def training(self) -> list[NDArray[np.uint8]]:
        """The words of the writers that may be trained on."""
        return [g for g, w in zip(self.glyphs, self.writers, strict=True) if w <= WORDS_TRAINED]

    def held_out(self) -> list[NDArray[np.uint8]]:
        """The words of the writers held out."""
        return [g for g, w in zip(self.glyphs, self.writers, strict=True) if w > WORDS_TRAINED]


def load_words(folder: Path) -> Words:
    """Words from ``folder/words``: words.csv with the columns file, text, writer, and the PNGs."""
    home = folder / "words"
    try:
        with (home / "words.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        glyphs = [_dark_ink(home / row["file"]) for row in rows]
        return Words(glyphs, np.array([int(row["writer"]) for row in rows], np.int64))
    except (OSError, KeyError, ValueError) as error:
        raise InputProblem(f"The words in {home} cannot be read: {error}") from error


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
