"""The demo lab as the people in it know it: what there is to book, and who may book what. Values, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from ..core.amount import Amount, Measure
from ..core.hours import Cover, Opening
from ..core.interval import Interval
from .content import Row, days_from, minute, said


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource of the catalogue."""

    slug: str
    number: int
    site: str
    area: str
    icon: str
    pieces: int
    zone: ZoneInfo
    openings: tuple[Opening, ...]
    cover: Cover
    slot: Amount
    shortest: Amount
    longest: Amount
    before: Amount
    after: Amount
    notice: Amount
    horizon: Amount
    trainings: tuple[str, ...]
    shown_to: frozenset[str]  # partners; none: to all
    deciders: tuple[str, ...]

    @property
    def by_month(self) -> bool:
        """Kept for months: benches, suites, shelves and racks."""
        return self.slot.measure is Measure.MONTH

    @property
    def first_lead(self) -> int:
        """Days ahead at which it can be asked for at the latest."""
        days = self.notice.count if self.notice.is_by_calendar else ceil(self.notice.count / (24 * 60))
        return days + 1 if self.notice else 0

    def held(self, time: Interval) -> Interval:
        """The time with its buffers."""
        return Interval(self.before.before(time.start, self.zone), self.after.after(time.end, self.zone))


@dataclass(frozen=True, slots=True)
class Scientist:
    """Somebody who books for a partner."""

    email: str
    language: str
    home: str
    partner: str


@dataclass(frozen=True, slots=True)
class Lab:
    """Everything that is to be known before anybody asks for anything."""

    things: dict[str, Thing]
    scientists: tuple[Scientist, ...]
    agreements: dict[tuple[str, str], tuple[date, date]]  # by partner and site
    areas: dict[tuple[str, str], frozenset[str]]  # that an agreement covers, if not the whole site; likewise
    unread: dict[tuple[str, str], date]  # since when a person has conditions of a site to accept, by site and person
    proofs: dict[tuple[str, str], date]  # last day of a training, by person and training
    projects: dict[str, tuple[str, ...]]  # slugs by partner

    def able(self, thing: Thing, asked_on: date, time: Interval) -> list[Scientist]:
        """The people who may book this thing then: agreement, conditions, trainings, visibility."""
        first_on = time.start.astimezone(thing.zone).date()
        last_on = (time.end - timedelta(microseconds=1)).astimezone(thing.zone).date()
        return [
            one
            for one in self.scientists
            if (not thing.shown_to or one.partner in thing.shown_to)
            and self._is_partner(one.partner, thing.site, asked_on, last_on)
            and thing.area in self.areas.get((one.partner, thing.site), {thing.area})
            and asked_on < self.unread.get((thing.site, one.email), date.max)
            and all(self.proofs.get((one.email, name), date.min) >= first_on for name in thing.trainings)
        ]

    def _is_partner(self, partner: str, site: str, first_on: date, last_on: date) -> bool:
        if (partner, site) not in self.agreements:
            return False
        starts_on, ends_on = self.agreements[partner, site]
        return starts_on < first_on and last_on <= ends_on


def lab_of(first_on: date) -> Lab:
    """The lab that was made on that day."""
    people = said("people")
    projects: dict[str, tuple[str, ...]] = {}
    for row in people["project"]:
        for partner in row["partners"]:
            projects[partner] = (*projects.get(partner, ()), row["slug"])
    return Lab(
        things={row["slug"]: _thing(row) for row in said("catalogue")["resource"]},
        scientists=_scientists(people["person"]),
        agreements={
            (row["partner"], row["site"]): (
                days_from(first_on, row["starts_days"]),
                days_from(first_on, row["ends_days"]),
            )
            for row in people["agreement"]
        },
        areas={(row["partner"], row["site"]): frozenset(row["areas"]) for row in people["agreement"] if "areas" in row},
        unread={
            (site, person): days_from(first_on, row["published_days"])
            for row in said("conditions")["edition"]
            if is_newest(row)
            for site, person in unread()
            if site == row["site"]
        },
        proofs={(row["person"], row["training"]): days_from(first_on, row["expires_days"]) for row in people["record"]},
        projects=projects,
    )


def _scientists(rows: list[Row]) -> tuple[Scientist, ...]:
    found = {
        Scientist(row["email"], row["language"], row["home_site"], role["partner"])
        for row in rows
        for role in row["roles"]
        if "partner" in role and row.get("active", True)
    }
    return tuple(sorted(found, key=lambda one: (one.email, one.partner)))


def _thing(row: Row) -> Thing:
    site = next(one for one in said("sites")["site"] if one["slug"] == row["site"])
    area = next(one for one in site["area"] if one["slug"] == row["area"])
    staff = [
        one["email"]
        for one in said("people")["person"]
        if any(role.get("site") == row["site"] for role in one["roles"])
    ]
    of_area = [one["person"] for one in said("people")["area_approver"] if one["area"] == row["area"]]
    amounts = {name: Amount.parse(row[name]) for name in ("slot", "shortest", "longest", "notice", "horizon")}
    return Thing(
        slug=row["slug"],
        number=row["number"],
        site=row["site"],
        area=row["area"],
        icon=row["icon"],
        pieces=len(row["units"]),
        zone=ZoneInfo(site["zone"]),
        openings=tuple(openings(area.get("hours", site["hours"]))),
        cover=Cover(row["cover"]),
        before=Amount.parse(row["buffer_before"]),
        after=Amount.parse(row["buffer_after"]),
        trainings=tuple(row["trainings"]),
        shown_to=frozenset(row.get("visible_to", ())),
        deciders=tuple(row.get("approvers", of_area or staff)),
        **amounts,
    )


def openings(hours: list[Row]) -> list[Opening]:
    """The weekly hours in which a place is open."""
    return [
        Opening(day, minute(one["opens"]), minute(one["closes"]))
        for one in hours
        if one["kind"] == "open"
        for day in one["days"]
    ]


def is_at_work(instant: datetime, zone: ZoneInfo) -> bool:
    """On a weekday between nine and six."""
    local = instant.astimezone(zone)
    return local.weekday() < 5 and 9 <= local.hour < 18


def is_newest(edition: Row) -> bool:
    """Whether a site has no later edition."""
    days = [row["published_days"] for row in said("conditions")["edition"] if row["site"] == edition["site"]]
    return bool(edition["published_days"] == max(days))


def unread() -> frozenset[tuple[str, str]]:
    """Site and address of everybody who has not accepted the newest edition."""
    return frozenset((row["site"], row["person"]) for row in said("conditions")["unread"])
