"""A glyph to the 8x8 Digits form: the 64 numbers the digit model sees, in training and reading.

How the UCI optdigits set (scikit-learn's Digits) was made [1]_: NIST's forms program cut each digit
from a filled form and size-normalised it to a 32x32 bitmap, the ink filling all 32 rows, the width
centred; the bitmap was divided into non-overlapping 4x4 blocks and the ink pixels of each counted:
8x8 values from 0 to 16, ink high.

What we do on grey scans, in this order. Each step was kept or dropped by what it did to error
across data sets: fitted on MNIST and read on USPS, the other way about, and on both as scanned by
pens from hairline to marker at 12 to 120 px height.

1. *Crop* to the ink above a fraction of the glyph's own strongest ink, so that faint halos of
   blur or JPEG noise do not shrink the digit.
2. *Deslant* every glyph: shear so that the ink's second moment about the upright axis vanishes
   [2]_. Without it, USPS to MNIST errs 1.4 times as often, slanted scans 1.3 to 1.6 times.
3. *Scale* to 32 rows. What is then wider than ``_FULL_WIDTH`` columns is squeezed to it, what is
   narrower is stretched half the way to it, unless so narrow that it is a bare stroke: writers
   differ in width more than digits do.
4. *Soft ink*: a pixel's grey is kept as a share of ink, not thresholded, so that a digit of 10 px
   height gives as smooth a form as one of 200 px.
5. *Sum* the 4x4 blocks.
6. *Even out the pen*: scale the form so that its mean is ``_MEAN_INK``, about that of optdigits,
   with blocks full at 16. A hairline and a marker then give nearly the same form. (Dilating or
   eroding to one stroke width instead doubled the error on small or noisy scans.)

.. [1] E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
   Repository, 1998, https://doi.org/10.24432/C50P49
.. [2] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document
   recognition, Proc. IEEE 86(11), 1998, section VIII (deslanting by moments).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SIDE = 32
_BLOCK = 4
_FULL_WIDTH = 22
_BARE_STROKE = 10  # columns of 32: not stretched, most are a 1
_MEAN_INK = 5.2
_GAIN = (0.5, 3.0)
_CANVAS = 96  # room to shear in: three times the height
_FAINT = 0.3  # share of the strongest ink that counts as the glyph's extent
_SLANT_LIMIT = 0.8
_REDUCE_FROM = 64  # glyphs taller than this are first averaged down to _REDUCED rows
_REDUCED = 48
_MIN_INK = 16  # of 255: weaker than this is paper


def glyph_forms(glyphs: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """The Digits forms of glyphs.

    Parameters
    ----------
    glyphs : sequence of (height, width) uint8 arrays
        Soft ink, 0 paper to 255 full ink, any size; a glyph without ink gives a form of zeros.

    Returns
    -------
    (n, 64) float32 array
        8x8 values row by row, 0 to 16, ink high.
    """
    if not len(glyphs):
        return np.zeros((0, 64), np.float32)
    bitmaps = np.zeros((len(glyphs), _SIDE, _SIDE), np.uint8)
    for bitmap, glyph in zip(bitmaps, glyphs, strict=True):
        _draw(glyph, bitmap)
    column = bitmaps.reshape(-1, _SIDE).astype(np.float32)  # one above the other
    size = (_SIDE // _BLOCK, len(column) // _BLOCK)
    means = np.asarray(cv2.resize(column, size, interpolation=cv2.INTER_AREA), np.float32)
    return _evened(means.reshape(-1, 64) * np.float32(_BLOCK * _BLOCK / 255))


def _evened(forms: NDArray[np.float32]) -> NDArray[np.float32]:
    """The forms as one pen of middling width would have written them."""
    mean = np.maximum(forms.mean(axis=1, keepdims=True), np.float32(0.1))
    evened: NDArray[np.float32] = np.minimum(forms * np.clip(_MEAN_INK / mean, *_GAIN), 16)
    return evened.astype(np.float32, copy=False)


def _draw(glyph: NDArray[np.uint8], bitmap: NDArray[np.uint8]) -> None:
    """Draw the glyph cropped, upright and centred into a 32x32 bitmap of zeros."""
    ink = _cropped(glyph)
    if ink is None:
        return
    if ink.shape[0] > _REDUCE_FROM:
        width = max(1, round(ink.shape[1] * _REDUCED / ink.shape[0]))
        reduced = cv2.resize(ink, (width, _REDUCED), interpolation=cv2.INTER_AREA)
        ink = np.asarray(reduced, np.uint8)
    ink = _upright(ink)
    width = _width(ink.shape[1])
    left = (_SIDE - width) // 2
    bitmap[:, left : left + width] = cv2.resize(ink, (width, _SIDE), interpolation=cv2.INTER_AREA)


def _width(natural: int) -> int:
    """The columns that a glyph is drawn in, from those it would take at 32 rows."""
    if natural <= _BARE_STROKE:
        return natural
    return min(_FULL_WIDTH, round((natural + _FULL_WIDTH) / 2))


def _cropped(glyph: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The part of the glyph that holds ink, None if there is none."""
    strongest = cv2.norm(glyph, cv2.NORM_INF)  # NumPy's maximum takes three times as long
    if strongest < _MIN_INK:
        return None
    _, extent = cv2.threshold(glyph, strongest * _FAINT, 1, cv2.THRESH_BINARY)
    x, y, width, height = cv2.boundingRect(extent)
    return glyph[y : y + height, x : x + width]


def _upright(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink deslanted about its centre of mass and scaled to 32 rows, aspect kept."""
    moments = cv2.moments(ink)
    slant = moments["mu11"] / moments["mu02"] if moments["mu02"] > 0 else 0.0
    slant = max(-_SLANT_LIMIT, min(_SLANT_LIMIT, slant))
    scale = _SIDE / ink.shape[0]
    scale_x = min(scale, (_CANVAS - _SIDE) / ink.shape[1])
    centre_x = (moments["m10"] / moments["m00"] + 0.5) * scale_x
    centre_y = moments["m01"] / moments["m00"] + 0.5
    # destination from source, pixel centres at halves
    shear = slant * scale_x
    shift = _CANVAS / 2 - centre_x + shear * centre_y
    matrix = np.array(
        [
            [scale_x, -shear, shift + 0.5 * scale_x - 0.5 * shear - 0.5],
            [0.0, scale, 0.5 * scale - 0.5],
        ]
    )
    warped = cv2.warpAffine(ink, matrix, (_CANVAS, _SIDE), flags=cv2.INTER_LINEAR)
    canvas = np.asarray(warped, np.uint8)
    cropped = _cropped(canvas)
    return canvas if cropped is None else cropped


def digits_form(
    image: NDArray[np.generic], ink: Literal["dark", "bright"] = "dark"
) -> NDArray[np.float32]:
    """The Digits form of one picture of one digit.

    Parameters
    ----------
    image : (height, width) array
        Any numeric or boolean type and range; the digit need not be cropped.
    ink : "dark" or "bright"
        Whether the digit is darker than its ground (pen on paper) or brighter (MNIST).

    Returns
    -------
    (8, 8) float32 array
        Values 0 to 16, ink high; zeros when the picture holds a single tone.

    Raises
    ------
    ValueError
        If the picture is not a non-empty two-dimensional array of finite numbers, or ``ink`` is
        neither of its values.
    """
    if ink not in ("dark", "bright"):
        raise ValueError(f'ink must be "dark" or "bright", not {ink!r}')
    pixels = np.asarray(image)
    if pixels.ndim != 2 or pixels.size == 0:
        raise ValueError(f"a glyph is a two-dimensional picture, not of shape {pixels.shape}")
    if pixels.dtype.kind not in "buif" or not np.isfinite(pixels).all():
        raise ValueError("a glyph is made of finite numbers")
    return glyph_forms([_soft_ink(pixels.astype(np.float64), ink)]).reshape(8, 8)


def _soft_ink(pixels: NDArray[np.float64], ink: str) -> NDArray[np.uint8]:
    """Ink as 0 to 255, from the two tones that Otsu's threshold finds."""
    shares = pixels / max(float(np.abs(pixels).max()), np.finfo(np.float64).tiny)
    low, high = float(shares.min()), float(shares.max())
    if high <= low:
        return np.zeros(pixels.shape, np.uint8)
    tones = np.rint((shares - low) / (high - low) * 255.0).astype(np.uint8)
    if ink == "dark":
        tones = 255 - tones
    threshold, _ = cv2.threshold(tones, 0, 255, cv2.THRESH_OTSU)
    paper = float(tones[tones <= threshold].mean())
    full = float(tones[tones > threshold].mean())
    share = (tones - paper) / max(1.0, full - paper)
    return np.asarray(np.clip(255.0 * share, 0, 255), np.uint8)
