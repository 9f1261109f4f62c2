"""Damaged files: refused, or read as if nothing had happened, and never anything between."""

import contextlib
import io
import os
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from tests.documents.making import (
    colour_picture,
    encoded,
    grey_picture,
    noise_picture,
    pdf,
    pdf_image,
    pdf_page,
    png,
    png_chunk,
    tiff_pages,
    tiff_tags,
)
from zipread.documents import open_document
from zipread.documents.overhear import overheard_stderr
from zipread.errors import DocumentError, ErrorKind
from zipread.options import Options

NOISE = noise_picture(160, 120)
GREY = grey_picture(160, 120)
BILEVEL = Image.fromarray(GREY).convert("1")


def outcome(content, page=1):
    """The pixels of a page, or the kind of error: nothing else may come."""
    try:
        with open_document(content, Options()) as document:
            return document.page(page).pixels
    except DocumentError as error:
        return error.kind


def refused_or_unharmed(content, whole):
    found = outcome(content)
    if isinstance(found, ErrorKind):
        return found in {ErrorKind.CORRUPT, ErrorKind.UNSUPPORTED, ErrorKind.TOO_LARGE}
    return np.array_equal(found, outcome(whole))


SEALED = {
    "png": encoded(NOISE, "PNG"),
    "palette png": encoded(Image.fromarray(colour_picture()).quantize(8), "PNG"),
    "jpeg": encoded(NOISE, "JPEG"),
    "progressive jpeg": encoded(NOISE, "JPEG", progressive=True),
    "colour jpeg": encoded(colour_picture(160, 120), "JPEG"),
    "lossy webp": encoded(NOISE, "WEBP"),
    "lossless webp": encoded(NOISE, "WEBP", lossless=True),
    "bmp": encoded(NOISE, "BMP"),
    "raw tiff": encoded(NOISE, "TIFF"),
    "lzw tiff": encoded(NOISE, "TIFF", compression="tiff_lzw"),
    "deflate tiff": encoded(NOISE, "TIFF", compression="tiff_adobe_deflate"),
    "packbits tiff": encoded(NOISE, "TIFF", compression="packbits"),
    "jpeg tiff": encoded(NOISE, "TIFF", compression="jpeg"),
    "g3 tiff": encoded(BILEVEL, "TIFF", compression="group3"),
    "g4 tiff": encoded(BILEVEL, "TIFF", compression="group4"),
    "tags first tiff": encoded(NOISE, "TIFF", compression="tiff_lzw", big_tiff=True),
    "pdf": encoded(NOISE, "PDF"),
}


@pytest.mark.parametrize("name", SEALED)
def test_a_file_cut_short_is_never_read_in_part(name):
    whole = SEALED[name]
    assert isinstance(outcome(whole), np.ndarray)
    for length in [*range(1, 200, 7), *np.linspace(200, len(whole) - 1, 120).astype(int)]:
        assert refused_or_unharmed(whole[:length], whole), length


RAW = {"bmp", "raw tiff"}


@pytest.mark.parametrize("name", [name for name in SEALED if name not in RAW])
def test_a_file_whose_end_was_never_written_is_never_read_in_part(name):
    """Zeros for the tail are what a full disk leaves. In raw pixels they are black paper."""
    whole = SEALED[name]
    most = len(whole) * 4 // 5 if name.endswith("webp") else len(whole) - 64
    for length in np.linspace(1, most, 60).astype(int):
        assert refused_or_unharmed(whole[:length].ljust(len(whole), b"\0"), whole), length


def test_a_png_with_any_bit_flipped_is_refused_or_unharmed():
    whole = SEALED["png"]
    chance = np.random.default_rng(5)
    for place, bit in zip(
        chance.integers(0, len(whole), 300), chance.integers(0, 8, 300), strict=True
    ):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << bit
        assert refused_or_unharmed(bytes(flipped), whole), place


def test_a_png_of_too_few_rows_with_sound_checksums_is_refused():
    rows = b"".join(b"\0" + row.tobytes() for row in NOISE)
    assert np.array_equal(outcome(png(160, 120, rows)), NOISE)
    assert outcome(png(160, 120, rows[: len(rows) // 2])) is ErrorKind.CORRUPT
    assert outcome(png(160, 120, b"")) is ErrorKind.CORRUPT
    assert outcome(png(160, 120, bytes(len(rows)))).max() == 0


def strips(compression, tail):
    """A TIFF whose strip has its last bytes overwritten."""
    whole = encoded(BILEVEL, "TIFF", compression=compression)
    with TiffImageFile(io.BytesIO(whole)) as image:
        offset, length = image.tag_v2[273][-1], image.tag_v2[279][-1]
    end = offset + length
    return whole[: end - len(tail)] + tail + whole[end:]


def test_fax_strips_that_end_in_nothing_are_refused():
    assert outcome(strips("group4", bytes(60))) is ErrorKind.CORRUPT
    assert outcome(strips("group3", bytes(60))) is ErrorKind.CORRUPT


def test_what_libtiff_complains_of_counts(capfd):
    whole = encoded(BILEVEL, "TIFF", compression="group3")
    at = len(whole) // 3
    broken = whole[:at] + bytes(40) + whole[at + 40 :]
    assert outcome(broken) is ErrorKind.CORRUPT
    assert capfd.readouterr().err == ""


def test_a_tiff_that_lacks_a_strip_is_refused():
    tags = tiff_tags(64, 64) | {278: (4, [32])}
    assert outcome(tiff_pages([(tags, bytes(64 * 64))])) is ErrorKind.CORRUPT


def test_a_broken_tiff_page_leaves_the_others_readable():
    sound = (tiff_tags(64, 48), grey_picture(64, 48).tobytes())
    broken = (tiff_tags(64, 48, compression=8), b"\x78\xda rubbish rubbish rubbish")
    with open_document(tiff_pages([sound, broken, sound]), Options()) as document:
        assert document.page_count == 3
        for number in (1, 3):
            assert np.array_equal(document.page(number).pixels, grey_picture(64, 48))
        with pytest.raises(DocumentError):
            document.page(2)


@pytest.mark.parametrize("where", [1 << 30, 0xFFFFFFF0, 8 + 64 * 48])
def test_a_tiff_whose_chain_of_pages_breaks_says_so_after_the_sound_pages(where):
    """Beyond the end of the file, or back to a page that was there already."""
    page = (tiff_tags(64, 48), grey_picture(64, 48).tobytes())
    file = bytearray(tiff_pages([page, page]))
    file[-4:] = struct.pack("<I", where)
    with open_document(bytes(file), Options()) as document:
        assert document.page_count == 3
        assert document.page(2).pixels.shape == (48, 64)
        with pytest.raises(DocumentError, match="breaks off"):
            document.page(3)


def test_a_broken_pdf_page_leaves_the_others_readable():
    jpeg = encoded(GREY, "JPEG")
    pages = [pdf_image(GREY), pdf_image(GREY, b"DCTDecode", jpeg[: len(jpeg) // 2])]
    kids = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>"]
    for image in (6, 7):
        box = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 144 108]/Contents 5 0 R/Resources"
        kids.append(box + b"<</XObject<</I %d 0 R>>>>>>" % image)
    draw = b"<</Length 28>>stream\nq 144 0 0 108 0 0 cm /I Do Q\nendstream"
    with open_document(pdf([*kids, draw, *pages]), Options()) as document:
        assert document.page_count == 2
        assert document.page(1).pixels.min() < 60
        with pytest.raises(DocumentError, match="missing"):
            document.page(2)


def test_a_pdf_with_a_password_says_so():
    trailer = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>/ID[<00><00>]" % (
        b"5a" * 32,
        b"a5" * 32,
    )
    locked = pdf_page(pdf_image(GREY)).replace(b"/Root 1 0 R", b"/Root 1 0 R" + trailer)
    with pytest.raises(DocumentError, match="password") as caught:
        open_document(locked, Options())
    assert caught.value.kind is ErrorKind.UNSUPPORTED


def test_a_pdf_without_pages_is_refused():
    empty = pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"])
    assert outcome(empty) is ErrorKind.CORRUPT


QUIET = """
import sys, warnings
warnings.simplefilter("always")
from tests.documents import test_damage
for name, whole in test_damage.SEALED.items():
    for length in (30, len(whole) // 3, len(whole) - 5, len(whole)):
        test_damage.outcome(whole[:length])
        test_damage.outcome(whole[:length] + b"\\xa5" * (len(whole) - length))
"""


def test_nothing_is_printed_by_any_library():
    run = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")


def test_stderr_is_given_back(capfd):
    with contextlib.suppress(RuntimeError), overheard_stderr() as heard:
        os.write(2, b"a word\n")
        raise RuntimeError
    os.write(2, b"after\n")
    assert heard.words == "a word\n"
    assert capfd.readouterr().err == "after\n"


def test_stderr_may_be_closed():
    """As a daemon's may be: nothing is opened in its place."""
    code = (
        "import os; os.close(2)\n"
        "from tests.documents.test_damage import outcome, strips\n"
        "assert outcome(strips('group4', bytes(60))) == 'corrupt'\n"
        "try: os.fstat(2)\nexcept OSError: print('still closed')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True
    )
    assert run.stdout == "still closed\n"


def test_threads_do_not_mix_up_their_pages():
    contents = {name: SEALED[name] for name in ("g4 tiff", "png", "colour jpeg", "pdf")}
    expected = {name: outcome(content) for name, content in contents.items()}
    names = list(contents) * 20
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda name: outcome(contents[name]), names))
    for name, pixels in zip(names, found, strict=True):
        assert np.array_equal(pixels, expected[name]), name


def interlaced(rows_of, picture):
    """An Adam7 PNG of an 8-bit grey picture, of the passes that ``rows_of`` lets through."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
    parts = [picture[y::dy, x::dx] for x, y, dx, dy in [*passes, (0, 1, 1, 2)]]
    rows = b"".join(b"\0" + row.tobytes() for part in rows_of(parts) for row in part)
    height, width = picture.shape
    plain = png(width, height, rows)
    header = plain[16:28] + b"\1"
    return plain[:8] + png_chunk(b"IHDR", header) + plain[33:]


@pytest.mark.parametrize("size", [(160, 120), (9, 9), (33, 17)])
def test_an_interlaced_png_is_read_whole_or_refused(size):
    picture = noise_picture(*size) | 1
    assert np.array_equal(outcome(interlaced(lambda parts: parts, picture)), picture)
    assert outcome(interlaced(lambda parts: parts[:-1], picture)) is ErrorKind.CORRUPT


def test_a_broken_image_in_a_pdf_is_refused_whatever_its_filter():
    data = zlib.compress(NOISE.tobytes())
    broken = [
        pdf_image(NOISE, data=data[: len(data) // 2]),
        pdf_image(NOISE, data=data[:100] + b"rubbish" + data[107:]),
        pdf_image(NOISE, b"DCTDecode", encoded(NOISE, "JPEG")[:-500]),
        pdf_image(NOISE, b"JPXDecode", b"rubbish"),
        pdf_image(NOISE, b"CCITTFaxDecode", b"\x26\xa0" * 9 + bytes(200)),
    ]
    assert isinstance(outcome(pdf_page(pdf_image(NOISE, data=data))), np.ndarray)
    for image in broken:
        assert outcome(pdf_page(image)) is ErrorKind.CORRUPT


def test_messages_are_for_people():
    """No word of buffers and offsets."""
    for content in (b"II*\0\xf0\xff\xff\xff", b"\xff\xd8\xff", SEALED["png"][:11]):
        with pytest.raises(
            DocumentError, match=r"^The file is damaged: .*scan it again\.$"
        ) as caught:
            open_document(content, Options())
        assert not {"buffer", "index", "unpack"} & set(str(caught.value).split())
