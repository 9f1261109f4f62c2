"""``zipread export``: results in the formats that other OCR tools read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zipread.cli.commands import command_of, option
from zipread.cli.console import many
from zipread.errors import InputProblem, UsageProblem
from zipread.names import visible
from zipread.outputs.export import Format, exported
from zipread.places import JSON, place
from zipread.shelf import Kept, kept
from zipread.storage import output_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zipread.reading import DocumentReading


@command_of(no_args_is_help=True)
def command(
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE...")],
    kind: Annotated[
        Format,
        option(
            "--as",
            metavar=f"[{'|'.join(Format)}]",
            help="page: PAGE XML, a file a page; hocr: a file a document",
        ),
    ],
    out: Annotated[
        Path | None,
        option(
            "--out",
            file_okay=False,
            metavar="DIR",
            help="folder for the files, laid out as what was scanned  [one file: stdout]",
        ),
    ] = None,
) -> None:
    """Write readings as PAGE XML or hOCR: places, digits, probabilities and alternatives.

    A SOURCE is a results folder or the JSON of one document. What people keyed and was applied is
    in it, the machine's reading beside it. Boxes are in pixels of the image as it was scanned.
    """
    files = _files(tuple(sources), kind)
    if out is None:
        first, second = next(files, None), next(files, None)
        if first is None or second is not None:
            raise UsageProblem("That is not one file: say where to write them with --out DIR.")
        typer.echo(first[1], nl=False)
        return
    written: set[str] = set()
    for name, content in files:
        if name in written:
            text = f"Two of these results have a document {visible(name)}"
            raise UsageProblem(f"{text}: export them to a folder each.")
        _write(out / name, content)
        written.add(name)
    typer.echo(f"{many(len(written), 'file')} written to {visible(str(out))}.", err=True)


def _files(sources: tuple[Path, ...], kind: Format) -> Iterator[tuple[str, bytes]]:
    for source in sources:
        for record, reading in _readings(source):
            when = datetime.fromtimestamp(record.stat().st_mtime, UTC)
            base = str(place(reading.source.document))
            for suffix, content in exported(reading, kind, when):
                yield base + suffix, content


def _readings(source: Path) -> Iterator[tuple[Path, DocumentReading]]:
    if source.is_dir():
        for each in kept(source):
            reading = each.load()
            if reading:
                yield each.record, reading
    else:
        yield source, record_of(source)


def record_of(path: Path) -> DocumentReading:
    """The reading in a JSON file that a scan wrote.

    Raises
    ------
    InputProblem
        If there is none.
    """
    reading = Kept(path, None).load()
    if reading is None:
        text = f"{visible(str(path))} is no JSON file that a scan wrote."
        raise InputProblem(f"{text} Name one, such as RESULTS/envelope.png{JSON}.")
    return reading


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.draft"[-200:])
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise output_problem(path, error) from error
