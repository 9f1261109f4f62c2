"""Commands made with typer: the class they are of, and the decorator that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Callable


class Command(TyperCommand):
    """A command whose help has the options alone, under the headings of their panels.

    typer would list the arguments as well, which our texts explain, and put them in braces.
    """

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002
        """``[OPTIONS] PATHS...``."""
        shown = [p.metavar or p.name for p in self.params if p.param_type_name == "argument"]
        return ["[OPTIONS]", *map(str, shown)]

    def format_options(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Write the options, panel by panel; those of none come last."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and parameter.param_type_name == "option":
                heading = getattr(parameter, "rich_help_panel", None) or ""
                groups.setdefault(heading, []).append(record)
        rest = "Other" if len(groups) > 1 else "Options"
        for heading, records in sorted(groups.items(), key=lambda group: not group[0]):
            with formatter.section(heading or rest):
                formatter.write_dl(records)


def bare() -> typer.Typer:
    """An application that shows plain text: rich takes longer to import than our help to show."""
    return typer.Typer(add_completion=False, rich_markup_mode=None)


def command_of(*, no_args_is_help: bool = False) -> Callable[[Callable[..., Any]], typer.Typer]:
    """Make a function an application of one command."""

    def decorated(function: Callable[..., Any]) -> typer.Typer:
        made = bare()
        made.command(cls=Command, no_args_is_help=no_args_is_help)(function)
        return made

    return decorated


def option(*names: str, **settings: Any) -> Any:
    """What ``typer.Option`` makes, but that a default shows only where that was asked for."""
    return typer.Option(*names, **{"show_default": False} | settings)
