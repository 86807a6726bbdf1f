"""The small lab of the walks: few things, so that people want the same ones, and a week of which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from labbook.core.calendar import Span
from labbook.core.hours import Cover
from labbook.core.language import Words
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.counting import Subject
from labbook.core.limits.deadline import Consequence, Deadline, Step
from labbook.core.limits.limit import Limit, spelled
from labbook.core.limits.no_show import NoShow
from labbook.core.links import LinkKind
from labbook.core.terms import Asks, ResourceKind
from labbook.db import db, transactional
from labbook.models import Area, OpeningRow, Resource, ResourceLink, RuleSet
from tests.cast import Cast, add_resource

BEGINS = datetime(2026, 10, 29, 0, 0, tzinfo=UTC)  # Thursday; Cambridge's clocks go back on Sunday
MONDAY = date(2026, 11, 2)
ALLOWED_A_DAY = timedelta(hours=4)  # of the hood, to a partner
ZONES = {"tsukuba": ZoneInfo("Asia/Tokyo"), "cambridge": ZoneInfo("America/New_York")}

SCIENTISTS = {"hana": "aoba", "alan": "aoba", "ben": "birch", "two": "aoba"}
STAFF = {"tsukuba": "sora", "cambridge": "sam"}
PLACES = (
    "tsukuba-plain",
    "tsukuba-hood",
    "tsukuba-asked",
    "tsukuba-sorter",
    "tsukuba-suite",
    "tsukuba-benches",
    "tsukuba-spinner",
    "tsukuba-shared",
    "tsukuba-bench",
    "cambridge-scope",
)
BY_DAY = frozenset({"tsukuba-bench"})
CLOSED = ("area:imaging", "area:wet", "resource:tsukuba-hood", "resource:tsukuba-operator", "resource:tsukuba-plain")


class Grid(NamedTuple):
    """When on the wall something begins, and for how long."""

    day: int  # from Monday
    half_hour: int  # of the day
    halves: int  # how many half hours; days, where it is booked by the day


def time_of(place: str, grid: Grid) -> tuple[datetime, datetime]:
    """A time on the grid at a place's site, as somebody there would say it."""
    zone = ZONES[place.partition("-")[0]]
    midnight = datetime.combine(MONDAY + timedelta(days=grid.day), datetime.min.time())
    if place in BY_DAY:
        start, end = midnight, midnight + timedelta(days=grid.halves)
    else:
        start = midnight + timedelta(minutes=30 * grid.half_hour)
        end = start + timedelta(minutes=30 * grid.halves)
    return start.replace(tzinfo=zone).astimezone(UTC), end.replace(tzinfo=zone).astimezone(UTC)


@transactional
def make_ground(lab: Cast) -> None:
    """Write it beside the cast."""
    site = lab.sites["tsukuba"]
    _resources(site)
    _rules(site, "tsukuba-hood", Allowance(most=240, span=Span.DAY, subject=Subject.PARTNER), COUNTED)
    _rules(site, "tsukuba-plain", NoShow(grace=20, early=15), CHARGED)
    _rules(site, "tsukuba-shared", NoShow(grace=30, early=15, counts=False))


COUNTED = Deadline(step=Step.CANCEL, hours=2, then=Consequence.COUNTED)
CHARGED = Deadline(step=Step.CHANGE, hours=2, then=Consequence.CHARGED, amount=500)


def _resources(site: int) -> None:
    """A suite with two benches; a spinner that needs an operator and offers a rotor; what shares its buffers."""
    wet = Area(site_id=site, slug="wet", name=Words("Wet", "ウェット"), position=2)
    db.session.add(wet)
    db.session.flush()
    suite = add_resource(site, "tsukuba-suite", after="30 min", asks=Asks.FIRST)
    benches = add_resource(site, "tsukuba-benches", pieces=2, before="0 min", after="0 min")
    spinner = add_resource(site, "tsukuba-spinner", pieces=2, before="0 min")
    hours = {"kind": ResourceKind.SERVICE, "cover": Cover.ALL}
    operator = add_resource(site, "tsukuba-operator", before="30 min", pieces=1, **hours)  # type: ignore[arg-type]
    rotor = add_resource(site, "tsukuba-rotor", before="0 min", after="0 min")
    shared = add_resource(site, "tsukuba-shared", before="30 min", after="30 min", pieces=2, asks=Asks.ALWAYS)
    shared.shares_buffers = True
    db.session.add_all(
        ResourceLink(resource_id=one.id, other_id=other.id, kind=kind, pieces=1)
        for one, kind, other in (
            (suite, LinkKind.CONTAINS, benches),
            (spinner, LinkKind.REQUIRES, operator),
            (spinner, LinkKind.OFFERS, rotor),
        )
    )
    for one in (suite, benches, spinner, operator, rotor):
        one.area_id = wet.id
    db.session.add_all(
        OpeningRow(site_id=site, resource_id=operator.id, weekday=day, opens=8 * 60, closes=18 * 60) for day in range(5)
    )


def _rules(site: int, slug: str, *limits: Limit) -> None:
    resource = db.session.query(Resource).filter_by(slug=slug).one()
    plain = [{**spelled(one), "id": str(number)} for number, one in enumerate(limits)]
    words = Words("House rules", "利用規則")
    made_at = BEGINS - timedelta(days=100)
    db.session.add(RuleSet(site_id=site, name=words, resource_id=resource.id, limits=plain, made_at=made_at))
