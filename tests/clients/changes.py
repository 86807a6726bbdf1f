"""Ten changes that a subscriber's calendar goes through, and what LabBook itself holds after each of them.

Days are counted from a Monday to come, so that the changes can be made under a test's clock and under the real one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.bookings.queries import booking_rows
from labbook.core.disclosure import BookingRow
from labbook.core.lifecycle import State
from labbook.db import db
from labbook.models import Booking, Request, Resource, Site, Unit
from tests.browsing import Visitor
from tests.core.ical.parsers import Seen, seen

TOKYO, BOSTON = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
JAPANESE = "共焦点：細胞（第２群）、🔬👩‍🔬 長い題名" + "の観察" * 12  # several lines long
_WORDS = {
    "en": {State.WAITING: "[PENDING] ", **dict.fromkeys((State.CANCELLED, State.WITHDRAWN), "[CANCELLED] ")},
    "ja": {State.WAITING: "【承認待ち】", **dict.fromkeys((State.CANCELLED, State.WITHDRAWN), "【取消】")},
}


@dataclass
class Bench:
    """Who makes the changes, and the Monday from which their days are counted."""

    app: Flask
    monday: date

    def __post_init__(self) -> None:
        self.hana, self.sora, self.ben = (Visitor(self.app, name) for name in ("hana", "sora", "ben"))

    def at(self, days: int, time: str) -> str:
        """A time as forms take it."""
        return f"{self.monday + timedelta(days=days)}T{time}"

    def key(self, title: str, *, nth: int = 0) -> str:
        """The key of the booking asked for under that title, or of one of its dates."""
        db.session.remove()
        of_title = select(Booking.key).join(Request).where(Request.title == title)
        return list(db.session.scalars(of_title.order_by(Booking.starts_at)))[nth]

    def page(self, visitor: Visitor, title: str) -> TestResponse:
        """The page of the request of that title."""
        db.session.remove()
        return visitor.get(f"/requests/{db.session.scalars(select(Request.key).where(Request.title == title)).one()}")


def single(bench: Bench) -> TestResponse:
    """One booking of one resource."""
    return bench.hana.book("tsukuba-plain", bench.at(1, "10:00"), bench.at(1, "12:00"), title="Plates")


def asked(bench: Bench) -> TestResponse:
    """A request that waits, with a long Japanese title and emoji."""
    return bench.hana.book("tsukuba-asked", bench.at(2, "09:00"), bench.at(2, "17:00"), title=JAPANESE)


def approved(bench: Bench) -> TestResponse:
    """Staff approve it."""
    return bench.sora.submit(bench.page(bench.sora, JAPANESE), "/approve")


def series(bench: Bench) -> TestResponse:
    """Every Tuesday morning in Cambridge for half a year or so, over a change of the clocks."""
    start, end = bench.at(1, "09:00"), bench.at(1, "11:00")
    return bench.hana.book("cambridge-scope", start, end, title="Weekly", every="week", count="30")


def moved(bench: Bench) -> TestResponse:
    """The single booking moves to the afternoon."""
    page = bench.hana.get(f"/bookings/{bench.key('Plates')}/move")
    return bench.hana.submit(page, "/move", start_at="14:00", end_at="15:30")


def one_moved(bench: Bench) -> TestResponse:
    """One date of the series, too."""
    page = bench.hana.get(f"/bookings/{bench.key('Weekly', nth=3)}/move")
    return bench.hana.submit(page, "/move", start_at="13:00", end_at="16:00")


def one_cancelled(bench: Bench) -> TestResponse:
    """Another one is cancelled."""
    return bench.hana.submit(bench.page(bench.hana, "Weekly"), f"/bookings/{bench.key('Weekly', nth=5)}/cancel")


def residency(bench: Bench) -> TestResponse:
    """A bench by the day."""
    return bench.hana.book("tsukuba-bench", bench.at(3, "")[:10], bench.at(5, "")[:10], title="Stay, three days; A")


def night_of_clocks(bench: Bench) -> TestResponse:
    """From 20:00 to 08:00 in Cambridge, in the night in which the clocks go on."""
    eve = _clocks_go_on(bench.monday) - timedelta(days=1)
    return bench.hana.book("cambridge-scope", f"{eve}T20:00", f"{eve + timedelta(days=1)}T08:00", title="Night run")


def cancelled(bench: Bench) -> TestResponse:
    """The single booking is cancelled."""
    return bench.hana.submit(bench.page(bench.hana, "Plates"), "/cancel")


CHANGES: tuple[Callable[[Bench], TestResponse], ...] = (
    single,
    asked,
    approved,
    series,
    moved,
    one_moved,
    one_cancelled,
    residency,
    night_of_clocks,
    cancelled,
)


def made(bench: Bench, change: Callable[[Bench], TestResponse]) -> None:
    """Make a change, which goes through."""
    answer = change(bench)
    assert answer.status_code == 303, (change.__name__, answer.status_code, answer.text)


def _clocks_go_on(after: date) -> date:
    day = after + timedelta(days=1)
    while _offset(day) == _offset(day + timedelta(days=1)) or _offset(day) > _offset(day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def _offset(day: date) -> timedelta:
    found = datetime(day.year, day.month, day.day, tzinfo=BOSTON).utcoffset()
    assert found is not None
    return found


# --- what LabBook holds -----------------------------------------------------------------------------------------------


def held(person_id: int, language: str = "en") -> list[Seen]:
    """A person's bookings as LabBook's own pages tell of them, in the words of a calendar."""
    db.session.remove()
    rows = booking_rows(Booking.person_id == person_id)
    places = {unit.id: (unit, resource, site) for unit, resource, site in db.session.execute(_PLACES)}
    return sorted(_as_seen(row, *places[row.unit_id], language) for row in rows)


_PLACES = (
    select(Unit, Resource, Site).join(Resource, Resource.id == Unit.resource_id).join(Site, Site.id == Resource.site_id)
)


def _as_seen(row: BookingRow, unit: Unit, resource: Resource, site: Site, language: str) -> Seen:
    zone, edges = ZoneInfo(site.zone), (row.time.start, row.time.end)
    start, end = (at.astimezone(zone).date() for at in edges) if row.by_day else (at.astimezone(UTC) for at in edges)
    word = _WORDS[language].get(row.state, "")
    return seen(start, end, f"{word}{row.title}", "")


def shown(found: list[Seen]) -> list[Seen]:
    """What a client shows, without its place: LabBook's own words for that are another matter."""
    return sorted(one._replace(summary=one.summary.rpartition(" · ")[0], location="") for one in found)
