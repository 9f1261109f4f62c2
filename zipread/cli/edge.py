"""The edge of the program, where an exception becomes a sentence and an exit code."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from zipread import __version__
from zipread.cli.streams import say
from zipread.errors import ExitCode, ZipreadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def translated(arguments: Sequence[str]) -> Iterator[None]:
    """End the process for any exception: an expected one in a line, a bug with a log saved."""
    try:
        yield
    except ZipreadError as error:
        _end(error.exit_code, f"zipread: {error}")
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _end(ExitCode.INTERRUPTED, "zipread: interrupted; what is done is kept.")
    except typer.TyperException as error:
        error.message = error.message.removeprefix("Value error, ")  # that pydantic begins with
        error.show()  # type: ignore[attr-defined]  # all that typer raises can be shown
        sys.exit(error.exit_code)
    except BrokenPipeError:
        _forget_stdout()
        sys.exit(ExitCode.OK)
    except Exception as error:
        _end(ExitCode.BUG, f"zipread: a bug of ours: {error!r}. {_saved(arguments)}")


def _end(code: ExitCode, message: str) -> None:
    log = logging.getLogger("zipread")
    if log.handlers:  # set up as was asked for: perhaps every line has to be a JSON object
        log.critical("%s", message)
    else:
        say(message)
    sys.exit(code)


def _forget_stdout() -> None:
    """Whoever read our output has gone (``zipread ... | head``): do not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _saved(arguments: Sequence[str]) -> str:
    """Save what a report needs; say where it is."""
    where = f"zipread {__version__}, Python {sys.version}\n{arguments!r}"
    report = f"{where}\n\n{traceback.format_exc()}"
    try:
        handle, name = tempfile.mkstemp(prefix="zipread-bug-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
            log.write(report)
    except OSError:
        return f"No log could be saved:\n{report}"
    return f"Please report it with the log that was saved as {Path(name)}."
