"""Puts together what whoever decides on a request sees besides: for staff of its site alone, and never of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext

from ..bookings.board import Lane, bars
from ..bookings.drawing import bar_words
from ..bookings.schedule import UnitLane, lanes_of_resource
from ..bookings.service.matters import own_facts, place_of
from ..bookings.window import Window
from ..catalogue import queries as catalogue
from ..core.disclosure import BookingRow
from ..core.interval import Interval, local_day, local_days
from ..core.language import person_name
from ..core.lifecycle import OPEN
from ..core.limits.applied import Applied, Meter
from ..core.permissions import Actor, Do, Matter, may
from ..trainings.drawing import card_view
from ..trainings.pages import CardView
from ..trainings.standing import Whose
from ..trainings.standing import cards as cards_of
from ..web import meters, times
from .about_pages import About, Day, PastLine, Person, UnitDay
from .comparing import SHOWN, Asked, facts_of, judged_rivals, own_column, rival_column
from .queries.earlier import Earlier, Past, earlier_of, last_of
from .queries.rivals import resources_by_id

MOST_LANES = 8  # of the units of a large pool
_MOMENT = timedelta(microseconds=1)


def about(
    actor: Actor, found: Any, row: BookingRow, words: str, now: datetime, *, reason: Any, ticked: Collection[str] | None
) -> About | None:
    """What a decision on a request needs; None for whoever does not decide at its site, and where nothing waits.

    `reason` is the field for what declined rivals read, `ticked` the rivals that were chosen on the page before.
    A fixed number of statements, however many bookings and rivals there are.
    """
    open_ = [one for one in found.bookings if one.state in OPEN]
    whose = {found.person_id, found.asked_by_id, *(one.person_id for one in found.bookings)}
    if not open_ or actor.person_id in whose or not may(actor, Do.SEE_INBOX, Matter(found.site_id)):
        return None
    first = open_[0]
    place = catalogue.places([first.unit_id])[first.unit_id]
    asked = Asked(found, open_, resources_by_id(one.resource_id for one in open_), place)
    rivals = judged_rivals(actor, asked, now)
    shown = rivals[:SHOWN]
    others = [one.rival.person_id for one in shown]
    earlier = earlier_of(first.person_id, found.site_id, others, asked.resources)
    person = person_name(row.family_name, row.given_name, words)
    own = own_column(asked, row.partner_name.text(words), person, _of(earlier, first), words, now)
    columns = [rival_column(one, _of(earlier, one.rival), place, words, now, ticked) for one in shown]
    several = len(open_) > 1
    return About(
        [own, *columns],
        reason,
        len(rivals) - len(shown),
        _meters(first, person, words, now),
        times.when(first.time, place.zoneinfo, words, by_day=first.by_day) if several else "",
        _cards(asked, words, now),
        _person(asked, person, earlier, words),
        _day(actor, first, words, now),
        url_for("desk.reasons", site=place.site_slug),
    )


def _of(earlier: Mapping[tuple[int, int], Earlier], one: Any) -> Earlier:
    return earlier.get((one.person_id, one.resource_id), Earlier())


# --- the partner's allowances -----------------------------------------------------------------------------------------


def _meters(booking: Any, person: str, words: str, now: datetime) -> list[meters.AllowanceLine]:
    """The allowances that a booking counts in, as they stand around its time, and as they would with it."""
    facts, _ = own_facts(booking, booking.time, now)
    limits = sorted((one for one in facts.limits if not one.limit.is_confidential), key=lambda one: one.key)
    looks = [(one, look) for one in limits if (look := one.look(facts)) is not None]
    return [_meter(one, look.meter(), person, words) for one, look in looks if look.meter is not None]


def _meter(applied: Applied, meter: Meter, person: str, words: str) -> meters.AllowanceLine:
    used, most, by_person, would_be = (
        meters.quantity(count, is_minutes=meter.is_minutes)
        for count in (meter.used, meter.most, meter.by_you, meter.would_be)
    )
    said = [
        gettext("%(used)s of %(most)s used; with this request %(would_be)s.", used=used, most=most, would_be=would_be)
    ]
    if meter.by_you and meter.by_you != meter.used:
        said.append(gettext("%(used)s of it by %(name)s.", used=by_person, name=person))
    name = applied.set_name.text(words)
    return meters.AllowanceLine(" ".join(said), meters.rule_of(applied, words), name, "", meters.bar(meter))


# --- the person -------------------------------------------------------------------------------------------------------


def _cards(asked: Asked, words: str, now: datetime) -> list[CardView]:
    """The person's eligibility card for each resource, as whoever signs trainings off reads it."""
    _, site = place_of(asked.open[0])
    person_id, partner_id = asked.open[0].person_id, asked.found.partner_id
    resources = list(asked.resources.values())
    found = cards_of(Whose(person_id, frozenset({partner_id})), site, resources, now)
    return [card_view(found[one.id], one, site.slug, words, is_own=False) for one in resources]


def _person(asked: Asked, name: str, earlier: Mapping[tuple[int, int], Earlier], words: str) -> Person:
    first, place = asked.open[0], asked.place
    all_ = Earlier()
    for (person_id, _), one in earlier.items():
        all_ = all_.with_(one) if person_id == first.person_id else all_
    return Person(
        name,
        _first(asked, all_, _of(earlier, first), words),
        facts_of(all_, place, words),
        [_past(one, place, words) for one in last_of(first.person_id, asked.found.site_id)],
    )


def _first(asked: Asked, at_site: Earlier, of_it: Earlier, words: str) -> str:
    """That it would be somebody's first booking; staff often look at these more closely."""
    if at_site.is_none:
        return gettext("First booking at %(site)s", site=asked.place.site.text(words))
    name = asked.resources[asked.open[0].resource_id].name.text(words)
    return gettext("First booking of %(resource)s", resource=name) if of_it.is_none else ""


def _past(one: Past, place: Any, words: str) -> PastLine:
    when = times.when(one.time, place.zoneinfo, words, by_day=one.by_day)
    return PastLine(
        one.resource.text(words), url_for("bookings.request_page", key=one.request_key), when, one.is_no_show
    )


# --- the day around it ------------------------------------------------------------------------------------------------


def _day(actor: Actor, booking: Any, words: str, now: datetime) -> Day:
    """The local day of a booking on all units of its resource; what is booked by the day within some weeks."""
    resource, site = place_of(booking)
    zone = site.zoneinfo
    first, last = (at.astimezone(zone).date() for at in (booking.starts_at, booking.ends_at - _MOMENT))
    time = _weeks(first, last, zone) if resource.by_day or last - first > timedelta(days=1) else local_day(first, zone)
    window = Window(time, zone, now)
    lanes = lanes_of_resource(actor, resource, site, time)
    drawn = _worth_drawing(lanes, booking.unit_id, time)
    is_day = window.is_day
    heading = times.long_date(first, words) if is_day else times.when(time, zone, words, by_day=True)
    return Day(
        heading,
        times.day_zone_label(zone, time),
        url_for("bookings.day", site=site.slug, on=first.isoformat()),
        window.hours() if is_day else window.weeks(words),
        [_unit(one, booking.unit_id, len(lanes) > 1, window, words) for one in drawn],
        window.now_left,
        window.seconds / 3600,
        is_day,
    )


def _weeks(first: date, last: date, zone: Any) -> Interval:
    return local_days(first - timedelta(days=7), min(last, first + timedelta(days=60)) + timedelta(days=7), zone)


def _worth_drawing(lanes: list[UnitLane], unit_id: int, time: Interval) -> list[UnitLane]:
    """Its own unit, and of the others those on which something lies."""
    own = [one for one in lanes if one.what.unit_id == unit_id]
    others = [one for one in lanes if one not in own and any(two.booking.time.overlaps(time) for two in one.full)]
    return [*own, *others][:MOST_LANES]


def _unit(lane: UnitLane, unit_id: int, is_of_several: bool, window: Window, words: str) -> UnitDay:
    label = lane.what.unit if is_of_several else lane.what.name.text(words)
    drawn = Lane(lane.full, lane.busy, lane.shut, lane.outside, None, None)
    return UnitDay(label, lane.what.unit_id == unit_id, bars(drawn, window, bar_words(words)))
