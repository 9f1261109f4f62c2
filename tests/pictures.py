"""The README's pictures, of real output: ``python -m tests.pictures`` writes samples/pictures/."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.browser import chromium, picture
from tests.review.asking import station

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "samples" / "pictures"
SHOWN = "12-two-pages.tif"


def zipread(*arguments: object) -> None:
    command = [sys.executable, "-m", "zipread", *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        results = Path(work) / "results"
        zipread("scan", "samples/envelopes", "samples/awkward", "--out", results, "--report")
        zipread("show", results / f"{SHOWN}.json", "--page", 2, "--picture", PICTURES / "show.png")
        with chromium(width=1200) as chrome:
            chrome.get((results / "report.html").as_uri())
            shot(chrome, "report.png", 880)
        with station(results, "--who", "anna") as (_, address), chromium(width=1200) as chrome:
            chrome.implicitly_wait(10)
            chrome.get(address)
            chrome.find_element("css selector", "#field image")
            time.sleep(1)  # until both pictures are drawn
            guess = "".join(b.text for b in chrome.find_elements("css selector", "#guess b"))
            chrome.find_element("id", "code").send_keys(guess[:3])
            shot(chrome, "review.png", 600)
    for path in PICTURES.glob("*.png"):
        with Image.open(path) as image:
            image.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE).save(path, optimize=True)


def shot(chrome: Chrome, name: str, height: int) -> None:
    size = {"width": 1200, "height": height, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    picture(chrome, PICTURES / name)


if __name__ == "__main__":
    main()
