"""A page through all stages."""

from pathlib import Path

import numpy as np
import pytest

from zipread.api import read_document
from zipread.engine import Pipeline
from zipread.options import Options
from zipread.reading import Page, Status

WITH_PLUS4 = Path(__file__).parents[1] / "samples/envelopes/04-blue-zip4.jpg"


@pytest.mark.parametrize("value", [0, 255])
def test_a_page_without_ink_holds_nothing_even_if_anything_is_accepted(value):
    page = Page(1, np.full((400, 900), value, np.uint8))
    assert Pipeline(Options(accept=0.0)).read(page).status is Status.NO_ZIP


def test_a_zip_may_be_sure_enough_and_its_plus4_not():
    (page,) = read_document(WITH_PLUS4).pages
    both = page.fields[0].zip4_confidence
    assert page.zip4
    assert 0 < both < page.confidence
    (accepted,) = read_document(WITH_PLUS4, Options(accept=page.confidence)).pages
    assert accepted.status is Status.ACCEPTED
    assert accepted.message == "The +4 is not sure enough."
    (whole,) = read_document(WITH_PLUS4, Options(accept=both)).pages
    assert whole.message == ""
