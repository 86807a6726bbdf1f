"""The one table of a run."""

from __future__ import annotations

from collections.abc import Iterable

from .feeds import Figure
from .measure import Line

HEADS = ("row", "database", "median ms", "p95 ms", "× empty", "target ms", "", "statements")
HEADS_OF_FEEDS = ("row", "database", "", "", "bound", "")


def table(lines: Iterable[Line]) -> str:
    """All rows under their heads, numbers to the right."""
    return _table([HEADS, *(_cells(line) for line in lines)], to_the_left=(0, 1, 6))


def table_of_feeds(figures: Iterable[Figure]) -> str:
    """The same for feeds."""
    return _table([HEADS_OF_FEEDS, *(_cells_of_feed(figure) for figure in figures)], to_the_left=(0, 1, 3, 5))


def _table(rows: list[tuple[str, ...]], *, to_the_left: tuple[int, ...]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n in to_the_left else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _cells_of_feed(figure: Figure) -> tuple[str, ...]:
    bounds = (("≤", figure.at_most), ("≥", figure.at_least))
    bound = " ".join(f"{sign} {value:g}" for sign, value in bounds if value is not None)
    verdict = {True: "ok", False: "missed", None: ""}[figure.is_met]
    return figure.name, figure.database, f"{figure.value:.1f}", figure.unit, bound, verdict


def _cells(line: Line) -> tuple[str, ...]:
    target = "" if line.target is None else f"{line.target * 1000:.2f}"
    verdict = "" if line.target is None else "over" if line.is_over else "ok"
    statements = "" if line.statements is None else str(line.statements)
    times = (f"{line.median * 1000:.2f}", f"{line.p95 * 1000:.2f}", f"{line.times_empty:.1f}")
    return line.name, line.database, *times, target, verdict, statements
