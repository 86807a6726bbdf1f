"""A lab as full as the fullest that we promise to be quick for: sixty instruments, eight hundred bookings a week."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import cycle, islice
from zoneinfo import ZoneInfo

from sqlalchemy import select

from labbook.core.interval import Interval, local_day
from labbook.core.language import Words
from labbook.core.lifecycle import State
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Area, Booking, Claim, Hold, Request, Resource, RoleGrant, Site, Unit
from tests.cast import add_resource

ZONE = ZoneInfo("Asia/Tokyo")
LENGTHS = (30, 60, 45, 90, 30, 120, 60, 180)  # minutes
NAMES = ("Confocal microscope", "Plate reader", "Flow cytometer", "Real-time PCR", "Biosafety cabinet")
TITLES = ("Vector titration", "Fixed cells, plate 3", "Knock-down, repeat", "qPCR of the second batch", "Media test")


def monday() -> datetime:
    """The first midnight of this week at Tsukuba."""
    today = datetime.now(ZONE).date()
    return local_day(today - timedelta(days=today.weekday()), ZONE).start


@transactional
def fill(resources: int = 60, bookings: int = 800) -> None:
    """So many instruments at Tsukuba in six areas, and so many bookings of theirs in this week."""
    site = db.session.scalars(select(Site).where(Site.slug == "tsukuba")).one()
    areas = [Area(site_id=site.id, slug=f"room-{n}", name=Words(f"Room {n}", f"{n}号室"), position=n) for n in range(6)]
    db.session.add_all(areas)
    db.session.flush()
    units: list[tuple[Resource, Unit]] = []
    for number in range(resources):
        name = f"{NAMES[number % len(NAMES)]} {number + 1}"
        one = add_resource(site.id, f"tsukuba-full-{number}", name=Words(name, name), before="0 min", after="0 min")
        one.area_id, one.position = areas[number * len(areas) // resources].id, number
        units.append((one, db.session.scalars(select(Unit).where(Unit.resource_id == one.id)).one()))
    found = select(RoleGrant.person_id, RoleGrant.partner_id).where(RoleGrant.role == Role.SCIENTIST)
    people = cycle((one.person_id, one.partner_id) for one in db.session.execute(found.order_by(RoleGrant.id)).all())
    for number, (resource, unit) in enumerate(islice(cycle(units), bookings)):
        turn = number // resources  # on each unit one after the other, two a day
        start = monday() + timedelta(days=turn // 2 % 7, hours=8 + 5 * (turn % 2), minutes=30 * (number % 5))
        _book(resource, unit, next(people), Interval(start, start + timedelta(minutes=LENGTHS[number % 8])), number)


def _book(resource: Resource, unit: Unit, person: tuple[int, int], time: Interval, number: int) -> None:
    person_id, partner_id = person
    walls = [at.astimezone(ZONE).isoformat(timespec="minutes")[:16] for at in (time.start, time.end)]
    request = Request(
        site_id=resource.site_id,
        partner_id=partner_id,
        person_id=person_id,
        asked_by_id=person_id,
        title=f"{TITLES[number % len(TITLES)]} {number}",
        created_at=time.start - timedelta(days=9),
    )
    booking = Booking(
        request=request,
        claim=Claim(),
        site_id=resource.site_id,
        resource_id=resource.id,
        unit_id=unit.id,
        person_id=person_id,
        state=State.FINISHED if time.end < datetime.now(ZONE) else State.APPROVED,
        starts_at=time.start,
        ends_at=time.end,
        by_day=False,
        wall_start=walls[0],
        wall_end=walls[1],
        created_at=request.created_at,
        changed_at=request.created_at,
    )
    db.session.add(booking)
    db.session.add(Hold(unit_id=unit.id, claim=booking.claim, starts_at=time.start, ends_at=time.end))
