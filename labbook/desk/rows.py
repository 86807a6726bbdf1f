"""The rows of the inbox, drawn: what is read for the fifty of a page alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext

from ..bookings import changes, findings, service
from ..bookings.exceptions import exception_label
from ..bookings.pages import finding_lines
from ..bookings.pending import changes_of
from ..bookings.queries import rows_of
from ..bookings.queries import waiting_rows as first_rows
from ..catalogue.queries import places
from ..core.disclosure import BookingRow, Full, shown_to
from ..core.facts import Finding
from ..core.happenings import HAPPENINGS
from ..core.language import N_, joined
from ..core.lifecycle import OPEN
from ..core.permissions import Actor
from ..core.place import Place
from ..web import sentences, times
from ..web.prefix import at
from ..web.turns import Turned
from .pages import DecidedRow, Row
from .queries.decided import Decided, findings_of, rival_counts
from .queries.waits import Turn, Waits
from .sifting import Names

_WAITS_FOR = {
    Turn.OWN: N_("It is your own: somebody else decides."),
    Turn.NAMED: N_("Others decide here."),
    Turn.QUESTION: N_("An answer to a question; the deadline stands still."),
    Turn.PROPOSAL: N_("An answer to the time that was proposed."),
}


_SAYS_NOTHING = frozenset({"ask-staff"})  # of what waits for a decision: that staff decide on all of these bookings


class _Known(NamedTuple):
    """What was read about the rows of a page."""

    rows: dict[str, BookingRow]  # by the pick
    changes: dict[int, Any]
    places: dict[int, Place]
    said: dict[str, list[Finding]]  # by the pick
    rivals: dict[int, int]
    signed: frozenset[tuple[int, int]]


def waiting_rows(actor: Actor, several: Sequence[Turned], names: Names, place: str, now: datetime) -> list[Row]:
    """What waits; the same few statements for one as for fifty."""
    known = _known(actor, [one.waits for one in several], now)
    shown = [one for one in several if one.waits.pick in known.rows]
    anchors = [f"r-{one.waits.change_of or one.waits.key}" for one in shown]
    lines = zip(shown, anchors, _onward(place, anchors), strict=True)
    return [_row(actor, *each, known, names, now) for each in lines]


def _onward(place: str, anchors: Sequence[str]) -> list[str]:
    """Where each row's decision leads: to the row after it, of the last one to the row before."""
    following = [*anchors[1:], *anchors[-2:-1]]
    return [f"{place}#{anchor}" for anchor in following] or [place][: len(anchors)]


def _known(actor: Actor, several: Collection[Waits], now: datetime) -> _Known:
    requests = [one for one in several if not one.change_of]
    changed = [one for one in several if one.change_of]
    first = first_rows([one.request_id for one in requests], [one.starts_at for one in requests])
    moved = rows_of(one.changed_id for one in changed)
    rows = {one.pick: moved.get(one.change_of) if one.change_of else first.get(one.key) for one in several}
    full = {pick: row for pick, row in rows.items() if row and isinstance(shown_to(actor, row), Full)}
    asked = changes_of(one.changed_id for one in changed)
    said = findings_of(one.request_id for one in requests if one.pick in full)
    heard = {one.pick: asked[one.changed_id].findings for one in changed if one.changed_id in asked}
    return _Known(
        full,
        asked,
        places([*(row.unit_id for row in full.values()), *(one.unit_id for one in asked.values())]),
        {one.pick: findings.restored(heard.get(one.pick, said.get(one.request_id, []))) for one in several},
        rival_counts([one.request_id for one in requests if one.is_wish]),
        service.signing(((row.partner_id, row.site_id) for row in full.values()), now),
    )


def _row(actor: Actor, one: Turned, anchor: str, onward: str, known: _Known, names: Names, now: datetime) -> Row:
    waits, words = one.waits, names.language
    row, said = known.rows[waits.pick], known.said[waits.pick]
    place = known.places[row.unit_id]
    stands = changes.placed(row.time, place, words, by_day=row.by_day)
    wanted = known.changes.get(waits.changed_id)
    to = changes.placed(wanted.time, known.places[wanted.unit_id], words, by_day=row.by_day) if wanted else stands
    url = at(f"/requests/{row.request_key}")
    deed = at(f"/bookings/{row.key}/change") if wanted else url
    is_signed = (row.partner_id, row.site_id) in known.signed
    exception = exception_label(said) if row.state in OPEN else ""
    decide_by = None if one.turn in (Turn.QUESTION, Turn.PROPOSAL) else waits.decide_by
    return Row(
        key=row.request_key,
        anchor=anchor,
        pick=waits.pick,
        url=url,
        title=row.title,
        partner=names.partner(waits),
        person=names.person(row.person_id),
        site=place.site.text(words) if len(actor.staffed_sites) > 1 else "",
        resource=f"{to.resource} {to.unit}".strip(),
        when=to.when,
        zone_label=to.zone_label,
        more=waits.count - 1,
        state=str(row.state),
        state_label=sentences.state_label(row.state),
        findings=[line.sentence for line in finding_lines(said, words) if line.code not in _SAYS_NOTHING],
        exception=exception,
        rivals=0 if wanted else known.rivals.get(waits.request_id, 0),
        change=joined((f"{stands.resource} {stands.unit}".strip(), f"{stands.when} {stands.zone_label}"), words)
        if wanted
        else "",
        asked=times.ago(waits.asked_at, now, words),
        starts=times.ahead(waits.starts_at, now, words),
        deadline=times.ahead(decide_by, now, words) if decide_by else "",
        deadline_at=times.moment(decide_by, place.zoneinfo, words) if decide_by else "",
        is_late=decide_by is not None and decide_by <= now,
        assigned=_assigned(actor, waits, names),
        waits_for=_waits_for(one, names),
        may_decide=one.may_decide,
        alone=_alone(is_signed=is_signed, is_first=one.is_first, exception=exception),
        is_signed=is_signed,
        is_first=one.is_first,
        version=waits.version,
        approve_url=f"{deed}/clear" if one.is_first else f"{deed}/approve",
        decline_url=f"{deed}/decline",
        propose_url="" if wanted else f"{url}/propose",
        onward=onward,
    )


def _assigned(actor: Actor, waits: Waits, names: Names) -> str:
    if waits.assigned_to_id is None:
        return ""
    return gettext("Me") if waits.assigned_to_id == actor.person_id else names.person(waits.assigned_to_id)


def _waits_for(one: Turned, names: Names) -> str:
    if one.turn is Turn.ASSIGNED and one.waits.assigned_to_id:
        return gettext("Assigned to %(person)s.", person=names.person(one.waits.assigned_to_id))
    if one.turn is Turn.NAMED and one.people:
        return gettext("Waits for %(people)s.", people=names.people_of(one.people))
    return gettext(_WAITS_FOR[one.turn]) if one.turn in _WAITS_FOR else ""


def _alone(*, is_signed: bool, is_first: bool, exception: str) -> str:
    """Why it is not decided together with others."""
    if is_signed:
        return gettext("To be signed, so it is decided by itself.")
    if is_first:
        return gettext("Safety comes first here, so it is decided by itself.")
    return gettext("An exception, so it is decided by itself.") if exception else ""


# --- decided ----------------------------------------------------------------------------------------------------------


def decided_rows(several: Sequence[Decided], names: Names, now: datetime) -> list[DecidedRow]:
    """What was decided; by when, by whom, and how it stands now."""
    rows = {row.request_key: row for row in rows_of(one.booking_id for one in several).values()}
    known = places(row.unit_id for row in rows.values())
    return [_decided(one, rows[one.key], known, names, now) for one in several if one.key in rows]


def _decided(one: Decided, row: BookingRow, known: dict[int, Place], names: Names, now: datetime) -> DecidedRow:
    place, words = known[row.unit_id], names.language
    return DecidedRow(
        one.key,
        f"r-{one.key}",
        at(f"/requests/{one.key}"),
        one.title,
        names.partner(one),
        names.person(one.person_id),
        f"{place.resource.text(words)} {place.unit}".strip(),
        times.when(row.time, place.zoneinfo, words, by_day=row.by_day),
        times.zone_label(place.zoneinfo, row.time.start),
        str(row.state),
        sentences.state_label(row.state),
        gettext(HAPPENINGS[one.code][1]),
        names.person(one.actor_id),
        times.ago(one.at, now, words),
    )
