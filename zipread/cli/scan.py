"""``zipread scan``: bring results up to date with what is in folders."""

from __future__ import annotations

import logging
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zipread.batch import scan
from zipread.cli.commands import command_of
from zipread.cli.console import JsonLines, Lines, Logged, Quiet, Terminal, many, page_of
from zipread.cli.flags import Config, all_flags, settings_from
from zipread.cli.streams import say
from zipread.errors import ExitCode, UsageProblem
from zipread.names import visible
from zipread.places import TABLE
from zipread.reading import Status
from zipread.remote import Remote, located
from zipread.walk import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zipread.options import Options
    from zipread.settings import Settings
    from zipread.summary import Summary


@command_of(no_args_is_help=True)
@all_flags
def command(
    paths: Annotated[list[Any], typer.Argument(metavar="PATHS...", parser=located)],
    config: Config = None,
    **flags: Any,
) -> ExitCode:
    """Read the ZIP codes of scanned envelopes.

    PATHS are images and PDFs, or folders of them, also by URL (s3://, gs://). Only what is new or
    changed since the last scan is read. Results: documents.csv with a row a page, and a JSON and a
    CSV file for each document.
    """
    settings = settings_from(flags, config)
    refuse_mixing(settings, paths)
    if settings.options.report and isinstance(located(settings.options.out), Remote):
        raise UsageProblem("--report needs results in a folder of this machine.")
    summary = run(paths, settings.options)
    if settings.options.report:
        write_report(settings.options)
    return exit_code(summary, settings.options)


def refuse_mixing(settings: Settings, paths: Sequence[Path | Remote]) -> None:
    """Refuse to put results among what is scanned unless that was asked for."""
    out = located(settings.options.out)
    around = None if settings.is_set("out") else inside(out, paths)
    if around:
        text = f"The results would go to {visible(str(out))}, inside {visible(str(around))}"
        raise UsageProblem(f"{text}, which is scanned. Say where with --out DIR.")


def run(paths: Sequence[Path | Remote], options: Options, *, once: bool = True) -> Summary:
    """Scan and show it as the options say; ``once`` tells of nothing new, and how to go on."""
    with observer_for(options) as observer:
        summary = scan(paths, options, observer)
        observer.finished(summary)
    good = exit_code(summary, options) is ExitCode.OK
    silent = good and (options.quiet or not (once or summary.documents))
    if not options.log_json and not silent:
        lines = [*summary_lines(summary, options), *(what_next(summary, options) if once else ())]
        say("\n".join(lines))
    return summary


def write_report(options: Options) -> None:
    """Write the report that was asked for; told only where there is something to be told."""
    from zipread.cli.report import NAME, write

    path = Path(options.out) / NAME
    write(Path(options.out), path)
    if not (options.quiet or options.log_json):
        say(f"Report: {visible(str(path))}")


def observer_for(options: Options) -> Quiet:
    """What shows a scan's progress, and the log set up to go with it."""
    plain = Terminal() if sys.stdout.isatty() else Lines(sys.stdout, sys.stderr)
    shown = Quiet() if options.quiet else plain
    handler: logging.Handler = logging.StreamHandler()
    if options.log_json:
        handler = JsonLines(sys.stderr)
        shown = Logged(handler, shown)
    log = logging.getLogger("zipread")
    log.handlers[:] = [handler]
    return shown


def exit_code(summary: Summary, options: Options) -> ExitCode:
    """The exit code that a scan ends with."""
    if summary.stopped_by:
        return ExitCode.INTERRUPTED
    if summary.missing:
        return ExitCode.INPUT
    if summary.pages[Status.ERROR]:
        return ExitCode.SOME_FAILED
    if options.fail_on_review and summary.pages[Status.REVIEW]:
        return ExitCode.SOME_FAILED
    return ExitCode.OK


def summary_lines(summary: Summary, options: Options) -> Iterator[str]:
    """What a scan did, for people."""
    if summary.documents:
        rate = summary.documents / summary.seconds
        pages = ", ".join(f"{n:,} {status}" for status, n in sorted(summary.pages.items()))
        took = f"in {summary.seconds:.1f} s ({rate:.1f} documents a second)"
        yield f"{many(summary.documents, 'document')} read: {pages}; {took}."
    else:
        found = summary.up_to_date or summary.waiting
        yield "Nothing new to read." if found else "Nothing to read: no image and no PDF was found."
    if summary.up_to_date:
        yield f"{many(summary.up_to_date, 'document')} up to date, not read again."
    for what, counts in (
        ("Left for the next run", summary.waiting),
        ("Left alone", summary.left),
        ("Errors", summary.errors),
    ):
        if counts.total():
            parts = ", ".join(f"{n:,} {reason}" for reason, n in counts.most_common() if n)
            yield f"{what}: {parts}."
    for row in summary.failures:
        yield f"  {page_of(row)}: {row.message}"
    if summary.errors.total() > len(summary.failures):
        yield f"  ... and {summary.errors.total() - len(summary.failures):,} more."
    for problem in summary.missing:
        yield f"Not scanned: {problem}"
    if summary.stopped_by:
        yield "Interrupted. What is done is kept; run the same command again to go on."
    yield f"Results: {visible(str(located(options.out) / TABLE))}"


def what_next(summary: Summary, options: Options) -> Iterator[str]:
    """The commands that go on from here."""
    if isinstance(located(options.out), Remote):
        return
    out = shlex.quote(visible(options.out))
    if summary.standing and not options.report:
        yield f"To see them: zipread report {out}"
    if waiting := summary.standing[Status.REVIEW]:
        yield f"To key what is not sure ({many(waiting, 'page')}): zipread review {out}"
