"""Taking a file in: once, whole, and only if it is what was found.

A name is followed from its folder down without following any link, nothing but a regular file is
ever opened, and the size is checked before the content is read.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from zipread.errors import DocumentError, ErrorKind

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_MEGABYTE = 1_000_000
_SETTLED = 2.0  # seconds: no file system counts time in coarser steps


class StillGrowing(Exception):
    """The file changed while, or since, it was looked at."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file's content does."""

    size: int
    modified: int
    changed: int
    inode: int
    device: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """The stamp in a stat result; times in nanoseconds."""
        return cls(
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
            status.st_ino,
            status.st_dev,
        )


def trusted(stamp: Stamp | None) -> Stamp | None:
    """The stamp, if a change of the file from now on would be sure to show in it."""
    return stamp if stamp and time.time() - stamp.changed / 1e9 > _SETTLED else None


def split(path: Path) -> tuple[Path, str]:
    """The folder of a named file, links in it followed, and the file's own name."""
    whole = path.resolve(strict=True)
    return whole.parent, whole.name


def read_below(root: Path, name: str, max_megabytes: float, expected: Stamp | None = None) -> bytes:
    """The content of the regular file ``name`` below ``root``.

    Raises
    ------
    DocumentError
        If it cannot be opened, is no regular file, or is larger than ``max_megabytes``.
    StillGrowing
        If it changed while it was read, or since it had the ``expected`` stamp, or is gone.
    """
    try:
        handle = open_below(root, name)
    except FileNotFoundError as error:
        raise StillGrowing if expected else unreadable(error) from error
    except OSError as error:
        raise unreadable(error) from error
    with os.fdopen(handle, "rb") as file:
        before = Stamp.of(os.fstat(handle))
        if expected and before != expected:
            raise StillGrowing
        if before.size > max_megabytes * _MEGABYTE:
            raise too_large(before.size, max_megabytes)
        try:
            content = file.read(before.size + 1)
        except OSError as error:
            raise unreadable(error) from error
        if len(content) != before.size or Stamp.of(os.fstat(handle)) != before:
            raise StillGrowing
        return content


def digest_below(root: Path, name: str, expected: Stamp) -> str:
    """SHA-256 in hex of a file's content, read piece by piece.

    Raises
    ------
    OSError, DocumentError, StillGrowing
        As :func:`read_below`, but for the size.
    """
    with os.fdopen(open_below(root, name), "rb", buffering=0) as file:
        digest = hashlib.file_digest(file, "sha256")
        if Stamp.of(os.fstat(file.fileno())) != expected:
            raise StillGrowing
    return digest.hexdigest()


def read_head(root: Path, name: str, size: int) -> bytes:
    """The first bytes of a file, as few as it has; none if it cannot be read."""
    try:
        handle = open_below(root, name)
    except (OSError, DocumentError):
        return b""
    with os.fdopen(handle, "rb", buffering=0) as file:
        return file.read(size) or b""


def open_below(root: Path, name: str) -> int:
    """A handle of the regular file ``name`` below ``root``, through no link."""
    *folders, last = name.split("/")
    folder = os.open(root, _FOLDER)
    try:
        for part in folders:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        if not stat.S_ISREG(os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode):
            raise DocumentError(ErrorKind.UNREADABLE, "It is not a regular file.")
        return os.open(last, _FILE, dir_fd=folder)
    finally:
        os.close(folder)


def unreadable(error: OSError) -> DocumentError:
    """The error for a file or folder that the system does not let us read."""
    return DocumentError(ErrorKind.UNREADABLE, f"It cannot be read: {error.strerror}.")


def too_large(size: int, max_megabytes: float) -> DocumentError:
    """The error for a file of more bytes than are allowed."""
    text = (
        f"The file has {size / _MEGABYTE:.1f} MB, more than the {max_megabytes:g} MB allowed "
        "(--max-megabytes)."
    )
    return DocumentError(ErrorKind.TOO_LARGE, text)
