"""Limits hold before anything is decoded; bombs cost little, in a process of their own."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from tests.bombs import bombs
from tests.documents.making import (
    WIDTH,
    encoded,
    grey_picture,
    noise_picture,
    tiff_pages,
    tiff_tags,
)
from zipread.documents import open_document
from zipread.errors import DocumentError, ErrorKind
from zipread.options import Options

MOST_SECONDS = 0.5
MOST_MEGABYTES = 100

MEASURE = """
import json, os, resource, sys, time
from tests.bombs import bombs
from tests.documents.making import encoded, grey_picture
from zipread.documents import open_document
from zipread.errors import DocumentError
from zipread.options import Options

def outcome(content):
    try:
        with open_document(content, Options()) as document:
            for number in range(1, document.page_count + 1):
                document.page(number)
            return "read"
    except DocumentError as error:
        return error.kind

for format_ in ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "PDF"):  # Imports are no part of the cost.
    outcome(encoded(grey_picture(), format_))
for name in sys.argv[1:]:
    content = bombs()[name]()
    sys.stdout.flush()
    if os.fork():
        os.wait()
        continue
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    kind = outcome(content)
    seconds = time.process_time() - start
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps([name, kind, seconds, megabytes]), flush=True)
    os._exit(0)
"""

HARMLESS = {
    "png with 1 GB of text",
    "png with 1 GB of compressed text",
    "png with 1 GB of colour profile",
    "png of more data than pixels",
    "jpeg with overlapping notes",
    "tiff of a huge strip",
    "tiff of overlapping tags",
    "webp of 300 frames",
}
"""Their pictures are small and sound: what would blow up is never touched."""


@pytest.mark.skipif(sys.platform != "linux", reason="measures with fork and ru_maxrss in KB")
def test_bombs_cost_little():
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, *bombs()], capture_output=True, text=True, check=True
    )
    results = [json.loads(line) for line in run.stdout.splitlines()]
    assert [result[0] for result in results] == list(bombs())
    assert run.stderr == ""
    for name, kind, seconds, megabytes in results:
        assert seconds < MOST_SECONDS, name
        assert megabytes < MOST_MEGABYTES, name
        assert (kind == "read") == (name in HARMLESS), (name, kind)


def refusal(content, **options):
    with (
        pytest.raises(DocumentError) as caught,
        open_document(content, Options(**options)) as document,
    ):
        document.page(1)
    return caught.value


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "TIFF", "BMP", "WEBP", "PDF"])
def test_every_limit_holds_for_every_format(format_):
    content = encoded(noise_picture(400, 300), format_)
    for options in ({"max_megapixels": 0.1}, {"max_side": 300}, {"max_megabytes": 0.001}):
        assert refusal(content, **options).kind is ErrorKind.TOO_LARGE
    with open_document(content, Options(max_megapixels=0.12, max_side=400)) as document:
        assert document.page(1).pixels.shape[:2] == (300, 400)


@pytest.mark.parametrize("format_", ["TIFF", "PDF"])
def test_too_many_pages(format_):
    images = [Image.fromarray(grey_picture())] * 4
    content = encoded(images[0], format_, save_all=True, append_images=images[1:])
    with open_document(content, Options(max_pages=4)) as document:
        assert document.page_count == 4
    assert refusal(content, max_pages=3).kind is ErrorKind.TOO_LARGE


def test_a_limit_may_be_raised_beyond_what_pillow_thinks_decent():
    """Pillow warns from 89 megapixels on and refuses 179; the limit here is the user's."""
    content = encoded(Image.new("1", (9600, 9600), 1), "PNG")
    with open_document(content, Options(max_megapixels=100)) as document:
        assert document.page(1).pixels.min() == 255


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (7, 200), (200, 7)])
def test_pictures_too_small_to_hold_writing(format_, size):
    error = refusal(encoded(grey_picture(*size), format_))
    assert error.kind is ErrorKind.UNSUPPORTED
    assert "too small" in str(error)


def test_messages_say_what_is_wrong_and_what_to_do():
    too_large = str(refusal(encoded(grey_picture(), "PNG"), max_side=50))
    assert f"{WIDTH} x" in too_large
    assert "max_side" in too_large
    assert "lower resolution" in too_large
    assert "empty" in str(refusal(b""))
    assert "no picture" in str(refusal(b"Dear Sir or Madam"))
    odd = tiff_pages([(tiff_tags(64, 64, compression=34661), bytes(100))])
    assert "Save it anew" in str(refusal(odd))


def test_a_megabyte_is_a_million_bytes():
    content = encoded(grey_picture(), "PNG").ljust(1_000_001, b"\0")
    assert refusal(content, max_megabytes=1).kind is ErrorKind.TOO_LARGE
    with open_document(content[:-1], Options(max_megabytes=1)) as document:
        assert document.page(1).pixels.ndim == 2
