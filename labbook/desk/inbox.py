"""The inbox as its reader looks at it: one part, narrowed, in order, fifty at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext

from ..bookings import exceptions, findings
from ..catalogue.queries import sites_for
from ..core.hearing import UNDONE_WITHIN
from ..core.lifecycle import OPEN, State
from ..core.permissions import Actor
from ..people.queries import partners_by_id, readings_by_id
from ..web.prefix import at
from ..web.turns import Turned, turned
from . import rows as drawn
from .pages import Inbox, TabLink, Undo
from .queries.decided import Decided, decided_at, exceptions_among, resources_named, rival_counts
from .queries.waits import Turn, Waits
from .sifting import DECIDED_SORTS, SHOWS, SORTS, Names, Show, Sifted, Sort, Sought, Tab, order, sifted

DECIDED_LATELY = timedelta(days=14)
DECIDED_ONCE = timedelta(days=366)  # for whoever looks for something
MOST_UNDONE = 100  # of a minute's decisions
MOST_DECIDED = 1000  # decisions that are looked through


def inbox_page(actor: Actor, sought: Sought, *, now: datetime, language: str) -> Inbox:
    """What the reader looks for, on one page."""
    waiting = turned(actor)
    place = url_for("desk.inbox", **sought.address())  # type: ignore[arg-type]  # the parts of an address
    if sought.tab is Tab.DECIDED:
        lately = _decided(actor, now - (DECIDED_ONCE if sought.is_narrow else DECIDED_LATELY))
        names = _names(actor, lately, {one.actor_id for one in lately}, language)
        usual: Callable[[Any], Any] = lambda one: -one.at.timestamp()  # noqa: E731
        found = sifted(lately, sought, names, lambda one: True, order(sought.sort, names, usual))
        undo = _undo(actor, now)
        return _page(actor, sought, place, waiting, found, undo, decided=drawn.decided_rows(found.rows, names, now))
    here = [one for one in waiting if (one.turn is Turn.MINE) == (sought.tab is Tab.MINE)]
    by_id = {one.waits.pick: one for one in here}
    several = [one.waits for one in here]
    people = {one.assigned_to_id for one in several if one.assigned_to_id}
    names = _names(actor, several, people.union(*(one.people for one in here)), language)
    found = sifted(several, sought, names, _shows(actor, sought, several, now), order(sought.sort, names, _urgency))
    rows = drawn.waiting_rows(actor, [by_id[one.pick] for one in found.rows], names, place, now)
    return _page(actor, sought, place, waiting, found, _undo(actor, now), rows=rows)


_STANDS = {"booking-approve": State.APPROVED, "booking-decline": State.DECLINED}


def _decided(actor: Actor, since: datetime) -> list[Decided]:
    """What staff decided since then, but what waits again since it was undone."""
    lately = decided_at(actor.staffed_sites, since, most=MOST_DECIDED)
    return [one for one in lately if one.code not in _STANDS or one.state not in OPEN]


def _undo(actor: Actor, now: datetime) -> Undo | None:
    """The last that this person decided, as long as it can be undone."""
    lately = decided_at(actor.staffed_sites, now - UNDONE_WITHIN, most=MOST_UNDONE)
    one = next((one for one in lately if one.actor_id == actor.person_id), None)
    if one is None or one.state is not _STANDS.get(one.code):
        return None
    if one.state is State.APPROVED:
        said = gettext("You have just approved “%(title)s”. Nobody has been written to yet.", title=one.title)
    else:
        said = gettext("You have just declined “%(title)s”. Nobody has been written to yet.", title=one.title)
    return Undo(one.key, said, at(f"/requests/{one.key}/undo"), one.version)


def _urgency(one: Waits) -> tuple[datetime, datetime, str]:
    """What is to be decided first comes first; without a deadline that is before it starts."""
    return (one.decide_by or one.starts_at, one.asked_at, one.pick)


def _names(actor: Actor, several: Collection[Any], more_people: Collection[int], language: str) -> Names:
    """Names for everything in a list; four statements."""
    return Names(
        language,
        {site.id: (site.slug, site.name) for site in sites_for(actor)},
        {one.id: (one.key, one.name) for one in partners_by_id({one.partner_id for one in several}).values()},
        resources_named({each for one in several for each in one.resource_ids}),
        readings_by_id({*(one.person_id for one in several), *more_people}),
    )


def _shows(actor: Actor, sought: Sought, several: Collection[Waits], now: datetime) -> Callable[[Waits], bool]:
    """What the choice of kinds lets through."""
    if sought.show is Show.EXCEPTIONS:
        said = exceptions_among(actor.staffed_sites)
        against = {key for key, found in said.items() if exceptions.refusals(findings.restored(found))}
        return lambda one: one.request_id in against and not one.change_of
    if sought.show is Show.RIVALS:
        rivals = rival_counts([one.request_id for one in several if one.is_wish])
        return lambda one: one.request_id in rivals and not one.change_of
    plain: dict[Show | None, Callable[[Waits], bool]] = {
        Show.LATE: lambda one: one.decide_by is not None and one.decide_by <= now,
        Show.CHANGES: lambda one: bool(one.change_of),
        Show.ASSIGNED: lambda one: one.assigned_to_id == actor.person_id,
        Show.FREE: lambda one: one.assigned_to_id is None,
    }
    return plain.get(sought.show, lambda one: True)


def _page(
    actor: Actor,
    sought: Sought,
    place: str,
    waiting: Collection[Turned],
    found: Sifted,
    undo: Undo | None,
    *,
    rows: Collection[Any] = (),
    decided: Collection[Any] = (),
) -> Inbox:
    is_over = sought.tab is Tab.DECIDED
    sorts = DECIDED_SORTS if is_over else SORTS
    return Inbox(
        sought,
        place,
        _tabs(sought, waiting),
        list(rows),
        list(decided),
        found.total,
        found.page,
        found.pages,
        _to(sought, page=found.page - 1) if found.page > 1 else "",
        _to(sought, page=found.page + 1) if found.page < found.pages else "",
        _to(Sought(sought.tab, sort=sought.sort)),
        found.sites if len(actor.staffed_sites) > 1 else (),
        found.partners,
        found.resources,
        [] if is_over else [(str(one), gettext(words)) for one, words in SHOWS.items()],
        [(str(one), gettext(words)) for one, words in sorts.items()],
        undo,
    )


def _to(sought: Sought, **other: Any) -> str:
    return url_for("desk.inbox", **sought.address(**other))  # type: ignore[arg-type]  # the parts of an address


def _tabs(sought: Sought, waiting: Collection[Turned]) -> list[TabLink]:
    mine = sum(one.turn is Turn.MINE for one in waiting)
    labels = {
        Tab.MINE: (gettext("Waits for me"), mine),
        Tab.OTHERS: (gettext("Waits for others"), len(waiting) - mine),
        Tab.DECIDED: (gettext("Decided lately"), None),
    }
    usual = Sort.URGENT
    return [
        TabLink(str(tab), label, _to(sought, tab=tab, page=1, sort=usual, show=None), count, tab is sought.tab)
        for tab, (label, count) in labels.items()
    ]
