"""The samples that come with the project agree with their truth."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SAMPLES = Path(__file__).parents[2] / "samples"


def truth(folder: str) -> list[dict[str, str]]:
    with (SAMPLES / folder / "truth.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("folder", ["envelopes", "awkward"])
def test_truth_and_files_belong_together(folder: str) -> None:
    files = {path.name for path in (SAMPLES / folder).iterdir()} - {"truth.csv"}
    assert files == {row["file"] for row in truth(folder)}


def test_the_samples_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 6_000_000
    assert len({row["file"] for row in truth("envelopes")}) >= 14


@pytest.mark.parametrize("row", truth("envelopes"), ids=lambda row: f"{row['file']}-{row['page']}")
def test_the_truth_box_lies_on_ink(row: dict[str, str]) -> None:
    path = SAMPLES / "envelopes" / row["file"]
    if path.suffix == ".pdf":
        pytest.skip("Pillow does not read PDF; the pipeline's tests do")
    with Image.open(path) as image:
        image.seek(int(row["page"]) - 1)
        grey = np.asarray(image, float)
    grey = grey.mean(axis=2) if grey.ndim == 3 else grey
    x, y, width, height = (int(row[name]) for name in "xywh")
    field = grey[y : y + height, x : x + width]
    assert field.shape == (height, width)
    assert np.percentile(field, 5) < 0.75 * np.median(field)
