"""Flags made from the fields of :class:`zipread.options.Options`: none is written twice."""

from __future__ import annotations

import inspect
from dataclasses import Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

from zipread.cli.commands import option
from zipread.options import Options
from zipread.settings import FILE, Settings, kinds, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

P = ParamSpec("P")
R = TypeVar("R")

Source = Annotated[
    Path | None,
    option(
        "--source",
        file_okay=False,
        exists=True,
        metavar="FOLDER",
        help="where the images are now, if they are no longer where they were scanned",
    ),
]
"""For commands that look at the images of results."""

Config = Annotated[Path | None, option("--config", metavar="FILE", help=f"instead of ./{FILE}")]
"""For commands that take settings."""

_METAVARS = {bool: None, int: "N", float: "NUMBER", str: "PATH"}


def all_flags(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command a flag for each option, in place of its ``**flags``."""
    return flags_of(f.name for f in fields(Options))(command)


def flags_of(names: Iterable[str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Give a command the flags of these options, in place of its ``**flags``."""
    chosen = set(names)

    def decorated(command: Callable[P, R]) -> Callable[P, R]:
        return _with_flags(command, chosen)

    return decorated


def _with_flags(command: Callable[P, R], names: set[str]) -> Callable[P, R]:
    """Write the flags into the signature, which is where typer looks for them."""
    known = kinds()
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    flags = [_flag(f, known[f.name]) for f in fields(Options) if f.name in names]
    full = signature.replace(parameters=[*own, *flags])
    command.__signature__ = full  # type: ignore[attr-defined]
    return command


def settings_from(flags: Mapping[str, Any], config: Path | None) -> Settings:
    """The settings by all sources, of the flags that were given."""
    return load({name: value for name, value in flags.items() if value is not None}, config)


def _flag(option_field: Field[Any], kind: type) -> inspect.Parameter:
    name, default, meta = option_field.name, option_field.default, option_field.metadata
    flag = f"--{name.replace('_', '-')}"
    if kind is bool and default:
        flag = f"{flag}/--no-{flag[2:]}"
    shown = "" if kind is bool or default is None else f"  [{default}]"
    metavar = None if kind is bool else meta["stands_for"] or _METAVARS[kind]
    made = option(flag, metavar=metavar, help=meta["help"] + shown, rich_help_panel=meta["group"])
    annotation: Any = Annotated[kind | None, made]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )
