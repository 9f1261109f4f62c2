"""Hand-made files, each with one thing wrong on purpose."""

import io
import random
import struct
import zipfile

from tests.documents.making import (
    encoded,
    exif,
    grey_picture,
    pdf,
    pdf_image,
    pdf_page,
    png,
    png_chunk,
    stream,
    tiff_pages,
    tiff_tags,
)

GREY = grey_picture()
ROWS = b"".join(b"\0" + row.tobytes() for row in GREY)
HEIGHT, WIDTH = GREY.shape


def horrors():
    """About fifty, by file name. None holds a page that could be read right, or only by luck."""
    return {**pngs(), **jpegs(), **tiffs(), **others(), **pdfs()}


def pngs():
    plain = png(WIDTH, HEIGHT, ROWS)
    header, data, end = plain[:33], plain[33:-12], plain[-12:]
    return {
        "signature alone.png": plain[:8],
        "header alone.png": header,
        "no width.png": png(0, HEIGHT, ROWS),
        "width of 2 to the 31.png": png(1 << 31, HEIGHT, ROWS),
        "depth of three bits.png": png(WIDTH, HEIGHT, ROWS, depth=3),
        "unheard-of colour.png": png(WIDTH, HEIGHT, ROWS, colour=5),
        "no palette.png": png(WIDTH, HEIGHT, ROWS, colour=3),
        "no data.png": header + end,
        "end first.png": header + end + data,
        "no end.png": header + data,
        "half the rows.png": png(WIDTH, HEIGHT, ROWS[: len(ROWS) // 2]),
        "filter of no kind.png": png(WIDTH, HEIGHT, b"\x09" + ROWS[1:]),
        "no deflate.png": header + png_chunk(b"IDAT", b"not deflated" * 9) + end,
        "two headers.png": header + header[8:] + data + end,
        "sent as text.png": plain.replace(b"\r\n", b"\n"),
        "chunk of 4 GB.png": header + b"\xff\xff\xff\xffIDAT" + data,
    }


def jpegs():
    plain = encoded(GREY, "JPEG")
    frame = plain.index(b"\xff\xc0") + 5
    return {
        "start alone.jpg": plain[:3],
        "half.jpg": plain[: len(plain) // 2],
        "no height.jpg": plain[:frame] + b"\0\0" + plain[frame + 2 :],
        "no channels.jpg": plain[: frame + 4] + b"\0" + plain[frame + 5 :],
        "segment of no length.jpg": plain[:2] + b"\xff\xe1\0\0" + plain[2:],
        "nothing but fill bytes.jpg": b"\xff\xd8" + b"\xff" * 100_000,
        "no tables.jpg": plain.replace(b"\xff\xdb", b"\xff\xfe").replace(b"\xff\xc4", b"\xff\xfe"),
        "exif in a circle.jpg": plain[:2] + circular_exif() + plain[2 : len(plain) - 400],
        "lossless.jpg": plain.replace(b"\xff\xc0", b"\xff\xc3"),
    }


def circular_exif():
    note = exif(6).replace(struct.pack("<I", 0), struct.pack("<I", 8))
    return b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note


def tiffs():
    tags, data = tiff_tags(WIDTH, HEIGHT), GREY.tobytes()
    no_rows = {tag: value for tag, value in tags.items() if tag != 257}
    far = tags | {273: (4, [1 << 31]), 279: (4, [len(data)])}
    tiles = {322: (4, [0]), 323: (4, [0]), 324: (4, [8]), 325: (4, [len(data)])}
    whole = tiff_pages([(tags, data)])
    return {
        "header alone.tif": whole[:8],
        "directory beyond the end.tif": b"II*\0\xf0\xff\xff\xff" + whole[8:],
        "directory in the header.tif": b"II*\0\0\0\0\0" + whole[8:],
        "no strips.tif": tiff_pages([(tags, b"")]),
        "strips beyond the end.tif": tiff_pages([(far, b"")]),
        "no height.tif": tiff_pages([(no_rows, data)]),
        "no rows in a strip.tif": tiff_pages([(tags | {278: (4, [0])}, data)]),
        "no bits.tif": tiff_pages([(tags | {258: (3, [0])}, data)]),
        "200 channels.tif": tiff_pages([(tags | {277: (3, [200])}, data)]),
        "tiles of no size.tif": tiff_pages([(tags | tiles, data)]),
        "compression of no kind.tif": tiff_pages([(tags | {259: (3, [31_337])}, data)]),
        "fax of noise.tif": tiff_pages([(tiff_tags(WIDTH, HEIGHT, 1, 4), noise(3000))]),
        "jpeg strip of no jpeg.tif": tiff_pages([(tags | {259: (3, [7])}, data)]),
    }


def others():
    bmp, webp = encoded(GREY, "BMP"), encoded(GREY, "WEBP")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("scan.png", png(WIDTH, HEIGHT, ROWS))
    return {
        "empty.png": b"",
        "one byte.jpg": b"\xff",
        "zeros.tif": bytes(100_000),
        "noise.bmp": noise(100_000),
        "letter.pdf": b"Dear Sir or Madam,\nplease find enclosed no scan at all.\n",
        "archive.png": archive.getvalue(),
        "turned inside out.bmp": bmp[:18] + struct.pack("<i", -WIDTH) + bmp[22:],
        "height of the least int.bmp": bmp[:22] + struct.pack("<i", -(1 << 31)) + bmp[26:],
        "pixels beyond the end.bmp": bmp[:10] + struct.pack("<I", 1 << 31) + bmp[14:],
        "riff of no length.webp": webp[:4] + bytes(4) + webp[8:],
        "canvas without picture.webp": webp[:12] + b"VP8X\x0a\0\0\0" + bytes(10),
    }


def pdfs():
    image = pdf_image(GREY)
    catalogue = b"<</Type/Catalog/Pages 2 0 R>>"
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</I 5 0 R>>>>"
    return {
        "header alone.pdf": b"%PDF-1.7\n%%EOF",
        "no end.pdf": pdf_page(image)[:-30],
        "pages in a circle.pdf": pdf([catalogue, b"<</Type/Pages/Kids[2 0 R]/Count 9>>"]),
        "more pages than there are.pdf": pdf_page(image).replace(b"/Count 1", b"/Count 9"),
        "page of no size.pdf": pdf_page(image, box=b"0 0 0 0"),
        "form within itself.pdf": pdf_page(stream(form, b"/I Do")),
        "image of no pixels.pdf": pdf_page(pdf_image(GREY, size=(0, 0))),
        "image of broken jpeg.pdf": pdf_page(
            pdf_image(GREY, b"DCTDecode", b"\xff\xd8\xff rubbish")
        ),
        "image of broken jpeg 2000.pdf": pdf_page(pdf_image(GREY, b"JPXDecode", b"rubbish")),
        "deeply nested.pdf": pdf([b"[" * 100_000, b"<<" * 100_000]),
    }


def noise(size):
    return random.Random(7).randbytes(size)
