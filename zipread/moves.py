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
from zipread.storage import make_folder, output_problem, rename_to_free

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zipread.ledger import Entry
    from zipread.outputs.tables import PageRow


@dataclass(frozen=True, slots=True)
class Mover:
    """Moves what was read to ``done`` and what was not to ``failed``, where these are set."""

    done: Path | None
    failed: Path | None

    def move(self, entries: Iterable[Entry], record: Callable[[list[Entry]], None]) -> None:
        """Move documents' files, if they are still the ones that were read.

        ``record`` is given the entries as they will be before any file is moved. So a run that dies
        in between leaves files that are known by their content where they were; the other way
        round, the next scan of that name would be taken for the one that was moved.

        A file of the same name is never replaced: the later one gets a number.

        Raises
        ------
        OutputProblem
            If one cannot be moved.
        """
        taken: set[Path] = set()
        going = [(entry, self._target(entry)) for entry in entries]
        while moves := [(e, _free(folder, e.document, taken)) for e, folder in going if folder]:
            record([replace(entry, path=str(new), stamp=None) for entry, new in moves])
            going = [
                (entry, self._target(entry)) for entry, new in moves if not _renamed(entry, new)
            ]

    def _target(self, entry: Entry) -> Path | None:
        """The folder that a document's file goes to, if it goes."""
        folder = self.failed if entry.failed else self.done
        return folder.resolve() if folder and _is_as_read(entry) else None


def _is_as_read(entry: Entry) -> bool:
    """Whether the file still has the size and times it was read with."""
    with contextlib.suppress(OSError):
        return Stamp.of(os.lstat(entry.path)) == entry.stamp
    return False


def _free(folder: Path, document: str, taken: set[Path]) -> Path:
    """A path of a document's name, or a numbered one, that neither is there nor ``taken``."""
    paths = (folder / place(numbered(document, number)) for number in count(1))
    free = next(path for path in paths if path not in taken and not os.path.lexists(path))
    taken.add(free)
    return free


def _renamed(entry: Entry, new: Path) -> bool:
    """Rename a document's file; False if something has come to stand at ``new`` meanwhile."""
    make_folder(new.parent)
    try:
        rename_to_free(entry.path, new)
    except FileExistsError:
        return False
    except FileNotFoundError:  # taken away since it was looked at
        return True
    except OSError as error:
        raise _cannot_move(entry.path, new, error) from error
    return True


def _cannot_move(path: str, new: Path, error: OSError) -> OutputProblem:
    if error.errno == errno.EXDEV:
        text = f"{visible(path)} cannot be moved to {visible(str(new.parent))}, which is on another"
        return OutputProblem(f"{text} file system. Choose a folder on the same one.")
    return output_problem(new, error)


def link_bins(folder: Path, entries: Iterable[Entry], bin_of: Callable[[PageRow], str]) -> None:
    """Make ``folder`` hold a folder a bin, with a link to each image that goes there.

    Links of earlier runs that are no longer right are taken away; nothing else ever is.

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
    places = {Path(*link.parts[1:]) for link in wanted}
    for parent, folders, names in os.walk(folder):
        for link in (Path(parent, name) for name in (*folders, *names)):
            below = link.relative_to(folder)
            ours = link.is_symlink() and Path(*below.parts[1:]) in places
            if ours and wanted.get(below) not in ("", str(link.readlink())):
                link.unlink()
    for link, target in wanted.items():
        path = folder / link
        if target and not os.path.lexists(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
