"""Pages finer than reading needs are read at a part of their size, and told of at all of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from zipread.api import read_document
from zipread.documents import open_document
from zipread.documents.coarse import FINE_DPI, LARGE, LEAST_OF_FINE, part_to_read
from zipread.engine import Pipeline
from zipread.options import Options
from zipread.reading import Box, Page, PageReading, Status

SAMPLE = Path(__file__).parents[1] / "samples" / "envelopes" / "03-cream-own-line.jpg"


@pytest.fixture(scope="module")
def engine() -> Pipeline:
    return Pipeline(Options())


def test_what_is_fine_is_so_both_ways() -> None:
    shorter, longer = LARGE
    assert part_to_read(shorter, longer - 1, None) == 1
    assert part_to_read(shorter - 1, longer, None) == 1
    assert part_to_read(longer, shorter, None) == 2
    assert part_to_read(2 * shorter, 2 * longer, None) == 4


def test_a_claim_of_resolution_is_believed_of_large_pages_only() -> None:
    height, width = LEAST_OF_FINE
    assert part_to_read(height, width, FINE_DPI) == 2
    assert part_to_read(height, width, FINE_DPI - 1) == 1
    assert part_to_read(height // 2, width // 2, FINE_DPI) == 1
    assert part_to_read(2 * height, 2 * width, 2 * FINE_DPI) == 4


@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_a_fine_scan_reads_like_a_coarse_one_with_boxes_of_its_own_size(
    kind: str, tmp_path: Path, engine: Pipeline
) -> None:
    coarse = read_document(SAMPLE, engine=engine).pages[0]
    page = cv2.imread(str(SAMPLE))
    assert page is not None
    times = LARGE[1] / page.shape[1] * 1.03
    large = cv2.resize(page, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    path = tmp_path / f"large.{kind}"
    cv2.imwrite(str(path), large)
    fine = read_document(path, engine=engine).pages[0]
    assert (fine.zip, fine.status) == (coarse.zip, coarse.status)
    assert (fine.height, fine.width) == large.shape[:2]
    for one, other in zip(coarse.fields[0].digits, fine.fields[0].digits, strict=True):
        there = np.array([other.box.x, other.box.y, other.box.width, other.box.height])
        here = times * np.array([one.box.x, one.box.y, one.box.width, one.box.height])
        assert np.abs(there - here).max() <= 4 * times


def test_who_does_not_read_gets_the_whole_page() -> None:
    large = np.full((LARGE[0] + 1, LARGE[1] + 1), 200, np.uint8)
    content = cv2.imencode(".jpg", large)[1].tobytes()
    with open_document(content, Options()) as document:
        assert document.page(1).pixels.shape == large.shape
    with open_document(content, Options(), to_read=True) as document:
        page = document.page(1)
        assert page.full == large.shape
        assert page.pixels.shape == (LARGE[0] // 2 + 1, LARGE[1] // 2 + 1)


def test_a_reading_turned_is_enlarged_the_same_way() -> None:
    small = PageReading(1, Status.NO_ZIP, rotation=90, width=300, height=500)
    whole = small.on((600, 1000))
    assert (whole.width, whole.height) == (600, 1000)
    assert Box(10, 20, 5, 6).enlarged(2) == Box(20, 40, 10, 12)


def test_a_page_of_known_pixels_only_is_all_there_is(engine: Pipeline) -> None:
    reading = engine.read(Page(1, np.full((700, 900), 220, np.uint8)))
    assert (reading.height, reading.width) == (700, 900)
