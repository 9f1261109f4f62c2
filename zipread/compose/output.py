"""Composed pictures as files with a truth.csv beside them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from zipread.compose.chance import Rng, chance, pick
from zipread.compose.composed import Composed
from zipread.compose.envelope import compose_envelope
from zipread.compose.envelope_style import boxed_style, everyday_style
from zipread.compose.forms import compose_form
from zipread.compose.glyphs import DigitSupply
from zipread.compose.letters import WordSupply
from zipread.compose.nothing import compose_nothing
from zipread.compose.parts import compose_block, compose_small
from zipread.compose.strings import NO_CODE, compose_field

SET_KINDS = (
    "envelope",
    "everyday",
    "boxed",
    "french",
    "block",
    "small",
    "field",
    "form",
    "no-field",
    "nothing",
)
TRUTH_COLUMNS = ("file", "zip", "zip4", "x", "y", "w", "h", "dpi", "tags")


def compose(kind: str, rng: Rng, supply: DigitSupply, words: WordSupply | None = None) -> Composed:
    """One picture of a kind of :data:`SET_KINDS`; no-field is a field without a code."""
    if kind == "envelope":
        return compose_envelope(rng, supply, words=words)
    if kind == "everyday":
        return compose_envelope(rng, supply, everyday_style(rng), words)
    if kind in ("boxed", "french"):
        return compose_envelope(rng, supply, boxed_style(rng, french=kind == "french"), words)
    if kind == "block":
        return compose_block(rng, supply, words)
    if kind == "small":
        return compose_small(rng, supply, words)
    if kind == "form":
        return compose_form(rng, supply)
    if kind == "nothing":
        return compose_nothing(rng, supply, words=words)
    if kind == "no-field":
        return compose_field(rng, supply, kind=pick(rng, NO_CODE), words=words)
    return compose_field(rng, supply, 9 if chance(rng, 0.08) else 5, words=words)


def compose_many(
    count: int,
    seed: int,
    supply: DigitSupply,
    kinds: Sequence[str] = ("envelope",),
    words: WordSupply | None = None,
) -> Iterator[Composed]:
    """``count`` pictures, the kinds taking turns; picture n depends on ``seed`` and n alone."""
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        yield compose(kinds[number % len(kinds)], rng, supply, words)


def truth_row(composed: Composed, file: str) -> dict[str, str | int]:
    """The row of truth.csv."""
    box = composed.box
    place = (box.x, box.y, box.width, box.height) if box else ("", "", "", "")
    values = (file, composed.zip, composed.zip4, *place, composed.dpi, " ".join(composed.tags))
    return dict(zip(TRUTH_COLUMNS, values, strict=True))


def write_picture(composed: Composed, path: Path) -> None:
    """The picture in its format, with its dpi; a bilevel TIFF is CCITT G4."""
    image = Image.fromarray(composed.pixels)
    dpi = (composed.dpi, composed.dpi)
    if composed.format == "jpg":
        image.save(path, quality=composed.quality, dpi=dpi)
    elif composed.format == "tif":
        image.convert("1", dither=Image.Dither.NONE).save(path, compression="group4", dpi=dpi)
    else:
        image.save(path, dpi=dpi, compress_level=3)


def write_truth(path: Path, rows: Iterable[dict[str, str | int]], columns: Sequence[str]) -> None:
    """A truth.csv."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def compose_set(
    out: Path,
    count: int,
    seed: int,
    supply: DigitSupply,
    kinds: Sequence[str] = ("envelope",),
    words: WordSupply | None = None,
) -> int:
    """Write ``count`` pictures and truth.csv to ``out``; the number of files written."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, composed in enumerate(compose_many(count, seed, supply, kinds, words)):
        name = f"{kinds[number % len(kinds)]}-{seed}-{number:05d}.{composed.format}"
        write_picture(composed, out / name)
        rows.append(truth_row(composed, name))
    write_truth(out / "truth.csv", rows, TRUTH_COLUMNS)
    return len(rows)
