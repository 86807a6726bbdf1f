"""What LabBook itself holds of what a feed is about, found without the code that makes feeds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from labbook.bookings.queries import booking_rows
from labbook.catalogue.queries import places
from labbook.core.disclosure import BookingRow, relation
from labbook.core.feeds import OF_PLACES, Scope
from labbook.core.interval import Interval, merged
from labbook.core.permissions import Actor
from labbook.core.place import Place
from labbook.db import db
from labbook.models import Booking, Feed, Hold, Offer, PendingChange, Resource, ResourceGroupMember, Unit, Wait
from tests.core.ical.parsers import Seen, seen

Held = set[tuple[str, str, str]]  # where, from when and until when
DAY = timedelta(days=1)
STATUS = {
    **dict.fromkeys(("waiting", "wished"), "TENTATIVE"),
    **dict.fromkeys(("approved", "running", "finished", "released"), "CONFIRMED"),
}
WORDS = {"TENTATIVE": "[PENDING] ", "CANCELLED": "[CANCELLED] ", "CONFIRMED": ""}


def window_of(feed: Feed, now: datetime) -> Interval:
    """From when to when a feed reaches; everybody of the cast is at home in Tsukuba."""
    zone = ZoneInfo("Asia/Tokyo")
    today = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
    return Interval((today - feed.history_days * DAY).astimezone(UTC), (today + 401 * DAY).astimezone(UTC))


def news_since(now: datetime) -> datetime:
    """Since when what was cancelled is told."""
    return datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC) - 30 * DAY


def standing(feed: Feed, owner: Actor, now: datetime) -> list[Seen]:
    """The bookings that a feed is to show in full, each as calendars show it, within its window."""
    is_of_place = feed.scope in OF_PLACES
    about = Booking.person_id == feed.person_id if feed.scope == Scope.MINE else Booking.partner_id == feed.partner_id
    if is_of_place:
        about = Booking.resource_id.in_(resources_of(feed))
    rows = [row for row in booking_rows(about) if relation(owner, row) is not None]
    window = window_of(feed, now)
    found: list[BookingRow] = []
    of_series = dict(db.session.execute(select(Booking.key, Booking.series_id).where(about)).all())
    for number, several in groupby(
        sorted(rows, key=lambda row: of_series[row.key] or 0), lambda row: of_series[row.key]
    ):
        shown = [row for row in several if _is_shown(feed, row, now)]
        found += _there(shown) if number and is_of_place and not feed.expands else shown
    where = places(row.unit_id for row in found)
    is_own = feed.scope == Scope.MINE
    return sorted(_seen(row, where[row.unit_id], is_own=is_own) for row in found if _is_in(row, window))


def _there(dates: list[BookingRow]) -> list[BookingRow]:
    """On the calendar of a place a date that is no more is just left out, as long as any other stands there."""
    here = [list(several) for _, several in groupby(sorted(dates, key=_resource), _resource)]
    return [row for several in here for row in [one for one in several if one.state in STATUS] or several]


def _resource(row: BookingRow) -> int:
    return row.resource_id


def _is_shown(feed: Feed, row: BookingRow, now: datetime) -> bool:
    status = STATUS.get(row.state, "CANCELLED")
    if status == "CANCELLED":
        return feed.cancelled and row.changed_at > news_since(now)
    return feed.waiting or status != "TENTATIVE"


def _is_in(row: BookingRow, window: Interval) -> bool:
    return row.time.end > window.start and row.time.start < window.end


def _seen(row: BookingRow, place: Place, *, is_own: bool) -> Seen:
    zone, what = ZoneInfo(place.zone), place.what("en")
    start, end = ((at.astimezone(zone).date() if row.by_day else at) for at in (row.time.start, row.time.end))
    title = f"{row.title} · {what}" if is_own else f"{what} · {row.title}"
    return seen(start, end, WORDS[STATUS.get(row.state, "CANCELLED")] + title, place.text("en"))


def waiting_for(owner: Actor, window: Interval) -> set[str]:
    """The UIDs of what waits for one of the staff: all that nobody has to answer first, and nothing of their own.

    Nobody is named or assigned here, and nothing is asked about a request.
    """
    here = (Booking.site_id.in_(owner.staffed_sites), Booking.person_id != owner.person_id)
    rows = list(db.session.scalars(select(Booking).where(*here)))
    changes = {one.booking_id: one for one in db.session.scalars(select(PendingChange))}
    proposed = {one.request_id for one in rows if one.id in changes and changes[one.id].is_proposal}
    found = set()
    for one in rows:
        change = changes.get(one.id)
        is_open = one.state in ("waiting", "wished") and one.request_id not in proposed
        is_change = change is not None and not change.is_proposal and change.asked_by_id != owner.person_id
        stands = change if change is not None and is_change else one
        if (is_open or is_change) and stands.time.overlaps(window):
            found.add(one.uid)
    return found


# --- what is held -----------------------------------------------------------------------------------------------------


def resources_of(feed: Feed) -> list[int]:
    """The resources that a feed is about."""
    grouped = select(ResourceGroupMember.resource_id).where(ResourceGroupMember.group_id == feed.group_id)
    condition = {
        Scope.RESOURCE: Resource.id == feed.resource_id,
        Scope.GROUP: Resource.id.in_(grouped),
        Scope.AREA: Resource.area_id == feed.area_id,
        Scope.SITE: Resource.site_id == feed.site_id,
    }[feed.scope]
    return list(db.session.scalars(select(Resource.id).where(condition, Resource.is_hidden.is_(False))))


def held(feed: Feed, owner: Actor, now: datetime) -> tuple[Held, Held]:
    """What is held of a feed's resources within its window: by what its owner may not read, and by anything.

    Straight from the holds, claim by claim; what touches is one.
    """
    window = window_of(feed, now)
    rows = db.session.execute(
        select(Hold.unit_id, Hold.starts_at, Hold.ends_at, Hold.claim_id)
        .join(Unit, Unit.id == Hold.unit_id)
        .where(Unit.resource_id.in_(resources_of(feed)), Hold.ends_at > window.start, Hold.starts_at < window.end)
    ).all()
    readable, where = _readable(owner), places(row.unit_id for row in rows)

    def blocks(several: Iterable[Any]) -> Held:
        by_unit: dict[int, list[Interval]] = {}
        for row in several:
            by_unit.setdefault(row.unit_id, []).append(Interval(row.starts_at, row.ends_at))
        return {
            (where[unit].text("en"), *seen(time.start, time.end, "", "")[:2])
            for unit, times in by_unit.items()
            for time in merged(times)
        }

    return blocks(row for row in rows if row.claim_id not in readable), blocks(rows)


def _readable(owner: Actor) -> set[int]:
    """The claims of bookings and offers that somebody sees in full."""
    rows = {row.key: row for row in booking_rows()}
    claims = {one.claim_id: rows[one.key] for one in db.session.scalars(select(Booking))}
    found = {claim for claim, row in claims.items() if relation(owner, row) is not None}
    for offer, wait in db.session.execute(select(Offer, Wait).join(Wait, Wait.id == Offer.wait_id)):
        of_partner = wait.partner_id in owner.partner_ids and (wait.partner_id, wait.site_id) in owner.agreements
        if of_partner or wait.site_id in owner.staffed_sites or owner.shares(wait.project_id, wait.site_id):
            found.add(offer.claim_id)
    return found


def are_changes_waiting() -> bool:
    """Whether anything is asked for or proposed instead of what a booking is."""
    return db.session.scalar(select(PendingChange.booking_id).limit(1)) is not None
