"""From a recipe to arrays: forms and labels, made in parts, kept on disk, resumed when stopped."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, get_args

import cv2
import numpy as np

from zipread import normalise
from zipread.digit_model import REJECT
from zipread.normalise import glyph_forms
from zipread.training import augment, negatives
from zipread.training import typed as typing_faces
from zipread.training.augment import augmented, drawn, scanned
from zipread.training.data_sets import Digits, Split, Words, load_digits_set, load_words
from zipread.training.forms import as_given
from zipread.training.typed import LETTERS, typed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zipread.training.recipe import Recipe

    Glyph = NDArray[np.uint8]

Progress = Callable[[str, int, int], None]
Use = Literal["training", "calibration", "held-out"]
USES: tuple[Use, ...] = get_args(Use)
T = TypeVar("T", covariant=True)


class Material(Protocol[T]):
    """A set that is split by use: digits, or words."""

    def training(self) -> T:
        """The part to train on."""

    def calibration(self) -> T:
        """The part to calibrate on."""

    def held_out(self) -> T:
        """The part to report on."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Forms (n, 64) float32, 0 to 16, and labels (n,) 0 to 10, 10 being no digit.

    ``non_digits`` says where the non-digits of each kind are.
    """

    forms: NDArray[np.float32]
    labels: NDArray[np.int64]
    non_digits: dict[str, slice]


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of work: the digits of a set as they are (copy 0) or changed, or a negative."""

    recipe: Recipe
    folder: Path | None
    kind: str
    copy: int
    use: Use

    @property
    def name(self) -> str:
        """What it is, for a person."""
        return f"{Path(self.kind).name}-{self.copy}-{self.use}"

    def key(self) -> str:
        """A hash of all that shapes the part: of the recipe only what concerns it, and the code."""
        recipe = self.recipe
        count = recipe.typed if self.kind == "typed" else getattr(recipe.negatives, self.kind, 0)
        sets = sorted(recipe.data) if count else []
        shaping = [
            recipe.seed,
            recipe.whole,
            recipe.redraw,
            asdict(recipe.augmentation),
            count,
            sets,
            str(self.folder),
            _code(),
        ]
        return hashlib.sha256(json.dumps(shaping).encode()).hexdigest()[:12]

    def rng(self) -> np.random.Generator:
        """The part's own stream of chance, the same in any order of work."""
        words = [self.recipe.seed, self.copy, *self.use.encode(), *Path(self.kind).name.encode()]
        return np.random.default_rng(words)


def prepare(
    recipe: Recipe, folder: Path | None, home: Path, progress: Progress, workers: int = 2
) -> dict[Use, Prepared]:
    """What to train on, to calibrate on, and to report on, each made of its own part of the data.

    Only what is trained on is changed; the rest is as it comes.

    Raises
    ------
    InputProblem
        If a data set is missing or damaged.
    """
    home.mkdir(parents=True, exist_ok=True)
    parts = {use: _parts(recipe, folder, use) for use in USES}
    every = [part for group in parts.values() for part in group]
    todo = [part for part in every if not _file(home, part).exists()]
    total = len(every)
    clean = get_context("forkserver")  # OpenCV's threads in this process would hang a forked one
    with ProcessPoolExecutor(workers, clean) as pool:
        pending = {pool.submit(_make, home, part): part for part in todo}
        for done, future in enumerate(as_completed(pending), total - len(todo) + 1):
            future.result()
            progress(f"prepared {pending[future].name}", done, total)
    return {use: _gathered(home, group) for use, group in parts.items()}


def _parts(recipe: Recipe, folder: Path | None, use: Use) -> list[Part]:
    training = use == "training"
    kinds = [(name, copies + 1 if training else 1) for name, copies in recipe.data.items()]
    if recipe.typed and training:
        kinds.append(("typed", 1))
    kinds += [(kind, 1) for kind in _NEGATIVES if getattr(recipe.negatives, kind)]
    return [Part(recipe, folder, kind, i, use) for kind, n in kinds for i in range(n)]


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
    forms = (as_given(glyphs) if _given(part) else glyph_forms(glyphs)).astype(np.float16)
    values = np.full(len(forms), REJECT) if labels is None else labels
    draft = home / f".{part.name}.{os.getpid()}.npz"
    np.savez(draft, forms=forms, labels=values.astype(np.uint8))
    draft.replace(_file(home, part))


def _given(part: Part) -> bool:
    """Whether the part's glyphs are forms already."""
    if part.kind not in part.recipe.data or not _digits_set(part.kind, part.folder).as_forms:
        return False
    return part.copy == 0 and not part.recipe.redraw


def _digits(part: Part) -> tuple[list[Glyph], NDArray[np.int64]]:
    digits = _digits_set(part.kind, part.folder)
    if part.recipe.whole:
        digits = replace(digits, split=Split(len(digits.labels), len(digits.labels)))
    glyphs, labels = _of_use(digits, part.use)
    if part.copy:
        rng, how = part.rng(), part.recipe.augmentation
        glyphs = [augmented(g, int(d), how, rng) for g, d in zip(glyphs, labels, strict=True)]
    elif digits.as_forms and part.recipe.redraw:
        glyphs = [drawn(g, part.recipe.augmentation) for g in glyphs]
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
    found = _NEGATIVES[part.kind](part, count, rng)
    if part.use == "training":
        found = negatives.changed(found, part.recipe.augmentation, rng)
    yield from found


def _count(part: Part, wanted: int) -> int:
    return wanted if part.use == "training" else wanted // 8


def _letters(part: Part, count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    words = _words(part.folder)
    return negatives.letters(_of_use(words, part.use), count, rng)


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
        glyphs += _of_use(digits, part.use)[0]
    return glyphs


def _of_use(data: Material[T], use: Use) -> T:
    """The part of a set that is for this use."""
    if use == "training":
        return data.training()
    return data.calibration() if use == "calibration" else data.held_out()


@cache
def _digits_set(name: str, folder: Path | None) -> Digits:
    return load_digits_set(name, folder)


@cache
def _words(folder: Path | None) -> Words:
    return load_words(folder or Path())


def _gathered(home: Path, parts: list[Part]) -> Prepared:
    forms, labels = [np.zeros((0, 64), np.float32)], [np.zeros(0, np.int64)]
    non_digits, start = {}, 0
    for part in parts:
        with np.load(_file(home, part), allow_pickle=False) as arrays:
            forms.append(arrays["forms"].astype(np.float32))
            labels.append(arrays["labels"].astype(np.int64))
        end = start + len(labels[-1])
        if part.kind in _NEGATIVES:
            non_digits[part.kind] = slice(start, end)
        start = end
    return Prepared(np.concatenate(forms), np.concatenate(labels), non_digits)
