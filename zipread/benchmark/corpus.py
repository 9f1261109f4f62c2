"""The images to measure with: a folder's own, more of them, and the same at other resolutions."""

from __future__ import annotations

import csv
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from zipread.errors import InputProblem
from zipread.walk import Walk

GRAIN = 2.0
"""Standard deviation of the noise put over a resampled page: a scanner's sensor has some, and
without it a page that was enlarged would be decoded faster than a scan of that resolution."""

_DECODED = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")  # by OpenCV as well


@dataclass(frozen=True, slots=True)
class Sample:
    """An image, and what is known of it: resolution in dots an inch, and its ZIP."""

    path: Path
    dpi: int | None = None
    zip: str = ""


def samples_in(folder: Path, most: int) -> list[Sample]:
    """Images that OpenCV decodes too, at most so many, spread over the folder's.

    What is known of them stands in the folder's ``truth.csv``, if it has one.

    Raises
    ------
    InputProblem
        If there are none.
    """
    found = [Path(f.root) / f.document for f in Walk([folder])]
    images = [path for path in found if path.suffix.lower() in _DECODED]
    if not images:
        raise InputProblem(f"There is no image in {folder}.")
    truth = _truth(folder / "truth.csv")
    step = max(1.0, len(images) / most)
    chosen = [images[int(i * step)] for i in range(min(most, len(images)))]
    return [_sample(path, truth.get(path.name, {})) for path in chosen]


def _sample(path: Path, known: dict[str, str]) -> Sample:
    dpi = known.get("dpi", "")
    return Sample(path, int(dpi) if dpi.isdigit() else None, known.get("zip", ""))


def _truth(path: Path) -> dict[str, dict[str, str]]:
    """The first row of each file."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in reversed(list(csv.DictReader(file)))}


def multiplied(samples: list[Sample], count: int, folder: Path) -> Path:
    """A folder of ``count`` documents: copies of the samples, then links to those where can be.

    Never links to the samples themselves: that would change their times under whoever scans them.
    """
    sources = [sample.path for sample in samples]
    for i in range(count):
        source = sources[i % len(sources)]
        target = folder / f"{i // 1000:03}" / f"{i:06}{source.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        if i < len(sources):
            shutil.copyfile(source, target)
            sources[i] = target
            continue
        try:
            os.link(source, target)
        except OSError:  # a file system without hard links
            shutil.copyfile(source, target)
    return folder


def resampled(samples: list[Sample], dpi: int, folder: Path) -> list[Sample]:
    """The samples of known resolution at another one, as JPEG files in ``folder`` that say so."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(dpi)
    made = []
    for sample in samples:
        if sample.dpi:
            page = cv2.imread(str(sample.path), cv2.IMREAD_COLOR)
            factor = dpi / sample.dpi
            how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
            large = cv2.resize(page, None, fx=factor, fy=factor, interpolation=how)
            grain = noise.normal(0, GRAIN, large.shape[:2]).astype(np.float32)
            grainy = np.clip(large + grain[..., None], 0, 255).astype(np.uint8)
            path = folder / f"{sample.path.stem}.jpg"
            image = Image.fromarray(cv2.cvtColor(grainy, cv2.COLOR_BGR2RGB))
            image.save(path, quality=90, dpi=(dpi, dpi))
            made.append(Sample(path, dpi, sample.zip))
    return made
