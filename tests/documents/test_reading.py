"""Sound files of every kind: are their pixels, pages and resolutions read right?"""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from tests.documents.making import (
    HEIGHT,
    WIDTH,
    colour_picture,
    encoded,
    exif,
    grey_picture,
    noise_picture,
    pdf_image,
    pdf_page,
    png,
    png_chunk,
    tiff_pages,
    tiff_tags,
)
from zipread.documents import Format, open_document, sniff
from zipread.options import Options

GREY, COLOUR = grey_picture(), colour_picture()
BILEVEL = np.where(GREY > 150, 255, 0).astype(np.uint8)
FAX_METHODS = ("group3", "group4", "tiff_ccitt")
LOSSLESS = ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")


def pages_of(content, **options):
    with open_document(content, Options(**options)) as document:
        return [document.page(number) for number in range(1, document.page_count + 1)]


def only_page(content, **options):
    (page,) = pages_of(content, **options)
    assert page.pixels.dtype == np.uint8
    assert page.pixels.flags.c_contiguous
    return page


def pixels_of(content, **options):
    return only_page(content, **options).pixels


def same_look(pixels, expected, tolerance=12):
    """Alike up to what a lossy format loses."""
    assert pixels.shape == expected.shape
    return np.abs(pixels.astype(int) - expected).mean() < tolerance


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (encoded(GREY, "PNG"), Format.PNG),
        (encoded(GREY, "JPEG"), Format.JPEG),
        (encoded(GREY, "TIFF"), Format.TIFF),
        (encoded(GREY, "TIFF", big_tiff=True), Format.TIFF),
        (tiff_pages([(tiff_tags(8, 8), bytes(64))], ">"), Format.TIFF),
        (encoded(GREY, "BMP"), Format.BMP),
        (encoded(GREY, "WEBP"), Format.WEBP),
        (encoded(GREY, "PDF"), Format.PDF),
        (b"junk\n" * 200 + encoded(GREY, "PDF"), Format.PDF),
        (encoded(GREY, "GIF"), None),
        (encoded(GREY, "PPM"), None),
        (b"", None),
        (b"BM", None),
        (b"BMW has recalled twelve thousand cars.", None),
        (b"02134\n", None),
        (b"PK\3\4" + bytes(40), None),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b" " * 1100 + b"%PDF-1.4", None),
    ],
)
def test_formats_are_told_by_content(content, format_):
    assert sniff(content[:1040]) is format_


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_keep_every_pixel(format_):
    assert np.array_equal(pixels_of(encoded(GREY, format_)), GREY)
    assert np.array_equal(pixels_of(encoded(COLOUR, format_)), COLOUR)
    assert np.array_equal(pixels_of(encoded(BILEVEL, format_, "1")), BILEVEL)


def test_webp_without_loss_keeps_every_pixel_and_only_the_first_frame():
    frames = [Image.fromarray(COLOUR), Image.fromarray(255 - COLOUR)]
    content = encoded(frames[0], "WEBP", lossless=True, save_all=True, append_images=frames[1:])
    assert np.array_equal(pixels_of(content), COLOUR)
    assert same_look(pixels_of(encoded(COLOUR, "WEBP")), COLOUR)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_jpeg_in_grey_and_colour(options):
    assert same_look(pixels_of(encoded(GREY, "JPEG", **options)), GREY)
    assert same_look(pixels_of(encoded(COLOUR, "JPEG", **options)), COLOUR)


def test_cmyk_jpeg_and_tiff_become_rgb():
    assert same_look(pixels_of(encoded(COLOUR, "JPEG", "CMYK", quality=95)), COLOUR)
    assert same_look(pixels_of(encoded(COLOUR, "TIFF", "CMYK")), COLOUR, 1)


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "TIFF", "BMP", "WEBP", "PDF"])
def test_grey_saved_as_rgb_comes_as_grey(format_):
    pixels = pixels_of(encoded(np.dstack([GREY] * 3), format_))
    assert pixels.ndim == 2


@pytest.mark.parametrize("compression", FAX_METHODS + LOSSLESS)
def test_bilevel_tiff(compression):
    content = encoded(Image.fromarray(BILEVEL).convert("1"), "TIFF", compression=compression)
    assert np.array_equal(pixels_of(content), BILEVEL)


@pytest.mark.parametrize("compression", FAX_METHODS[:2])
def test_bilevel_tiff_where_white_is_zero(compression):
    ink = Image.fromarray(BILEVEL).convert("1")
    content = encoded(ink, "TIFF", compression=compression, tiffinfo={262: 0})
    assert np.array_equal(pixels_of(content), BILEVEL)


@pytest.mark.parametrize("compression", LOSSLESS)
@pytest.mark.parametrize("picture", [GREY, COLOUR])
def test_tiff_compressions(compression, picture):
    assert np.array_equal(pixels_of(encoded(picture, "TIFF", compression=compression)), picture)


@pytest.mark.parametrize("picture", [grey_picture(200, 150), colour_picture(200, 150)])
def test_jpeg_in_tiff(picture):
    content = encoded(picture, "TIFF", compression="jpeg", quality=95)
    assert same_look(pixels_of(content), picture)


@pytest.mark.parametrize(("order", "big"), [("<", False), (">", False), ("<", True)])
@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("depth", [8, 10, 12, 16])
def test_deep_grey_tiff_is_scaled_by_the_depth_in_use(order, big, white_is_zero, depth):
    full = (1 << depth) - 1
    values = np.rint(GREY / 255 * full).astype(np.uint16)
    values[0, 0], values[0, 1] = 0, full
    stored = full - values if white_is_zero else values
    tags = tiff_tags(WIDTH, HEIGHT, bits=16, photometric=0 if white_is_zero else 1)
    page = (tags, stored.astype(order + "u2").tobytes())
    pixels = pixels_of(tiff_pages([page], order, big)).astype(int)
    expected = np.rint(values / full * 255).astype(int)
    assert np.abs(pixels - expected).max() <= 1


def test_deep_grey_png_and_float_tiff():
    deep = GREY.astype(np.uint16) * 257
    assert np.array_equal(pixels_of(encoded(deep, "PNG")), GREY)
    assert np.array_equal(pixels_of(encoded((GREY / 255).astype(np.float32), "TIFF")), GREY)
    broken = (GREY / 255).astype(np.float32)
    broken[0, :2] = np.nan, np.inf
    assert pixels_of(encoded(broken, "TIFF"))[1:].mean() > 100


def ink_on_nothing(mode):
    """Black ink, opaque where there is ink; "colour" of the empty paper is black too."""
    alpha = 255 - BILEVEL
    ink = Image.merge("LA", [Image.new("L", (WIDTH, HEIGHT), 0), Image.fromarray(alpha)])
    return ink.convert(mode)


@pytest.mark.parametrize(
    ("format_", "mode"),
    [("PNG", "LA"), ("PNG", "RGBA"), ("TIFF", "RGBA"), ("TIFF", "LA"), ("WEBP", "RGBA")],
)
def test_black_ink_on_transparency_is_black_on_white(format_, mode):
    options = {"lossless": True} if format_ == "WEBP" else {}
    assert np.array_equal(pixels_of(encoded(ink_on_nothing(mode), format_, **options)), BILEVEL)


def test_transparent_colour_of_palette_grey_and_deep_png():
    palette = Image.fromarray((BILEVEL // 255).astype(np.uint8), "L").convert("P")
    palette.putpalette([0, 0, 0, 0, 0, 0])
    content = encoded(palette, "PNG", transparency=1)
    assert np.array_equal(pixels_of(content), BILEVEL)
    marked = np.where(BILEVEL > 0, 7, 3).astype(np.uint8)
    assert pixels_of(encoded(marked, "PNG", transparency=7))[BILEVEL > 0].min() == 255
    deep = np.where(BILEVEL > 0, 100, 9000).astype(np.uint16)
    deep[0, 0] = 65535
    pixels = pixels_of(encoded(deep, "PNG", transparency=100))
    assert pixels[BILEVEL > 0].min() == 255
    assert pixels[HEIGHT // 3, WIDTH // 6] < 60


def test_an_alpha_channel_that_is_zero_all_over_was_never_set():
    image = Image.fromarray(COLOUR).convert("RGBA")
    image.putalpha(0)
    assert np.array_equal(pixels_of(encoded(image, "PNG")), COLOUR)


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "BMP"])
def test_palettes(format_):
    image = Image.fromarray(COLOUR).quantize(16)
    expected = np.asarray(image.convert("RGB"))
    assert np.array_equal(pixels_of(encoded(image, format_)), expected)


def test_interlaced_and_low_depth_png():
    rows = b"".join(b"\0" + bytes([0x1B] * (WIDTH // 4)) for _ in range(HEIGHT))
    pixels = pixels_of(png(WIDTH, HEIGHT, rows, depth=2))
    assert pixels[0, :4].tolist() == [0, 85, 170, 255]


UPRIGHT = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.swapaxes(0, 1),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
    8: lambda p: np.rot90(p),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("picture", [GREY, COLOUR])
def test_exif_orientation_is_undone(orientation, picture):
    expected = UPRIGHT[orientation](picture)
    note = exif(orientation, ">")
    assert np.array_equal(pixels_of(encoded(picture, "PNG", exif=note)), expected)
    assert np.array_equal(pixels_of(encoded(picture, "WEBP", lossless=True, exif=note)), expected)
    assert same_look(pixels_of(encoded(picture, "JPEG", exif=note)), expected)
    tagged = encoded(picture, "TIFF", tiffinfo={274: orientation})
    assert np.array_equal(pixels_of(tagged), expected)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
        exif(9),
        exif(0),
        exif(6)[:-20],
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x05\xff\xff\xff\xff\xff\xff\xff\xff",
    ],
)
def test_malformed_exif_counts_as_none(note):
    plain = encoded(GREY, "PNG")
    content = plain[:33] + png_chunk(b"eXIf", note) + plain[33:]
    assert np.array_equal(pixels_of(content), GREY)
    jpeg = encoded(GREY, "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note
    assert pixels_of(jpeg[:2] + segment + jpeg[2:]).shape == GREY.shape


def jfif(unit, across, down):
    """A JPEG file whose JFIF header claims this resolution."""
    content = encoded(GREY, "JPEG")
    at = content.index(b"JFIF\0") + 7
    return content[:at] + struct.pack(">BHH", unit, across, down) + content[at + 5 :]


@pytest.mark.parametrize(
    ("content", "dpi"),
    [
        (encoded(GREY, "PNG", dpi=(300, 300)), 300),
        (encoded(GREY, "PNG"), None),
        (encoded(GREY, "BMP", dpi=(200, 200)), 200),
        (jfif(1, 300, 300), 300),
        (jfif(2, 118, 118), 300),
        (jfif(0, 300, 300), None),
        (jfif(1, 1, 1), None),
        (jfif(1, 9600, 9600), None),
        (jfif(1, 600, 300), None),
        (encoded(GREY, "TIFF", dpi=(240, 240)), 240),
        (encoded(GREY, "TIFF", resolution_unit="cm", resolution=118.11), 300),
        (encoded(GREY, "TIFF", tiffinfo={282: 300, 283: 300, 296: 1}), None),
        (encoded(GREY, "WEBP", exif=exif(1, "<", 300)), 300),
        (encoded(GREY, "PNG", exif=exif(1, "<", 300)), 300),
        (encoded(GREY, "PDF", resolution=150), 150),
    ],
)
def test_believable_resolutions(content, dpi):
    found = only_page(content).dpi
    assert found == (dpi if dpi is None else pytest.approx(dpi, rel=0.01))


def test_pages_of_a_tiff_keep_their_own_size_depth_and_order():
    pages = [Image.fromarray(GREY), Image.fromarray(COLOUR[::2]), Image.fromarray(BILEVEL[:, ::2])]
    content = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    found = pages_of(content)
    assert [page.number for page in found] == [1, 2, 3]
    for page, expected in zip(found, pages, strict=True):
        assert np.array_equal(page.pixels, np.asarray(expected))


def test_a_thumbnail_within_a_tiff_is_no_page():
    page = (tiff_tags(WIDTH, HEIGHT), GREY.tobytes())
    thumbnail = (tiff_tags(8, 8, t254=(4, [1])), bytes(64))
    assert len(pages_of(tiff_pages([page, thumbnail, page]))) == 2


def test_a_tiff_in_strips_and_one_in_tiles():
    picture = noise_picture(300, 200)
    content = encoded(picture, "TIFF", compression="tiff_lzw", strip_size=3000)
    assert np.array_equal(pixels_of(content), picture)
    tiles = [np.full((16, 16), shade, np.uint8) for shade in (10, 80, 160, 240)]
    tags = tiff_tags(32, 24, t322=(4, [16]), t323=(4, [16]), t325=(4, [256] * 4))
    tags |= {324: (4, [8 + 256 * n for n in range(4)])}
    content = tiff_pages([(tags | {278: (4, [24])}, b"".join(t.tobytes() for t in tiles))])
    expected = np.block([[tiles[0], tiles[1]], [tiles[2], tiles[3]]])[:24]
    assert np.array_equal(pixels_of(content), expected)


def test_trailing_junk_does_no_harm():
    for format_ in ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "PDF"):
        content = encoded(GREY, format_)
        assert np.array_equal(pixels_of(content + b"\r\n" + bytes(900)), pixels_of(content))


@pytest.mark.parametrize("picture", [noise_picture(600, 400), colour_picture(600, 400)])
def test_a_scanned_pdf_page_is_the_scan_itself_turned_as_the_page_says(picture):
    page = only_page(pdf_page(pdf_image(picture)))
    assert page.dpi == pytest.approx(300)
    assert np.array_equal(page.pixels, picture)
    turned = only_page(pdf_page(pdf_image(picture), page=b"/Rotate 90"))
    assert np.array_equal(turned.pixels, np.rot90(picture, -1))
    sideways = pdf_page(pdf_image(picture), b"q 0 144 -96 0 96 0 cm /I Do Q", b"0 0 96 144")
    assert np.array_equal(only_page(sideways).pixels, np.rot90(picture))


def test_other_pdf_pages_are_drawn_at_the_resolution_asked_for():
    small = pdf_page(pdf_image(GREY), b"q 30 0 0 20 50 50 cm /I Do Q")
    assert pixels_of(small, pdf_dpi=150).shape == (200, 300)
    two = pdf_page(pdf_image(GREY), b"q 144 0 0 48 0 0 cm /I Do Q q 144 0 0 48 0 48 cm /I Do Q")
    assert only_page(two, pdf_dpi=72).dpi == 72


def test_pdf_with_junk_before_its_header_and_with_several_pages():
    pages = [Image.fromarray(GREY), Image.fromarray(COLOUR)]
    content = encoded(pages[0], "PDF", save_all=True, append_images=pages[1:], resolution=150)
    found = pages_of(b"\0scanner says hello\r\n" + content)
    assert [page.pixels.shape for page in found] == [(HEIGHT, WIDTH), (HEIGHT, WIDTH, 3)]
    assert same_look(found[0].pixels, GREY)


def test_only_pages_that_exist_are_given():
    with open_document(encoded(GREY, "PNG"), Options()) as document:
        assert (document.format, document.page_count) == (Format.PNG, 1)
        for number in (0, 2, -1):
            with pytest.raises(ValueError, match="no page"):
                document.page(number)


def test_the_same_file_gives_the_same_pixels_twice():
    content = encoded(COLOUR, "JPEG")
    assert np.array_equal(pixels_of(content), pixels_of(content))


def test_pillow_knows_no_more_formats_afterwards():
    assert pixels_of(encoded(GREY, "TIFF")).shape == GREY.shape
    with Image.open(io.BytesIO(encoded(GREY, "PNG"))) as image:
        assert image.format == "PNG"


def test_grey_jpeg_of_any_sampling_factor():
    """It has no meaning for one channel, but some scanners write 2 x 2."""
    content = encoded(GREY, "JPEG")
    at = content.index(b"\xff\xc0") + 11
    assert content[at] == 0x11
    odd = content[:at] + b"\x22" + content[at + 1 :]
    assert np.array_equal(pixels_of(odd), pixels_of(content))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK"])
def test_large_pictures_are_pieced_together_right(mode, monkeypatch):
    image = Image.fromarray(noise_picture(130, 90)).convert("RGB").convert(mode)
    if mode in {"RGBA", "LA"}:
        image.putalpha(Image.fromarray(noise_picture(130, 90, seed=1)))
    content = encoded(image, "TIFF" if mode == "CMYK" else "PNG")
    expected = pixels_of(content)
    monkeypatch.setattr("zipread.documents.pixels.BAND_PIXELS", 130 * 7)
    assert np.array_equal(pixels_of(content), expected)
