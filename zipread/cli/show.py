"""``zipread show``: one document's reading, drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zipread.cli.export import record_of
from zipread.cli.flags import source_flag
from zipread.cli.pictured import written
from zipread.errors import UsageProblem
from zipread.places import JSON

if TYPE_CHECKING:
    from zipread.reading import DocumentReading
    from zipread.shelf import Kept
    from zipread.show.seen import Seen


@click.command(no_args_is_help=True)
@click.argument("document", metavar="DOCUMENT", type=click.Path(path_type=Path))
@click.option("--page", type=int, metavar="N", help="that page alone  [all]")
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PNG",
    help="write a picture instead",
)
@source_flag
def command(document: Path, page: int | None, picture: Path | None, source: Path | None) -> None:
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
