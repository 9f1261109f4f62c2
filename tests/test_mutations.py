"""Whatever the bytes are: pages or DocumentError, soon, in bounded memory, without a sound."""

import resource
import sys
import time
from collections import Counter

import numpy as np
import pytest

from tests.horrors import horrors
from tests.mutations import DAMAGES, mutants, seeds
from zipread.documents import open_document
from zipread.errors import DocumentError
from zipread.options import Options

MOST_SECONDS = 5
MOST_MEGABYTES = 700


def open_all(content):
    """How many pages were read and how many refused; any other exception is the test's to find."""
    pages, errors = [], []
    try:
        with open_document(content, Options()) as document:
            for number in range(1, document.page_count + 1):
                try:
                    pages.append(document.page(number))
                except DocumentError as error:
                    errors.append(str(error))
    except DocumentError as error:
        errors.append(str(error))
    assert all(page.pixels.dtype == np.uint8 for page in pages)
    assert all(min(page.pixels.shape[:2]) >= 8 for page in pages)
    assert all(error.endswith(".") for error in errors)
    return {"read": len(pages), "refused": len(errors)}


def test_the_seeds_are_sound():
    for name, content in seeds().items():
        tally = open_all(content)
        assert tally["read"] >= 1, name
        assert tally["refused"] == 0, name


def test_mutants_are_the_same_every_time_and_of_all_kinds():
    count = len(seeds()) * len(DAMAGES)
    first = dict(mutants(count))
    assert first == dict(mutants(count))
    assert len(first) == count
    assert first != dict(mutants(count, seed=2))


@pytest.mark.parametrize("name", horrors())
def test_horrors(name, capfd):
    tally = open_all(horrors()[name])
    assert sum(tally.values()) >= 1
    assert capfd.readouterr() == ("", "")


READABLE = {
    "more pages than there are.pdf",
    "page of no size.pdf",
    "form within itself.pdf",
}


def test_there_are_thirty_horrors_and_few_that_can_be_read_at_all():
    read = {name for name, content in horrors().items() if open_all(content)["read"]}
    assert len(horrors()) - len(READABLE) >= 30
    assert read == READABLE


def try_mutants(count, seed):
    slowest, tally = 0.0, Counter[str]()
    for name, content in mutants(count, seed):
        start = time.perf_counter()
        try:
            tally.update(open_all(content))
        except Exception as error:
            raise AssertionError(f"{name} of seed {seed}") from error
        slowest = max(slowest, time.perf_counter() - start)
    return slowest, tally


def test_mutants_in_small(capfd):
    slowest, tally = try_mutants(len(seeds()) * len(DAMAGES), seed=1)
    assert slowest < MOST_SECONDS
    assert tally["refused"] > 100
    assert tally["read"] > 10
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units")
def test_2000_mutants(capfd):
    slowest, tally = try_mutants(2000, seed=2)
    assert slowest < MOST_SECONDS
    assert tally["refused"] > 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 < MOST_MEGABYTES
    assert capfd.readouterr() == ("", "")
