"""Results folders to review: scans of texts with the engine of the fault tests, and of images."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from tests.faults.engines import MAGIC
from tests.faults.scan import cheap_scan
from zipread.api import assemble, provenance
from zipread.decisions import Action, Decision, append
from zipread.options import Options
from zipread.reading import (
    Alternative,
    Box,
    Digit,
    DocumentReading,
    Field,
    PageReading,
    Source,
    Status,
)
from zipread.results import Results
from zipread.storage import hold

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def put(folder: Path, name: str, text: str) -> str:
    """Write a document that the engine reads as ``text``; its SHA-256."""
    folder.mkdir(exist_ok=True)
    content = MAGIC + text.encode()
    (folder / name).write_bytes(content)
    os.utime(folder / name, (time.time() - 60,) * 2)
    return hashlib.sha256(content).hexdigest()


def scan(folder: Path, out: Path, **options: object) -> None:
    cheap_scan(folder, out, **options)


def decided(sha256: str, who: str = "anna", action: str = "zip", **more: object) -> Decision:
    code = "12345" if action == "zip" else ""
    values: dict[str, object] = {"id": f"{who}-{action}-{time.monotonic_ns()}", "zip": code}
    values |= {"when": "2026-01-01T00:00:00Z", "document": "a.pdf", "page": 1} | more
    return Decision(who=who, sha256=sha256, action=Action(action), **values)  # type: ignore[arg-type]


def say(out: Path, sha256: str, who: str = "anna", action: str = "zip", **more: object) -> Decision:
    decision = decided(sha256, who, action, **more)
    append(out, decision)
    return decision


def pictures(folder: Path, out: Path, names: list[str], codes: list[str]) -> list[str]:
    """Images with a typed code each, and results that leave them all to a person; their hashes.

    No model is asked: the code is what was read, with 0.9 confidence.
    """
    folder.mkdir(exist_ok=True)
    readings = []
    for name, code in zip(names, codes, strict=True):
        pixels, boxes = drawn(code)
        content = cv2.imencode(".png", pixels)[1].tobytes()
        (folder / name).write_bytes(content)
        readings.append(reading(name, content, code, boxes))
    _save(readings, folder, out)
    return [document.source.sha256 for document in readings]


def blank(folder: Path, out: Path, status: Status) -> None:
    """An image without anything, and results that say so."""
    folder.mkdir(exist_ok=True)
    content = cv2.imencode(".png", np.full((300, 600), 235, np.uint8))[1].tobytes()
    (folder / "blank.png").write_bytes(content)
    source = Source("blank.png", len(content), hashlib.sha256(content).hexdigest())
    page = PageReading(1, status, message="No ZIP was found.", width=600, height=300)
    _save([assemble(source, (page,), "0" * 64, provenance(Options()))], folder, out)


def number(folder: Path, out: Path, digits: str) -> None:
    """An image with a number that a layout's field holds, and is no ZIP."""
    folder.mkdir(exist_ok=True)
    pixels, boxes = drawn(digits)
    content = cv2.imencode(".png", pixels)[1].tobytes()
    (folder / "a.png").write_bytes(content)
    read = reading("a.png", content, digits, boxes)
    (page,) = read.pages
    field = replace(page.fields[0], name="telephone", zip=digits, zip4="", in_directory=None)
    page = replace(page, zip=digits, zip4="", fields=(field,))
    _save([replace(read, pages=(page,))], folder, out)


def _save(readings: list[DocumentReading], folder: Path, out: Path) -> None:
    with hold(out), closing(Results(out)) as results:
        results.save([(each, str(folder / each.source.document), None) for each in readings])
        results.tabulate()


def drawn(code: str) -> tuple[NDArray[np.uint8], list[Box]]:
    """A light page of 600 x 300 pixels with a code on it, and the boxes of its digits."""
    pixels = np.full((300, 600, 3), 235, np.uint8)
    boxes = [Box(300 + 30 * i, 190, 26, 34) for i in range(len(code))]
    for digit, box in zip(code, boxes, strict=True):
        at = (box.x + 3, box.y + 29)
        cv2.putText(pixels, digit, at, cv2.FONT_HERSHEY_DUPLEX, 1, (90, 30, 20), 2, cv2.LINE_AA)
    return pixels, boxes


def reading(name: str, content: bytes, code: str, boxes: list[Box]) -> DocumentReading:
    form = (0.0, 16.0) * 32
    digits = tuple(
        Digit(i, int(d), 0.97, (int(d) + 1) % 10, 0.02, box, form)
        for i, (d, box) in enumerate(zip(code, boxes, strict=True))
    )
    around = Box(boxes[0].x, boxes[0].y, boxes[-1].right - boxes[0].x, boxes[0].height)
    other = Alternative("1" + code[1:5], "", 0.06)
    field = Field("zip", around, code[:5], code[5:], 0.9, digits, (other,), in_directory=True)
    page = PageReading(
        1,
        Status.REVIEW,
        code[:5],
        code[5:],
        0.9,
        (field,),
        "The reading is not sure enough.",
        width=600,
        height=300,
        seconds=0.1,
    )
    source = Source(name, len(content), hashlib.sha256(content).hexdigest())
    return assemble(source, (page,), "0" * 64, provenance(Options()))
