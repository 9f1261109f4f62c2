"""Run the review station on loopback until it is stopped, holding the reviews of a folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zipread import decisions
from zipread.directory import load_directory
from zipread.errors import OutputHeld, UsageProblem
from zipread.names import visible
from zipread.review.desk import Desk
from zipread.review.queue import Queue, items_of
from zipread.shelf import check_results
from zipread.shipped import DIRECTORY, models_folder
from zipread.storage import STATE, output_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from zipread.reading import Status


@dataclass(frozen=True, slots=True)
class Station:
    """What to serve. ``blind`` hides the machine's guess, ``port`` 0 takes a free one."""

    out: Path
    source: Path | None
    statuses: Collection[Status]
    who: str
    needs: int = 1
    blind: bool = False
    port: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """The station is listening: at this address, with so many pages left of so many."""

    url: str
    left: int
    total: int
    torn: int


def serve(station: Station, opened: Callable[[Opened], None]) -> int | None:
    """Serve until SIGINT or SIGTERM; how many decisions were made, None if no page is to be shown.

    Raises
    ------
    InputProblem
        If there are no results.
    OutputHeld
        If another station reviews the same results.
    UsageProblem
        If the extra ``review`` is not installed, or the port is taken.
    """
    try:
        import uvicorn

        from zipread.review.station import Gate, application
    except ImportError as error:
        text = "The review station needs two more packages: pip install 'zipread[review]'."
        raise UsageProblem(text) from error
    check_results(station.out)
    with _held(station.out), _listening(station.port) as listening:
        port = listening.getsockname()[1]
        gate = Gate(secrets.token_urlsafe(24), port)
        desk, torn = _desk(station)
        if not desk.queue.items:
            return None
        app = application(desk, gate, station.who, blind=station.blind)
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        config.timeout_graceful_shutdown = 2
        url = f"http://127.0.0.1:{port}/{gate.token}/"
        opened(Opened(url, desk.queue.left(), len(desk.queue.items), torn))
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn passes Ctrl-C on when it is down
            uvicorn.Server(config).run(sockets=[listening])
        return desk.decided


def _desk(station: Station) -> tuple[Desk, int]:
    log = decisions.read(station.out)
    queue = Queue(items_of(station.out, station.source, station.statuses), log)
    directory = load_directory(models_folder() / DIRECTORY)
    desk = Desk(station.out, queue, station.needs, lambda code: code in directory)
    return desk, log.torn


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError as error:
            text = f"Port {port} cannot be used: {error.strerror}. Leave --port out to take any."
            raise UsageProblem(text) from error
        listening.listen()
        yield listening


@contextmanager
def _held(out: Path) -> Iterator[None]:
    """Keep a second station off the same results; scans go on meanwhile."""
    path = out / STATE / "review.lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise output_problem(path, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        text = f"{visible(str(out))} is reviewed at another station already: use its address. Each"
        raise OutputHeld(f"{text} reviewer opens a window of their own there.") from None
    finally:
        os.close(handle)
