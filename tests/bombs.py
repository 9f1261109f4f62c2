"""Files that are small and ask for a lot: each must be refused, or read, at little cost."""

import base64
import io
import struct
import zlib

from PIL import Image

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

GIGABYTE = 1 << 30


def inflating(size):
    """A zlib stream of so many zeros (in whole megabytes), about a thousandth as long.

    A flushed block does not depend on what went before, so one is made and repeated.
    """
    packer, blocks = zlib.compressobj(9, wbits=-zlib.MAX_WBITS), size >> 20
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (blocks << 20) % 65_521 << 16 | 1
    return b"\x78\xda" + block * blocks + b"\x03\0" + struct.pack(">I", checksum)


def png_of_900_megapixels():
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", inflating(30_000 * 30_001)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def png_with(kind, before):
    """A sound small PNG with a chunk that inflates to a gigabyte."""
    plain = encoded(grey_picture(), "PNG")
    return plain[:33] + png_chunk(kind, before + inflating(GIGABYTE)) + plain[33:]


def png_of_more_data_than_pixels():
    plain = png(16, 16, bytes(16 * 17))
    return plain[:33] + png_chunk(b"IDAT", inflating(GIGABYTE)) + png_chunk(b"IEND", b"")


def png_of_many_chunks():
    plain = encoded(grey_picture(), "PNG")
    return plain[:33] + png_chunk(b"tEXt", b"") * 1_000_000 + plain[33:]


def jpeg_of_4_gigapixels():
    plain = encoded(grey_picture(), "JPEG")
    at = plain.index(b"\xff\xc0") + 5
    return plain[:at] + struct.pack(">HH", 65_500, 65_500) + plain[at + 4 :]


def jpeg_of_many_passes():
    """A progressive picture of 48 megapixels whose last pass is there 5,000 times."""
    plain = encoded(Image.new("L", (8000, 6000)), "JPEG", progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:last] + plain[last:-2] * 5000 + plain[-2:]


def jpeg_with_overlapping_notes():
    """EXIF of 5,000 tags that each claim the same 60 KB."""
    tags = {40_000 + n: (1, [0] * 5) for n in range(5000)}
    note = bytearray(exif()[:14] + tiff_pages([(tags, b"")])[8:])
    at = note.index(struct.pack("<HHI", 40_000, 1, 5))
    for n in range(5000):
        struct.pack_into("<II", note, at + 12 * n + 4, len(note) - 20, 8)
    struct.pack_into("<I", note, 10, at - 2 - 6)
    segment = b"\xff\xe1" + struct.pack(">H", min(len(note) + 2, 65_535)) + note[:65_533]
    plain = encoded(grey_picture(), "JPEG")
    return plain[:2] + segment + plain[2:]


def tiff_of_10_gigapixels():
    return tiff_pages([(tiff_tags(100_000, 100_000, 1, 4), b"\0\x10\x01\0\x10\x01")])


def tiff_of_a_huge_strip():
    """A deflate strip of a gigabyte for a page of 1000 x 1000."""
    return tiff_pages([(tiff_tags(1000, 1000, 8, 8), inflating(GIGABYTE))])


def tiff_of_huge_tiles():
    """A page of one tile, itself of four gigapixels."""
    tags = tiff_tags(100, 100, 8, 8, t322=(4, [65_536]), t323=(4, [65_536]))
    return tiff_pages([(tags | {324: (4, [8]), 325: (4, [1000])}, inflating(1 << 20))])


def tiff_of_overlapping_tags():
    """2,000 tags that each claim the same megabyte."""
    tags = tiff_tags(64, 64) | {40_000 + n: (1, [0] * 5) for n in range(2000)}
    file = bytearray(tiff_pages([(tags, bytes(1 << 20))]))
    at = file.rindex(struct.pack("<HHI", 40_000, 1, 5))
    for n in range(2000):
        struct.pack_into("<II", file, at + 12 * n + 4, 1 << 20, 8)
    return bytes(file)


def tiff_of_a_million_pages():
    """An endless chain of tiny directories."""
    page = struct.Struct("<HHHIII")
    pages = (page.pack(1, 256, 4, 1, 64, 8 + 18 * (n + 1)) for n in range(1_000_000))
    return b"II*\0" + struct.pack("<I", 8) + b"".join(pages)


def webp_of_a_huge_canvas():
    size = (1 << 24) - 1
    body = b"\x02\0\0\0" + size.to_bytes(3, "little") + (200).to_bytes(3, "little")
    inner = encoded(grey_picture(), "WEBP")[12:]
    chunks = b"VP8X" + struct.pack("<I", 10) + body + inner
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def bmp_of_900_megapixels():
    header = struct.pack("<IiiHHIIiiII", 40, 30_000, 30_000, 1, 8, 1, 0, 0, 0, 0, 0)
    palette = bytes(1024)
    offset = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + 2, 0, 0, offset) + header + palette + b"\0\1"


def pdf_of_a_huge_page():
    return pdf_page(draw=b"0 0 10 10 re f", box=b"0 0 1000000 1000000")


def pdf_with_900_megapixels():
    dictionary = b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceGray"
    return pdf_page(
        stream(dictionary + b"/BitsPerComponent 8/Filter/FlateDecode", inflating(30_000 * 30_000))
    )


def pdf_image_of_a_lying_dictionary():
    """The dictionary says 96 x 64, the JPEG itself four gigapixels."""
    dictionary = b"/Type/XObject/Subtype/Image/Width 96/Height 64/ColorSpace/DeviceGray"
    data = jpeg_of_4_gigapixels()
    return pdf_page(stream(dictionary + b"/BitsPerComponent 8/Filter/DCTDecode", data))


def pdf_mask_of_900_megapixels():
    """A small image whose soft mask, which no list of images shows, is huge."""
    picture = grey_picture()
    masked = pdf_image(picture).replace(b"/Filter", b"/SMask 4 0 R/Filter", 1)
    mask = b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceGray"
    data = stream(mask + b"/BitsPerComponent 8/Filter/FlateDecode", inflating(900 << 20))
    return pdf_page(masked).replace(b"4 0 obj\n", b"4 0 obj\n" + data + b"endobj\n9 0 obj\n")


def pdf_of_a_gigabyte_of_drawing():
    kids = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 144 96]/Contents 4 0 R>>"
    return pdf([*kids, page, stream(b"/Filter/FlateDecode", inflating(GIGABYTE))])


def png_of_two_sizes():
    """A second header takes the place of the first, which is small."""
    sizes = (16, 30_000)
    headers = [struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0) for side in sizes]
    chunks = [png_chunk(b"IHDR", header) for header in headers]
    data = png_chunk(b"IDAT", inflating(30_000 * 30_001)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + data


def pdf_of(contents, *more):
    """A page with a stream of drawing, and more objects, the first of which is number 5."""
    kids = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 144 96]/Contents 4 0 R"
    return pdf([*kids, page + b"/Resources<</XObject<</I 5 0 R>>>>>>", contents, *more])


def pdf_deflated_twice():
    twice = zlib.compress(inflating(GIGABYTE), 9)
    return pdf_of(stream(b"/Filter[/FlateDecode/FlateDecode]", twice))


def pdf_deflated_and_written_as_text():
    text = base64.a85encode(inflating(GIGABYTE)) + b"~>"
    return pdf_of(stream(b"/Filter[/ASCII85Decode/FlateDecode]", text))


def pdf_deflated_and_written_as_hex():
    text = inflating(GIGABYTE).hex().encode() + b">"
    return pdf_of(stream(b"/Filter[/ASCIIHexDecode/FlateDecode]", text))


def pdf_stream_after_a_carriage_return():
    return pdf_of_a_gigabyte_of_drawing().replace(b"stream\n", b"stream\r", 1)


def pdf_stream_with_an_end_inside():
    """What looks like the end of the stream is the first thing that it inflates to."""
    packer = zlib.compressobj(0)
    start = packer.compress(b" endstream " + b" " * 2000) + packer.flush(zlib.Z_FULL_FLUSH)
    return pdf_of(stream(b"/Filter/FlateDecode", start + inflating(GIGABYTE)[2:]))


def pdf_of_a_name_spelt_oddly():
    return pdf_of(stream(b"/Filter/#46lateDecode", inflating(GIGABYTE)))


def pdf_with_900_megapixels_among_the_commands():
    image = b"BI /W 30000 /H 30000 /CS /G /BPC 8 /F /Fl ID " + inflating(900 << 20)
    return pdf_of(stream(b"", b"q 144 0 0 96 0 0 cm " + image + b" EI Q"))


def pdf_that_draws_one_thing_3000_times():
    drawing = stream(b"/Filter/FlateDecode", zlib.compress(b" " * (30 << 20), 9))
    again = b"/Contents[" + b"4 0 R " * 3000 + b"]"
    return pdf_of(drawing).replace(b"/Contents 4 0 R", again)


def pdf_of_drawings_within_drawings():
    """Ten in each of ten, ten levels deep."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"
    levels = [
        stream(form + b"/Resources<</XObject<</I %d 0 R>>>>" % number, b"/I Do " * 10)
        for number in range(6, 16)
    ]
    return pdf_of(stream(b"", b"/I Do "), *levels, stream(form, b"0 0 1 1 re f"))


def pdf_of_an_object_stream():
    packed = stream(b"/Type/ObjStm/N 1/First 10/Filter/FlateDecode", inflating(GIGABYTE))
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", packed])


def pdf_of_a_million_streams():
    return b"%PDF-1.4\n" + b"stream\n" * 1_000_000 + b"%%EOF"


def pdf_with_jpeg_2000_of_two_sizes():
    """A small size in a box that is passed over, and the one that counts: 3.6 gigapixels."""

    def size(side):
        sides = (side, side, 0, 0) * 2
        return b"\xff\x4f\xff\x51" + struct.pack(">HH8IH3B", 41, 0, *sides, 1, 7, 1, 1)

    free = struct.pack(">I4s", len(size(64)) + 8, b"free") + size(64)
    dictionary = b"/Type/XObject/Subtype/Image/Width 64/Height 64/ColorSpace/DeviceGray"
    data = b"\0\0\0\x0cjP  \r\n\x87\n" + free + size(60_000)
    return pdf_page(stream(dictionary + b"/BitsPerComponent 8/Filter/JPXDecode", data))


def pdf_of_100_000_pages():
    kids = b"3 0 R " * 100_000
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 144 96]>>"
    tree = b"<</Type/Pages/Kids[%s]/Count 100000>>" % kids
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", tree, page])


def file_of_65_megabytes():
    return encoded(grey_picture(), "PNG") + bytes(65_000_000)


def animation_of_webp():
    """Ten thousand frames, of which only the first is wanted."""
    frames = [Image.new("L", (64, 64), n % 256) for n in range(300)]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    return file.getvalue()


def bombs():
    """All bombs by name, as functions that make the file."""
    return {
        "png of 900 megapixels": png_of_900_megapixels,
        "png with 1 GB of text": lambda: png_with(b"iTXt", b"t\0\1\0\0\0"),
        "png with 1 GB of compressed text": lambda: png_with(b"zTXt", b"t\0\0"),
        "png with 1 GB of colour profile": lambda: png_with(b"iCCP", b"p\0\0"),
        "png of more data than pixels": png_of_more_data_than_pixels,
        "png of a million chunks": png_of_many_chunks,
        "jpeg of 4 gigapixels": jpeg_of_4_gigapixels,
        "jpeg of 5000 passes": jpeg_of_many_passes,
        "jpeg with overlapping notes": jpeg_with_overlapping_notes,
        "tiff of 10 gigapixels": tiff_of_10_gigapixels,
        "tiff of a huge strip": tiff_of_a_huge_strip,
        "tiff of huge tiles": tiff_of_huge_tiles,
        "tiff of overlapping tags": tiff_of_overlapping_tags,
        "tiff of a million pages": tiff_of_a_million_pages,
        "webp of a huge canvas": webp_of_a_huge_canvas,
        "webp of 300 frames": animation_of_webp,
        "bmp of 900 megapixels": bmp_of_900_megapixels,
        "pdf of a huge page": pdf_of_a_huge_page,
        "pdf with an image of 900 megapixels": pdf_with_900_megapixels,
        "pdf with a lying dictionary": pdf_image_of_a_lying_dictionary,
        "pdf with a mask of 900 megapixels": pdf_mask_of_900_megapixels,
        "pdf of a gigabyte of drawing": pdf_of_a_gigabyte_of_drawing,
        "pdf of 100000 pages": pdf_of_100_000_pages,
        "png of two sizes": png_of_two_sizes,
        "pdf deflated twice": pdf_deflated_twice,
        "pdf deflated and written as text": pdf_deflated_and_written_as_text,
        "pdf deflated and written as hex": pdf_deflated_and_written_as_hex,
        "pdf stream after a carriage return": pdf_stream_after_a_carriage_return,
        "pdf stream with an end inside": pdf_stream_with_an_end_inside,
        "pdf with a name spelt oddly": pdf_of_a_name_spelt_oddly,
        "pdf with 900 megapixels among the commands": pdf_with_900_megapixels_among_the_commands,
        "pdf that draws one thing 3000 times": pdf_that_draws_one_thing_3000_times,
        "pdf of drawings within drawings": pdf_of_drawings_within_drawings,
        "pdf of an object stream": pdf_of_an_object_stream,
        "pdf of a million streams": pdf_of_a_million_streams,
        "pdf with jpeg 2000 of two sizes": pdf_with_jpeg_2000_of_two_sizes,
        "file of 65 megabytes": file_of_65_megabytes,
    }
