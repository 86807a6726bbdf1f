"""The large lab's places, resources and people: four sites, most resources in one unit, everybody trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ..core.amount import Amount
from ..core.closing import ClosureKind
from ..core.feeds import Detail, Scope
from ..core.hours import Cover
from ..core.language import Words
from ..core.permissions import Role
from ..core.terms import Asks, ResourceKind
from ..core.tokens import new_token, token_hash
from ..db import Model
from ..models import (
    Agreement,
    Area,
    Closure,
    Feed,
    OpeningRow,
    Partner,
    Person,
    Resource,
    ResourceTraining,
    RoleGrant,
    Site,
    Training,
    TrainingRecord,
    Unit,
)
from ..models.people import PartnerKind
from ..people.service import password_hash

T = TypeVar("T", bound=Model)

ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "America/New_York")
PASSWORD = "a long bench, measured twice"
PARTNERS, PEOPLE, TRAININGS, AREAS, SUBSCRIBERS = 20, 200, 10, 5, 8
DAYS_BACK, DAYS = 90, 365


@dataclass(frozen=True)
class Bookable:
    """A resource as the bookings are dealt out to it."""

    id: int
    slug: str
    site_id: int
    zone: ZoneInfo
    units: list[tuple[int, str]]  # id and key
    by_day: bool
    weekdays_only: bool
    asks: bool


@dataclass
class Lab:
    """What was written, as far as bookings and measuring need it."""

    now: datetime
    resources: list[Bookable] = field(default_factory=list)
    people: list[tuple[int, int]] = field(default_factory=list)  # person and partner
    subscribers: list[tuple[int, int]] = field(default_factory=list)  # those with the large feeds
    feeds: list[str] = field(default_factory=list)  # their feeds' tokens
    follower: tuple[int, int] = (0, 0)  # who has the largest feed,
    regular: tuple[int, int] = (0, 0)  # and who books in series
    large: str = ""  # the tokens of those two feeds,
    repeating: str = ""
    busy: str = ""  # and of one that tells the busy times of an area
    staff_id: int = 0
    partner_key: str = ""  # of the scientist who reads and asks

    @property
    def first_on(self) -> date:
        """The first day with bookings."""
        return self.now.date() - timedelta(days=DAYS_BACK)


def write_lab(session: Session, *, resources: int, now: datetime) -> Lab:
    """Write everything but bookings; flushed."""
    lab = Lab(now)
    sites = [_site(session, number, zone, now) for number, zone in enumerate(ZONES, start=1)]
    trainings = _add(
        session, [Training(slug=f"t-{n}", level=2, name=Words(f"Training {n}", f"講習{n}")) for n in range(TRAININGS)]
    )
    _people(session, lab, sites, trainings)
    for number in range(resources):
        lab.resources.append(_resource(session, sites[number * len(sites) // resources], number, trainings))
    return lab


def _add(session: Session, rows: list[T]) -> list[T]:
    session.add_all(rows)
    session.flush()
    return rows


def _site(session: Session, number: int, zone: str, now: datetime) -> Site:
    name = Words(f"Site {number}", f"拠点{number}")
    site = _add(session, [Site(slug=f"site-{number}", name=name, zone=zone, country="JP")])[0]
    _add(
        session,
        [
            Area(site_id=site.id, slug=f"area-{n}", name=Words(f"Area {n}", f"区画{n}"), position=n)
            for n in range(AREAS)
        ],
    )
    _add(
        session,
        [OpeningRow(site_id=site.id, weekday=day, opens=8 * 60, closes=20 * 60) for day in range(5)],
    )
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    nights = [midnight + timedelta(days=14 * n - DAYS_BACK) for n in range(DAYS // 14)]
    _add(
        session,
        [
            Closure(
                site_id=site.id,
                kind=ClosureKind.MAINTENANCE,
                starts_at=_local(night, zone, 1),
                ends_at=_local(night, zone, 5),
                reason=Words("Ventilation service", "換気設備の点検"),
            )
            for night in nights
        ],
    )
    return site


def _local(day: datetime, zone: str, hour: int) -> datetime:
    return day.replace(tzinfo=ZoneInfo(zone), hour=hour).astimezone(UTC)


def _people(session: Session, lab: Lab, sites: list[Site], trainings: list[Training]) -> None:
    partners = _add(
        session,
        [
            Partner(slug=f"p-{n}", name=Words(f"Partner {n} Biosciences", f"パートナー{n}"), kind=PartnerKind.BIOTECH)
            for n in range(PARTNERS)
        ],
    )
    _add(session, [Agreement(partner_id=p.id, site_id=s.id, starts_on=lab.first_on) for p in partners for s in sites])
    hashed = password_hash(PASSWORD)
    scientists = [_person(f"scientist-{n}", hashed, sites[n % len(sites)], lab) for n in range(PEOPLE)]
    subscribers = [_person(f"subscriber-{n}", hashed, sites[0], lab) for n in range(SUBSCRIBERS)]
    reader, staff = _person("reader", hashed, sites[0], lab), _person("staff", hashed, sites[0], lab)
    follower, regular = _person("follower", hashed, sites[0], lab), _person("regular", hashed, sites[0], lab)
    everybody = _add(session, [*scientists, *subscribers, reader, staff, follower, regular])
    partner_of = {one.id: partners[number % PARTNERS].id for number, one in enumerate(everybody)}
    partner_of[reader.id] = partners[0].id
    _add(
        session,
        [
            RoleGrant(person_id=one.id, role=Role.SCIENTIST, partner_id=partner_of[one.id], starts_on=lab.first_on)
            for one in everybody
            if one is not staff
        ],
    )
    _add(
        session,
        [RoleGrant(person_id=staff.id, role=Role.STAFF, site_id=site.id, starts_on=lab.first_on) for site in sites],
    )
    _add(
        session,
        [
            TrainingRecord(person_id=one.id, training_id=training.id, granted_on=lab.first_on)
            for one in everybody
            for training in trainings
        ],
    )
    lab.people = [(one.id, partner_of[one.id]) for one in scientists]
    lab.subscribers = [(one.id, partner_of[one.id]) for one in subscribers]
    lab.staff_id, lab.partner_key = staff.id, partners[0].key
    lab.follower, lab.regular = ((one.id, partner_of[one.id]) for one in (follower, regular))
    lab.feeds = [_feed(session, one, lab) for one in subscribers]
    lab.large, lab.repeating = (_feed(session, one, lab, history_days=365) for one in (follower, regular))
    area = session.query(Area).filter_by(site_id=sites[0].id).order_by(Area.id).first()
    about: dict[str, Any] = {"scope": Scope.AREA, "area_id": area.id if area else None, "detail": Detail.BUSY}
    lab.busy = _feed(session, staff, lab, history_days=365, **about)


def _person(name: str, hashed: str, home: Site, lab: Lab) -> Person:
    return Person(
        email=f"{name}@bench.example",
        family_name=name.title(),
        given_name="Kim",
        home_site_id=home.id,
        password_hash=hashed,
        created_at=lab.now,
    )


def _feed(session: Session, owner: Person, lab: Lab, scope: Scope = Scope.MINE, **more: Any) -> str:
    chosen = {"scope": scope, "detail": Detail.FULL, **more}
    token = scope[0] + new_token()
    always = {"token_hash": token_hash(token), "person_id": owner.id, "name": "Bookings", "language": "en"}
    _add(session, [Feed(**always, created_at=lab.now, **chosen)])
    return token


def _resource(session: Session, site: Site, number: int, trainings: list[Training]) -> Bookable:
    """Of 25 resources one is a pair of benches booked by the day, two have two units, and every fifth asks staff."""
    by_day, asks, weekdays_only = number % 25 == 7, number % 5 == 4, number % 5 == 3
    pieces = 2 if by_day or number % 12 == 5 else 1
    areas = session.query(Area).filter_by(site_id=site.id).order_by(Area.id).all()
    name = Words(f"Instrument {number}", f"装置{number}")
    resource = Resource(
        slug=f"{site.slug}-instrument-{number}",
        site_id=site.id,
        area_id=areas[number % AREAS].id,
        kind=ResourceKind.BENCH if by_day else ResourceKind.EQUIPMENT,
        name=name,
        position=number,
        slot=Amount.parse("1 d" if by_day else "30 min"),
        shortest=Amount.parse("1 d" if by_day else "30 min"),
        longest=Amount.parse("30 d" if by_day else "8 h"),
        buffer_before=Amount.parse("0 min"),
        buffer_after=Amount.parse("0 min" if by_day else "15 min"),
        notice=Amount.parse("0 min"),
        horizon=Amount.parse("12 mo"),
        cover=Cover.ALL if weekdays_only else Cover.NONE,
        asks=Asks.ALWAYS if asks else Asks.NEVER,
        by_day=by_day,
    )
    _add(session, [resource])
    _add(session, [ResourceTraining(resource_id=resource.id, training_id=trainings[number % TRAININGS].id)])
    units = _add(session, [Unit(resource_id=resource.id, name=str(n), position=n) for n in range(1, pieces + 1)])
    keys = [(unit.id, unit.key) for unit in units]
    return Bookable(resource.id, resource.slug, site.id, site.zoneinfo, keys, by_day, weekdays_only, asks)
