"""Flags made from the fields of :class:`zipread.options.Options`: none is written twice."""

from __future__ import annotations

from dataclasses import Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from zipread.options import Options
from zipread.remote import located
from zipread.settings import FILE, Settings, kinds, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from zipread.remote import Remote

P = ParamSpec("P")
R = TypeVar("R")

source_flag = click.option(
    "--source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="FOLDER",
    help="where the images are now, if they are no longer where they were scanned",
)
"""For commands that look at the images of results."""

_METAVARS = {bool: None, int: "N", float: "NUMBER", str: "PATH"}


class OptionGroups(click.Command):
    """A command whose help lists the options under the headings of their groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, group by group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        headings = {f.name: f.metadata["group"] for f in fields(Options)}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and isinstance(parameter, click.Option):
                heading = headings.get(parameter.name or "", "Other")
                groups.setdefault(heading, []).append(record)
        for heading, records in sorted(groups.items(), key=lambda group: group[0] == "Other"):
            with formatter.section(heading):
                formatter.write_dl(records)


class Place(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.3 on only
    """A path, or a URL."""

    name = "path"
    shell_complete = click.Path.shell_complete

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Path | Remote:
        """Tell the two apart."""
        return located(value) if isinstance(value, str) else value


def all_flags(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command a flag for each option, and ``--config FILE``."""
    return flags_of(f.name for f in fields(Options))(command)


def flags_of(names: Iterable[str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Give a command the flags of these options, and ``--config FILE``."""
    chosen = set(names)

    def decorated(command: Callable[P, R]) -> Callable[P, R]:
        return _with_flags(command, chosen)

    return decorated


def _with_flags(command: Callable[P, R], names: set[str]) -> Callable[P, R]:
    known = kinds()
    command = click.option(
        "--config", type=click.Path(path_type=Path), metavar="FILE", help=f"instead of ./{FILE}"
    )(command)
    for f in reversed([f for f in fields(Options) if f.name in names]):
        command = _flag(f, known[f.name])(command)
    return command


def settings_from(flags: Mapping[str, Any], config: Path | None) -> Settings:
    """The settings by all sources, of the flags that were given."""
    return load({name: value for name, value in flags.items() if value is not None}, config)


def _flag(option: Field[Any], kind: type) -> Callable[..., Any]:
    name, default, text = option.name, option.default, option.metadata["help"]
    flag = f"--{name.replace('_', '-')}"
    if kind is bool:
        both = f"{flag}/--no-{flag[2:]}" if default else flag
        return click.option(both, name, is_flag=True, default=None, help=text)
    shown = "" if default is None else f"  [{default}]"
    metavar = option.metadata["stands_for"] or _METAVARS[kind]
    return click.option(flag, name, type=kind, default=None, metavar=metavar, help=text + shown)
