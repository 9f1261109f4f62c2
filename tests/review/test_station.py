"""The station as it is used: a real process, a real browser, keys typed, the disk looked at."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser import chromium, complaints
from tests.results import table
from tests.review.asking import ask, station
from tests.review.making import blank, number, pictures, say
from zipread.decisions import DECISIONS, read
from zipread.review.apply import apply

CODES = ["60185", "10001", "94103", "02134", "33109", "98101"]


@pytest.fixture
def out(tmp_path):
    names = [f"{letter}.png" for letter in "abcdef"]
    pictures(tmp_path / "inbox", tmp_path / "out", names, CODES)
    return tmp_path / "out"


def keys(chrome, text):
    from selenium.webdriver.common.keys import Keys

    chrome.switch_to.active_element.send_keys(text.replace("\n", Keys.ENTER))


def wait(look, seconds=10.0):
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def opened(chrome, address):
    chrome.get(address)
    wait(lambda: name(chrome) or shown(chrome, "done"))


def name(chrome):
    return chrome.find_element("id", "name").text


def shown(chrome, identity):
    return chrome.find_element("id", identity).is_displayed()


def said(out):
    return [(d.who, d.document, str(d.action), d.zip + d.zip4) for d in read(out).decisions]


@pytest.mark.slow
class TestInABrowser:
    def test_keys_end_up_on_disk_and_then_in_the_results(self, out):
        with station(out, "--who", "anna") as (process, address), chromium() as chrome:
            opened(chrome, address)
            for key, following in (
                ("60185\n", "b.png"),
                ("a", "c.png"),
                ("n", "d.png"),
                ("i", "e.png"),
                ("s", "f.png"),
                ("981011234\n", ""),
            ):
                keys(chrome, key)
                wait(lambda f=following: name(chrome) == f or (not f and shown(chrome, "done")))
            assert complaints(chrome) == []
            process.send_signal(signal.SIGINT)
            process.wait(10)
            assert "5 documents in" in process.stderr.read()
        assert said(out) == [
            ("anna", "a.png", "zip", "60185"),
            ("anna", "b.png", "zip", "10001"),
            ("anna", "c.png", "no-zip", ""),
            ("anna", "d.png", "illegible", ""),
            ("anna", "e.png", "skip", ""),
            ("anna", "f.png", "zip", "981011234"),
        ]
        rows = table(out)
        assert [rows[f"{letter}.png", "1"]["by"] for letter in "abcdef"] == [
            *["person"] * 4,
            "machine",
            "person",
        ]

    def test_undo_takes_back_and_back_lets_one_change_it(self, out):
        with station(out) as (_, address), chromium() as chrome:
            opened(chrome, address)
            keys(chrome, "a")
            wait(lambda: name(chrome) == "b.png")
            keys(chrome, "u")
            wait(lambda: name(chrome) == "a.png")
            assert read(out).standing() == ()
            keys(chrome, "a")
            wait(lambda: name(chrome) == "b.png")
            keys(chrome, "b")
            wait(lambda: name(chrome) == "a.png")
            assert "You said 60185" in chrome.find_element("id", "guess").text
            keys(chrome, "10001\n")
            wait(lambda: name(chrome) == "b.png")
        assert [d.zip for d in read(out).standing()] == ["60185", "10001"]

    def test_four_digits_and_an_unknown_zip_are_asked_about(self, out):
        with station(out) as (_, address), chromium() as chrome:
            opened(chrome, address)
            keys(chrome, "1234\n")
            wait(lambda: "five digits" in chrome.find_element("id", "notice").text)
            keys(chrome, "\b" * 4 + "00000\n")
            wait(lambda: "no ZIP 00000" in chrome.find_element("id", "notice").text)
            assert said(out) == []
            keys(chrome, "\n")
            wait(lambda: name(chrome) == "b.png")
        assert said(out)[0][3] == "00000"

    def test_a_kill_loses_at_most_what_is_on_screen(self, out):
        with station(out) as (process, address), chromium() as chrome:
            opened(chrome, address)
            keys(chrome, "a")
            wait(lambda: name(chrome) == "b.png")
            keys(chrome, "100")
            process.kill()
            process.wait()
            keys(chrome, "01\n")
            wait(lambda: "has stopped" in chrome.find_element("id", "notice").text)
        with (out / DECISIONS).open("a") as file:
            file.write('{"id": "torn')
        with station(out) as (_, address), chromium() as chrome:
            opened(chrome, address)
            assert name(chrome) == "b.png"
            keys(chrome, "a")
            wait(lambda: name(chrome) == "c.png")
        assert [d.document for d in read(out).standing()] == ["a.png", "b.png"]
        assert read(out).torn == 1

    def test_two_people_never_have_the_same_page(self, out):
        with (
            station(out) as (_, address),
            chromium() as anna,
            chromium(width=390) as ben,
        ):
            seen = []
            for chrome in (anna, ben):
                opened(chrome, address)
            while not (shown(anna, "done") or shown(ben, "done")):
                assert name(anna) != name(ben)
                for chrome in (anna, ben):
                    before = name(chrome)
                    seen.append(before)
                    keys(chrome, "a")
                    wait(lambda c=chrome, b=before: name(c) != b or shown(c, "done"))
        assert sorted(seen) == [f"{letter}.png" for letter in "abcdef"]

    def test_double_keying_hides_the_guess_and_needs_two(self, out):
        with station(out, "--double", "--who", "anna") as (_, address), chromium() as chrome:
            opened(chrome, address)
            assert "60185" not in chrome.find_element("tag name", "body").text
            keys(chrome, "a")  # nothing to accept
            keys(chrome, "60185\n")
            wait(lambda: name(chrome) == "b.png")
            assert "6 of 6 left" in chrome.find_element("id", "left").text
            chrome.execute_script(
                "who.value = 'ben'; who.dispatchEvent(new Event('change')); code.focus()"
            )
            wait(lambda: name(chrome) == "a.png")
            keys(chrome, "60185\n")
            wait(lambda: "5 of 6 left" in chrome.find_element("id", "left").text)

    def test_where_no_field_was_found_the_page_is_large(self, tmp_path):
        from zipread.reading import Status

        blank(tmp_path / "inbox", tmp_path / "out", Status.NO_ZIP)
        with station(tmp_path / "out", "--status", "no-zip") as (_, address), chromium() as chrome:
            opened(chrome, address)
            image = chrome.find_element("css selector", "#field image")
            assert "/field" in str(image.get_attribute("href"))
            assert "No ZIP was found" in chrome.find_element("id", "guess").text
            keys(chrome, "n")
            wait(lambda: shown(chrome, "done"))
            assert complaints(chrome) == []
        assert said(tmp_path / "out")[0][2] == "no-zip"

    def test_names_are_text(self, tmp_path):
        names = [f"<img src=x onerror=document.title='hit'>{i}.png" for i in range(2)]
        pictures(tmp_path / "inbox", tmp_path / "out", names, CODES[:2])
        with station(tmp_path / "out") as (_, address), chromium() as chrome:
            opened(chrome, address)
            assert name(chrome) == names[0]
            assert chrome.title == "zipread review"
            assert complaints(chrome) == []

    def test_it_fits_a_narrow_window(self, out):
        with station(out) as (_, address), chromium(width=390, dark=True) as chrome:
            opened(chrome, address)
            assert chrome.execute_script("return document.documentElement.scrollWidth") == 390


class TestTheGate:
    def test_who_comes_in(self, out):
        with station(out) as (_, address):
            parts = urlsplit(address)
            own = f"http://{parts.netloc}"
            token = parts.path.strip("/")
            post = {"method": "POST", "path": f"{parts.path}do/next", "body": '{"seat": "s"}'}
            as_json = {"content_type": "application/json"}
            assert ask(address)[0] == 200
            assert ask(address, "/")[0] == 403
            assert ask(address, f"/{token[:-1]}/")[0] == 403
            assert ask(address, f"/{token}")[0] == 403
            assert ask(address, "/station.js")[0] == 403
            assert ask(address, host="evil.example")[0] == 403
            assert ask(address, host=f"evil.example:{parts.port}")[0] == 403
            assert ask(address, origin="http://evil.example")[0] == 403
            assert ask(address, origin="null")[0] == 403
            assert ask(address, **post, **as_json)[0] == 403  # no origin
            assert ask(address, **post, **as_json, origin="http://evil.example")[0] == 403
            assert ask(address, **post, origin=own)[0] == 415  # a form of another page could
            assert ask(address, **post, **as_json, origin=own)[0] == 200
            assert read(out).decisions == ()

    def test_odd_requests_change_nothing(self, out):
        with station(out) as (_, address):
            parts = urlsplit(address)
            headers = {
                "content_type": "application/json",
                "origin": f"http://{parts.netloc}",
            }
            decide = f"{parts.path}do/decide"
            good = {"seat": "s", "item": 0, "action": "zip", "code": "60185"}
            for change in (
                {"item": 99},
                {"item": -1},
                {"item": "x"},
                {"action": "undo"},
                {"action": "fly"},
                {"code": "\u0661" * 5},
                {"code": None},
                {"who": "  "},
            ):
                body = json.dumps(good | change)
                assert ask(address, decide, "POST", body, **headers)[0] in (400, 409), change
            for body in ("", "[]", "7", "{" * 3000, "x" * 9999):
                assert ask(address, decide, "POST", body, **headers)[0] in (400, 415), body[:9]
            assert ask(address, f"{parts.path}do/fly", "POST", '{"seat": "s"}', **headers)[0] == 400
            for number in ("99", "-1", "x"):
                assert ask(address, f"{parts.path}picture/{number}/field")[0] == 404
            assert ask(address, f"{parts.path}station.py")[0] == 404
            assert read(out).decisions == ()

    def test_a_second_station_is_refused(self, out):
        with station(out):
            done = subprocess.run(
                [sys.executable, "-m", "zipread", "review", str(out), "--no-open"],
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 7
        assert "at another station already" in done.stderr

    def test_it_listens_on_loopback_only(self, out):
        with station(out) as (process, address):
            assert urlsplit(address).hostname == "127.0.0.1"
            port = f":{urlsplit(address).port:04X}"
            with Path(f"/proc/{process.pid}/net/tcp").open() as sockets:
                listening = [line.split()[1] for line in sockets if line.split()[3] == "0A"]
            assert [s for s in listening if s.endswith(port)] == [f"0100007F{port}"]


def test_what_people_settled_before_is_not_asked_again(out):
    sha256 = json.loads((out / "a.png.json").read_bytes())["source"]["sha256"]
    say(out, sha256, document="a.png")
    with station(out) as (_, address):
        parts = urlsplit(address)
        headers = {"content_type": "application/json", "origin": f"http://{parts.netloc}"}
        _, text = ask(address, f"{parts.path}do/next", "POST", '{"seat": "s"}', **headers)
    state = json.loads(text)
    assert (state["item"]["document"], state["left"], state["total"]) == ("b.png", 5, 6)


def test_where_nothing_waits_it_says_so(out):
    done = subprocess.run(
        [sys.executable, "-m", "zipread", "review", str(out), "--no-open", "--status", "error"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "no page has the status error" in done.stderr


def test_people_who_disagree_are_asked_again_and_then_a_third(out):
    with station(out, "--double") as (_, address):
        parts = urlsplit(address)
        headers = {"content_type": "application/json", "origin": f"http://{parts.netloc}"}

        def do(who, verb, **more):
            body = json.dumps({"seat": who, "who": who, **more})
            status, text = ask(address, f"{parts.path}do/{verb}", "POST", body, **headers)
            assert status == 200, text
            return json.loads(text)

        def key_all(who, code):
            state, shown = do(who, "next"), []
            while state["item"]:
                shown.append((state["item"]["document"], state["item"]["disputed"]))
                said = {"action": "zip", "code": code(state["item"]["number"])}
                state = do(who, "decide", item=state["item"]["number"], **said, sure=True)
            return shown, state["left"]

        pages = [f"{letter}.png" for letter in "abcdef"]
        assert key_all("anna", lambda n: CODES[n]) == ([(page, False) for page in pages], 6)
        wrong_at_first = iter(["10001", *CODES[1:], CODES[0]])
        shown, left = key_all("ben", lambda _: next(wrong_at_first))
        assert shown == [*((page, False) for page in pages), ("a.png", True)]
        assert left == 0
    assert [d.zip for d in read(out).standing() if d.document == "a.png"][-1] == CODES[0]


def test_a_number_that_is_no_zip_is_keyed_as_it_is(tmp_path):
    number(tmp_path / "inbox", tmp_path / "out", "5551234567")
    with station(tmp_path / "out") as (_, address):
        parts = urlsplit(address)
        headers = {"content_type": "application/json", "origin": f"http://{parts.netloc}"}

        def decide(code):
            body = json.dumps({"seat": "s", "item": 0, "action": "zip", "code": code})
            return ask(address, f"{parts.path}do/decide", "POST", body, **headers)

        for wrong in ("", "555x", "1" * 16):
            assert decide(wrong)[0] == 409
        assert decide("5551234568")[0] == 200
    assert said(tmp_path / "out")[0][3] == "5551234568"
    apply(tmp_path / "out")
    assert table(tmp_path / "out")["a.png", "1"]["zip"] == "5551234568"
