"""Where results stand: a folder of this machine, or a place in an object store.

The two keep the same promises as far as the second can. There is no lock and no ledger in a store:
those stand in a folder of this machine that belongs to its URL.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zipread.errors import OutputProblem
from zipread.names import visible
from zipread.places import JSON
from zipread.remote import Remote, fetch, patiently
from zipread.storage import write_files, write_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

_AT_ONCE = 16  # requests
_LONGEST = 900  # bytes of a name: S3 takes keys of 1,024, with what stands before it


class Store(Protocol):
    """Files by their path below the results folder.

    ``shared`` says whether runs on other machines may put files there too.
    What writes raises :class:`~zipread.errors.OutputProblem` if it cannot.
    """

    shared: bool

    def write(self, files: Mapping[Path, bytes]) -> None:
        """Write files, each atomically, all of them durable on return; a record after its table."""

    def write_table(self, name: Path, lines: Iterable[str]) -> None:
        """Write a text file atomically and durably, if its content is another one."""

    def read(self, name: Path) -> bytes | None:
        """A file's content, None if it is not there or cannot be read."""

    def has(self, name: Path) -> bool:
        """Whether a file is there."""

    def place(self, name: Path) -> Path:
        """Where a file really stands, if the store cannot have it under its own name."""

    def records(self, but: Collection[Path]) -> Iterator[tuple[Path, bytes]]:
        """All JSON files but some, with where they stand, sorted."""


class Folder:
    """A folder of this machine."""

    shared = False  # whoever writes holds it

    def __init__(self, out: Path) -> None:
        self._out = out

    def write(self, files: Mapping[Path, bytes]) -> None:
        """See :func:`~zipread.storage.write_files`."""
        write_files({self._out / name: content for name, content in files.items()}, self._out)

    def write_table(self, name: Path, lines: Iterable[str]) -> None:
        """See :func:`~zipread.storage.write_table`."""
        write_table(self._out / name, lines, self._out)

    def read(self, name: Path) -> bytes | None:
        """A file's content, None if it is not there or cannot be read."""
        with contextlib.suppress(OSError, ValueError):
            path = self._out / name
            return path.read_bytes() if path.is_file() else None
        return None

    def has(self, name: Path) -> bool:
        """Whether a file is there."""
        return (self._out / name).is_file()

    def place(self, name: Path) -> Path:
        """Its own name."""
        return name

    def records(self, but: Collection[Path]) -> Iterator[tuple[Path, bytes]]:
        """All JSON files but some, sorted."""
        for path in sorted(self._out.rglob(f"*{JSON}")):
            name = path.relative_to(self._out)
            content = None if name in but else self.read(name)
            if content is not None:
                yield name, content


class Bucket:
    """A place in an object store; listed once, so that it costs no request to ask for a file.

    Each file is put whole, in one request, which is atomic and durable where the store says so, as
    S3 and GCS do.
    """

    shared = True

    def __init__(self, place: Remote) -> None:
        self._url = place
        try:
            self._names = set(place.listing())
        except FileNotFoundError:
            self._names = set()
        except OSError as error:
            raise _problem(place, error) from error

    def write(self, files: Mapping[Path, bytes]) -> None:
        """Put all but the records, then the records."""
        for is_record in (False, True):
            names = [name for name in files if (name.suffix == JSON) is is_record]
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(lambda name: self._put(name, files[name]), names))

    def write_table(self, name: Path, lines: Iterable[str]) -> None:
        """Put a text file if its content is another one."""
        content = "".join(lines).encode()
        if not self.has(name) or self.read(name) != content:
            self._put(name, content)

    def read(self, name: Path) -> bytes | None:
        """A file's content, None if it is not there."""
        if not self.has(name):
            return None
        try:
            return fetch(self._url / _key(name))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _problem(self._url / _key(name), error) from error

    def has(self, name: Path) -> bool:
        """Whether a file was there when this was opened, or was put since."""
        return _key(name) in self._names

    def place(self, name: Path) -> Path:
        """The name in UTF-8, or a hash of it if it is too long for a store."""
        return Path(_key(name))

    def records(self, but: Collection[Path]) -> Iterator[tuple[Path, bytes]]:
        """All JSON files but some, sorted, several fetched at once."""
        found = (Path(key) for key in sorted(self._names) if key.endswith(JSON))
        names = [name for name in found if name not in but]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(names), _AT_ONCE):
                some = names[start : start + _AT_ONCE]
                for name, content in zip(some, pool.map(self.read, some), strict=True):
                    if content is not None:
                        yield name, content

    def _put(self, name: Path, content: bytes) -> None:
        place = self._url / _key(name)
        try:
            patiently(lambda: place.system.pipe_file(place.path, content))
        except OSError as error:
            raise _problem(place, error) from error
        self._names.add(_key(name))


def opened(out: Path | Remote) -> Store:
    """The store at a place."""
    return Bucket(out) if isinstance(out, Remote) else Folder(out)


def state_folder(out: Path | Remote) -> Path:
    """The folder of this machine for lock and ledger: the results folder, or one for the URL."""
    if isinstance(out, Path):
        return out
    home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", out.url)[:60]
    digest = hashlib.sha256(out.url.encode()).hexdigest()[:16]
    return Path(home).expanduser() / "zipread" / f"{readable}-{digest}"


def _key(name: Path) -> str:
    key = name.as_posix().encode("utf-8", "backslashreplace").decode()
    if len(key.encode()) <= _LONGEST:
        return key
    return f"~{hashlib.sha256(key.encode()).hexdigest()}{name.suffix}"


def _problem(place: Remote, error: OSError) -> OutputProblem:
    why = error.strerror or error
    text = f"Cannot write {visible(place.url)}: {why}. What is done is kept:"
    return OutputProblem(f"{text} run the same command again once that is mended.")
