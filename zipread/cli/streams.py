"""Standard streams that cannot stop a scan: closed, broken, or of another encoding."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


def make_safe() -> None:
    """Give closed streams a place to write to, and let no character be one too many.

    A closed stream's number would go to the next file that is opened, the ledger or the lock, and
    whatever a library prints would go into that.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Pipe:
    """Writes to a stream as long as that can be done, and then nowhere: ``error`` says why.

    That nobody reads any more (``zipread ... | head``) is no error.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.error: OSError | None = None

    def write(self, text: str) -> None:
        """Write and flush a text."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if not isinstance(error, BrokenPipeError):
                self.error = error


def say(text: str) -> None:
    """Write a line to stderr, if it can be written to."""
    Pipe(sys.stderr).write(text + "\n")
