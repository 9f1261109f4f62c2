"""``python -m zipread.benchmark FOLDER``: what reading the images in a folder costs."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import cv2
import typer
from threadpoolctl import threadpool_limits

from zipread import __version__
from zipread.benchmark import others, reading, scans
from zipread.benchmark.corpus import Sample, samples_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from zipread.benchmark.tables import Table

JOBS = (1, 2)
SIZES = (100, 1000, 10_000)
RESOLUTIONS = (150, 200, 300, 400, 600)
_ALL = 2  # jobs where time matters and the number of jobs does not


def parts(samples: list[Sample], documents: int, most: int) -> dict[str, Callable[[], Table]]:
    """What there is to measure, in the order it is measured in."""
    sizes = [size for size in SIZES if size <= most]
    return {
        "startup": lambda: scans.startup(samples),
        "ratio": lambda: reading.ratio(samples),
        "stages": lambda: reading.stages(samples),
        "resolution": lambda: reading.by_resolution(
            samples[:: max(1, len(samples) // 40)], RESOLUTIONS
        ),
        "throughput": lambda: scans.throughput(samples, documents, JOBS),
        "memory": lambda: scans.memory(samples, documents, JOBS),
        "others": lambda: others.compared(samples),
        "growth": lambda: scans.growth(samples, sizes, _ALL),
    }


PARTS = tuple(parts([], 0, 0))


command = typer.Typer(add_completion=False, rich_markup_mode=None)


def _most(name: str, text: str, least: int = 1) -> Any:
    return typer.Option(name, min=least, metavar="N", help=text, show_default=False)


@command.command(no_args_is_help=True)
def measure(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, show_default=False)
    ],
    only: Annotated[
        str, typer.Option(metavar="PARTS", help=f"of {','.join(PARTS)}", show_default=False)
    ] = ",".join(PARTS),
    images: Annotated[int, _most("--images", "images to take, at most  [200]")] = 200,
    documents: Annotated[int, _most("--documents", "in a timed scan  [400]")] = 400,
    most: Annotated[int, _most("--most", "documents grown to  [10000]", 100)] = 10_000,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", show_default=False)
    ] = None,
) -> None:
    """Measure what reading the images in FOLDER costs, and print it.

    A truth.csv there (file, zip, dpi) tells resolutions and what is right. All of it takes a good
    while, most of that for "growth".
    """
    samples = samples_in(folder, images)
    known = parts(samples, documents, most)
    chosen = only.split(",")
    if unknown := set(chosen) - set(known):
        raise typer.BadParameter(
            f"There is no part {', '.join(sorted(unknown))}: {', '.join(known)}."
        )
    cv2.setNumThreads(1)
    machine = {"zipread": __version__, "python": platform.python_version()}
    machine |= {"cpu": platform.processor() or platform.machine(), "cores": str(os.cpu_count())}
    found = {"machine": machine, "images": len(samples)}
    typer.echo(
        f"{len(samples)} images; " + ", ".join(f"{k} {v}" for k, v in machine.items()) + "\n"
    )
    with threadpool_limits(1):
        for name in chosen:
            table = known[name]()
            found[name] = table.as_json()
            typer.echo(table.as_text())
            if json_file:  # each time: a long run that is ended leaves what it has
                json_file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    command()
