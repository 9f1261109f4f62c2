import base64
import json
import re
from contextlib import closing
from html import unescape

import pytest
from pypdfium2 import PdfDocument
from typer.testing import CliRunner

from tests.browser import chromium, complaints
from tests.review.making import pictures, put, say, scan
from zipread.cli import app
from zipread.report.write import AT_ONCE, write_report
from zipread.review.apply import apply

PAYLOADS = [
    "<script>document.title='hit'</script>",
    "<img src=x onerror=document.title='hit'>",
    "\"><svg onload=document.title='hit'>",
    "</noscript><script>document.title='hit'</script>",
    "</script><script>document.title='hit'</script>",
    "<!--<script>",
    "{{ 7 * 7 }}",
    "javascript:document.title='hit'",
    "\u202eevil\x1b[31m",
    "&lt;b&gt;",
]


def written(out, **options):
    path = out / "report.html"
    write_report(out, path, None, lambda *_: None, **options)
    return path


@pytest.fixture
def out(tmp_path):
    pictures(tmp_path / "inbox", tmp_path / "out", ["a.png", "b.png"], ["60185", "021345678"])
    return tmp_path / "out"


def test_it_needs_nothing_but_itself(out):
    html = written(out).read_text()
    assert "default-src 'none'" in unescape(html)
    references = re.findall(r'(?:src|href|url|action|srcset)\s*[=(]\s*"?([^" >)]*)', html)
    assert {reference[:16] for reference in references} == {"data:image/webp;"}
    assert not re.search(r"https?:|//[a-z]", re.sub(r"<script.*", "", html, flags=re.DOTALL))
    assert "style=" not in html


def test_it_shows_each_page_with_what_was_read(out):
    html = written(out).read_text()
    for text in ("a.png", "60185", "02134-5678", "90.0&nbsp;%", "review", "10185"):
        assert text in html
    assert html.count("<article") == 2
    assert html.count("<rect class=") >= 14


def test_a_person_and_the_machine_are_told_apart(out):
    sha256 = json.loads((out / "a.png.json").read_bytes())["source"]["sha256"]
    say(out, sha256, zip="10001")
    apply(out)
    html = written(out).read_text()
    assert "accepted by person" in html
    assert "The machine had read 60185" in html


def test_an_image_that_changed_is_not_shown_as_what_was_read(out, tmp_path):
    (tmp_path / "inbox" / "a.png").write_bytes(b"another")
    html = written(out).read_text()
    assert "The image has changed since it was read." in html


def test_images_that_were_moved_are_found_with_source(out, tmp_path):
    (tmp_path / "inbox").rename(tmp_path / "moved")
    run = CliRunner().invoke(app, ["report", str(out)])
    assert "2 without a picture" in run.stderr
    run = CliRunner().invoke(app, ["report", str(out), "--source", str(tmp_path / "moved")])
    assert run.exit_code == 0
    assert "without" not in run.stderr


def test_errors_are_counted_by_kind(tmp_path):
    put(tmp_path / "inbox", "a.pdf", "corrupt")
    put(tmp_path / "inbox", "b.pdf", "10001")
    scan(tmp_path / "inbox", tmp_path / "out")
    html = written(tmp_path / "out").read_text()
    assert re.search(r"<td>corrupt</td><td class=\"number\">1</td>", html)
    assert "It is damaged." in html


def test_a_folder_of_no_results_is_said(tmp_path):
    assert "no results" in str(CliRunner().invoke(app, ["report", str(tmp_path)]).exception)


def test_results_without_a_document_make_a_report(tmp_path):
    pictures(tmp_path / "inbox", tmp_path / "out", [], [])
    assert "0 pages" in written(tmp_path / "out").read_text()


@pytest.mark.slow
class TestInABrowser:
    def test_payloads_in_a_hundred_names_stay_text(self, tmp_path):
        names = [f"{i} {PAYLOADS[i % 10]}.png".replace("/", "\u2215") for i in range(AT_ONCE + 20)]
        names[3] = PAYLOADS[0].replace("</script>", "<\\script>") + ".png"
        pictures(tmp_path / "inbox", tmp_path / "out", names, ["60185"] * len(names))
        path = written(tmp_path / "out")
        with chromium() as chrome:
            chrome.get(path.as_uri())
            assert "hit" not in chrome.title
            shown = [e.text for e in chrome.find_elements("css selector", "article h3")]
            chrome.find_element("id", "next").click()
            shown += [e.text for e in chrome.find_elements("css selector", "article h3")]
            assert len(shown) == len(names)
            assert sum("<img src=x onerror=document.title='hit'>" in text for text in shown) == 12
            assert "hit" not in chrome.title
            assert chrome.find_elements("css selector", "#list script, #list img") == []
            assert complaints(chrome) == []

    def test_search_filter_and_sort(self, tmp_path):
        names = [f"{i:03}.png" for i in range(AT_ONCE + 5)]
        codes = [f"{60000 + i}" for i in range(len(names))]
        pictures(tmp_path / "inbox", tmp_path / "out", names, codes)
        path = written(tmp_path / "out")
        with chromium(width=390) as chrome:
            chrome.get(path.as_uri())

            def first():
                return chrome.find_element("css selector", "article h3").text

            def choose(identity, value):
                chrome.execute_script(
                    "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
                    "e.dispatchEvent(new Event('change'))",
                    identity,
                    value,
                )
                return chrome.find_element("id", "count").text

            assert choose("status", "accepted") == "0 pages"
            assert choose("status", "review") == "105 pages"
            choose("sort", "name")
            assert first() == "000.png"
            chrome.find_element("id", "next").click()
            assert (first(), chrome.find_element("id", "at").text) == ("100.png", "2 / 2")
            chrome.execute_script("search.value = '60104';search.dispatchEvent(new Event('input'))")
            chrome.implicitly_wait(2)
            assert chrome.find_element("xpath", "//output[.='1 page']")
            assert first() == "104.png"
            assert chrome.execute_script("return document.documentElement.scrollWidth") == 390
            assert complaints(chrome) == []

    def test_on_paper_is_all_that_was_found(self, tmp_path):
        names = [f"{i:03}.png" for i in range(AT_ONCE + 5)]
        pictures(tmp_path / "inbox", tmp_path / "out", names, ["60185"] * len(names))
        path = written(tmp_path / "out")
        with chromium() as chrome:
            chrome.get(path.as_uri())
            printed = chrome.execute_cdp_cmd("Page.printToPDF", {})
            with closing(PdfDocument(base64.b64decode(printed["data"]))) as pdf:
                text = "".join(page.get_textpage().get_text_range() for page in pdf)
            assert [name for name in names if name not in text] == []
            assert "Search name" not in text
            assert len(chrome.find_elements("css selector", "#list article")) == AT_ONCE

    def test_all_is_there_with_scripts_off(self, tmp_path):
        names = [f"{i:03}.png" for i in range(AT_ONCE + 5)]
        pictures(tmp_path / "inbox", tmp_path / "out", names, ["60185"] * len(names))
        path = written(tmp_path / "out")
        with chromium(scripts=False) as chrome:
            chrome.get(path.as_uri())
            cards = chrome.find_elements("css selector", "article")
            assert len([card for card in cards if card.is_displayed()]) == len(names)
            assert not chrome.find_element("id", "controls").is_displayed()
