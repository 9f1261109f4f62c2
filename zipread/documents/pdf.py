"""PDF through PDFium: each page drawn, a scanned page at the resolution of its scan.

A page that one image fills is drawn at just the size that gives each of its pixels one pixel:
that is the scan itself, turned and cropped as the page says. Others are drawn at ``pdf_dpi``.

Source: ISO 32000-1.
"""

from __future__ import annotations

import math
import threading
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from zipread.documents.limits import (
    check_pages,
    check_size,
    corrupt,
    cut_short,
    unsupported,
)
from zipread.documents.pdf_images import check_image
from zipread.documents.pdf_streams import check_streams
from zipread.documents.source import Raster, believable_dpi

if TYPE_CHECKING:
    from zipread.errors import DocumentError
    from zipread.options import Options

POINTS_PER_INCH = 72.0
TAIL = 2048
"""The end marker must be within so many last bytes, padding aside: Acrobat asks for 1024."""

FULL_PAGE = 0.9
"""An image that covers this share of a page's width and height is the page."""

_A_BIT_LESS = 1 - 1e-6
"""Keeps the product of page size and scale from being rounded up to one pixel too many."""

_one_at_a_time = threading.Lock()
"""PDFium must not be called from two threads at once."""


def open_pdf(content: bytes, options: Options) -> PdfSource:
    """A PDF file of pages within the limit."""
    if b"%%EOF" not in content.rstrip(b"\0\r\n\t ")[-TAIL:]:
        raise cut_short("its end is missing")
    check_streams(content, options)
    with _one_at_a_time:
        return _open(content, options)


def _open(content: bytes, options: Options) -> PdfSource:
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise _explained(error, content) from error
    with ExitStack() as cleanup:
        cleanup.callback(pdf.close)
        if len(pdf) == 0:
            raise corrupt("it holds no page")
        check_pages(len(pdf), options)
        cleanup.pop_all()
    return PdfSource(pdf, options)


class PdfSource:
    """The pages of a PDF file."""

    def __init__(self, pdf: pypdfium2.PdfDocument, options: Options) -> None:
        self._pdf = pdf
        self._options = options
        self._page_count = len(pdf)

    @property
    def page_count(self) -> int:
        """How many pages there are."""
        return self._page_count

    def decode(self, number: int, coarsely: bool) -> Raster:  # noqa: ARG002 (no less work)
        """Page ``number``, from 1."""
        with _one_at_a_time:
            return self._decode(number)

    def _decode(self, number: int) -> Raster:
        with closing(self._load(number)) as page:
            width, height = page.get_size()
            dpi = self._scan_dpi(page) or float(self._options.pdf_dpi)
            scale = dpi / POINTS_PER_INCH * _A_BIT_LESS
            check_size(math.ceil(width * scale), math.ceil(height * scale), self._options)
            with closing(page.render(scale=scale, rev_byteorder=True)) as bitmap:
                return Raster(np.array(bitmap.to_numpy()), dpi)

    def close(self) -> None:
        """Close the document, whose memory PDFium holds."""
        with _one_at_a_time:
            self._pdf.close()

    def _load(self, number: int) -> pypdfium2.PdfPage:
        try:
            return self._pdf[number - 1]
        except pypdfium2.PdfiumError as error:
            raise corrupt("this page of it is missing or broken") from error

    def _scan_dpi(self, page: pypdfium2.PdfPage) -> float | None:
        """Check the images of a page; give the resolution of the one that fills it, if one does."""
        images = list(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))
        for image in images:
            check_image(image, self._options)
        if len(images) != 1 or images[0].level > 0:
            return None
        return _dpi_if_full_page(images[0], page.get_size())


def _dpi_if_full_page(image: Any, page_size: tuple[float, float]) -> float | None:
    """The image's resolution as it lies on the page, if it fills the page and is not stretched."""
    a, b, c, d, *_ = image.get_matrix().get()
    width, height = math.hypot(a, b), math.hypot(c, d)
    page_width, page_height = page_size if abs(a) >= abs(b) else reversed(page_size)
    if width < FULL_PAGE * page_width or height < FULL_PAGE * page_height:
        return None
    across, down = (n * POINTS_PER_INCH for n in image.get_px_size())
    return believable_dpi(across / width, down / height)


def _explained(error: pypdfium2.PdfiumError, content: bytes) -> DocumentError:
    # PDFium may leave the code of the file before; only this one's own words can tell.
    locked = error.err_code in {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}
    if locked and b"/Encrypt" in content:
        return unsupported("The PDF is protected by a password. Save it without one.")
    return corrupt("the PDF cannot be opened")
