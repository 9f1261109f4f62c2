"""``python -m tests.faults.scan``: like ``zipread scan``, with the cheap engine of the tests."""

from __future__ import annotations

import sys

from tests.faults.engines import IDENTITY
from zipread.batch import scan
from zipread.cli.console import Quiet
from zipread.cli.edge import translated
from zipread.cli.scan import exit_code
from zipread.options import Options
from zipread.remote import located
from zipread.settings import load
from zipread.summary import Summary

CHEAP = "tests.faults.engines:Cheap"


def cheap_scan(inputs, out, observer=None, expected=IDENTITY, **options) -> Summary:
    """A scan in this process."""
    chosen = Options(out=str(out), **({"jobs": 2} | options))
    inputs = inputs if isinstance(inputs, list) else [inputs]
    return scan(
        inputs, chosen, observer or Quiet(), entry=CHEAP, model=lambda o: o.model or expected
    )


def main() -> None:
    folder, out, *pairs = sys.argv[1:]
    flags = dict(pair.split("=") for pair in pairs)
    with translated(sys.argv):
        options = load(
            {}, environment={f"ZIPREAD_{k.upper()}": v for k, v in flags.items()}
        ).options
        values = {f: getattr(options, f) for f in flags}
        summary = cheap_scan(located(folder), out, **values)
        print(summary.documents, summary.up_to_date, flush=True)
        sys.exit(exit_code(summary, options))


if __name__ == "__main__":
    main()
