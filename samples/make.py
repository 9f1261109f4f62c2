#!/usr/bin/env python3
"""Make samples/: composed scans with their truth (see README.md).

``python samples/make.py --data DIR`` with MNIST's training files in ``DIR/mnist``. Only digits of
the block that the shipped model was not trained on are used, and of those the clear ones. The same
data and seeds give the same pictures.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from zipread.compose import (
    Composed,
    DigitSupply,
    EnvelopeStyle,
    Scan,
    clear,
    compose_envelope,
    compose_form,
    compose_nothing,
    mnist,
)
from zipread.compose.address_block import BlockStyle
from zipread.compose.addresses import address
from zipread.compose.chance import Rng
from zipread.compose.output import TRUTH_COLUMNS, truth_row, write_truth

HERE = Path(__file__).parent
COLUMNS = ("file", "page", *TRUTH_COLUMNS[1:])
OFFICE = Scan(skew=0.6, blur=0.5, noise=1.4)
LID = replace(OFFICE, skew=-1.1, margin=0.025, around="black")
PHOTO = replace(
    OFFICE, skew=2.0, margin=0.07, around="desk", perspective=0.02, shadow="gradient",
    shadow_depth=0.2, blur=0.7, noise=2.5,
)  # fmt: skip
FAX = replace(OFFICE, bilevel="otsu", noise=1.0)


@dataclass(frozen=True)
class Plan:
    """One page: where it goes and how it looks. Pages of one file share its name.

    ``crop`` cuts the ZIP out with that many pixels around it; 0 keeps the envelope.
    """

    file: str
    seed: int
    style: EnvelopeStyle
    zip4: bool = False
    crop: int = 0


def _style(form: str, paper: str, pen: str, scan: Scan = OFFICE, **more: object) -> EnvelopeStyle:
    """A legible envelope; ``more`` are fields of :class:`EnvelopeStyle`."""
    base = EnvelopeStyle(
        form=form, dpi=200, colour=True, paper=paper, block=BlockStyle(pitch=2.3), scan=scan,
        sender="printed", clutter=0.0, legible=True, pen=pen,
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def _block(**more: object) -> BlockStyle:
    return replace(BlockStyle(pitch=2.3), **more)  # type: ignore[arg-type]


OWN_LINE = _block(zip_place="own-line", zip_gap=0.7)
JOINED = _block(zip_place="boxed", zip_gap=1.5, boxes="joined", roomy=True)
SEPARATE = replace(JOINED, boxes="separate")
RULED = _block(guides=True, pitch=2.5)
UNDERLINED = _block(underline=True, zip_gap=1.2)
WIDE = _block(zip_gap=3.0)

ENVELOPES = (
    Plan("01-white-no10.jpg", 1, _style("no10", "white", "ballpoint", barcode=True)),
    Plan("02-kraft-marker.jpg", 2, _style("c6", "kraft", "marker", LID, sender="hand")),
    Plan("03-cream-own-line.jpg", 3, _style("a7", "cream", "fountain", block=OWN_LINE)),
    Plan("04-blue-zip4.jpg", 4, _style("dl", "blue", "gel", LID, block=WIDE), zip4=True),
    Plan("05-boxes-joined.jpg", 5, _style("no10", "white", "ballpoint", block=JOINED)),
    Plan("06-boxes-separate.png", 6, _style("a2", "white", "gel", block=SEPARATE, colour=False)),
    Plan("07-grey-pencil.jpg", 7, _style("no6", "grey", "pencil", sender="hand", colour=False)),
    Plan("08-bilevel.tif", 8, _style("no10", "white", "felt", FAX, colour=False, barcode=True)),
    Plan("09-ruled.jpg", 9, _style("c6", "white", "ballpoint", block=RULED)),
    Plan("10-underlined.jpg", 10, _style("a7", "pink", "gel", LID, block=UNDERLINED)),
    Plan("11-postcard.jpg", 11, _style("postcard", "cream", "ballpoint", sender="")),
    Plan("12-two-pages.tif", 12, _style("a2", "white", "gel", colour=False)),
    Plan("12-two-pages.tif", 13, _style("c6", "recycled", "felt", LID, colour=False), zip4=True),
    Plan("13-document.pdf", 14, _style("no10", "manila", "marker", LID, meter=True, stamp=False)),
    Plan("14-phone-photo.jpg", 15, _style("no10", "white", "felt", PHOTO, block=OWN_LINE)),
    Plan("15-green.webp", 30, _style("a2", "green", "ballpoint", sender="flap"), zip4=True),
    Plan("16-sixteen-bit.png", 31, _style("no6", "white", "gel", colour=False)),
    Plan("17-cropped-field.png", 18, _style("dl", "cream", "ballpoint", block=WIDE), crop=14),
)


def _envelope(plan: Plan, supply: DigitSupply) -> Composed:
    rng = np.random.default_rng([2026, plan.seed])
    made = compose_envelope(rng, supply, plan.style, to=address(rng, zip4=plan.zip4))
    if not plan.crop or made.box is None:
        return made
    box, room = made.box, plan.crop
    return made.cropped(box.x - room, box.y - room, box.right + room, box.bottom + room, "crop")


def _save(path: Path, pages: list[Composed]) -> None:
    """The pages as one file, in the format of its ending."""
    images = [Image.fromarray(page.pixels) for page in pages]
    dpi = pages[0].dpi
    first, rest = images[0], images[1:]
    if path.suffix == ".jpg":
        first.save(path, quality=82, dpi=(dpi, dpi))
    elif path.suffix == ".webp":
        first.save(path, quality=80)
    elif path.suffix == ".pdf":
        made = time.gmtime(0)  # a PDF carries its date: the same one, for the same bytes
        first.save(path, resolution=dpi, quality=82, creationDate=made, modDate=made)
    elif pages[0].tags and "bilevel" in pages[0].tags:
        bilevel = first.convert("1", dither=Image.Dither.NONE)
        bilevel.save(path, compression="group4", dpi=(dpi, dpi))
    elif path.suffix == ".tif":
        first.save(path, save_all=True, append_images=rest, compression="jpeg", dpi=(dpi, dpi))
    elif "sixteen-bit" in path.name:
        cv2.imwrite(str(path), pages[0].pixels.astype(np.uint16) * 257)
    else:
        first.save(path, dpi=(dpi, dpi), optimize=True)


def _rows(file: str, pages: Iterable[Composed]) -> list[dict[str, str | int]]:
    return [truth_row(page, file) | {"page": n} for n, page in enumerate(pages, 1)]


def make_envelopes(folder: Path, supply: DigitSupply) -> None:
    """Envelopes that the product must read."""
    files: dict[str, list[Composed]] = {}
    for plan in ENVELOPES:
        files.setdefault(plan.file, []).append(_envelope(plan, supply))
    rows = []
    for file, pages in files.items():
        _save(folder / file, pages)
        rows += _rows(file, pages)
    write_truth(folder / "truth.csv", rows, COLUMNS)


def _unreadable(rng: Rng, supply: DigitSupply) -> Composed:
    """An envelope whose ink has all but gone: no person can say what it reads."""
    lost = replace(OFFICE, blur=9.0, noise=9.0, resolution=0.08)
    style = _style("a2", "white", "pencil", lost, colour=False, sender="", legible=False)
    made = compose_envelope(rng, supply, style)
    return replace(made, zip="", zip4="", box=None, tags=("unreadable",))


def make_awkward(folder: Path, supply: DigitSupply) -> None:
    """A form, a page without a ZIP, an unreadable, a turned and a corrupt one."""
    turned = _style("c6", "cream", "gel", replace(OFFICE, turn=90))
    letter = compose_nothing(np.random.default_rng([2026, 102]), supply, "letters", scan=OFFICE)
    pages = {
        "form.jpg": compose_form(
            np.random.default_rng([2026, 101]), supply, OFFICE, boxed=True, legible=True
        ),
        "no-zip.jpg": replace(letter, tags=("nothing",)),
        "unreadable.jpg": _unreadable(np.random.default_rng([2026, 103]), supply),
        "turned.jpg": _envelope(Plan("turned.jpg", 106, turned), supply),
    }
    rows = []
    for file, page in pages.items():
        _save(folder / file, [page])
        rows += _rows(file, [page])
    whole = (folder / "turned.jpg").read_bytes()
    (folder / "corrupt.jpg").write_bytes(whole[:300] + bytes(range(256)) * 20)
    blank: dict[str, str | int] = dict.fromkeys(COLUMNS, "")
    rows.append(blank | {"file": "corrupt.jpg", "page": 1, "tags": "corrupt"})
    write_truth(folder / "truth.csv", rows, COLUMNS)


def main() -> None:
    """Make both folders anew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/")
    parser.add_argument("--out", type=Path, default=HERE, help="where to write (default: here)")
    asked = parser.parse_args()
    supply = clear(mnist(asked.data / "mnist"))
    for name, make in (("envelopes", make_envelopes), ("awkward", make_awkward)):
        folder = asked.out / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        make(folder, supply)


if __name__ == "__main__":
    main()
