"""What a letter says of bookings and requests, worked out when it is sent: as its reader may know it at that moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select

from ..bookings.queries import sees_booking
from ..catalogue.queries import places
from ..core import dates
from ..core.flags import told as told_of_flag
from ..core.hearing import Audience
from ..core.interval import Interval
from ..core.language import joined, person_name
from ..core.letters import FLAGS, LISTED_AT_ONCE, side_of
from ..core.lifecycle import State
from ..core.permissions import Actor
from ..core.place import Place
from ..core.reasons import reason_of
from ..db import db
from ..models import Booking, Event, EventDetail, Request
from ..people.queries import names_by_id

MOST_LINES = 12
_THERE = {  # where on the request's page one answers
    "booking-decline": "#wait",
    "booking-propose": "#proposal",
    "request-questioned": "#remarks",
    "request-answered": "#remarks",
    "request-remarked": "#remarks",
}


class Step(NamedTuple):
    """One thing that happened to one booking, or to the whole request."""

    id: int
    at: datetime
    code: str
    actor_id: int | None
    request_id: int
    booking_id: int | None
    state: str | None
    body: Mapping[str, Any]


class Seen(NamedTuple):
    """A booking as far as a letter tells of it."""

    id: int
    request_id: int
    request_key: str
    asked_by_id: int
    person_id: int
    unit_id: int
    time: Interval
    by_day: bool


def of_events(reader: Actor, event_ids: Sequence[int], language: str) -> dict[str, Any] | None:
    """The values of a letter about these events and what happened with them; none when its reader sees none of it."""
    steps = _steps(event_ids)
    bookings = _bookings(reader, {one.request_id for one in steps})
    if not bookings:
        return None
    parts = _parts(reader, steps, bookings, language)
    return {**_where(bookings, parts, language), "parts": parts, "main": parts[0]} if parts else None


def of_request(reader: Actor, request_id: int, language: str) -> dict[str, Any] | None:
    """What every letter about a request names: its site, its first day, and its page."""
    bookings = _bookings(reader, {request_id})
    return _where(bookings, [], language) if bookings else None


def _steps(event_ids: Sequence[int]) -> list[Step]:
    """The events that somebody hears of, and those alike: of the dates of a series one hears by one notice."""
    columns = (Event.id, Event.at, Event.code, Event.actor_id, Event.request_id, Event.booking_id, Event.state)
    found = select(*columns, EventDetail.body).outerjoin(EventDetail, EventDetail.event_id == Event.id)
    heard = [_step(row) for row in db.session.execute(found.where(Event.id.in_(event_ids)))]
    alike = [
        and_(Event.request_id == one.request_id, Event.code == one.code, Event.at == one.at)
        for one in heard
        if one.booking_id is not None and one.code not in LISTED_AT_ONCE
    ]
    if alike:
        known = {one.id for one in heard}
        heard += [one for one in map(_step, db.session.execute(found.where(or_(*alike)))) if one.id not in known]
    return sorted(heard)


def _step(row: Any) -> Step:
    return Step(row.id, row.at, row.code, row.actor_id, row.request_id, row.booking_id, row.state, row.body or {})


def _bookings(reader: Actor, request_ids: Iterable[int]) -> dict[int, Seen]:
    """The bookings of these requests that their reader sees, by their ids and in order of time."""
    rows = db.session.execute(
        select(Booking, Request.key, Request.asked_by_id)
        .join(Request, Request.id == Booking.request_id)
        .where(Request.id.in_(sorted(set(request_ids))), sees_booking(reader))
        .order_by(Booking.starts_at, Booking.id)
    )
    return {one.id: _seen(one, key, asked_by_id) for one, key, asked_by_id in rows}


def _seen(one: Booking, key: str, asked_by_id: int) -> Seen:
    return Seen(one.id, one.request_id, key, asked_by_id, one.person_id, one.unit_id, one.time, one.by_day)


def _where(bookings: Mapping[int, Seen], parts: list[dict[str, Any]], language: str) -> dict[str, Any]:
    """Site, first day and page: of the bookings that are told of, or of all."""
    told = {number for part in parts for number in part["bookings"]} or set(bookings)
    several = [bookings[number] for number in bookings if number in told]
    place = places([several[0].unit_id])[several[0].unit_id]
    keys = {one.request_key for one in several}
    path = f"/requests/{several[0].request_key}" if len(keys) == 1 else "/bookings"
    if len(keys) == 1 and parts:
        path += _THERE.get(parts[0]["code"], "")
    if len(keys) > 1 and any(part["side"] == Audience.DECIDERS for part in parts):
        path = "/flags" if FLAGS & {part["code"] for part in parts} else "/inbox"
    return {
        "site": place.site.text(language),
        "on": dates.day(several[0].time.start.astimezone(place.zoneinfo).date(), language),
        "path": path,
    }


def _parts(reader: Actor, steps: Sequence[Step], bookings: Mapping[int, Seen], language: str) -> list[dict[str, Any]]:
    """What happened, the last first: each kind of step once, with the bookings to which it happened."""
    by_code: dict[str, list[Step]] = {}
    for one in steps:
        if any(_is_told(reader, one, seen) for seen in _of_step(one, bookings)):
            by_code.setdefault(_code(one), []).append(one)
    units = places(one.unit_id for one in bookings.values())
    names = names_by_id([*(one.actor_id for one in steps if one.actor_id), *(b.person_id for b in bookings.values())])

    def name(number: int | None) -> str:
        return person_name(*names[number], language) if number in names else ""

    found = []
    for code, several in by_code.items():
        first = several[0]
        told = {seen.id: one for one in several for seen in _of_step(one, bookings) if _is_told(reader, one, seen)}
        own = [bookings[number] for number in told]
        lines = [_line(told[seen.id], seen, units[seen.unit_id], language) for seen in own]
        found.append(
            {
                "code": code,
                "side": side_of(first.code, is_theirs=_is_theirs(reader, first, own[0])),
                "state": first.state or "",
                "who": name(first.actor_id),
                "whose": name(own[0].person_id),
                "reason": reason_of(first.body, language),
                "note": str(first.body.get("note", "")),
                "until": _until(first, units[own[0].unit_id].zoneinfo, language),
                "bookings": [one.id for one in own],
                "lines": lines[:MOST_LINES],
                "more": max(len(lines) - MOST_LINES, 0),
            }
        )
    return found[::-1]


def _code(step: Step) -> str:
    """Under which name a letter tells a step: some are told in other words after what went before or came of it."""
    if step.code == "booking-ask" and step.state == State.APPROVED:
        return "booked-for"
    if step.code == "booking-approve" and "old" in step.body:
        return "approved-changed"
    return told_of_flag(step.code, step.body)


def _of_step(step: Step, bookings: Mapping[int, Seen]) -> list[Seen]:
    """The booking of a step; of one of the whole request all its bookings."""
    if step.booking_id is not None:
        return [bookings[step.booking_id]] if step.booking_id in bookings else []
    return [one for one in bookings.values() if one.request_id == step.request_id]


def _is_theirs(reader: Actor, step: Step, seen: Seen) -> bool:
    whose = {seen.person_id} if step.booking_id is not None else {seen.person_id, seen.asked_by_id}
    return reader.person_id in whose


def _is_told(reader: Actor, step: Step, seen: Seen) -> bool:
    """Of somebody else's date in the same request only those hear who decide, or who asked for all of it."""
    is_theirs = _is_theirs(reader, step, seen)
    return is_theirs or side_of(step.code, is_theirs=False) is Audience.DECIDERS


def _line(step: Step, seen: Seen, place: Place, language: str) -> dict[str, str]:
    """Which unit, when, and where to it moves or would move."""
    at = dates.when(seen.time, place.zoneinfo, language, by_day=seen.by_day)
    said = _spelled(step.body, place, seen, language)
    old = _spelled(step.body.get("old") or step.body.get("from"), place, seen, language)
    if old:
        at, said = old, said or at
    return {"where": place.what(language), "when": at, "to": "" if said == at else said}


def _spelled(said: Any, place: Place, seen: Seen, language: str) -> str:
    """A time and unit as history keeps them; nothing where it keeps none."""
    if not isinstance(said, Mapping) or "starts" not in said or "ends" not in said:
        return ""
    time = Interval(datetime.fromisoformat(said["starts"]), datetime.fromisoformat(said["ends"]))
    text = dates.when(time, place.zoneinfo, language, by_day=seen.by_day)
    return joined((said["unit"], text), language) if said.get("unit") and place.unit else text


def _until(step: Step, zone: ZoneInfo, language: str) -> str:
    said = step.body.get("until")
    return dates.at(datetime.fromisoformat(said), zone, language) if said else ""
