"""One frozen model of all options. Where they come from is :mod:`zipread.settings`'s matter."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import Any


def _option(default: Any, text: str, *, shapes_result: bool = False) -> Any:
    """A field with its help text; ``shapes_result`` marks what a changed value must re-read for."""
    return field(default=default, metadata={"help": text, "shapes_result": shapes_result})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that can be set for a scan; each field is a flag, a TOML key and a variable."""

    accept: float | None = _option(
        None, "accept a ZIP from this confidence on (overrides max_error)", shapes_result=True
    )
    max_error: float = _option(
        0.005, "share of accepted ZIPs that may be wrong; sets the threshold", shapes_result=True
    )
    directory: bool = _option(
        True, "use the ZIP directory as a prior (off: any five digits alike)", shapes_result=True
    )
    layout: str | None = _option(
        None, "TOML file that names fields by their place on the page", shapes_result=True
    )
    max_megapixels: float = _option(50.0, "largest page, in megapixels", shapes_result=True)
    max_side: int = _option(16_384, "longest side of a page, in pixels", shapes_result=True)
    max_megabytes: float = _option(64.0, "largest file, in megabytes", shapes_result=True)
    max_pages: int = _option(500, "most pages of a document", shapes_result=True)
    pdf_dpi: int = _option(
        300, "resolution that a PDF page without a single scan is drawn at", shapes_result=True
    )

    def shaping(self) -> dict[str, object]:
        """The options that shape a result, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.metadata["shapes_result"]}

    def fingerprint(self) -> str:
        """SHA-256 in hex over what shapes a result: a change means reading again."""
        text = json.dumps(self.shaping(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()
