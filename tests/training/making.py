"""Small data sets in their published formats, made of scikit-learn's Digits."""

from __future__ import annotations

import gzip
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits


def drawn(side: int, count: int, margin: int = 0) -> NDArray[np.uint8]:
    """(count, side, side) bright digits on dark."""
    forms = load_digits().images[:count] * (255 / 16)
    inner = side - 2 * margin
    large = [cv2.resize(form, (inner, inner), interpolation=cv2.INTER_CUBIC) for form in forms]
    return np.pad(np.clip(large, 0, 255).astype(np.uint8), [(0, 0)] + 2 * [(margin, margin)])


def as_mnist(folder: Path, count: int) -> tuple[Path, Path]:
    """Two IDX files as MNIST's."""
    images, labels = folder / "images.gz", folder / "labels.gz"
    header = b"\0\0\x08\x03" + np.array([count, 28, 28], ">u4").tobytes()
    images.write_bytes(gzip.compress(header + drawn(28, count, 4).tobytes()))
    header = b"\0\0\x08\x01" + np.array([count], ">u4").tobytes()
    labels.write_bytes(
        gzip.compress(header + load_digits().target[:count].astype(np.uint8).tobytes())
    )
    return images, labels


def as_usps(folder: Path, count: int) -> Path:
    """A text file as USPS's zip.test."""
    path = folder / "zip.test.gz"
    values = drawn(16, count).reshape(count, 256) / 127.5 - 1
    table = np.column_stack([load_digits().target[:count], values])
    np.savetxt(path, table, fmt="%.4f")
    return path


def pictures(folder: Path, count: int) -> None:
    """A person's own pictures: dark on light, in a folder a digit."""
    for i, (glyph, label) in enumerate(
        zip(drawn(40, count, 6), load_digits().target, strict=False)
    ):
        path = folder / str(label) / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), 230 - (glyph * 0.8).astype(np.uint8))
