"""A reading drawn: in a terminal with and without colours, and as a picture."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.review.making import drawn as drawn_page
from tests.review.making import pictures
from zipread.cli import app
from zipread.cli.export import record_of
from zipread.errors import DocumentError, InputProblem, UsageProblem
from zipread.report.write import write_report
from zipread.shelf import Kept, kept_as
from zipread.show.blocks import form_blocks, picture_blocks
from zipread.show.portrait import WIDTH, portrait
from zipread.show.seen import seen_of
from zipread.show.terminal import drawn


@pytest.fixture
def out(tmp_path):
    pictures(tmp_path / "inbox", tmp_path / "out", ["a.png", "b.png"], ["60185", "021345678"])
    return tmp_path / "out"


def show(*arguments):
    return CliRunner().invoke(app, ["show", *map(str, arguments)])


def ink(lines):
    """Where there is any ink, as (rows, columns)."""
    wide = max(map(len, lines))
    return np.array([[c != " " for c in line.ljust(wide)] for line in lines])


def test_a_form_is_two_characters_a_block():
    form = np.zeros((1, 8, 8))
    form[0, 2, 3] = 16
    lines = form_blocks(np.concatenate([form, form]), gap=2).split("\n")
    assert lines[2] == " " * 6 + "██" + " " * 8 + "  " + " " * 6 + "██"
    assert [line for i, line in enumerate(lines) if i != 2] == [""] * 7


@pytest.mark.parametrize("channels", [1, 3])
def test_without_colours_dark_is_ink(channels):
    pixels = np.full((40, 80, channels), 240, np.uint8)
    pixels[10:30, 20:60] = 10
    text = picture_blocks(pixels.squeeze(), 80, colour=False).plain
    found = ink(text.split("\n"))
    assert found[5:15, 20:60].all()
    assert found.sum() == 10 * 40


def test_with_colours_each_half_character_is_a_pixel():
    pixels = np.zeros((4, 2, 3), np.uint8)
    pixels[0, 0], pixels[1, 0] = (200, 0, 0), (0, 0, 200)
    text = picture_blocks(pixels, 10, colour=True)
    assert text.plain == "▀▀\n▀▀"
    assert str(text.spans[0].style) == "#c80000 on #0000c8"


def test_it_shows_what_was_read_and_how_sure(out):
    done = show(out / "a.png.json")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[:2] == ["a.png", "60185  review  90.0%"]
    assert "6  97.0%" in done.stdout
    assert "or 10185 6.0%" in done.stdout
    assert any("█" in line or "▀" in line for line in lines)


@pytest.mark.parametrize("columns", [20, 80, 90, 200])
def test_it_fits_the_terminal(out, columns):
    reading = record_of(out / "b.png.json")
    (seen,) = seen_of(kept_as(out / "b.png.json", reading), reading)
    lines = "\n".join(str(part) for part in drawn(seen, columns, colour=True)).splitlines()
    assert max(len(line) for line in lines if "▀" in line or "█" in line) <= columns
    assert sum("97.0%" in line for line in lines) == {20: 9, 80: 2, 90: 2, 200: 2}[columns]


def test_the_picture_outlines_the_digits(out, tmp_path):
    path = tmp_path / "picture.png"
    done = show(out / "a.png.json", "--picture", path)
    assert done.exit_code == 0, done.output
    with Image.open(path) as image:
        assert image.width == WIDTH
        pixels = np.asarray(image.convert("RGB"), int)
    orange = (abs(pixels - (215, 105, 0)) < 12).all(axis=2)
    assert orange.sum() > 2000  # five outlines, two pixels wide


def test_pages_are_shown_one_by_one_or_all(out, tmp_path):
    record = json.loads((out / "a.png.json").read_text())
    record["pages"].append(record["pages"][0] | {"page": 2, "status": "error", "message": "Torn."})
    path = tmp_path / "two.json"
    path.write_text(json.dumps(record))
    assert show(path).stdout.count("a.png, page") == 2
    only = show(path, "--page", 2).stdout
    assert "Torn." in only
    assert "page 1" not in only
    assert isinstance(show(path, "--page", 3).exception, UsageProblem)


def test_an_image_that_is_gone_leaves_the_digits(out, tmp_path):
    (tmp_path / "inbox").rename(tmp_path / "moved")
    done = show(out / "a.png.json")
    assert done.exit_code == 0
    assert "cannot be read" in done.stdout
    assert "6  97.0%" in done.stdout
    assert "cannot be read" not in show(out / "a.png.json", "--source", tmp_path / "moved").stdout


def test_a_forms_other_fields_are_named(out, tmp_path):
    record = json.loads((out / "a.png.json").read_text())
    (field,) = record["pages"][0]["fields"]
    record["pages"][0]["fields"].append(field | {"name": "telephone", "zip": "5551234"})
    (out / "a.png.json").write_text(json.dumps(record))
    assert "telephone: 5551234 90.0%" in show(out / "a.png.json").stdout
    write_report(out, tmp_path / "report.html", None, lambda *_: None)
    assert "telephone <span>5551234" in (tmp_path / "report.html").read_text()


def test_an_image_is_read_first(tmp_path):
    path = tmp_path / "blank.png"
    Image.new("L", (300, 200), 255).save(path)
    assert "no-zip" in show(path).stdout
    path.write_bytes(b"rubbish")
    assert isinstance(show(path).exception, DocumentError)
    assert isinstance(show(tmp_path / "none.json").exception, InputProblem)


def test_what_is_seen_is_the_field_with_some_paper(out):
    pixels, _ = drawn_page("60185")
    kept = Kept(out / "a.png.json", out.parent / "inbox" / "a.png")
    (seen,) = seen_of(kept, record_of(kept.record))
    assert seen.crop is not None
    x, y = seen.origin
    height, width = seen.crop.shape[:2]
    assert (seen.crop[..., ::-1] == pixels[y : y + height, x : x + width]).all()
    assert portrait([seen]).height > 400
