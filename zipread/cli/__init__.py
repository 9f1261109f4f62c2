"""The command line: parse, call the API, print; nothing else.

One module a subcommand, imported only when it is called, so that ``zipread --help`` stays quick.
To add one: write ``zipread/cli/NAME.py`` with a click command named ``command``, and add its line
to :data:`COMMANDS`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from zipread import __version__
from zipread.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from click.shell_completion import CompletionItem

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


class LazyGroup(click.Group):
    """Subcommands by name; a command's module is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"zipread.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so, without importing any; for options what click says."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        found = ((n, text) for n, text in COMMANDS.items() if n.startswith(incomplete))
        return [CompletionItem(name, help=text) for name, text in found]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest there is."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from zipread.settings import nearest

            ctx.fail(f"There is no command {args[0]!r}.{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="zipread %(version)s")
@click.pass_context
def app(ctx: click.Context) -> None:
    """Read handwritten ZIP codes from scanned envelopes, and know when not to."""
    if ctx.invoked_subcommand is None:
        click.echo(WELCOME, nl=False)


def main(arguments: Iterable[str] | None = None) -> None:
    """Run the command line and end the process with an :class:`~zipread.errors.ExitCode`."""
    from zipread.cli.edge import translated
    from zipread.cli.streams import make_safe

    make_safe()
    args = list(sys.argv[1:] if arguments is None else arguments)
    with translated(args):
        result = app.main(args, prog_name="zipread", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else ExitCode.OK)
