"""A document's reading as hOCR 1.2 [1]_: XHTML that OCR tools read, all pages in one file.

A code is an ocr_carea of one ocr_line of one ocrx_word; x_wconf is its probability in percent.
Other readings stand beside it as alternatives, hidden, with nlp, the negative natural logarithm of
their probability. Digits are ocrx_cinfo with x_confs.

.. [1] T. Breuel, The hOCR microformat for OCR workflow and results, ICDAR 2007; K. Baierer (ed.),
   hOCR: OCR workflow and output embedded in HTML, version 1.2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from zipread.names import visible
from zipread.outputs.transcript import lines_of, size_as_opened

if TYPE_CHECKING:
    from zipread.outputs.transcript import Glyph, Line, Said
    from zipread.reading import Box, DocumentReading, PageReading

_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
_CAPABILITIES = "ocr_page ocr_carea ocr_line ocrx_word ocrx_cinfo ocrp_wconf ocrp_nlp"
_BLOCKS = ("head", "title", "meta", "body", "div")
_LEAST = 1e-9  # of a probability whose logarithm is taken


def hocr(document: DocumentReading) -> bytes:
    """The document as an hOCR file."""
    root = ET.Element("html", {"xmlns": "http://www.w3.org/1999/xhtml", "lang": "en"})
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "title").text = visible(document.source.document)
    ET.SubElement(head, "meta", charset="utf-8")
    for name, content in (
        ("ocr-system", f"zipread {document.version}"),
        ("ocr-capabilities", _CAPABILITIES),
        ("ocr-langs", "unknown"),
        ("ocr-scripts", "Zyyy"),
        ("ocr-number-of-pages", str(len(document.pages))),
    ):
        ET.SubElement(head, "meta", name=name, content=content)
    body = ET.SubElement(root, "body")
    for page in document.pages:
        _page(body, document, page)
    for element in root.iter():
        if element.tag in _BLOCKS:
            element.tail = "\n"  # not within words: it would part their digits
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    return _HEAD + text + b"\n"


def _page(body: ET.Element, document: DocumentReading, page: PageReading) -> None:
    width, height = size_as_opened(page)
    image = visible(document.source.document).replace("\\", "\\\\").replace('"', '\\"')
    image = image.replace(";", "%3B")  # readers of hOCR split at it, quoted or not
    title = f'image "{image}"; bbox 0 0 {width} {height}; ppageno {page.page - 1}'
    element = _element(body, "div", "ocr_page", f"page_{page.page}", title)
    for number, line in enumerate(lines_of(page), 1):
        _line(element, line, f"{page.page}_{number}")


def _line(page: ET.Element, line: Line, number: str) -> None:
    place = _bbox(line.box)
    area = _element(page, "div", "ocr_carea", f"block_{number}", place)
    row = _element(area, "span", "ocr_line", f"line_{number}", place)
    first, *others = line.said
    title = f"{place}; x_wconf {100 * first.probability:.2f}"
    word = _element(row, "span", "ocrx_word", f"word_{number}", title)
    holder = word
    if others:
        holder = ET.SubElement(word, "span", {"class": "alternatives"})
        holder = ET.SubElement(holder, "ins", {"class": "alt", "title": _nlp(first)})
    if not _glyphs(holder, line.glyphs, first.text, number):
        holder.text = first.text
    for other in others:
        each = {"class": "alt", "title": _nlp(other), "hidden": "hidden"}
        ET.SubElement(word[0], "del", each).text = other.text


def _glyphs(word: ET.Element, glyphs: tuple[Glyph, ...], text: str, number: str) -> bool:
    """Put the digits into the word, if they spell its text."""
    if "".join(glyph.said[0].text for glyph in glyphs) != text.replace("-", ""):
        return False
    for place, glyph in enumerate(glyphs):
        first = glyph.said[0]
        title = f"{_bbox(glyph.box)}; x_confs {100 * first.probability:.2f}"
        element = _element(word, "span", "ocrx_cinfo", f"char_{number}_{place + 1}", title)
        element.text = first.text
        if place == 4 and "-" in text:
            element.tail = "-"
    return True


def _element(parent: ET.Element, tag: str, kind: str, identity: str, title: str) -> ET.Element:
    return ET.SubElement(parent, tag, {"class": kind, "id": identity, "title": title})


def _bbox(box: Box) -> str:
    return f"bbox {max(0, box.x)} {max(0, box.y)} {max(0, box.right)} {max(0, box.bottom)}"


def _nlp(said: Said) -> str:
    return f"nlp {-math.log(max(said.probability, _LEAST)) + 0.0:.4f}"
