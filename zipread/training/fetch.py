"""Fetch the public data sets from OpenML, through scikit-learn, and keep them in our formats."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np

from zipread.errors import InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from zipread.training.prepare import Progress
    from zipread.training.recipe import Recipe

_MNIST_TRAIN = 60_000  # rows; the test half follows
_USPS_TRAIN = 7_291
_OPTDIGITS_TRAIN = 3_823
_OPENML = {
    "mnist": ("mnist_784", 1),
    "usps": ("USPS", 2),
    "optdigits": ("optdigits", 1),
    "semeion": ("semeion", 1),
}


def fetch_missing(recipe: Recipe, folder: Path, progress: Progress) -> None:
    """Fetch the public sets that the recipe names and the folder lacks: training halves only.

    Raises
    ------
    InputProblem
        If OpenML cannot be reached, or gives something else than expected.
    """
    wanted = [n for n in (*recipe.data, *recipe.measure) if n in _OPENML]
    missing = [name for name in wanted if not (folder / name).is_dir()]
    for done, name in enumerate(missing):
        progress(f"fetching {name} from OpenML", done, len(missing))
        pixels, labels = _fetched(name)
        draft = folder / f".{name}"
        draft.mkdir(parents=True, exist_ok=True)
        _WRITERS[name](draft, pixels, labels)
        draft.replace(folder / name)


def _fetched(name: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    from sklearn.datasets import fetch_openml

    title, version = _OPENML[name]
    try:
        bunch = fetch_openml(title, version=version, as_frame=False, parser="liac-arff")
    except (OSError, ValueError) as error:
        raise InputProblem(f"{name} could not be fetched from OpenML: {error}") from error
    return np.asarray(bunch.data, np.float64), np.asarray(bunch.target).astype(np.float64).astype(
        np.int64
    )


def _write_mnist(home: Path, pixels: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
    images = pixels[:_MNIST_TRAIN].astype(np.uint8).reshape(-1, 28, 28)
    _write_idx(home / "train-images-idx3-ubyte.gz", images)
    _write_idx(home / "train-labels-idx1-ubyte.gz", labels[:_MNIST_TRAIN].astype(np.uint8))


def _write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(header + array.tobytes(), mtime=0))


def _write_usps(home: Path, pixels: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
    """OpenML's labels are 1 to 10, for the digits 0 to 9; values from -1 to 1 as published."""
    table = np.column_stack([labels - 1, pixels])[:_USPS_TRAIN]
    _write_table(home / "zip.train.gz", table, "%.4f")


def _write_optdigits(home: Path, pixels: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
    table = np.column_stack([pixels, labels])[:_OPTDIGITS_TRAIN]
    _write_table(home / "optdigits.tra", table, "%d")


def _write_semeion(home: Path, pixels: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
    """OpenML's labels are 1 to 10, for the digits 0 to 9."""
    table = np.column_stack([pixels[:, :256], np.eye(10)[labels - 1], np.zeros(len(labels))])
    _write_table(home / "semeion.data", table, "%d")


def _write_table(path: Path, table: NDArray[np.float64], style: str) -> None:
    np.savetxt(path, table, fmt=style)  # gzipped where the name ends so


_WRITERS: dict[str, Callable[[Path, NDArray[np.float64], NDArray[np.int64]], None]] = {
    "mnist": _write_mnist,
    "usps": _write_usps,
    "optdigits": _write_optdigits,
    "semeion": _write_semeion,
}
