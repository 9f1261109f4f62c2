"""``zipread doctor``: whether this installation is whole and its model reads."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from importlib import import_module, metadata
from typing import TYPE_CHECKING

import typer

from zipread import __version__
from zipread.cli.commands import command_of
from zipread.errors import ExitCode, ZipreadError
from zipread.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OPTIONAL = {"matplotlib": "train"}
"""Packages that only some commands need, and the extra that brings each."""
_NAME = re.compile(r"[\w.-]+")
_LEAST_RIGHT = 0.97


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and if not, what to do."""

    what: str
    detail: str
    ok: bool = True
    advice: str = ""
    needed: bool = True


@command_of()
def command() -> ExitCode:
    """Check this installation, and say what is missing."""
    well = True
    for check in (_program, _packages, _model, _self_test, _blank_page):
        for finding in _safely(check):
            well = well and (finding.ok or not finding.needed)
            _show(finding)
    typer.echo("All is well." if well else "Something is broken: see above for what to do.")
    return ExitCode.OK if well else ExitCode.MODEL


def _show(finding: Finding) -> None:
    mark, colour = ("ok  ", "green") if finding.ok else ("note", "yellow")
    if not finding.ok and finding.needed:
        mark, colour = "BAD ", "red"
    typer.echo(f"{typer.style(mark, fg=colour)}  {finding.what:26}{finding.detail}")
    if finding.advice:
        typer.echo(f"{'':32}{finding.advice}")


def _safely(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A check's findings; what it raises is one as well."""
    try:
        yield from check()
    except ZipreadError as error:
        yield Finding(check.__name__.strip("_").replace("_", " "), str(error), ok=False)
    except Exception as error:
        what = check.__name__.strip("_").replace("_", " ")
        advice = "Install zipread anew in a fresh virtual environment."
        yield Finding(what, repr(error), ok=False, advice=advice)


def _program() -> Iterator[Finding]:
    yield Finding("zipread", __version__)
    yield Finding("Python", f"{platform.python_version()} on {platform.platform()}")


def _packages() -> Iterator[Finding]:
    try:
        requirements = metadata.requires("zipread") or ()
    except metadata.PackageNotFoundError:
        advice = "To install it: python -m pip install -e ."
        yield Finding("packages", "zipread is not installed", False, advice, needed=False)
        return
    names = {_NAME.match(text)[0]: "extra ==" in text for text in requirements}  # type: ignore[index]
    for name, optional in sorted(names.items()):
        if name in _OPTIONAL or not optional:
            yield _package(name)


def _package(name: str) -> Finding:
    try:
        return Finding(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        extra = _OPTIONAL.get(name)
        what = f"zipread[{extra}]" if extra else name
        advice = f"To get it: python -m pip install '{what}'"
        return Finding(name, "not installed", ok=False, advice=advice, needed=extra is None)


def _model() -> Iterator[Finding]:
    from zipread.digit_model import load_model
    from zipread.shipped import identity, models_folder

    model = load_model()
    yield Finding("model", f"{model.name}, SHA-256 {model.identity}")
    yield Finding("model folder", str(models_folder()))
    yield Finding("identity in results", identity(Options()))


def _self_test() -> Iterator[Finding]:
    """Read scikit-learn's Digits. The model has seen digits like these: no measure of quality."""
    from zipread.digit_model import load_model

    digits = import_module("sklearn.datasets").load_digits()
    right = (load_model().predict_proba(digits.data).argmax(axis=1) == digits.target).mean()
    detail = f"{right:.1%} of scikit-learn's {len(digits.data):,} Digits (not held out) read right"
    advice = "The model file is not the one that was shipped: install zipread anew."
    ok = bool(right >= _LEAST_RIGHT)
    yield Finding("self-test: digits", detail, ok=ok, advice="" if ok else advice)


def _blank_page() -> Iterator[Finding]:
    """Take a blank page all the way."""
    import io

    from PIL import Image

    from zipread.engine import Pipeline

    page = io.BytesIO()
    Image.new("L", (1200, 600), 250).save(page, "PNG")
    engine = Pipeline(Options())
    with engine.open(page.getvalue()) as document:
        status = engine.read(document.page(1)).status
    yield Finding("self-test: blank page", str(status), ok=status == "no-zip")
