"""A headless Chromium for tests; skips, saying why, where there is none."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


@contextmanager
def chromium(*, scripts: bool = True, width: int = 1280, dark: bool = False) -> Iterator[Chrome]:
    """A browser with a window of that width; its console can be read with :func:`complaints`."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver):
        pytest.skip("chromium or chromedriver is not installed: apt-get install chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},900"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        if not scripts:
            setting = "profile.managed_default_content_settings.javascript"
            options.add_experimental_option("prefs", {setting: 2})
        chrome = webdriver.Chrome(options, webdriver.ChromeService(driver))
        try:
            _emulate(chrome, width, dark)
            yield chrome
        finally:
            chrome.quit()


def _emulate(chrome: Chrome, width: int, dark: bool) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


def complaints(chrome: Chrome) -> list[str]:
    """What the browser complained of: errors of scripts, and what the policy refused."""
    return [entry["message"] for entry in chrome.get_log("browser")]


def picture(chrome: Chrome, path: Path, *, whole: bool = False) -> None:
    """A screenshot of the window, or of the whole page."""
    import base64

    shot = chrome.execute_cdp_cmd(
        "Page.captureScreenshot", {"captureBeyondViewport": whole, "format": "png"}
    )
    path.write_bytes(base64.b64decode(shot["data"]))
