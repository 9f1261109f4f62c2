import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zipread.outputs.tables import PageRow, digits_table, documents_table, inert, page_row
from zipread.reading import (
    Box,
    Digit,
    DocumentReading,
    Field,
    Keyed,
    PageReading,
    Source,
    Status,
)


def row(document="a.png", zip_code="02134", message=""):
    return PageRow(document, 1, Status.ACCEPTED, zip_code, "", 0.9987654321, 0.25, message)


def parsed(lines):
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


def test_a_zip_keeps_its_leading_zero():
    _, line = documents_table([row()])
    assert line == "a.png,1,accepted,02134,,0.998765,0.250,,machine,\n"


def test_a_bin_is_a_column_of_its_own():
    (only,) = parsed(documents_table([row()], bin_of=lambda page: f"bin {page.zip[0]}"))
    assert only["bin"] == "bin 0"


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "\uff1d1", "'=1", '"=1']
)
def test_a_name_like_a_formula_is_text(name):
    assert inert(name).startswith("'")


def test_a_name_cannot_start_a_cell_of_its_own_where_semicolons_part_cells():
    _, line = documents_table([row(document='a";=cmd()|x')])
    assert line.startswith('"a"";=cmd()|x",')


@given(st.text(), st.text())
def test_any_name_and_message_stay_in_their_cells(document, message):
    text = "".join(documents_table([row(document=document, message=message), row()]))
    first, second = parsed(text)
    assert (first["zip"], second["document"]) == ("02134", "a.png")
    assert first["document"] == inert(document)
    assert len(text.splitlines()) == 3
    assert text.replace("\n", "").isprintable()


def test_a_digit_has_its_place_and_its_runner_up():
    digit = Digit(0, 7, 0.9, 1, 0.1, Box(3, 4, 5, 6), (0.0,) * 64)
    page = PageReading(
        2, Status.REVIEW, fields=(Field("zip", Box(0, 0, 9, 9), "7", "", 0.9, (digit,)),)
    )
    (only,) = parsed(digits_table(DocumentReading(Source("a", 1, ""), (page,), "", {}, "")))
    assert only == {
        "page": "2",
        "field": "zip",
        "position": "0",
        "digit": "7",
        "confidence": "0.900000",
        "runner_up": "1",
        "runner_up_confidence": "0.100000",
        "x": "3",
        "y": "4",
        "width": "5",
        "height": "6",
    }


def test_a_plus4_has_its_own_confidence_and_a_persons_is_certain():
    field = Field("zip", Box(0, 0, 9, 9), "12345", "6789", 0.9, (), zip4_confidence=0.7)
    page = PageReading(1, Status.REVIEW, "12345", "6789", 0.9, (field,))
    keyed = replace(page, person=Keyed("zip", "me", "", Status.REVIEW, "12345", "6789", 0.9, ""))
    without = replace(page, zip4="")
    rows = parsed(documents_table(page_row("a", each) for each in (page, keyed, without)))
    assert [row["zip4_confidence"] for row in rows] == ["0.700000", "1.000000", ""]
