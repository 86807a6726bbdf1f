"""Times the cases, each beside the empty view and a bare commit, in turns: what disturbs one disturbs all."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import URL

from .cases import SERIES, Case, cases, first_feeds, long_series
from .client import Answer, Client
from .dealing import Dealt
from .lab import Lab
from .load import SCRATCH
from .serve import TELL

WARM_UP = 10


@dataclass
class Line:
    """One row of the table; seconds."""

    name: str
    database: str
    samples: list[float] = field(default_factory=list)
    empty: float = 0  # the empty view's median in the same rounds
    target: float | None = None
    statements: int | None = None

    @property
    def median(self) -> float:
        """In seconds."""
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        """In seconds; with few samples the longest."""
        return sorted(self.samples)[min(len(self.samples) - 1, round(0.95 * len(self.samples)))]

    @property
    def times_empty(self) -> float:
        """As a multiple of the empty view."""
        return self.median / self.empty

    @property
    def is_over(self) -> bool:
        """It takes longer than it should."""
        return self.target is not None and self.median > self.target


def measured(lab: Lab, dealt: list[Dealt], url: URL, *, port: int, empty_port: int, rounds: int) -> list[Line]:
    """All rows for one database. Raises RuntimeError when an answer is not the expected one."""
    database = url.get_backend_name()
    with ExitStack() as stack:
        commit = _bare_commit(url, stack)

        def connect(to: int = port) -> Client:
            return stack.enter_context(closing(Client(to)))

        blank, first = connect(empty_port), first_feeds(lab, connect())
        first_line = Line(first.name, database)
        for _ in lab.feeds:
            first_line.samples.append(_checked(first, first.send()).seconds)
        lines = [Line("empty view", database), Line("bare commit of one row", database), first_line]
        rows = [(case, Line(case.name, database)) for case in cases(lab, dealt, connect)]
        for turn in range(-min(WARM_UP, rounds), rounds):
            for case, line in rows:
                taken = (blank.get("/").seconds, _checked(case, case.send()).seconds)
                if turn >= 0:
                    lines[0].samples.append(taken[0])
                    line.samples.append(taken[1])
            took = _timed(commit)
            if turn >= 0:
                lines[1].samples.append(took)
        last = long_series(lab, connect())
        last_line = Line(last.name, database)
        for _ in range(min(rounds, SERIES)):
            last_line.samples.append(_checked(last, last.send()).seconds)
        rows.append((last, last_line))
        for case, line in rows:
            line.statements = int(_checked(case, case.send(X_Count_Statements="1")).headers[TELL])
    empty, bare = lines[0].median, lines[1].median
    for case, line in rows:
        line.target = case.target(empty, bare)
    lines += [line for _, line in rows]
    for line in lines:
        line.empty = empty
    return lines


def _checked(case: Case, answer: Answer) -> Answer:
    if answer.status != case.status:
        raise RuntimeError(f"{case.name}: {answer.status} instead of {case.status}\n{answer.body.decode()[:4000]}")
    return answer


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _bare_commit(url: URL, stack: ExitStack) -> Callable[[], object]:
    """One row in a transaction of its own, through the same driver and as durable as the application's."""
    insert = f"INSERT INTO {SCRATCH} (said) VALUES ('a row')"  # noqa: S608
    if url.get_backend_name() == "sqlite":
        lite = sqlite3.connect(url.database or "", isolation_level=None)
        stack.callback(lite.close)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=8000"):
            lite.execute(f"PRAGMA {pragma}")

        def one_row() -> None:
            for statement in ("BEGIN IMMEDIATE", insert, "COMMIT"):
                lite.execute(statement)

        return one_row
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    server = stack.enter_context(psycopg.connect(plain, autocommit=True))
    return lambda: server.execute(insert)
