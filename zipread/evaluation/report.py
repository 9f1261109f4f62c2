"""The figures in words, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zipread.evaluation.measure import Share
from zipread.evaluation.thresholds import SURENESS
from zipread.names import visible
from zipread.training.evaluate import BINS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zipread.evaluation.measure import Figures
    from zipread.evaluation.thresholds import Suggestion

MOST_MISSES = 20
_SURE = f"{SURENESS:.0%} sure".replace("%", " %")


def as_text(figures: Figures) -> str:
    """All figures."""
    parts = (_head, _fields, _tags, _misses, _advice)
    return "\n".join(line for part in parts for line in part(figures)) + "\n"


def _head(f: Figures) -> Iterator[str]:
    yield f"pages with truth   {f.pages:,}: " + _counts(f.statuses)
    yield f"right              {_of(f.right)}"
    wrong = f"{f.wrong.count} of them wrong"
    if f.accepted.count:
        wrong += f" ({_percent(f.wrong.share, 2)}; {_SURE}: at most {_percent(f.wrong_bound)})"
    yield f"accepted           {_of(f.accepted)}, {wrong}"
    rates = (f"{_percent(rate)} at {_percent(e)} error" for e, rate in f.read_rate.items())
    yield f"read rate          {', '.join(rates)}"
    of = f"{BINS} bins, {f.guesses:,} pages with a guess"
    yield f"calibration error  {f.calibration_error:.3f} ({of})"
    if f.plus4.of:
        yield f"ZIP+4 complete     {_of(f.plus4)}"


def _tags(f: Figures) -> Iterator[str]:
    if f.tags:
        rows = [(visible(t.tag), _of(t.right), _of(t.accepted), str(t.wrong.count)) for t in f.tags]
        yield ""
        yield from _table([("tag", "right", "accepted", "of them wrong"), *rows])


def _fields(f: Figures) -> Iterator[str]:
    if f.fields:
        rows = [(visible(of.name), _of(of.right), _of(of.wrong)) for of in f.fields]
        yield ""
        yield from _table([("further field", "right", "wrong on accepted pages"), *rows])


def _misses(f: Figures) -> Iterator[str]:
    if not f.misses:
        return
    noun = "miss" if len(f.misses) == 1 else "misses"
    yield f"\n{len(f.misses)} {noun}: {_counts(f.causes)}"
    for miss in f.misses[:MOST_MISSES]:
        page = f" page {miss.page}" if miss.page > 1 else ""
        yield (
            f"  {miss.want or '-':9}  read {miss.got or '-':9}  {miss.confidence:.4f}  "
            f"{miss.status:8}  {miss.cause:11}  {visible(miss.file)}{page}"
        )
    if len(f.misses) > MOST_MISSES:
        yield f"  ... and {len(f.misses) - MOST_MISSES} more."


def _advice(f: Figures) -> Iterator[str]:
    yield "\nwhich --accept keeps a wanted error on scans like these"
    head = ("wanted", "--accept", "accepted", "wrong", f"true error at most ({_SURE})", "")
    rows = [(_percent(s.wanted), *_row(s, f.pages)) for s in f.suggestions]
    yield from _table([head, *rows])
    for s in f.suggestions:
        if s.sure:
            share = _percent(s.sure.accepted / f.pages)
            at = f"--accept {s.sure.accept:.4f}, which accepts {share}"
            yield f"To be {_SURE} of {_percent(s.wanted)}: {at}."
    unsure = [f"{s.needed:,} for {_percent(s.wanted)}" for s in f.suggestions if not s.sure]
    if unsure:
        yield f"To be {_SURE} takes more labelled scans. Accepted and all of them right at least:"
        yield f"{', '.join(unsure)}; more if some are wrong."


def _row(suggestion: Suggestion, pages: int) -> tuple[str, str, str, str, str]:
    t = suggestion.seen
    if t is None:
        return "-", "none", "", "", "the surest ones hold more errors than that"
    few = "too few scans to tell" if t.accepted * suggestion.wanted < 1 else ""
    return f"{t.accept:.4f}", _of(Share(t.accepted, pages)), str(t.wrong), _percent(t.bound), few


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows in columns as wide as they need."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:{width}}" for cell, width in zip(row, wide, strict=True))
        yield ("  " + "  ".join(cells)).rstrip()


def _of(share: Share) -> str:
    return f"{share.count} of {share.of} ({_percent(share.share)})"


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def _counts(counts: dict[str, int]) -> str:
    ranked: Sequence[tuple[str, int]] = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{n:,} {what}" for what, n in ranked)
