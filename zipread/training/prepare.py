"""From a recipe to arrays: forms and labels, made in parts, kept on disk, resumed when stopped."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from zipread import normalise
from zipread.digit_model import REJECT
from zipread.normalise import glyph_forms
from zipread.training import augment, negatives
from zipread.training import typed as typing_faces
from zipread.training.augment import augmented, scanned
from zipread.training.data_sets import Digits, Words, load_digits_set, load_words
from zipread.training.forms import as_given
from zipread.training.typed import LETTERS, typed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zipread.training.recipe import Recipe

    Glyph = NDArray[np.uint8]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Forms (n, 64) float32, 0 to 16, and labels (n,) 0 to 10, 10 being no digit."""

    forms: NDArray[np.float32]
    labels: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of work: the digits of a set as they are (copy 0) or changed, or a negative."""

    recipe: Recipe
    folder: Path | None
    kind: str
    copy: int
    held_out: bool

    @property
    def name(self) -> str:
        """What it is, for a person."""
        return f"{Path(self.kind).name}-{self.copy}{'-held-out' if self.held_out else ''}"

    def key(self) -> str:
        """A hash of all that shapes the part: of the recipe only what concerns it, and the code."""
        recipe = self.recipe
        count = recipe.typed if self.kind == "typed" else getattr(recipe.negatives, self.kind, 0)
        sets = sorted(recipe.data) if count else []
        shaping = [recipe.seed, asdict(recipe.augmentation), count, sets, str(self.folder), _code()]
        return hashlib.sha256(json.dumps(shaping).encode()).hexdigest()[:12]

    def rng(self) -> np.random.Generator:
        """The part's own stream of chance, the same in any order of work."""
        words = [self.recipe.seed, self.copy, int(self.held_out), *self.kind.encode()]
        return np.random.default_rng(words)


def prepare(
    recipe: Recipe, folder: Path | None, home: Path, progress: Progress, workers: int = 2
) -> tuple[Prepared, Prepared]:
    """What to train on, and the same made of what is held out, to calibrate and measure with.

    Raises
    ------
    InputProblem
        If a data set is missing or damaged.
    """
    home.mkdir(parents=True, exist_ok=True)
    training, held_out = _parts(recipe, folder, False), _parts(recipe, folder, True)
    todo = [part for part in training + held_out if not _file(home, part).exists()]
    total = len(training) + len(held_out)
    clean = get_context("forkserver")  # OpenCV's threads in this process would hang a forked one
    with ProcessPoolExecutor(workers, clean) as pool:
        pending = {pool.submit(_make, home, part): part for part in todo}
        for done, future in enumerate(as_completed(pending), total - len(todo) + 1):
            future.result()
            progress(f"prepared {pending[future].name}", done, total)
    return _gathered(home, training), _gathered(home, held_out)


def _parts(recipe: Recipe, folder: Path | None, held_out: bool) -> list[Part]:
    kinds = [(name, copies + 1) for name, copies in recipe.data.items()]
    if held_out:
        kinds = [(name, min(copies, 2)) for name, copies in kinds]
    if recipe.typed:
        kinds.append(("typed", 1))
    wanted = recipe.negatives
    for kind in _NEGATIVES:
        if getattr(wanted, kind):
            kinds.append((kind, 1))
    return [Part(recipe, folder, kind, i, held_out) for kind, n in kinds for i in range(n)]


def _file(home: Path, part: Part) -> Path:
    return home / f"{part.name}-{part.key()}.npz"


@cache
def _code() -> str:
    """A hash of the modules that make the forms: a changed one makes them anew."""
    digest = hashlib.sha256()
    for module in (augment, negatives, normalise, typing_faces):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()


def _make(home: Path, part: Part) -> None:
    """Make one part and put it in place whole."""
    cv2.setNumThreads(1)
    if part.kind in _NEGATIVES:
        glyphs, labels = list(_negatives(part)), None
    elif part.kind == "typed":
        glyphs, labels = _typed_digits(part)
    else:
        glyphs, labels = _digits(part)
    raw = (
        part.copy == 0
        and part.kind in part.recipe.data
        and _digits_set(part.kind, part.folder).as_forms
    )
    forms = (as_given(glyphs) if raw else glyph_forms(glyphs)).astype(np.float16)
    values = np.full(len(forms), REJECT) if labels is None else labels
    draft = home / f".{part.name}.{os.getpid()}.npz"
    np.savez(draft, forms=forms, labels=values.astype(np.uint8))
    draft.replace(_file(home, part))


def _digits(part: Part) -> tuple[list[Glyph], NDArray[np.int64]]:
    digits = _digits_set(part.kind, part.folder)
    glyphs, labels = digits.held_out() if part.held_out else digits.training()
    if part.copy:
        rng, how = part.rng(), part.recipe.augmentation
        glyphs = [augmented(g, int(d), how, rng) for g, d in zip(glyphs, labels, strict=True)]
    return glyphs, labels


def _typed_digits(part: Part) -> tuple[list[Glyph], NDArray[np.int64]]:
    rng, how = part.rng(), part.recipe.augmentation
    drawn = [
        (augmented(g, int(d), how, rng) if rng.random() < 0.6 else scanned(g, how, rng), int(d))
        for g, d in typed("0123456789", _count(part, part.recipe.typed), rng)
    ]
    return [glyph for glyph, _ in drawn], np.array([digit for _, digit in drawn], np.int64)


def _negatives(part: Part) -> Iterator[Glyph]:
    rng = part.rng()
    count = _count(part, getattr(part.recipe.negatives, part.kind))
    yield from negatives.changed(
        _NEGATIVES[part.kind](part, count, rng), part.recipe.augmentation, rng
    )


def _count(part: Part, wanted: int) -> int:
    return wanted // 8 if part.held_out else wanted


def _letters(part: Part, count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    words = _words(part.folder)
    return negatives.letters(words.held_out() if part.held_out else words.training(), count, rng)


def _typed_letters(_: Part, count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    return (glyph for glyph, _ in typed(LETTERS, count, rng))


def _halves(part: Part, count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    material = _material(part)
    return negatives.halves(material, count if material else 0, rng)


def _touching(part: Part, count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    material = _material(part)
    return negatives.touching(material, count if material else 0, rng)


def _marks(_: Part, count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    return negatives.marks(count, rng)


_NEGATIVES: dict[str, Callable[[Part, int, np.random.Generator], Iterator[Glyph]]] = {
    "letters": _letters,
    "typed_letters": _typed_letters,
    "halves": _halves,
    "touching": _touching,
    "marks": _marks,
}


def _material(part: Part) -> list[Glyph]:
    """The digits that pieces and pairs are made of: all sets of the recipe that have glyphs."""
    sets = [_digits_set(name, part.folder) for name in part.recipe.data]
    chosen = [s for s in sets if not s.as_forms] or sets
    glyphs = []
    for digits in chosen:
        glyphs += (digits.held_out() if part.held_out else digits.training())[0]
    return glyphs


@cache
def _digits_set(name: str, folder: Path | None) -> Digits:
    return load_digits_set(name, folder)


@cache
def _words(folder: Path | None) -> Words:
    return load_words(folder or Path())


def _gathered(home: Path, parts: list[Part]) -> Prepared:
    forms, labels = [np.zeros((0, 64), np.float32)], [np.zeros(0, np.int64)]
    for part in parts:
        with np.load(_file(home, part), allow_pickle=False) as arrays:
            forms.append(arrays["forms"].astype(np.float32))
            labels.append(arrays["labels"].astype(np.int64))
    return Prepared(np.concatenate(forms), np.concatenate(labels))
