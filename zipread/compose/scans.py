"""Ways in which a sheet becomes a picture: scanners, fax-like scanners, telephones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from zipread.compose.chance import Rng, between, chance, pick, weighted, whole


@dataclass(frozen=True, slots=True)
class Scan:
    """How a sheet becomes a picture.

    ``skew`` in degrees, ``turn`` in degrees clockwise (0, 90, 180, 270), ``margin`` (what is seen
    around the sheet) and ``perspective`` as shares of its size, ``blur`` the Gaussian's sigma in
    pixels, ``noise`` a standard deviation in grey levels, ``resolution`` the share of the dpi that
    the picture really has; ``bilevel`` is "", otsu, adaptive, fixed or dither; ``around`` is black,
    white, desk or sheet.
    """

    skew: float = 0.0
    turn: int = 0
    margin: float = 0.0
    around: str = "black"
    perspective: float = 0.0
    shadow: str = ""
    shadow_depth: float = 0.0
    bleed: float = 0.0
    fade: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    resolution: float = 1.0
    salt: float = 0.0
    recompressed: int = 0
    bilevel: str = ""
    format: str = "png"
    quality: int = 90

    def tags(self) -> tuple[str, ...]:
        """What a table of results should tell apart."""
        found = {
            "photo": self.perspective > 0,
            "bilevel": bool(self.bilevel),
            "turned": self.turn != 0,
            "skewed": abs(self.skew) > 3,
            "shadow": self.shadow_depth > 0.25,
            "bleed": self.bleed > 0,
            "blurred": self.blur > 1.4 or self.resolution < 0.7,
        }
        return tuple(tag for tag, present in found.items() if present)


def clean_scan(rng: Rng) -> Scan:
    """A good office scanner."""
    return Scan(
        skew=float(rng.normal(0, 0.5)),
        margin=between(rng, 0, 0.01),
        blur=between(rng, 0.4, 0.7),
        noise=between(rng, 1, 2.5),
        format="jpg",
        quality=88,
    )


def _flatbed(rng: Rng) -> Scan:
    skew = between(rng, -10, 10) if chance(rng, 0.12) else float(rng.normal(0, 1.3))
    return Scan(
        skew=float(np.clip(skew, -10, 10)),
        turn=weighted(rng, {0: 0.94, 90: 0.02, 180: 0.02, 270: 0.02}),
        margin=between(rng, 0, 0.05) if chance(rng, 0.5) else 0.0,
        around=weighted(rng, {"black": 0.45, "white": 0.35, "sheet": 0.2}),
        shadow=pick(rng, ("gradient", "corner", "edge")) if chance(rng, 0.3) else "",
        shadow_depth=between(rng, 0.05, 0.35),
        bleed=between(rng, 0.03, 0.14) if chance(rng, 0.08) else 0.0,
        fade=between(rng, 0.1, 0.5) if chance(rng, 0.12) else 0.0,
        blur=float(np.clip(rng.lognormal(-0.5, 0.45), 0, 2)),
        noise=float(np.clip(rng.lognormal(0.9, 0.6), 0, 14)),
        salt=between(rng, 0.0001, 0.002) if chance(rng, 0.06) else 0.0,
        resolution=between(rng, 0.5, 0.9) if chance(rng, 0.1) else 1.0,
        recompressed=whole(rng, 25, 60) if chance(rng, 0.08) else 0,
        format=weighted(rng, {"jpg": 0.6, "png": 0.4}),
        quality=whole(rng, 55, 95),
    )


def _photo(rng: Rng) -> Scan:
    return replace(
        _flatbed(rng),
        turn=0,
        margin=between(rng, 0.02, 0.12),
        around=weighted(rng, {"desk": 0.8, "white": 0.1, "black": 0.1}),
        perspective=between(rng, 0.01, 0.05),
        shadow=pick(rng, ("gradient", "corner", "edge", "window")),
        shadow_depth=between(rng, 0.1, 0.5),
        blur=between(rng, 0.5, 1.6),
        noise=between(rng, 2, 9),
        format="jpg",
    )


def random_scan(rng: Rng) -> Scan:
    """Any scanner or camera."""
    kind = weighted(rng, {"flatbed": 0.74, "bilevel": 0.14, "photo": 0.12})
    if kind == "photo":
        return _photo(rng)
    scan = _flatbed(rng)
    if kind == "flatbed":
        return scan
    method = weighted(rng, {"otsu": 0.4, "adaptive": 0.35, "fixed": 0.15, "dither": 0.1})
    depth = scan.shadow_depth * (0.3 if method in ("otsu", "fixed") else 1.0)
    around = "white" if method in ("otsu", "fixed") else scan.around
    return replace(
        scan, bilevel=method, format="tif", shadow_depth=depth, fade=0.0, bleed=0.0, around=around
    )
