"""What other programs read in a feed, after each of ten changes: the same as each other, and what LabBook holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from labbook.core.feeds import Detail, Scope
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.clients.changes import CHANGES, JAPANESE, Bench, held, made, shown
from tests.clients.readers import REPEATING, names, read_by_all, written_back
from tests.conftest import Clock
from tests.core.ical.parsers import Seen, by_icalendar
from tests.feeds.reading import feed

MONDAY = date(2026, 11, 30)


def text_of(app: Flask, path: str) -> str:
    """A feed as a client gets it."""
    answer = Visitor(app).get(path)
    assert answer.status_code == 200, answer.text
    text: str = answer.data.decode()
    return text


@pytest.fixture
def changed(app: Flask, lab: Cast) -> Iterator[str]:
    """Hana's feed after all ten changes."""
    path, bench = feed(lab), Bench(app, MONDAY)
    for change in CHANGES:
        made(bench, change)
    yield text_of(app, path)


@on_sqlite
def test_every_parser_reads_what_labbook_holds_after_each_change(app: Flask, lab: Cast) -> None:
    path, bench = feed(lab), Bench(app, MONDAY)
    assert read_by_all(text_of(app, path)) == []
    for change in CHANGES:
        made(bench, change)
        assert shown(read_by_all(text_of(app, path))) == held(lab.people["hana"]), change.__name__


@on_sqlite
@pytest.mark.usefixtures("changed")
def test_every_kind_of_feed_is_read_alike_by_every_parser(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    for title, start, end in (("Not yours", "09:00", "10:00"), ("Nor this", "10:30", "12:00")):
        assert ben.book("tsukuba-plain", f"2026-12-03T{start}", f"2026-12-03T{end}", title=title).status_code == 303
    assert shown(read_by_all(text_of(app, feed(lab, language="ja")))) == held(lab.people["hana"], "ja")
    site = read_by_all(text_of(app, feed(lab, "sora", Scope.SITE, about="tsukuba")))
    assert {one.summary.partition(" · ")[2] for one in site} >= {JAPANESE, "Not yours", "Nor this"}
    weekly = read_by_all(text_of(app, feed(lab, "alan", Scope.RESOURCE, about="cambridge-scope")))
    assert len([one for one in weekly if "Weekly" in one.summary]) == 29
    taken = read_by_all(text_of(app, feed(lab, "hana", Scope.RESOURCE, Detail.BUSY, about="tsukuba-plain")))
    assert [one[:3] for one in taken] == [("2026-12-02T23:45:00+00:00", "2026-12-03T03:15:00+00:00", "Busy")]


@on_sqlite
@pytest.mark.usefixtures("changed")
def test_a_feed_that_has_become_empty_is_still_a_calendar(app: Flask, lab: Cast, clock: Clock) -> None:
    path = feed(lab)
    clock.now += timedelta(days=400)
    text = text_of(app, path)
    assert read_by_all(text) == []
    assert "BEGIN:VTIMEZONE" in text


def starts_on(found: list[Seen], day: str, word: str) -> list[Seen]:
    return [one for one in found if one.start.startswith(day) and word in one.summary]


@on_sqlite
def test_nine_in_the_morning_stays_nine_and_a_night_of_the_clocks_is_eleven_hours(changed: str) -> None:
    found = read_by_all(changed)
    [winter] = starts_on(found, "2027-03-09", "Weekly")
    [summer] = starts_on(found, "2027-03-16", "Weekly")
    assert (winter.start[11:16], summer.start[11:16]) == ("14:00", "13:00")
    [night] = starts_on(found, "2027-03-14", "Night run")
    assert (night.start, night.end) == ("2027-03-14T01:00:00+00:00", "2027-03-14T12:00:00+00:00")


@on_sqlite
@pytest.mark.parametrize("title", ['A, B; C\\new: "D"', "é 👩‍🔬" * 16, "x" * 110], ids=["escaped", "joined", "long"])
def test_a_title_reads_back_as_it_was_typed(app: Flask, lab: Cast, title: str) -> None:
    """But for node-ical, which takes an escaped backslash before an n for a new line."""
    bench = Bench(app, MONDAY)
    made(bench, lambda bench: bench.hana.book("tsukuba-plain", bench.at(1, "10:00"), bench.at(1, "12:00"), title=title))
    text = text_of(app, feed(lab))
    for name, read in REPEATING.items():
        if name != "node-ical" or "\\" not in title:
            [found] = read(text)
            assert found.summary == f"{title} · Plate reader", name


@on_sqlite
def test_what_is_written_back_has_lost_nothing(changed: str) -> None:
    """ics.py writes the times of a series in UTC, and Home Assistant the names of its dates without their zone."""
    for name, text in written_back(changed).items():
        if name in ("icalendar", "vobject"):
            assert (by_icalendar(text), names(text)) == (by_icalendar(changed), names(changed)), name
        else:
            without = [one[:1] + one[2:] for one in names(changed)]
            assert [one[:1] + one[2:] for one in names(text)] == without, name
