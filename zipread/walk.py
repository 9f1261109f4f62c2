"""What is there to read: the files that were named, and those in the folders that were named.

The order is stable. No link inside a folder is followed, nothing is opened here but to look at a
file's first bytes, and what is no image is left alone, counted.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from zipread.documents import HEAD_LENGTH, sniff
from zipread.errors import InputProblem
from zipread.intake import Stamp, read_head, split
from zipread.names import visible
from zipread.remote import Remote, is_url, stamp_of
from zipread.storage import STATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".dib", ".webp", ".pdf"}
    | {".gif", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".pnm", ".pbm", ".pgm", ".ppm"}
)
"""A file named so is a document whatever its content: if it cannot be read, that is said."""

_UNFINISHED = ("~", ".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download")


class LeftAlone(StrEnum):
    """Why something in a folder is no document."""

    NO_IMAGE = "no image"
    LINK = "link"
    HIDDEN = "hidden"
    UNFINISHED = "unfinished copy"
    SPECIAL = "no regular file"
    RESULTS = "folder of results"


@dataclass(frozen=True, slots=True)
class Found:
    """A document to read, or one that cannot be looked at, which ``problem`` then says.

    ``name`` is the file's path below ``root``, a folder without links in its path; ``document`` is
    what it is called, which differs if a link was named.
    """

    root: str
    name: str
    document: str
    stamp: Stamp | None
    problem: str = ""
    named: bool = False


@dataclass
class Walk:
    """The inputs of a scan, walked by iterating.

    ``left`` counts what was left alone, ``missing`` says which inputs are not there, and which
    folders cannot be listed: no row could tell of those for longer than it is true. ``skip`` lists
    folders that are never entered, such as the one that results go to.
    """

    inputs: Sequence[Path | Remote]
    skip: Sequence[Path | Remote] = ()
    left: Counter[LeftAlone] = field(default_factory=Counter)
    missing: list[InputProblem] = field(default_factory=list)

    def __iter__(self) -> Iterator[Found]:
        """All documents, in the order of the inputs, each folder's sorted by path."""
        self.left.clear()
        self.missing.clear()
        folders = [path for path in self.skip if isinstance(path, Path)]
        skip = {identity for identity in map(_identity, folders) if identity}
        for path in self.inputs:
            try:
                if isinstance(path, Remote):
                    yield from self._remote(path)
                else:
                    yield from self._input(path, skip)
            except InputProblem as problem:
                self.missing.append(problem)

    def _input(self, path: Path, skip: set[tuple[int, int]]) -> Iterator[Found]:
        try:
            status = path.stat()
            root, name = split(path)
        except (OSError, RuntimeError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise InputProblem(f"{visible(str(path))}: {why}.") from error
        if stat.S_ISDIR(status.st_mode):
            yield from self._folder(root / name, skip)
        elif stat.S_ISREG(status.st_mode):
            yield Found(str(root), name, path.name, Stamp.of(status), named=True)
        else:
            raise InputProblem(f"{visible(str(path))} is neither a file nor a folder.")

    def _remote(self, root: Remote) -> Iterator[Found]:
        """What a store has. There, a name alone tells a document: a look inside is a request."""
        try:
            listing = root.listing()
        except OSError as error:
            raise InputProblem(f"{visible(root.url)}: {error.strerror or error}.") from error
        if not listing:
            raise InputProblem(f"There is nothing at {visible(root.url)}.")
        if set(listing) == {""}:
            above, _, name = root.url.rpartition("/")
            yield Found(above, name, name, stamp_of(listing[""]), named=True)
            return
        ours = [place for place in self.skip if isinstance(place, Remote)]
        for document, info in listing.items():
            if any(place.holds(root / document) for place in ours):
                continue
            *folders, name = document.split("/")
            reason = _reason_to_leave(name, stat.S_IFREG)
            if any(map(_is_hidden, folders)):
                reason = LeftAlone.HIDDEN
            if {"", ".", ".."}.intersection((*folders, name)):
                where = visible((root / document).url)
                text = f"{where}: a part of its name is empty or dots. Copy it to another name."
                self.missing.append(InputProblem(text))
            elif reason:
                self.left[reason] += 1
            else:
                yield Found(root.url, document, document, stamp_of(info))

    def _folder(self, root: Path, skip: set[tuple[int, int]]) -> Iterator[Found]:
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                entries = _entries(root, folder)
            except OSError as error:
                if folder and isinstance(error, FileNotFoundError):  # gone since it was listed
                    continue
                where = visible(str(root / folder))
                self.missing.append(InputProblem(f"{where}: {error.strerror}."))
                continue
            folders = [f"{folder}{e.name}/" for e in entries if self._enters(e, skip)]
            waiting.extend(reversed(folders))
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    yield from self._file(root, folder, entry)

    def _enters(self, entry: os.DirEntry[str], skip: set[tuple[int, int]]) -> bool:
        """Whether a folder's own content is input: not if hidden, or if results are in it."""
        if not entry.is_dir(follow_symlinks=False):
            return False
        if _is_hidden(entry.name):
            self.left[LeftAlone.HIDDEN] += 1
            return False
        if _identity(Path(entry.path)) in skip:
            return False
        if os.path.isdir(f"{entry.path}/{STATE}"):  # noqa: PTH112 (never raises)
            self.left[LeftAlone.RESULTS] += 1
            return False
        return True

    def _file(self, root: Path, folder: str, entry: os.DirEntry[str]) -> Iterator[Found]:
        document = folder + entry.name
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # gone since the folder was listed
            return
        except OSError as error:
            yield Found(
                str(root), document, document, None, f"It cannot be read: {error.strerror}."
            )
            return
        reason = _reason_to_leave(entry.name, status.st_mode)
        if reason:
            self.left[reason] += 1
        else:
            yield Found(str(root), document, document, Stamp.of(status))


def is_document(found: Found) -> bool:
    """Whether a file found is to be read: if named, or like an image by its name or content."""
    path = PurePosixPath(found.document)
    if found.named or found.problem:
        return True
    if path.suffix.lower() in _IMAGE_SUFFIXES and not _is_hidden(path.name):
        return True
    if is_url(found.root):
        return False
    return sniff(read_head(Path(found.root), found.name, HEAD_LENGTH)) is not None


def _entries(root: Path, folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(root / folder) as listing:
        return sorted(listing, key=lambda entry: os.fsencode(entry.name))


def _reason_to_leave(name: str, mode: int) -> LeftAlone | None:
    if stat.S_ISLNK(mode):
        return LeftAlone.LINK
    if not stat.S_ISREG(mode):
        return LeftAlone.SPECIAL
    if _is_hidden(name) and PurePosixPath(name).suffix.lower() not in _IMAGE_SUFFIXES:
        return LeftAlone.HIDDEN
    if name.lower().endswith(_UNFINISHED):
        return LeftAlone.UNFINISHED
    return None


def _is_hidden(name: str) -> bool:
    """Whether a name is of the kind that programs keep their own things under.

    Such a file is a document only if its name and its content both say so: what rsync is still
    copying has no such name, what macOS leaves beside an image no such content.
    """
    return name.startswith(".") and not name.startswith("..")


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def inside(folder: Path | Remote, inputs: Iterable[Path | Remote]) -> Path | Remote | None:
    """The first of the inputs that is a folder with ``folder`` in it or the same, if any."""
    return next((path for path in inputs if _holds(path, folder)), None)


def _holds(path: Path | Remote, folder: Path | Remote) -> bool:
    if isinstance(path, Remote) or isinstance(folder, Remote):
        return isinstance(path, Remote) and isinstance(folder, Remote) and path.holds(folder)
    return path.is_dir() and folder.resolve().is_relative_to(path.resolve())
