"""Files that claim to be a model and must be refused: pickles in disguise, forged and foreign ones.

Used wherever a model is loaded: each case is a name and the bytes of the file.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

SHIPPED = Path(__file__).parents[1] / "models" / "digits.skops"


class Trap:
    """A pickle of this creates a file when it is loaded."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return (Path.touch, (self.marker,))


def foreign_models(marker: Path) -> Iterator[tuple[str, bytes]]:
    """All cases. Whichever runs code when loaded creates ``marker``."""
    yield from _pickles(marker)
    yield from _no_models()
    yield from _other_estimators()
    yield from _forged()


def _pickles(marker: Path) -> Iterator[tuple[str, bytes]]:
    trap = Trap(marker)
    for protocol in (0, 1, 2, 3, 4, 5):
        yield f"pickle, protocol {protocol}", pickle.dumps(trap, protocol)
    plain = pickle.dumps(trap)
    yield "pickle, zlib", zlib.compress(plain)
    yield "pickle, gzip", gzip.compress(plain)
    yield "pickle, bz2", bz2.compress(plain)
    yield "pickle, xz", lzma.compress(plain)
    yield "pickle, lzma", lzma.compress(plain, format=lzma.FORMAT_ALONE)
    for compress in (0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3)):
        dumped = io.BytesIO()
        joblib.dump({"model": trap, "weights": np.ones(9)}, dumped, compress=compress)
        yield f"joblib, {compress}", dumped.getvalue()
    yield "zip with a pickle", _zipped({"model.pkl": plain, "schema.json": b"{}"})
    yield "zip with an array that is a pickle", _edited(lambda parts, _: _put_array(parts, plain))
    yield (
        "zip with an array of objects",
        _edited(lambda parts, _: _put_array(parts, _npy(np.array([trap], object)))),
    )


def _no_models() -> Iterator[tuple[str, bytes]]:
    content = SHIPPED.read_bytes()
    yield "empty", b""
    yield "text", b"a model, honestly\n"
    yield "cut off", content[: len(content) // 2]
    yield "a flipped byte", content[:5000] + bytes([content[5000] ^ 0xFF]) + content[5001:]
    yield "zip without a schema", _zipped({"0.npy": _npy(np.ones(3))})
    yield "schema that is a list", _zipped({"schema.json": b"[]"})
    yield "schema that is no JSON", _zipped({"schema.json": b"{"})
    yield "schema nested deeply", _zipped({"schema.json": b'{"content":' * 900 + b"1" + b"}" * 900})
    yield "bomb", _zipped({"schema.json": b"{}", "0.npy": bytes(200_000_000)})


def _other_estimators() -> Iterator[tuple[str, bytes]]:
    x, y = np.random.default_rng(0).random((60, 64)), np.arange(60) % 10
    for estimator in (
        LogisticRegression(max_iter=2000),
        SVC(),
        KNeighborsClassifier(),
        DecisionTreeClassifier(),
    ):
        yield type(estimator).__name__, bytes(skops.io.dumps(estimator.fit(x, y)))


def _forged() -> Iterator[tuple[str, bytes]]:
    def value(key: str, text: str) -> bytes:
        return _edited(lambda _, root: root["content"][key].update(content=text))

    yield "another scikit-learn", value("scikit_learn", '"1.2.0"')
    yield "no scikit-learn", value("scikit_learn", "null")
    yield "another format", value("zipread_model", "99")
    yield "temperature not a number", value("temperature", "NaN")
    yield "temperature out of range", value("temperature", "1e9")
    yield "doubt not a number", value("doubt", "NaN")
    yield "no members", _edited(lambda _, root: root["content"]["members"].update(content=[]))
    yield (
        "a member that is text",
        _edited(
            lambda _, root: root["content"]["members"].update(content=[root["content"]["name"]])
        ),
    )
    yield (
        "a function as a node",
        _edited(
            lambda _, root: root["content"].update(
                name={"__loader__": "FunctionNode", "__module__": "os", "__class__": "function"}
            )
        ),
    )
    for name, change in _CHANGES.items():
        yield name, _edited(partial(_change_weights, change))
    yield "other classes", _edited(_other_classes)
    yield "a missing array", _edited(lambda parts, root: parts.pop(_weights(root)["file"]))


def _with_nan(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    array[0, 0] = np.nan
    return array


_CHANGES: dict[str, Callable[[Any], Any]] = {
    "weights not a number": _with_nan,
    "weights infinite": lambda a: a + np.inf,
    "weights out of range": lambda a: a * 1e9,
    "63 features": lambda a: a[:63],
    "65 features": lambda a: np.vstack([a, a[:1]]),
    "weights of text": lambda a: a.astype("U8"),
    "weights complex": lambda a: a.astype(complex),
    "weights of three dimensions": lambda a: a[None],
    "layers that do not join": lambda a: a[:, :-1],
}


def _zipped(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def _edited(change: Callable[[dict[str, bytes], dict[str, Any]], object]) -> bytes:
    """The shipped model with its parts or its schema changed."""
    with zipfile.ZipFile(SHIPPED) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    root = json.loads(parts["schema.json"])
    change(parts, root)
    parts["schema.json"] = json.dumps(root).encode()
    return _zipped(parts)


def _state(root: dict[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = root["content"]["members"]["content"][0]["content"]["content"]
    return state


def _weights(root: dict[str, Any]) -> dict[str, Any]:
    first: dict[str, Any] = _state(root)["coefs_"]["content"][0]
    return first


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=array.dtype.hasobject)
    return content.getvalue()


def _put_array(parts: dict[str, bytes], content: bytes) -> None:
    for name in parts:
        if name.endswith(".npy"):
            parts[name] = content


def _change_weights(
    change: Callable[[Any], Any], parts: dict[str, bytes], root: dict[str, Any]
) -> None:
    name = _weights(root)["file"]
    parts[name] = _npy(change(np.load(io.BytesIO(parts[name]))))


def _other_classes(parts: dict[str, bytes], root: dict[str, Any]) -> None:
    parts[_state(root)["classes_"]["file"]] = _npy(np.arange(1, 12))
