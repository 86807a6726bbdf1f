"""What waits for the reader: for their answer, and where they lead or work for their decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext, ngettext

from ...agreements.queries import agreements_for
from ...bookings.flags import flagged_at
from ...catalogue.queries import place_of
from ...core.flags import SUSPENDING, WORDS, Lost
from ...core.interval import Interval
from ...core.permissions import Actor
from ...desk.queries.waits import Turn
from ...messages.queries import unread_count
from ...notices.queries import undelivered_count
from ...people.directory import sees_any_people
from ...people.invitations import joining_count
from ...waiting.queries import open_offers_of
from ...web import times
from ...web.turns import turned
from .. import pages, reading

ENDS_SOON = timedelta(days=60)
SOON = timedelta(days=1)  # what is flagged and begins by then is urgent


def waits_of(actor: Actor, sites: Mapping[int, Any], at: datetime, words: str) -> list[pages.WaitLine]:
    """What the reader is to do: what is urgent first; else what only they can answer, then what they share."""
    several = [*_offers(actor, at, words), *_proposals(actor, sites, at, words), *_questions(actor, sites, words)]
    several += [*_suspended(actor, at), *_messages(actor)]
    if actor.is_staff:
        several += [*_to_decide(actor, at), *_at_the_desk(actor, at, words)]
    if actor.is_staff or actor.looks_at_everything:
        several += list(_undelivered(actor))
    if sees_any_people(actor):
        several += [*_joining(actor, at), *_agreements(actor, at, words)]
    return sorted(several, key=lambda one: not one.is_urgent)


def _offers(actor: Actor, at: datetime, words: str) -> Iterator[pages.WaitLine]:
    for row in open_offers_of(actor.person_id, at):
        place, time = place_of(row.resource, row.site, row.unit), Interval(row.offer.starts_at, row.offer.ends_at)
        zone = place.zoneinfo
        when = f"{times.when(time, zone, words, by_day=row.resource.by_day)} {times.zone_label(zone, time.start)}"
        yield pages.WaitLine(
            "hourglass",
            gettext("%(resource)s is free for you: %(when)s", resource=place.resource.text(words), when=when),
            gettext("Kept for you until %(until)s.", until=times.moment(row.offer.until, zone, words)),
            url_for("waiting.waiting"),
            gettext("Take it or leave it"),
            is_urgent=True,
        )


def _proposals(actor: Actor, sites: Mapping[int, Any], at: datetime, words: str) -> Iterator[pages.WaitLine]:
    for one in reading.proposals_to(actor, at):
        until = times.moment(one.until, _zone(sites, one.site_id), words) if one.until else ""
        yield pages.WaitLine(
            "move",
            gettext("Staff propose another time for “%(title)s”", title=one.title),
            gettext("Kept for you until %(until)s.", until=until),
            url_for("bookings.request_page", key=one.key),
            gettext("Answer it"),
            is_urgent=True,
        )


def _questions(actor: Actor, sites: Mapping[int, Any], words: str) -> Iterator[pages.WaitLine]:
    for one in reading.questions_to(actor):
        since = times.moment(one.since, _zone(sites, one.site_id), words)
        yield pages.WaitLine(
            "question",
            gettext("Staff ask something about “%(title)s”", title=one.title),
            gettext("Asked %(when)s. It is decided once you have answered.", when=since),
            url_for("bookings.request_page", key=one.key),
            gettext("Answer it"),
            is_urgent=True,
        )


def _suspended(actor: Actor, at: datetime) -> Iterator[pages.WaitLine]:
    for one in reading.suspended_of(actor, frozenset(SUSPENDING), at):
        said = WORDS[Lost(one.code)]
        yield pages.WaitLine(
            "warning",
            f"{one.title} · {gettext(said.reason)}",
            gettext(said.advice),
            url_for("bookings.request_page", key=one.key),
            gettext("Look at it"),
            is_urgent=True,
        )


def _messages(actor: Actor) -> Iterator[pages.WaitLine]:
    if count := unread_count(actor):
        said = ngettext("%(num)s message that you have not read", "%(num)s messages that you have not read", count)
        yield pages.WaitLine("question", said, "", url_for("messages.threads"), gettext("Read"))


def _to_decide(actor: Actor, at: datetime) -> Iterator[pages.WaitLine]:
    mine = [one.waits for one in turned(actor) if one.turn is Turn.MINE]
    late = sum(one.decide_by is not None and one.decide_by <= at for one in mine)
    if mine:
        yield pages.WaitLine(
            "inbox",
            ngettext("%(num)s request waits for your decision", "%(num)s requests wait for your decision", len(mine)),
            ngettext("%(num)s of them is overdue.", "%(num)s of them are overdue.", late) if late else "",
            url_for("desk.inbox"),
            gettext("To the inbox"),
            is_urgent=bool(late),
        )


def _at_the_desk(actor: Actor, at: datetime, words: str) -> Iterator[pages.WaitLine]:
    flagged = flagged_at(actor.staffed_sites)
    if flagged.starts_at:
        yield pages.WaitLine(
            "warning",
            ngettext("%(num)s flagged booking", "%(num)s flagged bookings", flagged.bookings),
            gettext("The first begins %(when)s.", when=times.ahead(flagged.starts_at, at, words)),
            url_for("bookings.flags"),
            gettext("Keep or cancel"),
            is_urgent=flagged.starts_at <= at + SOON,
        )
    if count := reading.wishes_count(actor.staffed_sites):
        said = ngettext("%(num)s person asks for a training", "%(num)s people ask for a training", count)
        yield pages.WaitLine("check", said, "", url_for("trainings.trainings"), gettext("To the trainings"))


def _undelivered(actor: Actor) -> Iterator[pages.WaitLine]:
    if count := undelivered_count(actor):
        said = ngettext("%(num)s letter could not be delivered", "%(num)s letters could not be delivered", count)
        yield pages.WaitLine("warning", said, "", url_for("notices.undelivered"), gettext("Look at it"))


def _joining(actor: Actor, at: datetime) -> Iterator[pages.WaitLine]:
    if count := joining_count(actor, at):
        said = ngettext("%(num)s person asks to join", "%(num)s people ask to join", count)
        yield pages.WaitLine("people", said, "", url_for("people.joining"), gettext("Look at it"))


def _agreements(actor: Actor, at: datetime, words: str) -> Iterator[pages.WaitLine]:
    """Agreements that end soon, for those who can do something about it."""
    if actor.looks_at_everything:
        return
    ending = []
    for row in agreements_for(actor):
        today, ends_on = at.astimezone(row.site.zoneinfo).date(), row.agreement.ends_on
        if ends_on is not None and today <= ends_on <= today + ENDS_SOON:
            ending.append((row, ends_on))
    if len(ending) > 1:
        said = ngettext("%(num)s agreement ends soon", "%(num)s agreements end soon", len(ending))
        yield pages.WaitLine("calendar", said, "", url_for("agreements.agreements"), gettext("Look at it"))
    for row, ends_on in ending if len(ending) == 1 else []:
        names = {"partner": row.partner.name.text(words), "site": row.site.name.text(words)}
        said = gettext("The agreement of %(partner)s with %(site)s ends soon", **names)
        note = gettext("Its last day is %(day)s.", day=times.dated(ends_on, words))
        url = url_for("agreements.agreement", key=row.agreement.key)
        yield pages.WaitLine("calendar", said, note, url, gettext("Look at it"))


def _zone(sites: Mapping[int, Any], site_id: int) -> ZoneInfo:
    return sites[site_id].zoneinfo if site_id in sites else ZoneInfo("UTC")
