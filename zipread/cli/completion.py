"""``zipread completion``: the script that lets a shell complete what is typed."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
def command(shell: str) -> None:
    """Print the script that completes zipread's commands, options and paths in SHELL.

    \b
    bash: add to ~/.bashrc   eval "$(zipread completion bash)"
    zsh:  add to ~/.zshrc    eval "$(zipread completion zsh)"
    fish: once               zipread completion fish > ~/.config/fish/completions/zipread.fish
    """  # noqa: D301  (click's mark for lines that stay as they are is a backspace)
    script = SHELLS[shell](click.Group("zipread"), {}, "zipread", "_ZIPREAD_COMPLETE")
    # BashComplete's own would run bash to ask for its version, and complain where there is none.
    click.echo(ShellComplete.source(script))
