"""What the confidence is learned from."""

from __future__ import annotations

from pathlib import Path

import cv2

from tests.paper import noisy_paper
from zipread.look import find_places
from zipread.options import Options
from zipread.pipeline import load_reader
from zipread.reading import Box
from zipread.training.confidence import Truth, see_places


def test_the_narrowest_places_around_a_code_are_learned_as_its_own(tmp_path: Path) -> None:
    sheet = noisy_paper(600, 1000)
    for text, x, y in (("MARY HATHAWAY", 300, 300), ("CHICAGO IL", 300, 400), ("60614", 620, 400)):
        cv2.putText(sheet, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 40, 3, cv2.LINE_AA)
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), sheet)
    options = Options()
    reader = load_reader(options)
    truth = Truth(path, "60614", "", Box(620, 370, 130, 32), turned=False)
    places = find_places(sheet, reader, 0).places
    cues, holds = see_places(truth, options, reader)
    assert len(cues) == len(holds) == len(places)
    assert holds.any()
    for place, is_own in zip(places, holds, strict=True):
        beside = place.line.right < 620 or place.line.left < 560 or place.line.middle[1] < 350
        assert bool(is_own) is not beside
