"""The whole loop on labelled scans: scan, key what was rejected, apply, train with it, compare.

``python -m tests.review.loop [FOLDER] --work DIR`` runs it through the command line and the review
station, a script typing what FOLDER/truth.csv says. Without FOLDER it composes envelopes first.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.results import table
from tests.review.asking import ask, station
from zipread.evaluation.truth import load_truth

ROOT = Path(__file__).parents[2]
QUICK = """\
name = "quick"
seed = 1
[data]
digits = 4
[negatives]
halves = 800
touching = 800
marks = 600
typed_letters = 800
[estimator]
hidden = [100]
epochs = [[8, 1e-3], [3, 2e-4]]
"""
"""A recipe that needs no data and half a minute; it makes no good model."""


@dataclass(frozen=True)
class Outcome:
    """What the loop came to: pages waiting, keyed, said by person in the table; the comparison."""

    waiting: int
    keyed: int
    by_person: int
    said: str
    figures: dict[str, object]


def zipread(*arguments: object, module: str = "zipread") -> str:
    """Run a command; what it wrote to stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode in (0, 3), done.stdout
    return done.stdout


def composed(folder: Path, count: int) -> Path:
    """Envelopes with their truth, of scikit-learn's Digits."""
    zipread(folder, "--count", count, "--seed", 6, module="zipread.compose")
    return folder


def key(results: Path, truth: Path, most: int) -> int:
    """Key pages at the station as the truth says; how many were."""
    zips = {each.file: each.zip for each in load_truth(truth)}
    with station(results, "--who", "script") as (process, address):
        path = urlsplit(address).path
        origin = f"http://{urlsplit(address).netloc}"
        headers = {"content_type": "application/json", "origin": origin}

        def do(verb: str, **more: object) -> dict[str, dict[str, object]]:
            body = json.dumps({"seat": "loop", **more})
            status, text = ask(address, f"{path}do/{verb}", "POST", body, **headers)
            assert status == 200, text
            answer: dict[str, dict[str, object]] = json.loads(text)
            return answer

        state, keyed = do("next"), 0
        while (item := state["item"]) and keyed < most:
            code = zips[Path(str(item["document"])).name]
            said = {"action": "zip", "code": code, "sure": True} if code else {"action": "no-zip"}
            state, keyed = do("decide", item=item["number"], **said), keyed + 1
        process.send_signal(signal.SIGINT)
        process.wait(60)
    return keyed


def loop(folder: Path, work: Path, recipe: str, most: int = 30, *more: object) -> Outcome:
    """Go round once; ``more`` are arguments of ``zipread train``."""
    results, truth, figures = work / "results", folder / "truth.csv", work / "figures.json"
    zipread("scan", folder, "--out", results)
    waiting = sum(row["status"] == "review" for row in table(results).values())
    keyed = key(results, truth, most)
    assert "0 documents rewritten" in zipread("apply", results)  # the station did it
    zipread("scan", folder, "--out", results, "--again")  # which a rescan leaves so
    by_person = sum(row["by"] == "person" for row in table(results).values())
    train = ("train", "--recipe", recipe, "--cache", work / "prepared", *more)
    print(zipread(*train, "--out", work / "without").splitlines()[-1])
    print(zipread(*train, "--out", work / "with", "--with-corrections", results).splitlines()[-1])
    sides = (work / "without", work / "with", "--truth", truth, "--not-keyed-in", results)
    said = zipread("compare", *sides, "--out", work / "compared", "--json", figures)
    return Outcome(waiting, keyed, by_person, said, json.loads(figures.read_text()))


def main() -> None:
    """Go round and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="labelled scans with a truth.csv")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--recipe", help="of `zipread train` (default: a quick one)")
    parser.add_argument("--data", type=Path, help="folder of data sets for the recipe")
    parser.add_argument("--keyed", type=int, default=30)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    quick = asked.work / "quick.toml"
    quick.write_text(QUICK)
    folder = asked.folder or composed(asked.work / "composed", 60)
    more = ("--data", asked.data) if asked.data else ()
    outcome = loop(folder, asked.work, asked.recipe or str(quick), asked.keyed, *more)
    print(f"{outcome.waiting} to review, {outcome.keyed} keyed, {outcome.by_person} by person")
    print(outcome.said)


if __name__ == "__main__":
    main()
