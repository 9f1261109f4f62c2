"""PAGE XML and hOCR: valid, and saying what the record says."""

import io
import json
import os
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree, html
from typer.testing import CliRunner

from tests.outputs.test_records import readings
from tests.review.making import pictures, say
from zipread.cli import app
from zipread.errors import InputProblem, UsageProblem
from zipread.outputs.hocr import hocr
from zipread.outputs.page_xml import page_xml
from zipread.outputs.records import from_json
from zipread.outputs.transcript import as_opened, lines_of, size_as_opened
from zipread.reading import Box, PageReading, Status
from zipread.review.apply import apply

PAGE = {"p": "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"}
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def schemas():
    """Our extract of PAGE's schema, and the schema itself where CI has named it."""
    found = [etree.RelaxNG(etree.parse(str(Path(__file__).with_name("page.rng"))))]
    if xsd := os.environ.get("PAGE_XSD"):
        found.append(etree.XMLSchema(etree.parse(xsd)))
    return found


@pytest.fixture(scope="module")
def hocr_problems():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is older than some warnings
        from hocr_spec import HocrValidator

    def problems(content):
        report = HocrValidator("standard").validate(io.BytesIO(content), filename="it")
        return [str(item) for item in report.items if item.level != "DEBUG"]

    return problems


@pytest.fixture
def out(tmp_path):
    names, codes = ["a.png", "b.png", "c.png"], ["60185", "021345678", "94103"]
    hashes = pictures(tmp_path / "inbox", tmp_path / "out", names, codes)
    say(tmp_path / "out", hashes[0], zip="60186")
    say(tmp_path / "out", hashes[2], action="no-zip")
    apply(tmp_path / "out")
    return tmp_path / "out"


def reading(out, name):
    return from_json((out / f"{name}.json").read_bytes())


def page_of(out, name):
    document = reading(out, name)
    return etree.fromstring(page_xml(document, document.pages[0], WHEN))


@settings(max_examples=25, deadline=None)
@given(document=readings)
def test_whatever_was_read_is_valid(document, schemas, hocr_problems):
    pages = tuple(replace(page, page=i) for i, page in enumerate(document.pages, 1))
    document = replace(document, pages=pages)
    for page in pages:
        tree = etree.fromstring(page_xml(document, page, WHEN))
        for schema in schemas:
            schema.assertValid(tree)
    assert hocr_problems(hocr(document)) == []
    etree.fromstring(hocr(document))  # well-formed XHTML as well


def test_page_says_the_reading_first_and_then_the_others(out):
    (word,) = page_of(out, "b.png").iterfind(".//p:Word", PAGE)
    texts = [(e.get("index"), e.get("conf"), e[0].text) for e in word.iterfind("p:TextEquiv", PAGE)]
    assert texts == [("0", "0.9000", "02134-5678"), ("1", "0.0600", "12134")]
    glyphs = [
        e.findtext("p:TextEquiv/p:Unicode", None, PAGE) for e in word.iterfind("p:Glyph", PAGE)
    ]
    assert "".join(glyphs) == "021345678"
    assert word.find("p:Glyph/p:Coords", PAGE).get("points") == "300,190 325,190 325,223 300,223"


def test_page_says_who_keyed_and_what_the_machine_had_read(out):
    (word,) = page_of(out, "a.png").iterfind(".//p:Word", PAGE)
    first, second = list(word.iterfind("p:TextEquiv", PAGE))[:2]
    assert (first[0].text, first.get("conf"), first.get("comments")) == (
        "60186",
        "1.0000",
        "Keyed by anna.",
    )
    assert second[0].text == "60185"
    last = word.findall("p:Glyph", PAGE)[-1]
    assert [e[0].text for e in last.iterfind("p:TextEquiv", PAGE)] == ["6", "5"]


def test_what_a_person_says_is_no_zip_is_not_a_text(out):
    assert page_of(out, "c.png").findall(".//p:TextRegion", PAGE) == []
    assert "ocr_line" not in hocr(reading(out, "c.png")).decode().partition("<body>")[2]


def test_hocr_reads_as_text_with_its_confidence(out):
    tree = html.fromstring(hocr(reading(out, "b.png")))
    (word,) = tree.find_class("ocrx_word")
    (chosen,) = word.xpath(".//ins")
    assert chosen.text_content() == "02134-5678"
    assert "x_wconf 90.00" in word.get("title")
    assert [e.text for e in word.xpath(".//del[@hidden]")] == ["12134"]
    assert len(tree.find_class("ocrx_cinfo")) == 9


@pytest.mark.parametrize(
    ("rotation", "opened"),
    [
        (0, Box(10, 20, 30, 5)),
        (90, Box(20, 60, 5, 30)),  # upright is opened turned clockwise: its left is opened's bottom
        (180, Box(60, 25, 30, 5)),
        (270, Box(25, 10, 5, 30)),
    ],
)
def test_places_are_those_of_the_image_as_opened(rotation, opened):
    page = PageReading(1, Status.REVIEW, rotation=rotation, width=100, height=50)
    upright = Box(10, 20, 30, 5)
    assert as_opened(upright, page) == opened
    there = opened
    height = size_as_opened(page)[1]
    width = size_as_opened(page)[0]
    for _ in range(rotation // 90):
        there = there.turned(height)
        height, width = width, height
    assert there == upright
    assert (width, height) == (100, 50)


def test_a_code_without_a_place_is_the_pages(out):
    page = replace(reading(out, "a.png").pages[0], fields=())
    (line,) = lines_of(page)
    assert (line.box, line.said[0].text) == (Box(0, 0, 600, 300), "60186")


class TestTheCommand:
    def run(self, *arguments):
        return CliRunner().invoke(app, ["export", *map(str, arguments)])

    @pytest.mark.parametrize(("kind", "ending"), [("page", "xml"), ("hocr", "hocr")])
    def test_a_folder(self, out, tmp_path, kind, ending):
        done = self.run(out, "--as", kind, "--out", tmp_path / "x")
        assert "3 files" in done.stderr
        assert {p.name for p in (tmp_path / "x").iterdir()} == {f"{n}.png.{ending}" for n in "abc"}

    def test_one_document_goes_to_stdout(self, out):
        done = self.run(out / "a.png.json", "--as", "hocr")
        assert done.stdout_bytes == hocr(reading(out, "a.png"))

    def test_several_pages_of_page_xml_are_several_files(self, out, tmp_path):
        record = json.loads((out / "a.png.json").read_text())
        record["pages"].append(record["pages"][0] | {"page": 2})
        (tmp_path / "two.json").write_text(json.dumps(record))
        done = self.run(tmp_path / "two.json", "--as", "page", "--out", tmp_path / "x")
        assert "2 files" in done.stderr
        assert {p.name for p in (tmp_path / "x").iterdir()} == {"a.png.1.xml", "a.png.2.xml"}
        error = self.run(tmp_path / "two.json", "--as", "page").exception
        assert isinstance(error, UsageProblem)
        assert "--out" in str(error)

    def test_two_documents_of_one_name_are_not_mixed_up(self, out, tmp_path):
        error = self.run(out, out, "--as", "hocr", "--out", tmp_path / "x").exception
        assert isinstance(error, UsageProblem)
        assert "a folder each" in str(error)

    def test_what_is_no_record_is_said(self, tmp_path):
        (tmp_path / "a.json").write_text("{}")
        assert isinstance(self.run(tmp_path / "a.json", "--as", "hocr").exception, InputProblem)
