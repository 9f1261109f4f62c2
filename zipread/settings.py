"""Where options come from: defaults < ``zipread.toml`` < ``ZIPREAD_*`` variables < flags."""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from zipread.errors import UsageProblem
from zipread.names import visible
from zipread.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = "zipread.toml"
PREFIX = "ZIPREAD_"

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True)
class Settings:
    """The options in force; ``origins`` says by name where each comes from."""

    options: Options
    origins: dict[str, str]

    def is_set(self, name: str) -> bool:
        """Whether someone set the option, rather than its default."""
        return self.origins[name] != "default"


def load(
    flags: Mapping[str, Any],
    file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """The options by all sources; ``flags`` holds those given, by option name.

    Without ``file``, a ``zipread.toml`` in the working directory counts.

    Raises
    ------
    UsageProblem
        For an unknown key, naming the nearest there is, and for a value of the wrong kind.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(kinds(), "default")
    named = file or (
        Path(environment[f"{PREFIX}CONFIG"]) if f"{PREFIX}CONFIG" in environment else None
    )
    for origin, source in (
        (str(named or FILE), _from_file(named)),
        ("environment", _from_environment(environment)),
        ("command line", dict(flags)),
    ):
        values.update(source)
        origins.update(dict.fromkeys(source, origin))
    return Settings(Options(**values), origins)


def kinds() -> dict[str, type]:
    """The options' types by name, None left aside."""
    hints = get_type_hints(Options)
    return {
        f.name: next(
            t for t in (get_args(hints[f.name]) or (hints[f.name],)) if t is not type(None)
        )
        for f in fields(Options)
    }


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that is most like ``name``, or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Do you mean {found[0]!r}?" if found else ""


def _from_file(named: Path | None) -> dict[str, Any]:
    path = named or Path(FILE)
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError:
        if named:
            raise UsageProblem(f"There is no file {visible(str(path))}.") from None
        return {}
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{visible(str(path))} cannot be read: {error}.") from error
    known = kinds()
    values = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            raise UsageProblem(f"{path}: there is no option {key!r}.{nearest(name, known)}")
        values[name] = _checked(value, known[name], f"{path}: {key}")
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {f"{PREFIX}{name.upper()}": (name, kind) for name, kind in kinds().items()}
    values = {}
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable == f"{PREFIX}CONFIG":
            continue
        if variable not in known:
            hint = nearest(variable, [*known, f"{PREFIX}CONFIG"])
            raise UsageProblem(f"Environment: there is no option {variable!r}.{hint}")
        name, kind = known[variable]
        values[name] = _parsed(environment[variable], kind, variable)
    return values


def _parsed(text: str, kind: type, where: str) -> Any:
    if kind is bool:
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise _wrong(where, kind, text)
    try:
        return kind(text)
    except ValueError as error:
        raise _wrong(where, kind, text) from error


def _checked(value: Any, kind: type, where: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _wrong(where, kind, value)
    return value


def _wrong(where: str, kind: type, value: object) -> UsageProblem:
    wanted = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}[kind]
    return UsageProblem(f"{where} is {wanted}, not {value!r}.")
