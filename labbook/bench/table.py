"""The one table of a run."""

from __future__ import annotations

from collections.abc import Iterable

from .measure import Line

HEADS = ("row", "database", "median ms", "p95 ms", "× empty", "target ms", "", "statements")


def table(lines: Iterable[Line]) -> str:
    """All rows under their heads, numbers to the right."""
    rows = [HEADS, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) if n in (0, 1, 6) else cell.rjust(width) for n, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in rows)
    )


def _cells(line: Line) -> tuple[str, ...]:
    target = "" if line.target is None else f"{line.target * 1000:.2f}"
    verdict = "" if line.target is None else "over" if line.is_over else "ok"
    statements = "" if line.statements is None else str(line.statements)
    times = (f"{line.median * 1000:.2f}", f"{line.p95 * 1000:.2f}", f"{line.times_empty:.1f}")
    return line.name, line.database, *times, target, verdict, statements
