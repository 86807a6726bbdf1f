"""Feeds: what an unchanged one costs, and how far a large one is from a file and from the icalendar library."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ..core.lifecycle import State
from .client import Answer, Client
from .dealing import Dealt
from .lab import Lab
from .rates import Poll

POLLED_SECONDS, MOST_BUILT = 0.2, 3  # each time; how often a feed is built by icalendar
FILE_TIMES = {"sqlite": 6, "postgresql": 10}
_MS = 1000


@dataclass(frozen=True)
class Figure:
    """One row of the table of feeds, with the most or the least that it may be."""

    name: str
    database: str
    value: float
    unit: str = "ms"
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether it is as it should be; None when nothing is asked of it."""
        if self.at_most is None and self.at_least is None:
            return None
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )


@dataclass(frozen=True)
class Served:
    """Where what is measured is served: the application, and the empty one with a folder of files."""

    database: str
    port: int
    empty_port: int
    folder: Path


def feeds(lab: Lab, dealt: list[Dealt], served: Served, *, rounds: int) -> list[Figure]:
    """All rows for one database. Raises RuntimeError when an answer is not the expected one."""
    with ExitStack() as stack:

        def connect(port: int = served.port) -> Client:
            return stack.enter_context(closing(Client(port)))

        figures = [*_of_large(lab, dealt, served, connect, rounds), *_of_others(lab, served, connect, rounds)]
        return [*_polled(lab, served, stack, connect(), rounds), *figures]


def _of_large(
    lab: Lab, dealt: list[Dealt], served: Served, connect: Callable[..., Client], rounds: int
) -> Iterator[Figure]:
    """The largest feed beside the same bytes as a file, beside the same built at request time, and after a change."""
    path, reader, files, owner = f"/feeds/{lab.large}/bench.ics", connect(), connect(served.empty_port), connect()
    first = _ok(reader.get(path))
    entries = first.body.count(b"BEGIN:VEVENT")
    (served.folder / "feed.ics").write_bytes(first.body)
    owner.sign_in("follower", f"/resources/{lab.resources[0].slug}/book")
    to_cancel = _cancellable(lab, dealt)
    whole, filed, after, built = [], [], [], []
    for turn in range(rounds):
        _expect(owner.post(*next(to_cancel)), 303)
        after.append(_ok(reader.get(path)))
        whole.append(_ok(reader.get(path)))
        filed.append(_ok(files.get("/files/feed.ics")))
        if turn < MOST_BUILT:
            built.append(_ok(connect().get(f"/bench/built/{lab.large}")))
    if built[-1].body.count(b"BEGIN:VEVENT") != entries:
        raise RuntimeError("what icalendar builds is another feed")
    full, file, built_ms = _ms(whole), _ms(filed), _ms(built)
    name, size = f"feed of {entries} entries", len(whole[-1].body) / 1e6
    yield Figure(f"{name}, {size:.1f} MB, first time", served.database, first.seconds * _MS)
    yield Figure(name, served.database, full)
    yield Figure("the same bytes, from a file", served.database, file)
    yield Figure("  feed ÷ file", served.database, full / file, "times", at_most=FILE_TIMES[served.database])
    yield Figure("the same, built by icalendar", served.database, built_ms)
    yield Figure("  built ÷ feed", served.database, built_ms / full, "times", at_least=40)
    yield Figure("  after a change, in addition", served.database, _ms(after) - full, at_most=5)


def _of_others(lab: Lab, served: Served, connect: Callable[..., Client], rounds: int) -> Iterator[Figure]:
    """A feed of series, and one of busy times."""
    reader = connect()
    for what, token in (("series", lab.repeating), ("busy times", lab.busy)):
        path = f"/feeds/{token}/bench.ics"
        first = _ok(reader.get(path))
        entries = first.body.count(b"BEGIN:VEVENT")
        whole = [_ok(reader.get(path)) for _ in range(rounds)]
        yield Figure(f"feed of {what}, {entries} components, first time", served.database, first.seconds * _MS)
        yield Figure(f"feed of {what}", served.database, _ms(whole))


def _polled(lab: Lab, served: Served, stack: ExitStack, reader: Client, rounds: int) -> Iterator[Figure]:
    """Unchanged feeds as shares of an empty view, in turns."""
    empty = Poll(stack, served.empty_port, "/", 200)
    for name, token in (("largest feed", lab.large), ("feed of an area", lab.busy)):
        path = f"/feeds/{token}/bench.ics"
        feed = Poll(stack, served.port, path, 304, If_None_Match=_ok(reader.get(path)).headers["ETag"])
        rates = [(empty.per_second(POLLED_SECONDS), feed.per_second(POLLED_SECONDS)) for _ in range(rounds)]
        of_empty, of_feed = (statistics.median(one) for one in zip(*rates, strict=True))
        share = statistics.median(polled / blank for blank, polled in rates)
        yield Figure("an empty view", served.database, of_empty, "per s")
        yield Figure(f"{name}, unchanged (304)", served.database, of_feed, "per s")
        bound = 60 if token == lab.large else None
        yield Figure("  of the empty view", served.database, share * 100, "%", at_least=bound)


def _cancellable(lab: Lab, dealt: list[Dealt]) -> Iterator[tuple[str, dict[str, str]]]:
    """The follower's bookings to come, each to be cancelled once: its calendar keeps that for 30 days."""
    for one in dealt:
        is_to_come = one.state is State.APPROVED and one.time.start > lab.now + timedelta(days=30)
        if is_to_come and (one.person_id, one.partner_id) == lab.follower:
            yield f"/bookings/{one.key}/cancel", {"version": str(one.version), "reason": "", "seen": ""}


def _ok(answer: Answer) -> Answer:
    return _expect(answer, 200)


def _expect(answer: Answer, status: int) -> Answer:
    if answer.status != status:
        raise RuntimeError(f"{answer.status} instead of {status}\n{answer.body.decode()[:4000]}")
    return answer


def _ms(answers: list[Answer]) -> float:
    return statistics.median(answer.seconds for answer in answers) * _MS
