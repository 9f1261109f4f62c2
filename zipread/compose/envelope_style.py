"""What an envelope may look like, and styles drawn at random."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from zipread.compose.address_block import BlockStyle, random_block_style
from zipread.compose.chance import Rng, between, chance, weighted
from zipread.compose.paper import random_paper
from zipread.compose.scans import Scan, clean_scan, random_scan

# width and height in mm, and how often
FORMATS: dict[str, tuple[float, float, float]] = {
    "no10": (241, 105, 0.3),
    "a7": (184, 133, 0.13),
    "a2": (146, 111, 0.12),
    "no6": (165, 92, 0.1),
    "c6": (162, 114, 0.12),
    "dl": (220, 110, 0.1),
    "c5": (229, 162, 0.05),
    "9x12": (305, 229, 0.02),
    "postcard": (152, 102, 0.06),
}


@dataclass(frozen=True, slots=True)
class EnvelopeStyle:
    """What an envelope looks like; :func:`random_style` draws one.

    ``sender`` is "", printed, hand or flap; ``clutter`` how many extra things lie about, 0..1;
    ``legible`` leaves out what a person could not read; ``typed`` prints the address.
    """

    form: str
    dpi: int
    colour: bool
    paper: str
    block: BlockStyle
    scan: Scan
    sender: str = ""
    stamp: bool = True
    meter: bool = False
    postmark: bool = True
    barcode: bool = False
    pattern: bool = False
    clutter: float = 0.2
    legible: bool = False
    typed: bool = False
    french: bool = False
    pen: str = field(default="")


def random_style(rng: Rng) -> EnvelopeStyle:
    """Any envelope."""
    french = chance(rng, 0.07)
    stamp = chance(rng, 0.72)
    return EnvelopeStyle(
        form=weighted(rng, {name: share for name, (_, _, share) in FORMATS.items()}),
        dpi=weighted(rng, {150: 0.14, 200: 0.34, 240: 0.14, 300: 0.33, 400: 0.04, 600: 0.01}),
        colour=chance(rng, 0.5),
        paper=random_paper(rng),
        block=random_block_style(rng, french=french),
        scan=random_scan(rng),
        sender=weighted(rng, {"": 0.3, "printed": 0.38, "hand": 0.26, "flap": 0.06}),
        stamp=stamp,
        meter=not stamp and chance(rng, 0.5),
        postmark=stamp and chance(rng, 0.55),
        barcode=chance(rng, 0.35),
        pattern=chance(rng, 0.04),
        clutter=between(rng, 0, 0.6),
        typed=chance(rng, 0.05),
        french=french,
    )


def everyday_style(rng: Rng) -> EnvelopeStyle:
    """An envelope as most of the mail is.

    Any hand, pen and paper, but few things lying about, and seven in ten are well scanned.
    """
    style = random_style(rng)
    return replace(
        style,
        scan=clean_scan(rng) if chance(rng, 0.7) else style.scan,
        dpi=weighted(rng, {200: 0.5, 300: 0.5}),
        legible=chance(rng, 0.7),
        pattern=False,
        clutter=style.clutter / 4,
        typed=False,
    )


def boxed_style(rng: Rng, *, french: bool = False) -> EnvelopeStyle:
    """An everyday envelope with its ZIP in boxes; a French one has five before the town."""
    style = everyday_style(rng)
    block = random_block_style(rng, french=french)
    block = block if french else replace(block, zip_place="boxed", underline=False)
    return replace(style, french=french, block=block)


def legible_style(rng: Rng) -> EnvelopeStyle:
    """An envelope that anybody can read, well scanned."""
    style = random_style(rng)
    return replace(style, scan=clean_scan(rng), legible=True, clutter=0.1, typed=False, dpi=200)
