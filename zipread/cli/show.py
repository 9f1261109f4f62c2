"""``zipread show``: one document's reading, drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zipread.cli.commands import command_of, option
from zipread.cli.export import record_of
from zipread.cli.flags import Source
from zipread.cli.pictured import written
from zipread.errors import UsageProblem
from zipread.places import JSON

if TYPE_CHECKING:
    from zipread.reading import DocumentReading
    from zipread.shelf import Kept
    from zipread.show.seen import Seen


@command_of(no_args_is_help=True)
def command(
    document: Annotated[Path, typer.Argument(metavar="DOCUMENT")],
    page: Annotated[
        int | None, option("--page", metavar="N", help="that page alone  [all]")
    ] = None,
    picture: Annotated[
        Path | None,
        option("--picture", dir_okay=False, metavar="PNG", help="write a picture instead"),
    ] = None,
    source: Source = None,
) -> None:
    """Draw how a document was read: the ZIP as it was seen, and each digit as the model saw it.

    DOCUMENT is what a scan wrote, such as results/envelope.png.json, or an image, which is read
    then. Under each digit stands its probability, and the runner-up's. --picture outlines the
    digits on the image.
    """
    from zipread.show.seen import seen_of

    kept, reading = _read(document, source)
    pages = [seen for seen in seen_of(kept, reading) if page in (None, seen.page.page)]
    if not pages:
        raise UsageProblem(f"There is no page {page}: it has {len(reading.pages)}.")
    if picture:
        from zipread.show.portrait import portrait

        with written(picture):
            portrait(pages).save(picture, format="PNG")
        return
    _print(pages)


def _read(document: Path, source: Path | None) -> tuple[Kept, DocumentReading]:
    from zipread.api import read_document
    from zipread.shelf import Kept, kept_as

    if document.suffix == JSON:
        reading = record_of(document)
        return kept_as(document, reading, source), reading
    return Kept(document, document), read_document(document)


def _print(pages: list[Seen]) -> None:
    from rich.console import Console

    from zipread.show.terminal import drawn

    console = Console(highlight=False)
    for number, seen in enumerate(pages):
        if number:
            console.print()
        for part in drawn(seen, console.width, colour=console.color_system is not None):
            console.print(part, soft_wrap=True)
