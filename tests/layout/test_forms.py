"""Pages read by a layout: composed forms, as a scanner gives them."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

from tests.cli.test_command_line import zipread as run
from tests.layout.filled import DPI, LAYOUT, filled
from zipread.api import read_document
from zipread.compose.glyphs import clear, sklearn_digits
from zipread.compose.scans import Scan
from zipread.engine import Pipeline
from zipread.evaluation.matched import match
from zipread.evaluation.measure import measure
from zipread.evaluation.truth import Truth
from zipread.forms import cut_out, page_slope
from zipread.layout import Region
from zipread.options import Options
from zipread.outputs.records import schema
from zipread.reading import Page, Status

SCAN = Scan(blur=0.5, noise=1.5)
"""A good scanner's."""
PAGES = 12
WITH_PLUS4 = Path(__file__).parents[2] / "samples/envelopes/04-blue-zip4.jpg"
AROUND_PLUS4 = "x = 0.485\ny = 0.61\nwidth = 0.284\nheight = 0.118"


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    path = tmp_path_factory.mktemp("layout") / "form.toml"
    path.write_text(LAYOUT)
    return path


@pytest.fixture(scope="module")
def engine(layout):
    return Pipeline(Options(layout=str(layout)))


SUPPLY = clear(sklearn_digits())


def form(seed, scan=SCAN, written=None):
    return filled(np.random.default_rng([5, seed]), SUPPLY, scan, written)


def read(engine, made):
    return engine.read(Page(1, made.pixels, DPI))


@pytest.fixture(scope="module")
def readings(engine):
    """A dozen forms, upright and askew, with what was read of each."""
    made = [form(seed, replace(SCAN, skew=(seed % 5 - 2) * 1.5)) for seed in range(PAGES)]
    return [(each, read(engine, each)) for each in made]


def test_most_fields_of_a_form_are_read(readings):
    right = total = 0
    for made, reading in readings:
        for field in reading.fields:
            if made.codes[field.name]:
                total += 1
                right += field.zip == made.codes[field.name]
    assert right >= 0.8 * total


def test_what_is_sure_is_right(readings):
    sure = [
        field.zip == made.codes[field.name]
        for made, reading in readings
        for field in reading.fields
        if field.confidence >= 0.97
    ]
    assert sum(sure) >= 0.9 * len(sure)


def test_every_field_has_its_name_and_place(readings):
    for made, reading in readings:
        assert [f.name for f in reading.fields] == ["zip", "member", "postcode", "account", "ref"]
        height, width = made.pixels.shape[:2]
        tops = [f.box.y for f in sorted(reading.fields, key=lambda f: "mzpar".index(f.name[0]))]
        assert tops == sorted(tops)
        assert all(f.box.right <= width and f.box.bottom <= height for f in reading.fields)


def test_blank_fields_read_as_nothing(readings):
    for made, reading in readings:
        if not made.codes["ref"]:
            assert (reading.fields[-1].zip, reading.fields[-1].digits) == ("", ())


def test_only_the_zip_is_looked_up_in_the_directory(readings):
    for _, reading in readings:
        assert all(field.in_directory is None for field in reading.fields[1:])


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_places_are_those_of_the_upright_page(engine, turn):
    upright = form(3)
    reading = read(engine, upright)
    turned = read(engine, replace(upright, pixels=np.rot90(upright.pixels, -turn // 90)))
    assert turned.rotation == (360 - turn) % 360
    assert [f.zip for f in turned.fields] == [f.zip for f in reading.fields]
    assert [f.box for f in turned.fields] == [f.box for f in reading.fields]


@pytest.mark.parametrize("dx", [-0.5, 0.0, 0.5])
@pytest.mark.parametrize("dy", [-0.6, 0.6])
def test_walls_of_boxes_that_are_not_in_place_are_no_ones(engine, dx, dy):
    cell = round(7 * DPI / 25.4)
    for seed in range(3):
        made = form(seed)
        off = np.roll(made.pixels, (round(dy * cell), round(dx * cell)), (0, 1))
        for field in read(engine, replace(made, pixels=off)).fields:
            assert field.zip in ("", made.codes[field.name]) or field.confidence < 0.9


@pytest.mark.parametrize("skew", [-6.0, -1.0, 0.0, 3.0])
def test_the_skew_of_a_page_is_told_by_its_lines(skew):
    found = np.degrees(np.arctan(page_slope(form(2, replace(SCAN, skew=skew)).pixels)))
    assert found == pytest.approx(skew, abs=0.8)


def test_a_region_is_cut_out_level():
    page = np.full((200, 300), 255, np.uint8)
    page[90:110, 100:200] = 0
    cutout, inner = cut_out(page, Region(100, 90, 100, 20), 0.0)
    dark = np.argwhere(cutout.pixels == 0)
    assert (inner.x, inner.y) == tuple(dark.min(axis=0)[::-1])
    assert (inner.width, inner.height) == (100, 20)
    assert cutout.page_box(inner.x, inner.y, 100, 20).x == 100


def test_an_empty_form_holds_nothing(engine):
    empty = dict.fromkeys(("member", "zip", "postcode", "account", "ref"), "")
    reading = read(engine, form(4, written=empty))
    assert (reading.status, reading.message) == (Status.NO_ZIP, "No field is filled in.")


def test_a_required_field_that_is_blank_goes_to_a_person(engine):
    written = form(3).codes | {"account": ""}
    reading = read(engine, form(3, written=written))
    assert reading.status is Status.REVIEW
    assert "account" in reading.message


def test_a_single_stroke_is_not_taken_for_a_blank_field(tmp_path):
    path = tmp_path / "optional.toml"
    path.write_text(LAYOUT.replace("digits = [4, 8]", "digits = [4, 8]\noptional = true"))
    engine = Pipeline(Options(layout=str(path), accept=0.0))
    written = form(3).codes | {"account": ""}
    assert read(engine, form(3, written=written)).status is Status.ACCEPTED
    one = read(engine, form(3, written=written | {"account": "7"}))
    assert (one.status, one.fields[3].zip) == (Status.REVIEW, "")


def test_a_field_may_be_much_taller_than_its_writing(tmp_path):
    path = tmp_path / "tall.toml"
    path.write_text("[fields.member]\nx = 0.27\ny = 0.15\nwidth = 0.6\nheight = 0.12\ndigits = 8")
    engine = Pipeline(Options(layout=str(path)))
    written = form(3).codes | {"member": "31415926"}
    assert read(engine, form(3, written=written)).fields[0].zip == "31415926"


def test_a_page_is_accepted_if_all_its_fields_are(layout):
    engine = Pipeline(Options(layout=str(layout), accept=0.5))
    reading = read(engine, form(3))
    doubtful = [f.name for f in reading.fields if f.confidence < 0.5 and f.zip]
    assert (reading.status is Status.ACCEPTED) == (not doubtful)


def test_a_fields_plus4_may_be_less_sure_than_its_zip(tmp_path):
    path = tmp_path / "plus4.toml"
    path.write_text(f"[fields.zip]\n{AROUND_PLUS4}\nus_zip = true\ndigits = 9\n")
    (page,) = read_document(WITH_PLUS4, Options(layout=str(path))).pages
    (field,) = page.fields
    assert field.zip4
    assert field.zip4_confidence < field.confidence
    for accept, message in (
        (field.confidence, "The +4 is not sure enough: zip."),
        (field.zip4_confidence, ""),
    ):
        (page,) = read_document(WITH_PLUS4, Options(layout=str(path), accept=accept)).pages
        assert (page.status, page.message) == (Status.ACCEPTED, message)


# the results


@pytest.fixture(scope="module")
def scanned(layout, tmp_path_factory):
    """A results folder with two forms, one without its resolution, and a plain crop."""
    folder = tmp_path_factory.mktemp("forms")
    out = tmp_path_factory.mktemp("results")
    for seed in (3, 6):
        Image.fromarray(form(seed).pixels).save(folder / f"{seed}.png", dpi=(DPI, DPI))
    done = run("scan", folder, "--layout", layout, "--out", out, "--jobs", 1)
    assert done.returncode == 0, done.stderr
    return out


def test_each_further_field_has_columns_at_the_end(scanned):
    with (scanned / "documents.csv").open(newline="") as file:
        table = csv.DictReader(file)
        rows = list(table)
    names = ["account", "member", "postcode", "ref"]
    assert list(table.fieldnames or ())[-8:] == [c for n in names for c in (n, f"{n}_confidence")]
    for row in rows:
        record = json.loads((scanned / f"{row['document']}.json").read_text())
        jsonschema.validate(record, schema())
        fields = {f["name"]: f for f in record["pages"][0]["fields"]}
        assert row["zip"] == fields["zip"]["zip"]
        assert all(row[name] == fields[name]["zip"] for name in names)
        assert all(float(row[f"{n}_confidence"]) == fields[n]["confidence"] for n in names)


def test_further_fields_are_measured_too(scanned):
    with (scanned / "documents.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    truths = [
        Truth(row["document"], 1, row["zip"], others=(("member", row["member"]), ("ref", "1")))
        for row in rows
    ]
    fields = {of.name: of for of in measure(match(truths, scanned)).fields}
    assert set(fields) == {"member", "ref"}
    assert (fields["member"].right.count, fields["member"].right.of) == (2, 2)
    assert (fields["ref"].right.count, fields["ref"].right.of) == (0, 2)


def test_each_digit_has_its_fields_name(scanned):
    with (scanned / "3.png.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["field"] for row in rows} >= {"zip", "member", "postcode", "account"}


def test_columns_stay_when_the_ledger_is_built_again(scanned, layout, tmp_path):
    before = (scanned / "documents.csv").read_text()
    (scanned / ".zipread" / "ledger.sqlite").unlink()
    done = run("scan", tmp_path, "--layout", layout, "--out", scanned)
    assert done.returncode == 0, done.stderr
    assert (scanned / "documents.csv").read_text() == before


def test_a_slip_in_the_layout_ends_with_exit_code_2(tmp_path):
    path = tmp_path / "l.toml"
    path.write_text("[fields.a]\nx = 0\ny = 0\nwith = 1\nheight = 1\ndigits = 5")
    done = run("scan", Path(__file__).parent, "--layout", path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "'with'. Do you mean 'width'?" in done.stderr
