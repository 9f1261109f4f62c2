"""One frozen model of all options. Where they come from is :mod:`zipread.settings`'s matter."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from zipread.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Mapping


def _option(
    default: Any,
    text: str,
    *,
    group: str = "Reading",
    shapes_result: bool = False,
    least: float = -math.inf,
    most: float = math.inf,
    choices: tuple[str, ...] = (),
    stands_for: str = "",
) -> Any:
    """A field with its help text, and its bounds or ``choices``.

    ``shapes_result`` marks what a changed value must re-read for; ``group`` is the heading that
    the flag stands under in the help, ``stands_for`` what it shows in place of the value.
    """
    metadata = {
        "help": text,
        "group": group,
        "shapes_result": shapes_result,
        "least": least,
        "most": most,
        "choices": choices,
        "stands_for": stands_for or "|".join(choices),
    }
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that can be set for a scan; each field is a flag, a TOML key and a variable."""

    out: str = _option("zipread-results", "folder for the results", group="Results")
    report: bool = _option(
        False, "at the end, show all results as one page, report.html", group="Results"
    )
    accept: float | None = _option(
        None,
        "accept a ZIP from this confidence on (overrides --max-error)",
        shapes_result=True,
        least=0,
        most=1,
    )
    max_error: float = _option(
        0.01,
        "share of accepted ZIPs that may be wrong; sets the threshold",
        shapes_result=True,
        least=0,
        most=1,
    )
    directory: bool = _option(
        True, "use the ZIP directory as a prior (off: any five digits alike)", shapes_result=True
    )
    layout: str | None = _option(
        None, "TOML file that names fields by their place on the page", shapes_result=True
    )
    model: str | None = _option(None, "model file to read with, instead of the one shipped")
    pdf_dpi: int = _option(
        300,
        "resolution that a PDF page without a single scan is drawn at",
        shapes_result=True,
        least=72,
        most=1200,
    )
    debug: str | None = _option(
        None, "folder for a picture of how each page was read (with --again: also of what is done)"
    )
    max_megapixels: float = _option(
        50.0, "largest page, in megapixels", group="Limits", shapes_result=True, least=0
    )
    max_side: int = _option(
        16_384, "longest side of a page, in pixels", group="Limits", shapes_result=True, least=1
    )
    max_megabytes: float = _option(
        64.0, "largest file, in megabytes", group="Limits", shapes_result=True, least=0
    )
    max_pages: int = _option(
        500, "most pages of a document", group="Limits", shapes_result=True, least=1
    )
    timeout: float = _option(
        30.0,
        "seconds that opening a document or reading a page may take",
        group="Limits",
        least=0.1,
    )
    jobs: int | None = _option(
        None, "worker processes (default: one for each core)", group="Run", least=1, most=1024
    )
    engine: str = _option(
        "local",
        "what reads: worker processes here, or a Dask cluster",
        group="Run",
        choices=("local", "dask"),
    )
    scheduler: str | None = _option(
        None, "where the Dask scheduler is", group="Run", stands_for="tcp://HOST:PORT"
    )
    again: bool = _option(False, "read everything again, also what is done", group="Run")
    retry: bool = _option(False, "read again what ended in an error", group="Run")
    settle: float = _option(
        0.0, "leave files younger than this many seconds for the next run", group="Run", least=0
    )
    wait: float = _option(
        0.0, "seconds to wait for another run that holds the results folder", group="Run", least=0
    )
    fail_on_review: bool = _option(
        False, "end with exit code 3 as well when a page needs review", group="Run"
    )
    move_done: str | None = _option(
        None, "move what was read here once its results are safe", group="Sorting"
    )
    move_failed: str | None = _option(None, "move what could not be read here", group="Sorting")
    sort_plan: str | None = _option(
        None, "CSV of ZIP prefix or range and bin: adds the bin to each row", group="Sorting"
    )
    link_bins: str | None = _option(
        None, "folder that gets a folder a bin, with links to the images", group="Sorting"
    )
    quiet: bool = _option(False, "say nothing when all is well (for cron)", group="Output")
    log_json: bool = _option(False, "log one JSON object a line to stderr", group="Output")

    def __post_init__(self) -> None:
        """Raise :class:`~zipread.errors.UsageProblem` for a value out of bounds or choices."""
        for option in fields(self):
            value = getattr(self, option.name)
            least, most = option.metadata["least"], option.metadata["most"]
            if isinstance(value, int | float) and not least <= value <= most:
                bounds = (
                    f"at least {least:g}" if most == math.inf else f"from {least:g} to {most:g}"
                )
                flag = option.name.replace("_", "-")
                raise UsageProblem(f"{flag} is {bounds}, not {value:g}.")
            choices = option.metadata["choices"]
            if choices and value not in choices:
                raise UsageProblem(f"{option.name} is {' or '.join(choices)}, not {value!r}.")

    def shaping(self) -> dict[str, object]:
        """The options that shape a result, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.metadata["shapes_result"]}


def fingerprint(shaping: Mapping[str, object]) -> str:
    """SHA-256 in hex over what shapes a result: a change means reading again."""
    return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()
