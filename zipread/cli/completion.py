"""``zipread completion``: the script that lets a shell complete what is typed."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from typer.completion import show_callback

from zipread.cli.commands import command_of


@command_of()
def command(
    ctx: typer.Context,
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(metavar="{bash|zsh|fish}")],
) -> None:
    """Print the script that completes zipread's commands, options and paths in SHELL.

    \b
    bash: add to ~/.bashrc   eval "$(zipread completion bash)"
    zsh:  add to ~/.zshrc    eval "$(zipread completion zsh)"
    fish: once               zipread completion fish > ~/.config/fish/completions/zipread.fish
    """  # noqa: D301  (the mark for lines that stay as they are is a backspace)
    show_callback(ctx, ctx.command.params[0], shell)
