"""Read a model file without running any of it: the skops format, numbers and names only.

skops [1]_ saves a fitted scikit-learn estimator as a zip of one ``schema.json``, a tree of typed
nodes, and ``.npy`` arrays. Its own loader imports the types that the tree names; that costs two
seconds for scikit-learn, and trusts every estimator of it, some of which crash the process when
their inner arrays are forged. So the shipped model is *written* by skops (``skops.io.load`` gives
the scikit-learn estimators back) and *read* here, by the same three verbs, into plain data:
:func:`get_tree`, :func:`audit_tree`, :func:`construct`. Nothing that the file names is imported.

.. [1] https://skops.readthedocs.io/en/stable/persistence.html
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zipread.errors import ModelRefused

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 8_000_000  # of the file, and of what it unpacks to
_MAX_ENTRIES = 500
_MAX_DEPTH = 20

# Reviewed: what a model file may be made of, as (loader, module, class). Containers, JSON scalars,
# arrays of numbers, and one estimator with its label binarizer.
TRUSTED_NODES = frozenset(
    {
        ("DictNode", "builtins", "dict"),
        ("ListNode", "builtins", "list"),
        ("TupleNode", "builtins", "tuple"),
        ("JsonNode", "builtins", "str"),
        ("TypeNode", "builtins", "str"),
        ("NdArrayNode", "numpy", "ndarray"),
        ("ObjectNode", "sklearn.neural_network._multilayer_perceptron", "MLPClassifier"),
        ("ObjectNode", "sklearn.preprocessing._label", "LabelBinarizer"),
    }
)

_CONTAINERS_OF_CODE = {
    b"\x80": "a pickle",
    b"\x78": "a compressed pickle or joblib file",
    b"\x1f\x8b": "a compressed pickle or joblib file",
    b"BZh": "a compressed pickle or joblib file",
    b"\xfd7zXZ": "a compressed pickle or joblib file",
    b"\x5d\x00": "a compressed pickle or joblib file",
    b"\x04\x22\x4d\x18": "a compressed pickle or joblib file",
}

ADVICE = "Train one with `zipread train`, or leave --model out to use the model that is shipped."


def refused(why: str) -> ModelRefused:
    """The error for a file that may not be loaded: what it is, and what to do."""
    return ModelRefused(f"The model file is refused: {why}. {ADVICE}")


@dataclass(frozen=True, slots=True)
class Tree:
    """A model file taken apart: the schema's root node and the arrays' bytes by name."""

    root: dict[str, Any]
    arrays: dict[str, bytes]


def get_tree(content: bytes) -> Tree:
    """Take a file apart; raise :class:`ModelRefused` if it is no skops file of a sane size."""
    for magic, what in _CONTAINERS_OF_CODE.items():
        if content.startswith(magic):
            raise refused(f"it is {what}, and loading that could run any code")
    if not content.startswith(b"PK"):
        raise refused("it is not in the skops format")
    if len(content) > MAX_BYTES:
        raise refused(f"it is larger than {MAX_BYTES:,} bytes")
    try:
        parts = _unpack(content)
        root = json.loads(parts.pop("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError, EOFError, OSError) as error:
        raise refused("it is damaged or not in the skops format") from error
    except (NotImplementedError, RuntimeError) as error:
        raise refused("it is packed in a way that skops does not use") from error
    if not isinstance(root, dict):
        raise refused("its schema is not a tree")
    return Tree(root, parts)


def _unpack(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        if len(entries) > _MAX_ENTRIES or len(set(names)) < len(names):
            raise refused("it has too many parts, or two of one name")
        if any(name != "schema.json" and not name.endswith(".npy") for name in names):
            raise refused("it holds parts that are neither schema.json nor arrays")
        if sum(entry.file_size for entry in entries) > MAX_BYTES:
            raise refused(f"it unpacks to more than {MAX_BYTES:,} bytes")
        return {name: archive.read(name) for name in names}


def audit_tree(tree: Tree) -> None:
    """Raise :class:`ModelRefused` unless every node is of a trusted kind."""
    _audit(tree.root, 0)


def _audit(node: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise refused("its schema is nested too deeply")
    if isinstance(node, list):
        for child in node:
            _audit(child, depth + 1)
    if not isinstance(node, dict):
        return
    if "__loader__" in node or "__class__" in node or "__module__" in node:
        kind = (node.get("__loader__"), node.get("__module__"), node.get("__class__"))
        if kind not in TRUSTED_NODES:
            raise refused(f"it holds {kind[1]}.{kind[2]}, which is not among the trusted types")
    for child in node.values():
        _audit(child, depth + 1)


def construct(tree: Tree) -> Any:
    """Plain data from an audited tree: dicts, lists, scalars and arrays; an object is its state."""
    try:
        return _construct(tree.root, tree.arrays)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise refused("its schema and its arrays do not fit together") from error


def _construct(node: dict[str, Any], arrays: dict[str, bytes]) -> Any:
    return _CONSTRUCTORS[node["__loader__"]](node, arrays)


def _items(node: dict[str, Any], arrays: dict[str, bytes]) -> dict[str, Any]:
    return {key: _construct(child, arrays) for key, child in node["content"].items()}


def _sequence(node: dict[str, Any], arrays: dict[str, bytes]) -> list[Any]:
    return [_construct(child, arrays) for child in node["content"]]


def _state(node: dict[str, Any], arrays: dict[str, bytes]) -> dict[str, Any]:
    return {"__class__": node["__class__"], **_construct(node["content"], arrays)}


def _scalar(node: dict[str, Any], _: dict[str, bytes]) -> Any:
    return json.loads(node["content"])


def _array(node: dict[str, Any], arrays: dict[str, bytes]) -> Any:
    if node["type"] != "numpy":
        raise refused("it holds arrays of objects")
    return np.load(io.BytesIO(arrays[node["file"]]), allow_pickle=False)


_CONSTRUCTORS: dict[str, Callable[[dict[str, Any], dict[str, bytes]], Any]] = {
    "DictNode": _items,
    "ListNode": _sequence,
    "TupleNode": _sequence,
    "JsonNode": _scalar,
    "NdArrayNode": _array,
    "ObjectNode": _state,
}
