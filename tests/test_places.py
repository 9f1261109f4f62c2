from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zipread.places import CSV, JSON, TABLE, place
from zipread.storage import STATE

awkward = ["a", "a.png", "a.png.json", "a.png.json~", "a.png.csv", "documents", "documents~"]
awkward += [STATE, f"{STATE}~", TABLE, "lock", "x" * 255, "x" * 254 + "y", "\udcff", "é" * 127]
made_up = st.text("ab.~", min_size=1, max_size=4).filter(lambda part: part not in (".", ".."))
parts = st.sampled_from(awkward) | made_up
documents = st.lists(parts, min_size=1, max_size=3).map("/".join)


def files(document):
    base = str(place(document))
    return {base + JSON, base + CSV}


def folders(document):
    return {str(parent) for parent in PurePosixPath(place(document)).parents} - {"."}


@given(documents, documents)
def test_no_two_documents_share_a_place_or_stand_in_each_others_way(one, other):
    if one != other:
        assert not files(one) & files(other)
    assert not files(one) & folders(other)
    assert not {TABLE, STATE} & (files(one) | folders(one))


@given(documents)
def test_every_place_is_below_and_short_enough(document):
    base = place(document)
    assert not base.is_absolute()
    assert ".." not in base.parts
    assert all(len(part.encode("utf-8", "surrogateescape")) <= 250 for part in base.parts)


def test_a_usual_name_is_kept_whole():
    assert str(place("a/x.png")) == "a/x.png"


def test_a_path_that_leaves_no_room_for_the_results_folder_is_hashed():
    assert len(str(place("/".join(["d" * 200] * 20)))) < 260


@pytest.mark.parametrize("path", ["../x", "/x", "a//x", "a/../../x", "", ".", "a/", "a/\0"])
def test_a_path_that_leads_elsewhere_is_refused(path):
    with pytest.raises(ValueError, match="not a path below"):
        place(path)
