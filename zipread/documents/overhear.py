"""Overhear what a library mutters while it decodes.

libtiff decodes on after a bad fax code word and says so on stderr alone; Pillow passes neither the
words nor the fact on. So the file descriptor is diverted while a TIFF page decodes: nothing tears
a progress bar, and words mean damage.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STDERR = 2
MOST_WORDS = 4096

_one_at_a_time = threading.Lock()


@dataclass(slots=True)
class Overheard:
    """What was printed, its beginning; complete once the ``with`` block has ended."""

    words: str = ""


@contextmanager
def overheard_stderr() -> Iterator[Overheard]:
    """Divert this process's file descriptor 2 for a moment.

    The descriptor is the whole process's: what another thread prints meanwhile is taken for the
    library's words. Scans decode in worker processes of one thread.
    """
    heard = Overheard()
    with _one_at_a_time, _ear() as ear, _stderr_into(ear.fileno()):
        try:
            yield heard
        finally:
            heard.words = os.pread(ear.fileno(), MOST_WORDS, 0).decode(errors="replace")


@contextmanager
def warnings_as_errors() -> Iterator[None]:
    """Raise what Pillow only warns of, which of tags that decoding needs is never harmless.

    Python's filters are the whole process's, too: to be used within :func:`overheard_stderr`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", UserWarning)
        yield


def _ear() -> IO[bytes]:
    """A file to print into; in memory where that can be, since a disk may be full."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("overheard"), "w+b")
    return tempfile.TemporaryFile()


@contextmanager
def _stderr_into(target: int) -> Iterator[None]:
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
    try:
        kept = os.dup(STDERR)
    except OSError:  # A daemon may run with stderr closed.
        kept = None
    os.dup2(target, STDERR)
    try:
        yield
    finally:
        if kept is None:
            os.close(STDERR)
        else:
            os.dup2(kept, STDERR)
            os.close(kept)
