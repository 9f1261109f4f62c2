"""What happens to the images themselves: moved when they are done, linked from bins."""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.errors import OutputProblem
from zipread.intake import Stamp
from zipread.names import visible
from zipread.places import numbered, place
from zipread.storage import make_folder, output_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zipread.ledger import Entry
    from zipread.outputs.tables import PageRow


@dataclass(frozen=True, slots=True)
class Mover:
    """Moves what was read to ``done`` and what was not to ``failed``, where these are set."""

    done: Path | None
    failed: Path | None

    def move(self, entry: Entry) -> Entry:
        """Move a document's file, if it is still the one that was read; the entry as it is then.

        A file of the same name is never replaced: the later one gets a number.

        Raises
        ------
        OutputProblem
            If it cannot be moved.
        """
        target = self.failed if entry.failed else self.done
        if target is None or not _is_as_read(entry):
            return entry
        new = _free(target.resolve(), entry.document)
        make_folder(new.parent)
        try:
            Path(entry.path).rename(new)
        except FileNotFoundError:
            return entry
        except OSError as error:
            raise _cannot_move(entry.path, new, error) from error
        return replace(entry, path=str(new), stamp=None)


def _is_as_read(entry: Entry) -> bool:
    """Whether the file still has the size and times it was read with."""
    with contextlib.suppress(OSError):
        return Stamp.of(os.lstat(entry.path)) == entry.stamp
    return False


def _free(folder: Path, document: str) -> Path:
    paths = (folder / place(numbered(document, number)) for number in count(1))
    return next(path for path in paths if not os.path.lexists(path))


def _cannot_move(path: str, new: Path, error: OSError) -> OutputProblem:
    if error.errno == errno.EXDEV:
        text = f"{visible(path)} cannot be moved to {visible(str(new.parent))}, which is on another"
        return OutputProblem(f"{text} file system. Choose a folder on the same one.")
    return output_problem(new, error)


def link_bins(folder: Path, entries: Iterable[Entry], bin_of: Callable[[PageRow], str]) -> None:
    """Make ``folder`` hold a folder a bin, with a link to each image that goes there.

    Links of earlier runs that are no longer right are taken away; nothing but links ever is.

    Raises
    ------
    OutputProblem
        If the folder cannot be written.
    """
    try:
        _sync_links(folder, _wanted(entries, bin_of))
    except OSError as error:
        raise output_problem(folder, error) from error


def _wanted(entries: Iterable[Entry], bin_of: Callable[[PageRow], str]) -> dict[Path, str]:
    """The path that each link leads to, "" where the ledger was lost and it is not known."""
    return {
        Path(bin_of(row)) / place(entry.document): entry.path
        for entry in entries
        for row in entry.rows
    }


def _sync_links(folder: Path, wanted: dict[Path, str]) -> None:
    for parent, _, names in os.walk(folder):
        for link in (Path(parent, name) for name in names):
            known = wanted.get(link.relative_to(folder))
            if link.is_symlink() and known not in ("", str(link.readlink())):
                link.unlink()
    for link, target in wanted.items():
        path = folder / link
        if target and not os.path.lexists(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
