"""What is measured, and what it may cost as a multiple of an empty view."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from ..core.lifecycle import State
from .client import Answer, Client
from .dealing import Dealt
from .lab import Bookable, Lab

SERIES_DATES, SERIES = 200, 5  # dates, and how often a series is sent
Send = Callable[..., Answer]  # takes headers
_SHOWN = re.compile(rb'class="b (?:own|partner|staff|waiting|wished)')


@dataclass(frozen=True)
class Case:
    """One row: what is sent, the status that has to come back, and the most it may take."""

    name: str
    status: int
    send: Send
    times_empty: float | None = None
    plus_commits: int = 0

    def target(self, empty: float, commit: float) -> float | None:
        """In the unit of `empty` and `commit`; None when there is none."""
        return None if self.times_empty is None else self.times_empty * empty + self.plus_commits * commit


def cases(lab: Lab, dealt: list[Dealt], connect: Callable[[], Client]) -> list[Case]:
    """Everything that is measured again and again, with its own signed-in clients."""
    form = f"/resources/{lab.resources[0].slug}/book"
    scientist, staff, calendar = connect(), connect(), connect()
    scientist.sign_in("reader", form)
    staff.sign_in("staff", "/feeds")
    monday = quiet_monday(lab)
    day, week = f"/sites/site-1/day?on={monday + timedelta(days=1)}", f"/sites/site-1/week?on={monday}"
    find = f"/find?what=kind:equipment&length=2&unit=h&first={monday}&last={monday + timedelta(days=13)}"
    stays = f"/sites/site-1/residencies?from={monday:%Y-%m}"
    count = sum(1 for one in lab.resources if one.site_id == lab.resources[0].site_id)
    on_day, in_week = (len(_SHOWN.findall(staff.get(path).body)) for path in (day, week))
    waiting = sum(one.state is State.WAITING for one in dealt)  # at all sites: the staff works everywhere
    free = free_times(lab)
    taken = taken_time(lab, dealt)
    feed = f"/feeds/{lab.feeds[0]}/bench.ics"
    first = calendar.get(feed)
    entries = first.body.count(b"BEGIN:VEVENT")
    etag = first.headers["ETag"]

    def accepted(**headers: str) -> Answer:
        resource, fields = next(free)
        return scientist.post(f"/resources/{resource.slug}/book", fields, **headers)

    def refused(**headers: str) -> Answer:
        return scientist.post(f"/resources/{taken[0].slug}/book", {**taken[1], **fresh()}, **headers)

    return [
        Case(f"day, {count} resources, scientist", 200, lambda **h: scientist.get(day, **h), 30),
        Case(f"day, {on_day} bookings in full, staff", 200, lambda **h: staff.get(day, **h), 30),
        Case(f"week, {count} resources, scientist", 200, lambda **h: scientist.get(week, **h), 60),
        Case(f"week, {in_week} bookings in full, staff", 200, lambda **h: staff.get(week, **h), 60),
        Case(f"inbox, {waiting} waiting, staff", 200, lambda **h: staff.get("/inbox", **h)),
        Case("residencies, 3 months, scientist", 200, lambda **h: scientist.get(stays, **h)),
        Case("residencies, 12 months, staff", 200, lambda **h: staff.get(f"{stays}&months=12", **h)),
        Case(f"first times of {len(lab.resources)} resources", 200, lambda **h: scientist.get(find, **h)),
        Case("request accepted", 303, accepted, 25, 2),
        Case("request refused", 409, refused, 20),
        Case(f"feed of {entries} entries, warm", 200, lambda **h: calendar.get(feed, **h)),
        Case("the same unchanged (304)", 304, lambda **h: calendar.get(feed, If_None_Match=etag, **h), 2),
    ]


def long_series(lab: Lab, scientist: Client) -> Case:
    """A request for every evening of more than half a year, each time on another resource."""
    scientist.sign_in("reader", f"/resources/{lab.resources[0].slug}/book")
    usual = iter([one for one in lab.resources if not (one.by_day or one.weekdays_only or one.asks)])
    on, rule = lab.now.date() + timedelta(days=20), {"every": "day", "count": str(SERIES_DATES)}

    def send(**headers: str) -> Answer:
        resource = next(usual)
        fields = {**fields_of(lab, resource, on, "22:00", "23:00"), **fresh(), **rule}
        return scientist.post(f"/resources/{resource.slug}/book", fields, **headers)

    return Case(f"series of {SERIES_DATES} dates", 303, send)


def first_feeds(lab: Lab, calendar: Client) -> Case:
    """Feeds that nobody has fetched since the server started; there are len(lab.feeds) of them."""
    unread = iter(lab.feeds)
    return Case("feed, first time", 200, lambda **h: calendar.get(f"/feeds/{next(unread)}/bench.ics", **h))


def quiet_monday(lab: Lab) -> date:
    """A Monday far enough ahead that nothing on the page is past, and before the measured requests."""
    on = lab.now.date() + timedelta(days=14)
    return on - timedelta(days=on.weekday())


def free_times(lab: Lab) -> Iterator[tuple[Bookable, dict[str, str]]]:
    """Evenings on which nobody has booked, each once."""
    usual = [one for one in lab.resources if not (one.by_day or one.weekdays_only or one.asks)]
    for number, resource in product(range(30, 270), usual):
        on = lab.now.date() + timedelta(days=number)
        yield resource, {**fields_of(lab, resource, on, "20:00", "21:30"), **fresh()}


def taken_time(lab: Lab, dealt: list[Dealt]) -> tuple[Bookable, dict[str, str]]:
    """A time of a resource with one unit that somebody else has booked."""
    kept = next(
        one
        for one in dealt
        if one.state is State.APPROVED
        and one.time.start > lab.now + timedelta(days=20)
        and len(one.resource.units) == 1
        and not (one.resource.by_day or one.resource.weekdays_only)
    )
    start, end = (at.astimezone(kept.resource.zone) for at in (kept.time.start, kept.time.end))
    return kept.resource, fields_of(lab, kept.resource, start.date(), f"{start:%H:%M}", f"{end:%H:%M}")


def fields_of(lab: Lab, resource: Bookable, on: date, start: str, end: str) -> dict[str, str]:
    """The booking form as the scientist fills it in."""
    return {
        "start_on": str(on),
        "start_at": start,
        "end_on": str(on),
        "end_at": end,
        "unit": resource.units[0][1],
        "partner": lab.partner_key,
        "project": "",
        "title": "Fixed cells, plate 3",
        "purpose": "Time series of the third batch, with controls.",
    }


def fresh() -> dict[str, str]:
    """An idempotency key of its own."""
    return {"idempotency_key": secrets.token_urlsafe(18)}
