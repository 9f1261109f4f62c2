"""What the post office and senders put on mail: stamps, postmarks, barcodes, labels, stains."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.compose.addresses import MONTHS, places
from zipread.compose.canvas import Canvas, Colour, Pixels
from zipread.compose.chance import Rng, between, chance, digits, pick, weighted, whole
from zipread.compose.letters import printed
from zipread.compose.pens import noise_patch
from zipread.compose.writing import printed_hand, write_word

Mask = NDArray[np.uint8]


def _print(
    canvas: Canvas, rng: Rng, text: str, x: float, y: float, size: float, colour: Colour
) -> None:
    """Printed text whose capitals are ``size`` pixels tall, its baseline at y."""
    face = pick(rng, printed())
    mask = face.draw(text, size)
    canvas.ink(mask, round(x), round(y) - face.ascent(size), colour)


def _scene(rng: Rng, height: int, width: int) -> Pixels:
    """A small picture: ground, sky, and some shapes in clear colours."""

    def tone(low: int, high: int) -> tuple[int, ...]:
        return tuple(whole(rng, low, high) for _ in range(3))

    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = tone(90, 250)
    horizon = int(height * between(rng, 0.4, 0.8))
    picture[horizon:] = tone(30, 200)
    for _ in range(whole(rng, 2, 6)):
        centre = (whole(rng, 0, width), whole(rng, 0, height))
        radius = int(between(rng, 0.08, 0.35) * min(height, width))
        if chance(rng, 0.5):
            cv2.circle(picture, centre, radius, tone(20, 255), -1, cv2.LINE_AA)
        else:
            around = np.array(centre) + rng.normal(0, radius, (whole(rng, 3, 6), 2))
            cv2.fillPoly(picture, [around.astype(np.int32)], tone(20, 255), cv2.LINE_AA)
    return picture


def add_stamp(canvas: Canvas, rng: Rng, right: float, top: float, mm: float) -> tuple[float, float]:
    """A stamp whose top right corner is given; its centre in pixels. ``mm`` is pixels a mm."""
    wide, tall = between(rng, 19, 26) * mm, between(rng, 21, 40) * mm
    if chance(rng, 0.35):
        wide, tall = tall, wide
    width, height = round(wide), round(tall)
    picture = _scene(rng, height, width)
    stamp = Canvas(picture)
    border = max(1, round(1.6 * mm))
    dark: Colour = pick(rng, ((20, 20, 20), (120, 20, 30), (20, 40, 110)))
    text = pick(rng, ("USA 55", "FOREVER", "USA 73", "68 USA", "32c", "First Class"))
    _print(stamp, rng, text, 2 * border, height - 2 * border, between(rng, 1.8, 3.2) * mm, dark)
    edge = np.zeros((height, width), np.uint8)
    cv2.rectangle(edge, (0, 0), (width - 1, height - 1), 255, 2 * border)
    for x in range(0, width, max(2, border)):
        for y in (0, height - 1):
            cv2.circle(edge, (x, y), max(1, border // 3), 90, -1, cv2.LINE_AA)
    stamp.paint(edge, 0, 0, (248, 246, 240))
    x, y = round(right) - width, round(top)
    canvas.paste(picture, x, y)
    return x + width / 2, y + height / 2


def add_meter(canvas: Canvas, rng: Rng, right: float, top: float, mm: float) -> None:
    """A postage meter's imprint: eagle-less, with a 2-D code, a price, a date and a ZIP."""
    colour: Colour = pick(rng, ((190, 30, 60), (30, 30, 40), (40, 60, 150)))
    cells = whole(rng, 14, 24)
    code = (rng.random((cells, cells)) < 0.5).astype(np.uint8) * 255
    side = round(between(rng, 12, 20) * mm)
    code = np.asarray(cv2.resize(code, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)
    x = right - 45 * mm
    canvas.ink(code, round(x), round(top), colour)
    lines = (
        "US POSTAGE",
        f"$ 0{whole(rng, 0, 9)}.{digits(rng, 2)}0",
        f"{whole(rng, 1, 12):02d}/{whole(rng, 1, 28):02d}/20{whole(rng, 10, 29)}",
        f"ZIP {pick(rng, places()).zip}",
        digits(rng, whole(rng, 8, 12)),
    )
    for row, line in enumerate(lines):
        _print(canvas, rng, line, x + side + 2 * mm, top + (3 + 4 * row) * mm, 2 * mm, colour)


def _ring(rng: Rng, mm: float) -> Mask:
    """A circular date stamp."""
    radius = between(rng, 10, 14) * mm
    side = round(2 * radius + 4 * mm)
    mask = np.zeros((side, side), np.uint8)
    centre = (side // 2, side // 2)
    line = max(1, round(0.35 * mm))
    cv2.circle(mask, centre, round(radius), 255, line, cv2.LINE_AA)
    if chance(rng, 0.4):
        cv2.circle(mask, centre, round(0.68 * radius), 255, line, cv2.LINE_AA)
    month = pick(rng, MONTHS)
    place = pick(rng, places())
    lines = (
        place.city[:12].upper(),
        f"{whole(rng, 1, 28)} {month}",
        f"20{whole(rng, 10, 29)} {pick(rng, ('AM', 'PM'))}",
    )
    if chance(rng, 0.3):
        lines = (*lines[:2], place.zip)
    hand = printed_hand(rng, 2.1 * mm)
    for row, text in enumerate(lines):
        word = write_word(hand, text, rng).mask
        limit = round(1.5 * radius)
        if word.shape[1] > limit:
            word = np.asarray(
                cv2.resize(word, (limit, word.shape[0]), interpolation=cv2.INTER_AREA)
            )
        x, y = centre[0] - word.shape[1] // 2, round(centre[1] + (row - 1.4) * 4.2 * mm)
        part = mask[y : y + word.shape[0], x : x + word.shape[1]]
        np.maximum(part, word, out=part)
    return mask


def _cancel(rng: Rng, mm: float) -> Mask:
    """The wavy or straight lines beside a date stamp."""
    length, count = between(rng, 35, 60) * mm, whole(rng, 5, 8)
    pitch = 3.2 * mm
    mask = np.zeros((round((count + 1) * pitch), round(length)), np.uint8)
    xs = np.arange(0, length, max(1.0, mm))
    swing = pick(rng, (0.0, 0.8, 1.2)) * mm
    wave = swing * np.sin(xs / (between(rng, 3, 6) * mm))
    for row in range(count):
        points = np.column_stack([xs, (row + 0.7) * pitch + wave])
        fixed = np.rint(points * 16).astype(np.int32)
        cv2.polylines(mask, [fixed], False, 255, max(1, round(0.4 * mm)), cv2.LINE_AA, 4)
    return mask


def _worn(mask: Mask, rng: Rng, strength: float) -> Mask:
    """The imprint as an uneven stamp pad leaves it."""
    wear = noise_patch(rng, 5.0, *mask.shape).astype(np.float32)
    cover = np.clip((wear - between(rng, 50, 120)) / 60, 0.15, 1) * strength
    return (mask * cover).astype(np.uint8)


def add_postmark(canvas: Canvas, rng: Rng, x: float, y: float, mm: float) -> None:
    """A date stamp left of (x, y) and its cancelling lines over it."""
    strength = between(rng, 0.45, 1.0)
    colour: Colour = pick(rng, ((20, 20, 24), (20, 20, 24), (30, 40, 100), (150, 30, 50)))
    ring = _ring(rng, mm)
    lines = _cancel(rng, mm)
    start = x - between(rng, 10, 25) * mm
    canvas.ink(
        _worn(ring, rng, strength),
        round(start - ring.shape[1]),
        round(y - ring.shape[0] / 2),
        colour,
    )
    if chance(rng, 0.8):
        canvas.ink(_worn(lines, rng, strength), round(start), round(y - lines.shape[0] / 2), colour)


def barcode(rng: Rng, mm: float) -> Mask:
    """An Intelligent Mail (four-state), POSTNET or linear barcode as a mask."""
    kind = weighted(rng, {"imb": 0.6, "postnet": 0.2, "linear": 0.2})
    count = {"imb": 65, "postnet": 52, "linear": whole(rng, 40, 90)}[kind]
    pitch = {"imb": 1.15, "postnet": 1.15, "linear": 0.66}[kind] * mm
    bar = max(1, round(between(rng, 0.4, 0.55) * pitch))
    full = round({"imb": 3.6, "postnet": 3.2, "linear": between(rng, 6, 12)}[kind] * mm)
    mask = np.zeros((full, round(count * pitch) + bar), np.uint8)
    for place in range(count):
        x = round(place * pitch)
        width = bar if kind != "linear" else whole(rng, 1, max(1, round(pitch * 0.8)))
        top = (
            0
            if kind == "linear" or chance(rng, 0.5)
            else round(full * (0.33 if kind == "imb" else 0.55))
        )
        low = full if kind != "imb" or chance(rng, 0.5) else round(full * 0.67)
        mask[top:low, x : x + width] = 255
    return mask


def add_barcode(
    canvas: Canvas, rng: Rng, x: float, y: float, mm: float, *, label: bool = False
) -> None:
    """A barcode at (x, y), black or the orange of sorting machines, on a ``label`` or not."""
    mask = barcode(rng, mm)
    if label:
        margin = round(3 * mm)
        paper = np.full((mask.shape[0] + 2 * margin, mask.shape[1] + 2 * margin), 255, np.uint8)
        canvas.paint(paper, round(x) - margin, round(y) - margin, (252, 252, 252))
    colour: Colour = pick(rng, ((15, 15, 15), (15, 15, 15), (20, 20, 60), (230, 110, 60)))
    canvas.ink((mask * between(rng, 0.7, 1)).astype(np.uint8), round(x), round(y), colour)


_NOTICES = (
    "FRAGILE",
    "DO NOT BEND",
    "PAR AVION",
    "FIRST CLASS MAIL",
    "RETURN SERVICE REQUESTED",
    "PRSRT STD",
    "CERTIFIED MAIL",
    "URGENT",
    "PRIORITY",
    "LETTRE PRIORITAIRE",
    "Temp-Return Service Requested",
    "IMPORTANT TAX DOCUMENT ENCLOSED",
)


def add_notice(canvas: Canvas, rng: Rng, x: float, y: float, mm: float) -> None:
    """A printed or rubber-stamped notice or sticker, some with a number of its own."""
    text = pick(rng, _NOTICES)
    if chance(rng, 0.3):
        text += f" {digits(rng, whole(rng, 2, 9))}"
    size = between(rng, 2, 4.5) * mm
    hand = printed_hand(rng, size)
    mask = write_word(hand, text, rng).mask
    colour: Colour = pick(rng, ((180, 30, 30), (20, 20, 20), (30, 60, 150)))
    if chance(rng, 0.5):
        margin = round(size * 0.7)
        framed = np.pad(mask, margin)
        line = max(1, round(0.12 * size))
        cv2.rectangle(framed, (1, 1), (framed.shape[1] - 2, framed.shape[0] - 2), 255, line)
        mask = framed
    if chance(rng, 0.25):
        canvas.paint(np.full_like(mask, 255), round(x), round(y), (250, 240, 160))
    canvas.ink(_worn(mask, rng, between(rng, 0.6, 1)), round(x), round(y), colour)


def add_stain(canvas: Canvas, rng: Rng, mm: float) -> None:
    """A coffee ring, a thumb print or a blot."""
    radius = round(between(rng, 3, 22) * mm)
    side = 2 * radius + 4
    mask = np.zeros((side, side), np.uint8)
    centre = (side // 2, side // 2)
    if chance(rng, 0.5):
        cv2.circle(
            mask,
            centre,
            round(radius * 0.9),
            whole(rng, 40, 110),
            max(1, round(0.8 * mm)),
            cv2.LINE_AA,
        )
    else:
        cv2.circle(mask, centre, round(radius * 0.6), whole(rng, 20, 80), -1, cv2.LINE_AA)
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, radius * 0.12)), np.uint8)
    x, y = whole(rng, -radius, canvas.width), whole(rng, -radius, canvas.height)
    canvas.ink(_worn(mask, rng, 1.0), x, y, pick(rng, ((120, 80, 40), (90, 90, 90), (60, 70, 120))))


def add_scribble(canvas: Canvas, rng: Rng, x: float, y: float, mm: float, colour: Colour) -> None:
    """A pen stroke without meaning."""
    count = whole(rng, 8, 30)
    steps = rng.normal(0, 3 * mm, (count, 2)).cumsum(axis=0)
    smooth = np.column_stack([np.convolve(axis, np.ones(4) / 4, "same") for axis in steps.T])
    smooth -= smooth.min(axis=0) - 3
    high = np.ceil(smooth.max(axis=0)).astype(int) + 4
    mask = np.zeros((min(int(high[1]), canvas.height), min(int(high[0]), canvas.width)), np.uint8)
    points = np.rint(smooth * 16).astype(np.int32)
    cv2.polylines(mask, [points], False, 230, max(1, round(0.4 * mm)), cv2.LINE_AA, 4)
    canvas.ink(mask, round(x), round(y), colour)


def add_flap(canvas: Canvas, rng: Rng, mm: float) -> None:
    """The shadow of an envelope's flap or seam that shows through."""
    depth, line = whole(rng, 10, 45), max(1, round(between(rng, 0.5, 2.5) * mm))
    mask = np.zeros((canvas.height, canvas.width), np.uint8)
    tip = (
        canvas.width / 2 + between(rng, -0.1, 0.1) * canvas.width,
        canvas.height * between(rng, 0.3, 0.7),
    )
    points = np.array([[0, 0], tip, [canvas.width, 0]]).astype(np.int32)
    cv2.polylines(mask, [points], False, depth, line, cv2.LINE_AA)
    canvas.ink(mask, 0, 0, (110, 105, 100))
