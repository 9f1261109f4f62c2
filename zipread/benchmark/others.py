"""The same images read by this program and by others, where they are installed."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.benchmark.processes import run
from zipread.benchmark.readers import READERS
from zipread.benchmark.tables import Figure, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from zipread.benchmark.corpus import Sample

_INSTALLED: dict[str, Callable[[], bool]] = {
    "zipread": lambda: True,
    "rapidocr": lambda: bool(find_spec("rapidocr") and find_spec("onnxruntime")),
    "tesseract": lambda: shutil.which("tesseract") is not None,
}


def compared(samples: list[Sample]) -> Table:
    """Images a second and how many are read right, of those whose ZIP is known."""
    known = [sample for sample in samples if sample.zip]
    rows = tuple(_row(name, known) for name in READERS if _INSTALLED[name]())
    note = (
        "Each from its start to its end: zipread with two jobs, the others as they come. Right is "
        "the surest code that is found; found also counts a right one among all that are."
    )
    columns = ("reader", "images", "images/s", "CPU ms an image", "right %", "found %")
    return Table("others", columns, rows, note)


def _row(name: str, samples: list[Sample]) -> tuple[Figure, ...]:
    with tempfile.TemporaryDirectory() as folder:
        images, found = Path(folder, "images.json"), Path(folder, "found.json")
        images.write_text(json.dumps([str(sample.path) for sample in samples]))
        spent = run([sys.executable, "-m", "zipread.benchmark.readers", name, images, found])
        codes = json.loads(found.read_text())
    count = len(samples)
    pairs = [(sample.zip, codes) for sample, codes in zip(samples, codes, strict=True)]
    right = sum(codes[:1] == [code] for code, codes in pairs)
    among = sum(code in codes for code, codes in pairs)
    shares = (100 * right / count, 100 * among / count)
    return (name, count, count / spent.seconds, 1000 * spent.cpu / count, *shares)
