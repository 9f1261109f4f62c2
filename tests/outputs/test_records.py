import json
import os

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zipread.options import Options
from zipread.outputs.records import RecordError, from_json, schema, to_json
from zipread.outputs.tables import digits_table, documents_table, page_rows
from zipread.reading import (
    Alternative,
    Box,
    Digit,
    DocumentReading,
    Field,
    PageReading,
    Script,
    Source,
    Status,
)

probabilities = st.floats(0, 1)
boxes = st.builds(Box, *[st.integers(0, 9000)] * 4)
codes = st.text("0123456789", min_size=4, max_size=9)
digits = st.builds(
    Digit,
    st.integers(0, 9),
    st.integers(0, 9),
    probabilities,
    st.integers(0, 9),
    probabilities,
    boxes,
    st.lists(st.floats(0, 16), min_size=64, max_size=64).map(tuple),
)
fields = st.builds(
    Field,
    st.text(max_size=8),
    boxes,
    codes,
    codes | st.just(""),
    probabilities,
    st.lists(digits, max_size=2).map(tuple),
    st.lists(st.builds(Alternative, codes, codes, probabilities), max_size=2).map(tuple),
    st.sampled_from(Script),
    st.booleans(),
    st.none() | st.booleans(),
)
pages = st.builds(
    PageReading,
    st.integers(1, 500),
    st.sampled_from(Status),
    codes,
    codes,
    probabilities,
    st.lists(fields, max_size=2).map(tuple),
    st.text(),
    st.sampled_from(["", "corrupt", "timeout"]),
    st.sampled_from([0, 90, 180, 270]),
    st.floats(-10, 10),
    st.integers(0, 20000),
    st.integers(0, 20000),
    st.floats(0, 100),
)
names = st.binary(min_size=1).map(os.fsdecode)
readings = st.builds(
    DocumentReading,
    st.builds(Source, names, st.integers(0), st.just("ab" * 32)),
    st.lists(pages, min_size=1, max_size=3).map(tuple),
    st.just("cd" * 32),
    st.just(Options().shaping()),
    st.just("0.1.0"),
)


ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    7,
    1e400,
    float("nan"),
    "",
    "=1+1",
    [],
    ["x"],
    [[]],
    {},
    {"x": 1},
    [{}],
)


def with_one_part_replaced(record, chance):
    """A record whose parts are all sound but one, which is gone or of any other type."""
    places = []

    def collect(part):
        for key in part if isinstance(part, dict) else range(len(part)):
            places.append((part, key))
            if isinstance(part[key], dict | list):
                collect(part[key])

    collect(record)
    part, key = chance.choice(places)
    if chance.random() < 0.2:
        del part[key]
    else:
        part[key] = chance.choice(ODD)
    return record


@settings(max_examples=200, deadline=None)
@given(readings, st.randoms(use_true_random=False))
def test_a_record_with_anything_in_it_is_refused_or_can_be_used(reading, chance):
    record = with_one_part_replaced(json.loads(to_json(reading)), chance)
    try:
        found = from_json(json.dumps(record).encode())
    except RecordError:
        return
    assert from_json(to_json(found)) == found
    assert list(documents_table(page_rows(found)))
    assert list(digits_table(found))


@settings(max_examples=30, deadline=None)
@given(readings)
def test_a_record_is_valid_and_gives_the_same_reading_back(reading):
    content = to_json(reading)
    jsonschema.validate(json.loads(content), schema())
    assert from_json(content) == reading
    assert to_json(from_json(content)) == content


@settings(max_examples=30, deadline=None)
@given(readings)
def test_a_record_cannot_act_on_a_terminal(reading):
    text = to_json(reading).decode("ascii")
    assert text.replace("\n", "").isprintable()


@given(st.binary(min_size=1).map(lambda tail: b"\xff" + tail))
def test_a_name_that_is_not_utf_8_is_shown_escaped_and_kept(raw):
    source = Source(os.fsdecode(raw), 0, "")
    record = json.loads(to_json(DocumentReading(source, (), "", {}, "")))
    assert record["source"]["document"].startswith(r"\xff")
    assert (
        from_json(json.dumps({**record, "pages": []}).encode()).source.document == source.document
    )


def test_the_schema_itself_is_valid():
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b'{"schema_version": 2}', b"\xff", b"[" * 100_000],
)
def test_what_is_no_record_is_refused(content):
    with pytest.raises(RecordError):
        from_json(content)
