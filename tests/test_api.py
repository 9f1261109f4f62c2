import io
import os
import shutil
import subprocess
import sys

import pytest
from PIL import Image

import zipread
from tests.faults.engines import Cheap
from zipread.engine import Pipeline, engine_of
from zipread.options import Options
from zipread.shipped import DIGITS, identity, models_folder


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-10001\nbad\nbug\n10004")
    return path


def test_a_document_is_read_page_by_page(text):
    reading = zipread.read_document(text, engine=Cheap(Options()))
    assert [page.page for page in reading.pages] == [1, 2, 3, 4]
    assert [page.zip for page in reading.pages] == ["10001", "", "", "10004"]
    assert [page.error_kind for page in reading.pages] == ["", "corrupt", "internal", ""]
    assert reading.source.document == "a.pdf"
    assert reading.source.size == text.stat().st_size
    assert all(page.seconds >= 0 for page in reading.pages)


def test_a_link_that_is_named_is_followed(text, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(text)
    assert zipread.read_document(str(link), engine=Cheap(Options())).pages[0].zip == "10001"


def test_a_document_that_cannot_be_opened_is_an_error(text):
    text.write_bytes(b"%PDF-corrupt")
    with pytest.raises(zipread.DocumentError) as caught:
        zipread.read_document(text, engine=Cheap(Options()))
    assert caught.value.kind is zipread.ErrorKind.CORRUPT


def test_what_is_not_there_is_an_input_problem(tmp_path):
    with pytest.raises(zipread.InputProblem, match="nowhere"):
        zipread.read_document(tmp_path / "nowhere")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(zipread.InputProblem):
        zipread.read_document(loop)


def test_nothing_but_a_regular_file_is_opened(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, "/dev/zero"):
        with pytest.raises(zipread.DocumentError, match="regular file") as caught:
            zipread.read_document(path)
        assert caught.value.kind is zipread.ErrorKind.UNREADABLE


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(zipread.DocumentError, match="MB allowed") as caught:
        zipread.read_document(path)
    assert caught.value.kind is zipread.ErrorKind.TOO_LARGE


def test_the_whole_way_with_the_model_that_is_shipped(tmp_path):
    content = io.BytesIO()
    Image.new("L", (300, 200), 255).save(content, "PNG")
    path = tmp_path / "blank.png"
    path.write_bytes(content.getvalue())
    reading = zipread.read_document(path)
    assert [page.status for page in reading.pages] == [zipread.Status.NO_ZIP]
    assert reading.model == identity(Options()) == Pipeline(Options()).identity
    assert reading.version == zipread.__version__
    assert zipread.read_document(path).pages[0].timed(0) == reading.pages[0].timed(0)


def test_what_is_loaded_stays_until_its_files_change(tmp_path):
    model, options = tmp_path / "digits.skops", Options(model=str(tmp_path / "digits.skops"))
    shutil.copy(models_folder() / DIGITS, model)
    first = engine_of(options)
    assert engine_of(Options(model=str(model))) is first
    shutil.copy(models_folder() / DIGITS, model)  # as when trained anew
    assert engine_of(options) is not first
    model.write_bytes(b"")
    with pytest.raises(zipread.ModelRefused):
        engine_of(options)


def test_everything_public_is_there():
    for name in zipread.__all__:
        assert getattr(zipread, name) is not None
    assert set(zipread.__all__) <= set(dir(zipread))
    with pytest.raises(AttributeError):
        _ = zipread.nothing


def test_a_bug_of_a_page_is_logged_with_its_traceback(text, caplog):
    zipread.read_document(text, engine=Cheap(Options()))
    assert "ZeroDivisionError" in caplog.text


def test_the_workers_engine_uses_one_thread():
    script = (
        "import os; from zipread.workers import _THREADS\n"
        "os.environ.update(dict.fromkeys(_THREADS, '1'))\n"
        "import cv2; print(cv2.getNumThreads())"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=-1, text=True, check=True)
    assert done.stdout.strip() == "1"
