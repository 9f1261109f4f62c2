"""Engines for tests of the batch: cheap ones, and ones with faults, told by a file's own content.

A document is text: one line a page. A line is the ZIP to read, or what is to go wrong.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.errors import DocumentError, ErrorKind, ModelRefused
from zipread.reading import Box, Digit, Field, Page, PageReading, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zipread.options import Options

MAGIC = b"%PDF-"  # so that the walk takes it for a document
IDENTITY = hashlib.sha256(b"cheap").hexdigest()


@dataclass(frozen=True)
class TextPage(Page):
    text: str = ""


@dataclass(frozen=True)
class TextDocument:
    lines: list[str]

    @property
    def page_count(self) -> int:
        return len(self.lines)

    def page(self, number: int) -> Page:
        return TextPage(number, None, text=self.lines[number - 1])  # type: ignore[arg-type]


class Cheap:
    """Reads text in place of images, and does what the text says."""

    def __init__(self, options: Options) -> None:
        self.identity = options.model or IDENTITY

    @contextmanager
    def open(self, content: bytes) -> Iterator[TextDocument]:
        text = content.removeprefix(MAGIC).decode("latin-1").strip()
        if text == "corrupt":
            raise DocumentError(ErrorKind.CORRUPT, "It is damaged.")
        if text == "die-open":
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "hang-open":
            time.sleep(60)
        if text == "bug-open":
            raise ZeroDivisionError("open")
        yield TextDocument(text.splitlines() or [""])

    def read(self, page: Page) -> PageReading:
        assert isinstance(page, TextPage)
        word, _, rest = page.text.partition(" ")
        if word == "sleep":
            time.sleep(float(rest))
        if word == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "die-once" and not Path(rest).exists():
            Path(rest).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "segfault":
            ctypes.string_at(0)
        if word == "hang":
            time.sleep(60)
        if word == "take":
            bytearray(int(rest))
        if word == "bug":
            raise ZeroDivisionError("page")
        if word == "bad":
            raise DocumentError(ErrorKind.CORRUPT, "This page is damaged.")
        return self._reading(page.number, word if word.isdigit() else "02134", rest)

    @staticmethod
    def _reading(number: int, text: str, rest: str) -> PageReading:
        status = Status(rest) if rest in set(Status) else Status.ACCEPTED
        if status is Status.NO_ZIP:
            return PageReading(number, status, message="There is no ZIP.", width=9, height=9)
        form = (0.0, 16.0) * 32
        digits = tuple(
            Digit(i, int(d), 0.9, 1, 0.05, Box(i, 0, 9, 9), form) for i, d in enumerate(text)
        )
        field = Field("zip", Box(0, 0, 50, 9), text, "", 0.9, digits)
        return PageReading(number, status, text, "", 0.9, (field,), width=99, height=99)


def refused(_: Options) -> Cheap:
    raise ModelRefused("The model file is refused: it is a pickle.")


def broken(_: Options) -> Cheap:
    raise ZeroDivisionError("load")


def dead(_: Options) -> Cheap:
    os._exit(7)
