"""The pictures of ``--debug``: one for every page, and no trace of them in the results."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.faults.engines import Cheap
from tests.faults.scan import cheap_scan
from zipread.debug.watching import picture_path, watched
from zipread.engine import Pipeline
from zipread.errors import UsageProblem
from zipread.options import Options
from zipread.reading import Page, Status

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def engine():
    return Pipeline(Options())


def page_of(name):
    with Image.open(SAMPLES / name) as picture:
        return Page(1, np.asarray(picture))


def seen_by(engine, page, folder, document="a/x.png"):
    reading = watched(engine, document, Options(debug=str(folder))).read(page)
    return reading, picture_path(folder, document, page.number)


def test_a_picture_shows_the_page_and_the_reading_is_as_without(engine, tmp_path):
    page = page_of("envelopes/17-cropped-field.png")
    reading, path = seen_by(engine, page, tmp_path)
    assert reading == engine.read(page)
    assert reading.zip == "62013"
    assert path == tmp_path / "a" / "x.png-1.png"
    with Image.open(path) as picture:
        assert picture.width == 1600


@pytest.mark.parametrize(
    "pixels", [np.full((400, 900), 255, np.uint8), np.zeros((9, 30), np.uint8)]
)
def test_a_page_without_a_candidate_gets_one_too(engine, tmp_path, pixels):
    reading, path = seen_by(engine, Page(3, pixels), tmp_path)
    assert reading.status is Status.NO_ZIP
    assert path.exists()


def test_a_turned_page_is_drawn_as_it_was_read(engine, tmp_path):
    reading, path = seen_by(engine, page_of("awkward/turned.jpg"), tmp_path)
    assert reading.rotation
    assert path.exists()


def test_what_hinders_a_picture_hinders_no_reading(engine, tmp_path, caplog):
    (tmp_path / "a").write_text("in the way")
    page = Page(1, np.full((40, 90), 255, np.uint8))
    reading, _ = seen_by(engine, page, tmp_path)
    assert reading == engine.read(page)
    assert "no picture of a/x.png, page 1" in caplog.text


def test_the_longest_name_fits(tmp_path):
    path = picture_path(tmp_path, "x" * 250 + ".png", 12)
    path.write_bytes(b"")


def test_an_engine_is_watched_only_if_asked_and_able(engine, tmp_path):
    asked = Options(debug=str(tmp_path))
    assert watched(engine, "x.png", replace(asked, debug=None)) is engine
    cheap = Cheap(asked)
    assert watched(cheap, "x.png", asked) is cheap


def test_pictures_do_not_go_among_what_is_scanned(tmp_path):
    with pytest.raises(UsageProblem, match="--debug"):
        cheap_scan(tmp_path, tmp_path / "out", debug=str(tmp_path))


def test_nothing_of_it_is_loaded_when_not_asked():
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from zipread.engine import Pipeline\n"
        "from zipread.intake import Stamp\n"
        "from zipread.options import Options\n"
        "from zipread.worker import Task, perform\n"
        f"path = Path({str(SAMPLES / 'envelopes')!r})\n"
        "name = '17-cropped-field.png'\n"
        "task = Task(str(path), name, name, Stamp.of((path / name).stat()))\n"
        "list(perform(task, Pipeline(Options()), Options()))\n"
        "assert not any(name.startswith('zipread.debug') for name in sys.modules)\n"
    )
    root = str(SAMPLES.parent)
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root)
