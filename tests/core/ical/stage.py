"""Bookings and series as the tables tell them, what LabBook's own pages list of them, and calendars made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from labbook.core.disclosure import BookingRow
from labbook.core.ical import (
    Language,
    Manner,
    Rendered,
    Standing,
    Status,
    booking_text,
    put_together,
    series_text,
)
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.lifecycle import State
from labbook.core.place import Place
from labbook.core.recurrence import Repeat, occurrences
from tests.core.ical.parsers import Seen, seen

BASE = "https://lab.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MADE = datetime(2025, 11, 20, 1, 2, 3, tzinfo=UTC)

TSUKUBA = Place(
    resource=Words("Hood", "ドラフトチャンバー"),
    slug="tsukuba-hood",
    kind="bench",
    icon="",
    unit="2",
    site=Words("Tsukuba", "つくば"),
    site_slug="tsukuba",
    address=Words(),
    zone="Asia/Tokyo",
    geo=(36.0835, 140.0764),
    shares_buffers=False,
)
CAMBRIDGE = Place(
    resource=Words("Confocal", "共焦点顕微鏡"),
    slug="cambridge-confocal",
    kind="equipment",
    icon="",
    unit="",
    site=Words("Cambridge", "ケンブリッジ"),
    site_slug="cambridge",
    address=Words(),
    zone="America/New_York",
    geo=(42.3656, -71.104),
    shares_buffers=False,
)
OTHER = replace(CAMBRIDGE, resource=Words("Widefield", "広視野顕微鏡"), slug="cambridge-widefield")
WHERE = {1: TSUKUBA, 2: CAMBRIDGE, 3: OTHER}
OWN, OWN_JA = Manner("en", is_own=True), Manner("ja", is_own=True)
WORDS = {
    ("en", Status.TENTATIVE): "[PENDING] ",
    ("en", Status.CANCELLED): "[CANCELLED] ",
    ("ja", Status.TENTATIVE): "【承認待ち】",
    ("ja", Status.CANCELLED): "【取消】",
}


class Scene(NamedTuple):
    """A calendar, and what LabBook's own pages list of the same."""

    body: bytes
    listed: list[Seen]


class Asked(NamedTuple):
    """A series as it was asked for: its rule, when its first date starts on the wall, where, and how long it is."""

    repeat: Repeat
    first: datetime
    unit_id: int
    length: timedelta
    by_day: bool = False
    number: int = 100


def booked(
    number: int,
    unit_id: int,
    time: Interval | tuple[str, str],
    *,
    title: str = "Organoid imaging",
    status: Status = Status.CONFIRMED,
    by_day: bool = False,
    hold: Interval | None = None,
    on: str = "",
) -> Standing:
    """A booking as the tables tell it; its times may be given on the wall of its site."""
    if isinstance(time, tuple):
        clock = ZoneInfo(WHERE[unit_id].zone)
        time = Interval(*(datetime.fromisoformat(at).replace(tzinfo=clock).astimezone(UTC) for at in time))
    row = BookingRow(
        key=f"key{number}",
        uid=f"5f3c0f6e-7c1b-4c3e-9d52-{number:012}",
        request_key="series" if on else f"request{number}",
        title=title,
        purpose="Live cells, 37 °C; two plates",
        site_id=unit_id,
        resource_id=unit_id,
        unit_id=unit_id,
        partner_id=1,
        partner_name=Words("Sakura Biologics", "サクラバイオロジクス"),
        person_id=1,
        family_name="佐藤",
        given_name="花",
        project_id=None,
        state=State.APPROVED,
        time=time,
        hold=hold or time,
        by_day=by_day,
        sequence=number % 3,
        created_at=MADE,
        changed_at=MADE + number % 7 * HOUR,
        version=1,
    )
    return Standing(row, status, on)


def dates_of(asked: Asked) -> list[Standing]:
    """All dates of a series that have a time, as its rule gives them."""
    zone = WHERE[asked.unit_id].zoneinfo
    dates = asked.repeat.dates(asked.first, 4000)
    return [
        booked(asked.number + at, asked.unit_id, time, by_day=asked.by_day, on=on)
        for at, (on, time) in enumerate(occurrences(dates, asked.length, zone), start=1)
        if time is not None
    ]


def moved(one: Standing, by: timedelta = timedelta(), *, unit_id: int = 0, longer: timedelta = timedelta()) -> Standing:
    """The same booking at another time, or elsewhere."""
    time = Interval(one.row.time.start + by, one.row.time.end + by + longer)
    return one._replace(row=replace(one.row, time=time, hold=time, unit_id=unit_id or one.row.unit_id))


def singly(several: Iterable[Standing], manner: Manner = OWN) -> list[Rendered]:
    """Bookings by themselves."""
    return [booking_text(one, WHERE[one.row.unit_id], manner, BASE) for one in several]


def together(asked: Asked, dates: Sequence[Standing], shown: Sequence[Standing], manner: Manner = OWN) -> Rendered:
    """A series as its own event."""
    uid = f"5f3c0f6e-7c1b-4c3e-9d52-{asked.number:012}"
    return series_text(uid, asked.repeat.fitted(asked.first), dates, shown, WHERE, manner, BASE)


def scene(
    name: str, texts: Iterable[Rendered], shown: Iterable[Standing], manner: Manner = OWN, more: Iterable[Seen] = ()
) -> Scene:
    """A calendar of some texts, in the zone of Tsukuba."""
    listed = sorted([*(as_listed(one, manner) for one in shown), *more])
    return Scene(calendar(name, texts, manner.language), listed)


def as_listed(one: Standing, manner: Manner) -> Seen:
    """What the pages say of a booking."""
    place, row = WHERE[one.row.unit_id], one.row
    edges: list[datetime | date] = [row.time.start, row.time.end]
    if row.by_day:
        edges = [at.astimezone(place.zoneinfo).date() for at in (row.time.start, row.time.end)]
    what, where = place.what(manner.language), place.text(manner.language)
    title = f"{row.title} · {what}" if manner.is_own else f"{what} · {row.title}"
    return seen(edges[0], edges[1], WORDS.get((manner.language, one.status), "") + title, where)


def calendar(name: str, texts: Iterable[Rendered], language: Language = "en", zone: str = "Asia/Tokyo") -> bytes:
    """The bytes of a feed."""
    return put_together(name, texts, zone=zone, language=language, color="teal", url=f"{BASE}/bookings")
