"""Readings in the formats of the field, as the files that they become."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from zipread.outputs.hocr import hocr
from zipread.outputs.page_xml import page_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zipread.reading import DocumentReading


class Format(StrEnum):
    """A format of the field."""

    PAGE = "page"
    HOCR = "hocr"


def exported(reading: DocumentReading, kind: Format, when: datetime) -> Iterator[tuple[str, bytes]]:
    """The files of a document in a format: what to append to its name, and the content.

    hOCR holds all pages, ``x.tif.hocr``. PAGE XML is a file a page: ``x.png.xml``, and where there
    are several ``x.tif.1.xml``, ``x.tif.2.xml``.
    """
    if kind is Format.HOCR:
        yield ".hocr", hocr(reading)
        return
    several = len(reading.pages) > 1
    for page in reading.pages:
        yield f".{page.page}.xml" if several else ".xml", page_xml(reading, page, when)
