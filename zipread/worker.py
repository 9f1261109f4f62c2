"""What runs in a worker process: take a task, read its pages, tell of each as it is done.

The parent counts a page's time from one message to the next, and knows from the last one which page
a worker died at.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import threading
import time
import traceback
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING

from zipread import remote
from zipread.api import read_pages, source_of
from zipread.errors import DocumentError, ErrorKind, ZipreadError
from zipread.intake import Stamp, StillGrowing, read_below
from zipread.reading import PageReading, Source
from zipread.remote import is_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from zipread.api import Engine
    from zipread.options import Options

_BASE_BYTES = 3 << 28
_BYTES_PER_PIXEL = 16  # of the largest page allowed


@dataclass(frozen=True, slots=True)
class Task:
    """A document to read, from page ``first`` on, if it still has its ``stamp``.

    ``name`` is the file's path below ``root``, ``document`` what its results are filed under.
    ``content`` is what the file holds where it is not for the worker to fetch, or why it could not
    be fetched; None where it is.
    """

    root: str
    name: str
    document: str
    stamp: Stamp
    first: int = 1
    content: bytes | DocumentError | StillGrowing | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine is loaded; ``identity`` is its model's."""

    identity: str


@dataclass(frozen=True, slots=True)
class NotReady:
    """The engine could not be loaded: for a reason to tell, or else a traceback."""

    error: ZipreadError | None
    trace: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The file's content is in memory, to be opened next."""

    source: Source


@dataclass(frozen=True, slots=True)
class Opened:
    """The document is open, its first page to be read next."""

    page_count: int


@dataclass(frozen=True, slots=True)
class PageDone:
    """One more page is read."""

    reading: PageReading


@dataclass(frozen=True, slots=True)
class Done:
    """The task is done: wholly, or up to an ``error``, or not at all for a file still growing."""

    error: DocumentError | None = None
    growing: bool = False


@dataclass(frozen=True, slots=True)
class Logged:
    """Something for the log."""

    level: int
    text: str


Message = Ready | NotReady | Taken | Opened | PageDone | Done | Logged


def serve(connection: Connection, entry: str, options: Options) -> None:
    """Perform tasks from ``connection`` until it closes. ``entry`` names the engine's factory."""
    _detach()
    _bound_memory(options)
    logging.getLogger("zipread").addHandler(_Teller(connection))
    try:
        engine = _load(entry, options)
    except Exception as error:
        known = error if isinstance(error, ZipreadError) else None
        connection.send(NotReady(known, traceback.format_exc()))
        return
    connection.send(Ready(engine.identity))
    while True:
        try:
            task = connection.recv()
            for message in perform(task, engine, options):
                connection.send(message)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


def perform(task: Task, engine: Engine, options: Options) -> Iterator[Message]:
    """Do one task; the last message is :class:`Done`."""
    started = time.perf_counter()
    try:
        content = content_of(task, options)
        yield Taken(source_of(task.document, content))
        with engine.open(content) as document:
            yield Opened(document.page_count)
            for reading in read_pages(
                document, _watched(engine, task, options), task.first, started
            ):
                yield PageDone(reading)
    except StillGrowing:
        yield Done(growing=True)
    except DocumentError as error:
        yield Done(error)
    except Exception as error:
        logging.getLogger("zipread").exception("a document could not be opened for a bug of ours")
        text = f"A bug of ours kept it from being read: {error!r}."
        yield Done(DocumentError(ErrorKind.INTERNAL, text))
    else:
        yield Done()


def content_of(task: Task, options: Options) -> bytes:
    """What a task's file holds; raises as :func:`~zipread.intake.read_below` does."""
    if isinstance(task.content, Exception):
        raise task.content
    if task.content is not None:
        return task.content
    if is_url(task.root):
        return remote.read(task.root, task.name, options.max_megabytes, task.stamp)
    return read_below(Path(task.root), task.name, options.max_megabytes, task.stamp)


def _load(entry: str, options: Options) -> Engine:
    module, _, factory = entry.partition(":")
    engine: Engine = getattr(import_module(module), factory)(options)
    return engine


def _watched(engine: Engine, task: Task, options: Options) -> Engine:
    if not options.debug:
        return engine
    from zipread.debug.watching import watched

    return watched(engine, task.document, options)


def _detach() -> None:
    """Leave signals, stdout and stderr to the parent, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # C libraries print there and would tear a progress bar
        os.dup2(nowhere, stream)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _bound_memory(options: Options) -> None:
    """Let no document take all of the machine's memory: asking for more is an error here.

    Bombs are refused by size before they are decoded; this is for what no one can look into, such
    as encrypted PDF. Reading a page of 50 megapixels takes half a gigabyte.
    """
    pages = int(_BYTES_PER_PIXEL * options.max_megapixels * 1e6)
    with contextlib.suppress(ValueError, OSError):  # a lower limit may be set, which holds then
        resource.setrlimit(resource.RLIMIT_DATA, (_BASE_BYTES + pages, resource.RLIM_INFINITY))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Teller(logging.Handler):
    """Sends log records to the parent, the only one that writes to the log."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record as text."""
        self._connection.send(Logged(record.levelno, self.format(record)))
