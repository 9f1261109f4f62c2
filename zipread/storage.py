"""Writing results so that nothing is ever half there, and holding the folder while doing so.

A file is written beside its place, flushed, synced and renamed over it, and the folder is synced:
a reader sees the old content or the new, and a power failure keeps one of them whole.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import filecmp
import json
import os
import socket
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from zipread.errors import OutputHeld, OutputProblem
from zipread.names import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STATE = ".zipread"
"""The folder inside a results folder that holds the lock, the ledger and what is being written."""

_TURN = 0.05  # seconds between two looks at a lock that is held, or not yet signed
_SIGNING = 0.5  # seconds that a run which has just locked a folder may take to sign the lock
_HERE, _NO_REPLACE = -100, 1  # AT_FDCWD and RENAME_NOREPLACE of renameat2(2)
_SYNCS = 8  # files synced at once: a file system commits them together

_ADVICE = {
    errno.ENOSPC: "Free some space, then run the same command again: what is done is kept.",
    errno.EDQUOT: "Free some of your quota, then run the same command again: what is done is kept.",
    errno.EROFS: "Choose a folder on a file system that can be written, with --out.",
    errno.EACCES: "Get leave to write there, or choose another folder with --out.",
    errno.EPERM: "Get leave to write there, or choose another folder with --out.",
    errno.EIO: "The disk reports a fault. Run the same command again once it is mended.",
}


def output_problem(path: Path | str, error: OSError) -> OutputProblem:
    """The error for a place that could not be written: what happened and what to do."""
    advice = _ADVICE.get(error.errno or 0, "Run the same command again once that is mended.")
    why = error.strerror or str(error)
    return OutputProblem(f"Cannot write {visible(str(path))}: {why}. {advice}")


def make_folder(path: Path) -> None:
    """Make a folder and those above it; raise :class:`OutputProblem` if that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_problem(path, error) from error


def write_files(files: Mapping[Path, bytes], out: Path) -> None:
    """Write files below ``out``, each atomically, all of them durable on return.

    They are replaced in the order given. What is being written stands in the state folder until it
    is whole, so a name can be as long as the file system allows.

    Raises
    ------
    OutputProblem
        If one cannot be written; those not yet replaced keep their old content.
    """
    waiting = {out / STATE / f"{os.getpid()}-{i}.tmp": path for i, path in enumerate(files)}
    try:
        with ThreadPoolExecutor(_SYNCS) as pool:
            list(pool.map(_write_synced, waiting, files.values(), files))
        for temporary, path in waiting.items():
            _replace(temporary, path, out)
        for folder in {path.parent for path in files}:
            _sync_folder(folder)
    finally:
        for temporary in waiting:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_table(path: Path, lines: Iterable[str], out: Path) -> None:
    """Write a text file below ``out`` atomically and durably, if its content is another one.

    Raises
    ------
    OutputProblem
        If it cannot be written; the old file is kept then.
    """
    temporary = out / STATE / f"{os.getpid()}-table.tmp"
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
            file.flush()
            if not _same(temporary, path):
                os.fsync(file.fileno())
                temporary.replace(path)
                _sync_folder(path.parent)
    except OSError as error:
        raise output_problem(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def rename_to_free(old: str, new: Path) -> None:
    """Rename a file to a path where nothing is.

    Linux looks and renames in one step, on the file systems that can; elsewhere a file that comes
    to stand there between the two is lost.

    Raises
    ------
    OSError
        If it cannot be renamed, of which FileExistsError if something is at ``new``.
    """
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is not None:
        names = os.fsencode(old), os.fsencode(new)
        if renameat2(_HERE, names[0], _HERE, names[1], _NO_REPLACE) == 0:
            return
        number = ctypes.get_errno()
        if number not in (errno.EINVAL, errno.ENOSYS):
            raise OSError(number, os.strerror(number), old, None, str(new))
    if os.path.lexists(new):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(new))
    Path(old).rename(new)


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def _write_synced(temporary: Path, content: bytes, path: Path) -> None:
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise output_problem(path, error) from error


def _replace(temporary: Path, path: Path, out: Path) -> None:
    try:
        _make_below(out, path.parent)
        temporary.replace(path)
    except OSError as error:
        raise output_problem(path, error) from error


def _make_below(out: Path, folder: Path) -> None:
    """Make ``folder`` below ``out``, through no link, and sync what new folders stand in."""
    if folder == out:
        return
    _make_below(out, folder.parent)
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(folder.lstat().st_mode):
            return
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    folder.mkdir()
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise output_problem(folder, error) from error


@contextmanager
def hold(out: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the results folder ``out`` (made if need be) against every other run.

    The lock is the kernel's: it ends with the process that holds it, however that dies, and no
    worker inherits it.

    Raises
    ------
    OutputHeld
        If another run holds it and still does after ``wait`` seconds.
    OutputProblem
        If the folder cannot be made or written.
    """
    make_folder(out / STATE)
    path = out / STATE / "lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise output_problem(path, error) from error
    try:
        _lock(handle, path, out, time.monotonic() + wait)
        _sign(handle, path)
        _sweep(out)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, path: Path, out: Path, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise OutputHeld(_who_holds(handle, out)) from None
            time.sleep(_TURN)
        except OSError as error:
            raise output_problem(path, error) from error
        else:
            return


def _sign(handle: int, path: Path) -> None:
    """Say in the lock file who holds it: a help for people, never looked at to decide."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "started": started})
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, text.encode(), 0)
    except OSError as error:
        raise output_problem(path, error) from error


def _who_holds(handle: int, out: Path) -> str:
    who = "another run, which has just begun"
    until = time.monotonic() + _SIGNING
    while time.monotonic() < until:
        try:
            holder = json.loads(os.pread(handle, 4096, 0))
            who = f"process {holder['pid']} on {holder['host']}, since {holder['started']}"
            break
        except (OSError, ValueError, KeyError, TypeError):
            time.sleep(_TURN)
    return f"{visible(str(out))} is held by {who}. Wait for it to end, or give --wait SECONDS."


def _sweep(out: Path) -> None:
    """Clear what a run that was killed was still writing."""
    for left_over in (out / STATE).glob("*.tmp"):
        with contextlib.suppress(OSError):
            left_over.unlink()
