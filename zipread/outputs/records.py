"""A document's reading as JSON, and back: the record that everything else is rebuilt from.

The schema is published beside this module (``document.schema.json``). The text is ASCII, so that
no name in it can act on a terminal; keys stand in one order, so equal readings are equal bytes.
"""

from __future__ import annotations

import base64
import json
import math
import os
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from zipread.names import visible
from zipread.reading import DocumentReading

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_VERSION = 1

_ENCODER = json.JSONEncoder(allow_nan=False)


class RecordError(ValueError):
    """A JSON text is not the record of a document that this version can read."""


def to_json(reading: DocumentReading) -> bytes:
    """The record of a document's reading, as the bytes of its file."""
    return _text(to_record(reading), "\n").encode() + b"\n"


def from_json(content: bytes) -> DocumentReading:
    """The reading in a record's file.

    Raises
    ------
    RecordError
        If the content is no record, or one of another schema version.
    """
    try:
        return from_record(json.loads(content, parse_float=_finite, parse_constant=_finite))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RecordError(f"not a record of a document: {error}") from error


def to_record(reading: DocumentReading) -> dict[str, Any]:
    """The reading as JSON's own types. A form is eight rows of eight."""
    record: dict[str, Any] = {"schema_version": SCHEMA_VERSION, **_plain(reading)}
    record["source"] = _named(reading.source.document, record["source"])
    return record


def from_record(record: Mapping[str, Any]) -> DocumentReading:
    """The reading of :func:`to_record`, exactly."""
    if record["schema_version"] != SCHEMA_VERSION:
        raise RecordError(f"schema version {record['schema_version']} is not {SCHEMA_VERSION}")
    source = dict(record["source"])
    if "document_base64" in source:
        source["document"] = os.fsdecode(base64.b64decode(source["document_base64"]))
    reading: DocumentReading = _built(DocumentReading, {**record, "source": source})
    return reading


def schema() -> dict[str, Any]:
    """The published JSON Schema of a record."""
    text = (resources.files("zipread.outputs") / "document.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _named(document: str, source: dict[str, Any]) -> dict[str, Any]:
    """Names that are not UTF-8 are shown escaped, and kept byte by byte beside."""
    try:
        document.encode()
    except UnicodeEncodeError:
        raw = base64.b64encode(os.fsencode(document)).decode()
        return {**source, "document": visible(document), "document_base64": raw}
    return source


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    kind: Any = type(value)
    if names := _names(kind):
        return {name: _plain_field(name, getattr(value, name)) for name in names}
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass; none of another type."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _plain_field(name: str, value: Any) -> Any:
    if name == "form":
        return [list(value[row : row + 8]) for row in range(0, len(value), 8)]
    return _plain(value)


def _built(kind: Any, value: Any) -> Any:
    """``value``, of JSON's types, as an instance of the annotated type ``kind``.

    Anything may have been done to the file, so each value is held against what it should be.
    """
    origin = get_origin(kind) or kind
    if origin is tuple:
        item = get_args(kind)[0]
        if item is float and _is(list, value) and isinstance(value[0], list):  # a form
            value = [number for row in value for number in row]
        return tuple(_built(item, element) for element in _of(list, value))
    if origin in (Union, UnionType):  # of one type and None
        inner = next(argument for argument in get_args(kind) if argument is not type(None))
        return None if value is None else _built(inner, value)
    if is_dataclass(kind) and isinstance(kind, type):
        known = _of(dict, value)
        return kind(**{n: _built(k, known[n]) for n, k in _hints(kind).items() if n in known})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if kind is float and type(value) is int:
        return float(value)
    return _of(origin, value)


def _is(kind: type, value: Any) -> bool:
    return type(value) is kind and bool(value)


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise RecordError(f"{value!r:.40} is no {kind.__name__}")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise RecordError(f"{text} is no number")
    return number


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _text(value: Any, newline: str) -> str:
    """JSON of a value, an item a line but numbers in one; ``newline`` ends with its indent.

    Python's own indented JSON is written number by number, which takes twice as long.
    """
    if _is_number(value) or (isinstance(value, list) and all(map(_is_number, value))):
        return repr(value)  # JSON has no other
    deeper = newline + " "
    if isinstance(value, dict) and value:
        items = [f"{_ENCODER.encode(key)}: {_text(item, deeper)}" for key, item in value.items()]
        return "{" + deeper + f",{deeper}".join(items) + newline + "}"
    if isinstance(value, list):
        items = [_text(item, deeper) for item in value]
        return "[" + deeper + f",{deeper}".join(items) + newline + "]"
    return _ENCODER.encode(value)


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))
