"""Say where a file was written, or why it could not be."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from zipread.errors import OutputProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Around the writing of one file: an OSError becomes an :class:`OutputProblem`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise OutputProblem(f"{path} could not be written: {error.strerror or error}.") from error
    typer.echo(f"written: {path}", err=True)
