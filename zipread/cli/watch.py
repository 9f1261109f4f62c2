"""``zipread watch``: scan whenever something is dropped into a folder."""

from __future__ import annotations

import logging
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zipread.batch import kept_out
from zipread.cli.commands import command_of, option
from zipread.cli.flags import Config, all_flags, settings_from
from zipread.cli.scan import refuse_mixing, run, write_report
from zipread.errors import ExitCode, InputProblem, OutputHeld
from zipread.names import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zipread.options import Options

_SETTLE = 2.0
"""Seconds that a file must have been left alone: events come while it is still being written."""

_TURN_MS = 200  # between two looks at whether to stop
_BUSY = 1.0  # seconds until another try while another run holds the results

log = logging.getLogger("zipread")


@command_of(no_args_is_help=True)
@all_flags
def command(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDERS...")],
    every: Annotated[
        float,
        option("--every", min=0.1, metavar="SECONDS", help="look anyway after this long  [60]"),
    ] = 60.0,
    config: Config = None,
    **flags: Any,
) -> ExitCode:
    """Read what is dropped into folders, as it comes, until told to stop.

    The same as a scan each time something changes, and every minute in case an event was missed.
    SIGTERM and Ctrl-C end it once what is being read is saved.
    """
    settings = settings_from(flags, config)
    refuse_mixing(settings, folders)
    options = settings.options
    if not settings.is_set("settle"):
        options = replace(options, settle=_SETTLE)
    for folder in folders:
        if not folder.is_dir():
            raise InputProblem(f"There is no folder {visible(str(folder))} to watch.")
    code = watch(folders, every, options)
    if options.report:
        write_report(options)
    return code


def watch(folders: Sequence[Path], every: float, options: Options) -> ExitCode:
    """Scan now, and after each change, until SIGTERM or SIGHUP (exit code 0) or SIGINT (130)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: stop.set())
    ours = [path for path in kept_out(options) if isinstance(path, Path)]
    changes = _changes(folders, ours, stop)
    next(changes, None)  # from here on no change is missed, also while a scan runs
    pause = 0.0
    while _something_to_do(changes, pause):
        try:
            summary = run(folders, options, once=False)
        except OutputHeld as error:
            log.warning("%s", error)
            pause = min(every, _BUSY)
            continue
        if summary.stopped_by:
            by_hand = summary.stopped_by == signal.SIGINT
            return ExitCode.INTERRUPTED if by_hand else ExitCode.OK
        pause = min(every, options.settle or _BUSY) if summary.waiting.total() else every
    return ExitCode.OK


def _changes(folders: Sequence[Path], ours: Sequence[Path], stop: threading.Event) -> Iterator[Any]:
    """File events in sets, an empty one five times a second, until told to stop.

    What happens in folders of ``ours``, where scans write, is not told: it would never end. Where
    there are no events, for want of inotify watches as a rule, there are empty sets alone.
    """
    from watchfiles import watch as watch_files

    written = tuple(folder.resolve() for folder in ours)
    try:
        yield from watch_files(
            *(folder.resolve() for folder in folders),
            watch_filter=lambda _, path: not any(Path(path).is_relative_to(w) for w in written),
            stop_event=stop,
            rust_timeout=_TURN_MS,
            yield_on_timeout=True,
            raise_interrupt=True,
        )
    except (OSError, RuntimeError) as error:
        log.warning("There are no file events (%s): folders are looked at now and then.", error)
        while not stop.wait(_TURN_MS / 1000):
            yield set()


def _something_to_do(changes: Iterator[Any], pause: float) -> bool:
    """Return when something changed or ``pause`` seconds have gone; False if told to stop."""
    until = time.monotonic() + pause
    return any(change or time.monotonic() >= until for change in changes)
