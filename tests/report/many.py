"""How fast a report opens: ``python -m tests.report.many --work DIR [--documents 10000]``.

Makes results of that many images with a typed code, writes their report and opens it in Chromium.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from tests.browser import chromium
from tests.review.making import pictures
from zipread.report.write import write_report

_TIMES = (
    "const page = performance.getEntriesByType('navigation')[0];"
    "const paint = performance.getEntriesByName('first-contentful-paint')[0];"
    "return [paint.startTime, page.loadEventEnd]"
)


def main() -> None:
    """Make, write, open, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=10_000)
    asked = parser.parse_args()
    out, path = asked.work / "out", asked.work / "report.html"
    if not out.exists():
        chance = random.Random(1)
        numbers = range(asked.documents)
        names = [f"{i // 100:03}-scan-{i % 100:02}.png" for i in numbers]
        asked.work.mkdir(parents=True, exist_ok=True)
        pictures(asked.work / "inbox", out, names, [f"{chance.randrange(99950):05}" for _ in names])
    start = time.perf_counter()
    written = write_report(out, path, None, lambda *_: None)
    seconds = time.perf_counter() - start
    print(f"{written.pages:,} pages, {written.size / 1e6:.1f} MB, written in {seconds:.0f} s")
    for _ in range(3):
        with chromium() as chrome:
            chrome.get(path.as_uri())
            paint, load = chrome.execute_script(_TIMES)
            print(f"first paint after {paint / 1000:.2f} s, loaded after {load / 1000:.2f} s")


if __name__ == "__main__":
    main()
