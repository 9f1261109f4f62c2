"""``zipread config``: the options in force, and where each comes from."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import typer

from zipread.cli.commands import command_of
from zipread.cli.flags import Config, all_flags, settings_from
from zipread.options import Options


@command_of()
@all_flags
def command(config: Config = None, **flags: Any) -> None:
    """Show the options in force, and where each comes from.

    Options come from zipread.toml in the working directory, then ZIPREAD_* variables, then flags;
    the later wins. What is shown can be saved as zipread.toml.
    """
    settings = settings_from(flags, config)
    for field in fields(Options):
        value = getattr(settings.options, field.name)
        key = field.name.replace("_", "-")
        line = f"# {key} is not set" if value is None else f"{key} = {json.dumps(value)}"
        typer.echo(f"{line:40}  # {settings.origins[field.name]}")
