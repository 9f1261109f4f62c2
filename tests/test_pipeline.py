"""A page through all stages."""

import numpy as np
import pytest

from zipread.engine import Pipeline
from zipread.options import Options
from zipread.reading import Page, Status


@pytest.mark.parametrize("value", [0, 255])
def test_a_page_without_ink_holds_nothing_even_if_anything_is_accepted(value):
    page = Page(1, np.full((400, 900), value, np.uint8))
    assert Pipeline(Options(accept=0.0)).read(page).status is Status.NO_ZIP
