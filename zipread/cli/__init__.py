"""The command line: parse, call the API, print; nothing else.

One module a subcommand, imported only when it is called, so that ``zipread --help`` stays quick.
To add one: write ``zipread/cli/NAME.py`` with a typer application named ``command``, and add its
line to :data:`COMMANDS`.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from zipread import __version__
from zipread.cli.commands import Command, bare, option
from zipread.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMANDS = {
    "scan": "Read the ZIP codes of scanned envelopes.",
    "watch": "Read what is dropped into a folder, as it comes.",
    "config": "Show the options in force, and where each comes from.",
    "report": "Show results as one HTML page, with every ZIP as it was seen.",
    "review": "Key what was not read for sure, in the browser.",
    "apply": "Put what people keyed into the results.",
    "show": "Draw how one document was read.",
    "export": "Write results as PAGE XML or hOCR, for other OCR tools.",
    "evaluate": "Measure scanning on labelled scans, or the model on labelled digits.",
    "compare": "Say whether one model reads better than another.",
    "train": "Train a digit model from a recipe.",
    "tutorial": "Recognise handwritten digits with scikit-learn, as the tutorial does.",
    "completion": "Let the shell complete commands and options.",
    "doctor": "Check this installation, and say what is missing.",
}

WELCOME = """\
zipread reads handwritten ZIP codes from scanned envelopes, and knows when it does not.

  zipread scan FOLDER --out results   read every image and PDF in a folder
  zipread report results              see every ZIP as it was read
  zipread review results              key what was not read for sure, in the browser

New here?
  zipread doctor                      check that everything works
  zipread tutorial                    recognise handwritten digits in six lines of Python
  zipread --help                      all there is
"""


class LazyGroup(TyperGroup):
    """Subcommands by name; a command's module is imported when it is asked for."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002
        """All names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ARG002
        """The command of that name, imported."""
        if cmd_name not in COMMANDS:
            return None
        return get_command(import_module(f"zipread.cli.{cmd_name}").command)

    def format_options(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """List the options, and the commands without importing any."""
        Command.format_options(self, ctx, formatter)  # type: ignore[arg-type]
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: typer.Context, incomplete: str) -> list[Any]:  # type: ignore[override]
        """The commands that begin so, without importing any; for options what typer says."""
        from typer.core import CompletionItem  # type: ignore[attr-defined]  # nowhere public

        if incomplete.startswith("-"):
            return Command.shell_complete(self, ctx, incomplete)
        found = ((n, text) for n, text in COMMANDS.items() if n.startswith(incomplete))
        return [CompletionItem(name, help=text) for name, text in found]

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command; Ctrl-C is told at the edge, and not by typer."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Abort from None

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Find the command, or name the nearest there is."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from zipread.settings import nearest

            ctx.fail(f"There is no command {args[0]!r}.{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"zipread {__version__}")
        raise typer.Exit


app = bare()


@app.callback(
    cls=LazyGroup,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND] [ARGS]...",
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
def _welcome(
    ctx: typer.Context,
    version: Annotated[  # noqa: ARG001
        bool,
        option(
            "--version",
            "-V",
            callback=_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """Read handwritten ZIP codes from scanned envelopes, and know when not to."""
    if ctx.invoked_subcommand is None:
        typer.echo(WELCOME, nl=False)


def main(arguments: Iterable[str] | None = None) -> None:
    """Run the command line and end the process with an :class:`~zipread.errors.ExitCode`."""
    from zipread.cli.edge import translated
    from zipread.cli.streams import make_safe

    make_safe()
    if "_ZIPREAD_COMPLETE" in os.environ:  # a shell asks, and typer has to know the shells
        from typer.completion import get_completion_inspect_parameters

        get_completion_inspect_parameters()
    args = list(sys.argv[1:] if arguments is None else arguments)
    with translated(args):
        result = get_command(app).main(args, prog_name="zipread", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else ExitCode.OK)
