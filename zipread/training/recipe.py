"""A recipe: everything that makes a model, in one TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any

from zipread.errors import UsageProblem
from zipread.training.augment import Augmentation

EMBEDDED = ("seed", "optdigits", "digits-to-usps")


@dataclass(frozen=True, slots=True)
class Negatives:
    """How many glyphs of each kind of non-digit; the keys of a recipe's [negatives]."""

    letters: int = 0
    typed_letters: int = 0
    halves: int = 0
    touching: int = 0
    marks: int = 0


@dataclass(frozen=True, slots=True)
class Estimator:
    """What is fitted; the keys of a recipe's [estimator].

    ``kind`` "perceptrons" is the ensemble that can be shipped: ``epochs`` pairs how many passes
    over the data with the learning rate of each. "svc" is scikit-learn's SVC with ``c`` and
    ``gamma`` (on forms of 0 to 16): with few digits it errs least, but it is too slow to read
    with, so it is measured and not saved.
    """

    kind: str = "perceptrons"
    members: int = 1
    hidden: tuple[int, ...] = (200, 100)
    epochs: tuple[tuple[int, float], ...] = ((10, 1e-3), (3, 2e-4))
    batch: int = 256
    alpha: float = 1e-5
    c: float = 10.0
    gamma: float = 0.001

    def __post_init__(self) -> None:
        """Refuse a kind that is none."""
        if self.kind not in ("perceptrons", "svc"):
            raise ValueError(f"there is no estimator of the kind {self.kind!r}")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named recipe.

    ``data`` maps a set's name to how many changed copies of each of its digits are trained on,
    besides the digit as it is; ``measure`` names other sets to report figures on, which are not
    fitted to; ``whole`` trains on what is otherwise held out, for the sake of those; ``redraw``
    draws what is given as Digits forms large and normalises it our way, where it is trained on as
    it is and where it is measured; ``typed`` is how many glyphs of typed and lettered digits there
    are.
    """

    name: str
    seed: int
    data: dict[str, int]
    measure: tuple[str, ...] = ()
    whole: bool = False
    redraw: bool = False
    typed: int = 0
    negatives: Negatives = field(default_factory=Negatives)
    augmentation: Augmentation = field(default_factory=Augmentation)
    estimator: Estimator = field(default_factory=Estimator)


def load_recipe(name: str) -> Recipe:
    """A recipe by the name of one that is embedded, or by the path of a TOML file.

    Raises
    ------
    UsageProblem
        If there is none, or it does not read as a recipe.
    """
    try:
        if name in EMBEDDED:
            text = (resources.files("zipread.training") / "recipes" / f"{name}.toml").read_text()
        else:
            text = Path(name).read_text(encoding="utf-8")
        return _recipe(tomllib.loads(text))
    except OSError as error:
        known = ", ".join(EMBEDDED)
        raise UsageProblem(
            f"There is no recipe {name!r}: name a TOML file or one of {known}."
        ) from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError, KeyError) as error:
        raise UsageProblem(f"The recipe {name} does not read: {error}") from error


def _recipe(table: dict[str, Any]) -> Recipe:
    sections = {"negatives": Negatives, "augmentation": Augmentation, "estimator": Estimator}
    values = {
        key: _section(sections[key], value) if key in sections else _frozen(value)
        for key, value in table.items()
    }
    return Recipe(**values)


def _section(kind: type[Any], table: dict[str, Any]) -> Any:
    unknown = set(table) - {f.name for f in fields(kind)}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return kind(**{key: _frozen(value) for key, value in table.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
