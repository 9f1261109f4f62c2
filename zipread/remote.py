"""Files in object stores and the like, named by URL and reached through fsspec.

What :mod:`zipread.intake` does for files of this machine. To repeat a request is the matter of the
store's own client; what still fails then is tried a few times more.
"""

from __future__ import annotations

import hashlib
import math
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from zipread.errors import DocumentError, ErrorKind, UsageProblem
from zipread.intake import Stamp, StillGrowing, too_large
from zipread.names import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from fsspec import AbstractFileSystem

T = TypeVar("T")

_URL = re.compile(r"[a-z][a-z0-9+.-]+://")
_TRIES = 3
_PAUSE = 1.0  # seconds before the second try, doubled for each one more
_FINAL = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
_TOKENS = ("ETag", "etag", "md5Hash", "generation", "version_id")
_EXTRAS = {"s3": "s3", "gs": "gs", "gcs": "gs"}
_TIMES = ("LastModified", "last_modified", "mtime", "updated", "created")


@dataclass(frozen=True, slots=True)
class Remote:
    """A folder or file by its URL, which has no slash at its end."""

    url: str

    def __str__(self) -> str:
        return self.url

    @property
    def system(self) -> AbstractFileSystem:
        """What reaches it; raises :class:`~zipread.errors.UsageProblem` if nothing does."""
        return _system(self.url.partition("://")[0])

    @property
    def path(self) -> str:
        """Its path in that system."""
        return str(self.system._strip_protocol(self.url))

    def __truediv__(self, name: str) -> Remote:
        """What stands below it."""
        return Remote(f"{self.url}/{name}")

    def holds(self, other: Remote) -> bool:
        """Whether another place is below this one, or the same."""
        return f"{other.url}/".startswith(f"{self.url}/")

    def listing(self) -> dict[str, dict[str, Any]]:
        """All files below it by their path there, sorted; just "" if it is a file itself.

        Raises
        ------
        OSError
            If it cannot be listed.
        """
        start = self.path
        found = patiently(lambda: self.system.find(start, detail=True))
        files = {n: info for n, info in found.items() if info.get("type", "file") == "file"}
        return {n.removeprefix(start).removeprefix("/"): files[n] for n in sorted(files)}


def located(text: str) -> Path | Remote:
    """The place that a path or URL names; ``file://`` is a path like any other."""
    if not is_url(text):
        return Path(text)
    if text.startswith("file://"):
        return Path(unquote(urlsplit(text).path))
    return Remote(text.rstrip("/"))


def is_url(text: str) -> bool:
    """Whether this is a URL and no path."""
    return _URL.match(text) is not None


def patiently(call: Callable[[], T]) -> T:
    """What a call to a store gives, tried a few times.

    Raises
    ------
    OSError
        If it fails at each try, or in a way that another try does not mend.
    """
    for number in range(_TRIES):
        try:
            return call()
        except _FINAL:
            raise
        except Exception as error:
            if number == _TRIES - 1:
                raise OSError(None, f"{type(error).__name__}: {error}") from error
        time.sleep(_PAUSE * 2**number)
    raise AssertionError


def stamp_of(info: dict[str, Any]) -> Stamp:
    """The stamp of a file as a store describes it: size, time, and what changes with content."""
    known = {key: str(info[key]) for key in (*_TOKENS, *_TIMES) if info.get(key) is not None}
    token = hashlib.sha256(repr(sorted(known.items())).encode()).digest()
    modified = next((_nanoseconds(info[key]) for key in _TIMES if info.get(key)), 0)
    return Stamp(int(info.get("size") or 0), modified, modified, int.from_bytes(token[:7]), 0)


def read(root: str, name: str, max_megabytes: float, expected: Stamp) -> bytes:
    """The content of a file as :func:`zipread.intake.read_below` gives it.

    Raises
    ------
    DocumentError
        If it cannot be read, or is larger than ``max_megabytes``.
    StillGrowing
        If it is gone, or of another size than expected.
    """
    if expected.size > max_megabytes * 1e6:
        raise too_large(expected.size, max_megabytes)
    try:
        content = fetch(Remote(root) / name)
    except FileNotFoundError as error:
        raise StillGrowing from error
    except OSError as error:
        text = f"It cannot be read: {error.strerror or error}."
        raise DocumentError(ErrorKind.UNREADABLE, text) from error
    if len(content) != expected.size:
        raise StillGrowing
    return content


def digest(root: str, name: str, expected: Stamp) -> str:
    """SHA-256 in hex of a file's content; raises as :func:`read` does, but for the size."""
    return hashlib.sha256(read(root, name, math.inf, expected)).hexdigest()


def fetch(place: Remote) -> bytes:
    """All of a file; raises OSError if it cannot be had."""
    content: bytes = patiently(lambda: place.system.cat_file(place.path))
    return content


@cache
def _system(protocol: str) -> AbstractFileSystem:
    try:
        import fsspec

        return fsspec.filesystem(protocol, use_listings_cache=False)
    except ImportError as error:
        extra = _EXTRAS.get(protocol)
        what = f"pip install 'zipread[{extra}]'" if extra else f"{error}"
        raise UsageProblem(f"{protocol}:// needs another package: {what}.") from error
    except ValueError as error:
        raise UsageProblem(f"There is no way to reach {visible(protocol)}://: {error}.") from error


def _nanoseconds(value: datetime | str | float) -> int:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return int(value * 1e9)
