"""Files that no one should have to read: a seeded stream of mutants of real ones.

``mutants(2000, seed=1)`` gives (name, content) pairs, the same on every machine with the same
libraries. Names are plain and unique, and end as the format usually does.
"""

import functools
import random
import struct
import zlib

from PIL import Image

from tests.documents.making import colour_picture, encoded, exif, grey_picture, noise_picture

SUFFIXES = {"JPEG": "jpg", "TIFF": "tif"}
EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@functools.cache
def seeds():
    """Small sound files of all formats, by (name, suffix)."""
    grey, colour = grey_picture(200, 140), colour_picture(160, 120)
    bilevel = Image.fromarray(grey).convert("1")
    more = [Image.fromarray(noise_picture(60, 40)), Image.fromarray(colour)]
    ink = Image.fromarray(255 - colour).convert("RGBA")
    made = {
        ("grey", "PNG"): encoded(grey, "PNG", dpi=(300, 300), exif=exif(6)),
        ("alpha", "PNG"): encoded(ink, "PNG"),
        ("palette", "PNG"): encoded(Image.fromarray(colour).quantize(16), "PNG", transparency=3),
        ("deep", "PNG"): encoded(grey.astype("uint16") * 200, "PNG"),
        ("grey", "JPEG"): encoded(grey, "JPEG", exif=exif(8, ">", 300)),
        ("colour", "JPEG"): encoded(colour, "JPEG", quality=60),
        ("progressive", "JPEG"): encoded(colour, "JPEG", progressive=True),
        ("cmyk", "JPEG"): encoded(colour, "JPEG", "CMYK"),
        ("g4", "TIFF"): encoded(bilevel, "TIFF", compression="group4", dpi=(200, 200)),
        ("g3", "TIFF"): encoded(bilevel, "TIFF", compression="group3"),
        ("lzw", "TIFF"): encoded(colour, "TIFF", compression="tiff_lzw"),
        ("deflate", "TIFF"): encoded(grey, "TIFF", compression="tiff_adobe_deflate"),
        ("packbits", "TIFF"): encoded(grey, "TIFF", compression="packbits"),
        ("jpeg", "TIFF"): encoded(colour, "TIFF", compression="jpeg"),
        ("deep", "TIFF"): encoded(grey.astype("uint16") * 16, "TIFF"),
        ("pages", "TIFF"): encoded(bilevel, "TIFF", save_all=True, append_images=more),
        ("big", "TIFF"): encoded(grey, "TIFF", big_tiff=True),
        ("grey", "BMP"): encoded(grey, "BMP"),
        ("colour", "BMP"): encoded(colour, "BMP"),
        ("lossy", "WEBP"): encoded(colour, "WEBP"),
        ("lossless", "WEBP"): encoded(ink, "WEBP", lossless=True, exif=exif(3)),
        ("frames", "WEBP"): encoded(more[1], "WEBP", save_all=True, append_images=[ink]),
        ("colour", "PDF"): encoded(colour, "PDF", resolution=150),
        ("fax", "PDF"): encoded(bilevel, "PDF", resolution=200),
        ("pages", "PDF"): encoded(more[1], "PDF", save_all=True, append_images=more[:1]),
    }
    return {(name, SUFFIXES.get(f, f.lower())): content for (name, f), content in made.items()}


def mutants(count, seed=1):
    """So many damaged files; each kind of damage falls on each kind of file."""
    chance = random.Random(seed)
    files = list(seeds().items())
    for number in range(count):
        (name, suffix), content = files[number % len(files)]
        damage = DAMAGES[number // len(files) % len(DAMAGES)]
        yield f"{number:05}-{name}-{damage.__name__}.{suffix}", damage(content, chance)


def cut(content, chance):
    """The beginning of the file."""
    return content[: chance.randrange(len(content))]


def headless(content, chance):
    """All but the beginning, up to a kilobyte."""
    return content[chance.randrange(1, min(1024, len(content))) :]


def flipped(content, chance):
    """One to twenty bits turned over."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 20)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def flipped_in_header(content, chance):
    """One to four bits of the first hundred bytes."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(min(100, len(changed)))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def extreme(content, chance):
    """A number replaced by one that programs trip over, in either byte order, 1 to 4 bytes long."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        code = chance.choice((">I", "<I", ">H", "<H", "B"))
        size = struct.calcsize(code)
        value = chance.choice(EXTREMES) & (1 << 8 * size) - 1
        reach = len(changed) if chance.random() < 0.5 else min(200, len(changed))
        struct.pack_into(code, changed, chance.randrange(max(1, reach - size)), value)
    return bytes(changed)


def blotted(content, chance):
    """A stretch of zeros, ones or noise."""
    start, end = stretch(content, chance)
    blot = chance.choice((b"\0", b"\xff", chance.randbytes(1)))
    filling = chance.randbytes(end - start) if chance.random() < 0.4 else blot * (end - start)
    return content[:start] + filling + content[end:]


def shortened(content, chance):
    """A stretch left out."""
    start, end = stretch(content, chance)
    return content[:start] + content[end:]


def stuttering(content, chance):
    """A stretch repeated, up to thirty times."""
    start, end = stretch(content, chance)
    return content[:end] + content[start:end] * chance.randint(1, 30) + content[end:]


def spliced(content, chance):
    """The beginning of the file and the end of another."""
    other = chance.choice(list(seeds().values()))
    return content[: chance.randrange(len(content))] + other[chance.randrange(len(other)) :]


def grafted(content, chance):
    """A stretch of another file put in."""
    other = chance.choice(list(seeds().values()))
    start, end = stretch(other, chance)
    place = chance.randrange(len(content))
    return content[:place] + other[start:end] + content[place:]


def resealed(content, chance):
    """Bits turned over and, in a PNG, the checksums made to fit: what only a decoder can notice."""
    changed = bytearray(flipped(content, chance))
    at = 8
    while changed[1:4] == b"PNG" and at + 12 <= len(changed):
        (length,) = struct.unpack_from(">I", changed, at)
        end = at + 8 + length
        if end + 4 > len(changed):
            break
        struct.pack_into(">I", changed, end, zlib.crc32(changed[at + 4 : end]))
        at = end + 4
    return bytes(changed)


def stretch(content, chance):
    """The ends of a stretch, short ones being likelier."""
    start = chance.randrange(len(content))
    return start, min(len(content), start + 1 + int(chance.random() ** 3 * len(content)))


DAMAGES = (
    *(cut, headless, flipped, flipped_in_header, extreme, blotted),
    *(shortened, stuttering, spliced, grafted, resealed),
)
