"""``python -m zipread.benchmark.readers NAME IMAGES FOUND``: other programs read the same images.

IMAGES is a JSON list of paths; FOUND gets a JSON list with the codes of each, the surest first.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_CODE = re.compile(r"(?<!\d)(\d{5})(?:-?\d{4})?(?!\d)")
_SPARSE = ("--psm", "11", "tsv")  # Tesseract's mode for text scattered over a page


def zipread(paths: list[str]) -> list[list[str]]:
    """The codes by this program, with two jobs."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "zipread", "scan", *paths, "--out", out]
        subprocess.run([*command, "--jobs", "2", "--quiet"], check=True)  # noqa: S603
        with Path(out, "documents.csv").open(newline="", encoding="utf-8") as file:
            zips = {row["document"]: row["zip"] for row in reversed(list(csv.DictReader(file)))}
    return [[zips[Path(path).name]] for path in paths]


def rapidocr(paths: list[str]) -> list[list[str]]:
    """The codes by RapidOCR as it comes, on all cores."""
    from rapidocr import RapidOCR

    read = RapidOCR()
    results = (read(path) for path in paths)
    return [_codes(zip(r.txts or (), r.scores or (), strict=True)) for r in results]


def tesseract(paths: list[str]) -> list[list[str]]:
    """The codes by Tesseract, a process an image as it is commonly used."""
    found = []
    for path in paths:
        command = ["tesseract", path, "stdout", *_SPARSE]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
        cells = [line.split("\t") for line in done.stdout.decode().splitlines()[1:]]
        found.append(_codes((cell[11], float(cell[10])) for cell in cells if len(cell) == 12))
    return found


READERS: dict[str, Callable[[list[str]], list[list[str]]]] = {
    f.__name__: f for f in (zipread, rapidocr, tesseract)
}


def _codes(texts: Iterable[tuple[str, float]]) -> list[str]:
    """Five digits, or five and four, wherever they stand in texts with scores."""
    scored = [(score, code) for text, score in texts for code in _CODE.findall(text)]
    return [code for _, code in sorted(scored, key=lambda pair: -pair[0])]


if __name__ == "__main__":
    name, images, found = sys.argv[1:]
    codes = READERS[name](json.loads(Path(images).read_text()))
    Path(found).write_text(json.dumps(codes))
