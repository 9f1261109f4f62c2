"""Files for the tests: pictures in all formats, and pieces to craft bad ones from."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 96, 64


def grey_picture(width=WIDTH, height=HEIGHT):
    """A picture without any symmetry, grey, most of it paper."""
    y, x = np.mgrid[:height, :width]
    pixels = 200 + (x * 40 // width).astype(np.uint8)
    pixels[height // 4 : height // 2, width // 8 : width // 3] = 20
    pixels[(x - 2 * y) % 23 == 0] = 90
    return pixels.astype(np.uint8)


def colour_picture(width=WIDTH, height=HEIGHT):
    """The same in blue ink on yellowish paper."""
    grey = grey_picture(width, height)
    return np.dstack([grey, grey, np.where(grey < 150, 160, grey // 2)]).astype(np.uint8)


def noise_picture(width=WIDTH, height=HEIGHT, seed=0):
    """Noise: it compresses to many bytes, so that damage has something to hit."""
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def encoded(picture, format_, mode=None, **options):
    """A picture (array or Pillow) as a file."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image = image.convert(mode) if mode else image
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, data, depth=8, colour=0, extra=(), end=True):
    """A PNG file of any claim; ``data`` is the inflated picture, filter bytes included."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [png_chunk(b"IHDR", header), *extra, png_chunk(b"IDAT", zlib.compress(data, 9))]
    chunks += [png_chunk(b"IEND", b"")] if end else []
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def tiff_pages(pages, order="<", big=False):
    """A TIFF file of pages given as {tag: (type, values)} and ``data``, values inline or behind."""
    offset, count_code = ("Q", "Q") if big else ("I", "H")
    mark = {"<": b"II", ">": b"MM"}[order]
    file = bytearray(mark + struct.pack(order + ("HHHQ" if big else "HI"), *header_values(big)))
    link = len(file) - struct.calcsize(offset)
    for tags, data in pages:
        at = len(file)
        file += data + b"\0" * (len(data) % 2)
        if data and 324 not in tags:
            tags = {**tags, 273: (4, [at]), 279: (4, [len(data)])}
        entries = b""
        for tag, (kind, values) in sorted(tags.items()):
            code = {1: "B", 3: "H", 4: "I", 5: "I", 16: "Q"}[kind]
            body = struct.pack(f"{order}{len(values)}{code}", *values)
            count = len(values) // (2 if kind == 5 else 1)
            room = struct.calcsize(offset)
            if len(body) > room:
                body, outside = struct.pack(order + offset, len(file)), body
                file += outside
            entries += struct.pack(order + "HH" + offset, tag, kind, count) + body.ljust(
                room, b"\0"
            )
        file[link : link + struct.calcsize(offset)] = struct.pack(order + offset, len(file))
        file += struct.pack(order + count_code, len(tags)) + entries
        link = len(file)
        file += struct.pack(order + offset, 0)
    return bytes(file)


def header_values(big):
    return (43, 8, 0, 0) if big else (42, 0)


def tiff_tags(width, height, bits=8, compression=1, photometric=1, **more):
    tags = {256: (4, [width]), 257: (4, [height]), 258: (3, [bits]), 259: (3, [compression])}
    tags |= {262: (3, [photometric]), 277: (3, [1]), 278: (4, [height])}
    return tags | {int(tag.removeprefix("t")): value for tag, value in more.items()}


def exif(orientation=1, order="<", dpi=None):
    """An EXIF block of the orientation and maybe a resolution."""
    tags = {274: (3, [orientation])}
    if dpi:
        tags |= {282: (5, [dpi, 1]), 283: (5, [dpi, 1]), 296: (3, [2])}
    return b"Exif\0\0" + tiff_pages([(tags, b"")], order)


def pdf(objects, version=b"1.4"):
    """A PDF file of numbered objects, each bytes; the first is the catalogue."""
    file = b"%PDF-" + version + b"\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    file += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    return file + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        count,
        file.index(b"xref\n0 "),
    )


def stream(dictionary, data):
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (dictionary, len(data), data)


def pdf_page(image=None, draw=b"q 144 0 0 96 0 0 cm /I Do Q", box=b"0 0 144 96", page=b""):
    """A PDF of one page, 144 x 96 points, that draws an image object."""
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R" % box
            + b"/Resources<</XObject<</I 5 0 R>>>>%s>>" % page,
            stream(b"", draw),
            image or b"null",
        ]
    )


def pdf_image(pixels, filter_=b"FlateDecode", data=None, size=None):
    """An image object for :func:`pdf_page`."""
    height, width = size or pixels.shape[:2]
    space = b"DeviceRGB" if pixels.ndim == 3 else b"DeviceGray"
    data = zlib.compress(pixels.tobytes()) if data is None else data
    return stream(
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/%s/BitsPerComponent 8/Filter/%s"
        % (width, height, space, filter_),
        data,
    )
