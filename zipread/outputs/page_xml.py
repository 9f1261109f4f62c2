"""A page's reading as PAGE XML, the format of the PRImA lab (content schema of 2019-07-15) [1]_.

A code is a TextRegion of one TextLine of one Word, its digits are Glyphs. Of the TextEquivs of each
the one with index 0 is the reading, the others are the alternatives, each with its probability.

.. [1] S. Pletschacher, A. Antonacopoulos, The PAGE (Page Analysis and Ground-truth Elements) format
   framework, ICPR 2010.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from zipread.names import visible
from zipread.outputs.transcript import lines_of, size_as_opened

if TYPE_CHECKING:
    from datetime import datetime

    from zipread.outputs.transcript import Line, Said
    from zipread.reading import Box, DocumentReading, PageReading

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def page_xml(document: DocumentReading, page: PageReading, when: datetime) -> bytes:
    """One page of a document as a file of PAGE XML; ``when`` it was read, with its time zone."""
    root = ET.Element("PcGts", xmlns=NAMESPACE)
    _metadata(root, document, page, when)
    width, height = size_as_opened(page)
    attributes = {
        "imageFilename": visible(document.source.document),
        "imageWidth": str(width),
        "imageHeight": str(height),
    }
    if page.rotation:
        attributes["orientation"] = str(page.rotation if page.rotation <= 180 else -90)
    content = ET.SubElement(root, "Page", attributes)
    for number, line in enumerate(lines_of(page), 1):
        _region(content, line, f"r{number}")
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text + b"\n"


def _metadata(
    root: ET.Element, document: DocumentReading, page: PageReading, when: datetime
) -> None:
    metadata = ET.SubElement(root, "Metadata")
    ET.SubElement(metadata, "Creator").text = f"zipread {document.version}"
    for name in ("Created", "LastChange"):
        ET.SubElement(metadata, name).text = when.isoformat(timespec="seconds")
    said = f"Page {page.page}: {page.status}. {visible(page.message)}"
    ET.SubElement(metadata, "Comments").text = said.strip()


def _region(content: ET.Element, line: Line, name: str) -> None:
    """Every level has the same place and the same texts: a code is one word."""
    custom = f"structure {{type:{visible(line.name)};}}"
    region = ET.SubElement(content, "TextRegion", id=name, type="other", custom=custom)
    _coords(region, line.box)
    row = ET.SubElement(region, "TextLine", id=f"{name}l1")
    _coords(row, line.box)
    word = ET.SubElement(row, "Word", id=f"{name}l1w1")
    _coords(word, line.box)
    for number, glyph in enumerate(line.glyphs, 1):
        element = ET.SubElement(word, "Glyph", id=f"{name}l1w1g{number}")
        _coords(element, glyph.box)
        _texts(element, glyph.said)
    for element in (word, row, region):
        _texts(element, line.said)


def _coords(element: ET.Element, box: Box) -> None:
    """The box as a polygon; coordinates may not be negative, and a field may reach off the page."""
    left, top = max(0, box.x), max(0, box.y)
    right, bottom = max(left, box.right - 1), max(top, box.bottom - 1)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    ET.SubElement(element, "Coords", points=" ".join(f"{x},{y}" for x, y in corners))


def _texts(element: ET.Element, said: tuple[Said, ...]) -> None:
    for index, each in enumerate(said):
        attributes = {"index": str(index), "conf": f"{each.probability:.4f}"}
        if each.by:
            attributes["comments"] = f"Keyed by {visible(each.by)}."
        equivalent = ET.SubElement(element, "TextEquiv", attributes)
        ET.SubElement(equivalent, "Unicode").text = each.text
