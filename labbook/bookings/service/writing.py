"""Writing down what was asked for: the request, its series, its bookings with their holds, and what was skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...catalogue.links import chosen_options
from ...core.facts import Verdict
from ...core.lifecycle import State
from ...core.permissions import Actor, NotFoundError
from ...core.recurrence import NO_SUCH_TIME, Repeat, named
from ...core.recurrence import wall_of as wall_of_name
from ...db import db
from ...models import Booking, Claim, Project, Request, Resource, Series, Site, SkippedDate
from ...people.queries import project_for
from .. import findings
from ..allocation import keep_new, wall
from ..dates import Date, wall_of
from ..planning import Piece, Planned
from ..wanted import Ask, Part

Row = tuple[int, int]  # a part's number, and which of its units


class Writing:
    """One request on its way into the tables."""

    def __init__(
        self,
        actor: Actor,
        ask: Ask,
        site: Site,
        now: datetime,
        request: Request | None = None,
        *,
        person_id: int | None = None,
    ) -> None:
        """Of a new request, or more of one that is there. Raises NotFoundError for another partner's joint project."""
        self.ask, self.site, self.now = ask, site, now
        self.options = [options_of(part, ask.partner_id) for part in ask.parts]
        self.request = request or _asked(actor, ask, site, now, person_id or actor.person_id)

    def written(self, planned: Sequence[Planned]) -> list[Booking]:
        """The bookings, flushed: the database has checked their holds."""
        db.session.add(self.request)
        series = self._series(planned, self.ask.repeat) if self.ask.repeat else {}
        bookings = []
        for date in planned:
            if not date.is_possible and self.ask.repeat:
                self._skip(date, series)
                continue
            state = state_of(date)
            for piece in date.pieces:
                bookings.append(self.booking(piece, state, date, series.get(_row(self.ask, piece))))
        db.session.flush()
        return bookings

    def booking(self, piece: Piece, state: State, date: Planned, series: Series | None) -> Booking:
        """One booking with its hold, added."""
        resource, part = piece.place.resource, piece.part
        booking = Booking(
            request=self.request,
            claim=Claim(),
            site_id=self.site.id,
            resource_id=resource.id,
            unit_id=piece.unit.id,
            unit_is_fixed=bool(part.unit),
            options=self.options[_row(self.ask, piece)[0]] or None,
            person_id=self.request.person_id,
            partner_id=self.ask.partner_id,
            project_id=self.request.project_id,
            series_id=series.id if series else None,
            recurrence_on=date.date.names[_row(self.ask, piece)[0]] if series else None,
            state=_state_of(state, resource),
            starts_at=piece.time.start,
            ends_at=piece.time.end,
            by_day=resource.by_day,
            wall_start=wall(piece.time.start, self.site),
            wall_end=wall(piece.time.end, self.site),
            mode=part.mode,
            biosafety=part.biosafety,
            findings=findings.stored(piece.verdict),
            created_at=self.now,
            changed_at=self.now,
        )
        db.session.add(booking)
        keep_new(booking, resource.terms, self.site, is_linked=bool(piece.facts.linked))
        return booking

    def _series(self, planned: Sequence[Planned], repeat: Repeat) -> dict[Row, Series]:
        """A series for each unit of each part: each is one row of entries in calendars."""
        first = next(one for one in planned if one.pieces)
        found = {_row(self.ask, piece): self._one_series(piece, planned[0].date, repeat) for piece in first.pieces}
        db.session.flush()  # the request has its id now
        for one in found.values():
            one.request_id = self.request.id
        db.session.add_all(found.values())
        db.session.flush()
        return found

    def _one_series(self, piece: Piece, date: Date, repeat: Repeat) -> Series:
        """Each stands by itself: its rule begins at its own first date (RFC 5545 section 3.8.5.3)."""
        part, zone = piece.part, self.site.zoneinfo
        first, own = wall_of(self.ask.start, zone), wall_of(part.start, zone)
        fitted, days = repeat.fitted(first), (own.date() - first.date()).days
        begins = wall_of_name(date.names[_row(self.ask, piece)[0]])
        return Series(
            rule=fitted.shifted(days).rule if days else fitted.rule,
            wall_start=named(begins),
            wall_end=named(begins + (wall_of(part.end, zone) - own)),
            zone=self.site.zone,
            resource_id=piece.place.resource.id,
            unit_id=piece.unit.id if part.unit else None,
            moves=self.ask.moves,
            mode=part.mode,
            biosafety=part.biosafety,
            options=self.options[_row(self.ask, piece)[0]] or None,
        )

    def _skip(self, date: Planned, series: Mapping[Row, Series]) -> None:
        """The date is kept with what stands in its way, so that it can be tried again."""
        said = said_of_skipped(date)
        db.session.add_all(
            SkippedDate(series_id=one.id, recurrence_on=date.date.names[part], findings=said)
            for (part, _), one in series.items()
        )


def _asked(actor: Actor, ask: Ask, site: Site, now: datetime, person_id: int) -> Request:
    project = _project(ask)
    return Request(
        site_id=site.id,
        partner_id=ask.partner_id,
        person_id=person_id,
        asked_by_id=actor.person_id,
        project_id=project.id if project else None,
        title=ask.title,
        purpose=ask.purpose,
        created_at=now,
    )


def said_of_skipped(date: Planned) -> list[dict[str, Any]]:
    """Why a date has no bookings, as it is stored."""
    refusals = tuple(one for piece in date.refused for one in piece.verdict.refusals)
    return findings.stored(Verdict(refusals or (NO_SUCH_TIME,)))


def state_of(date: Planned) -> State:
    """An exception is wished; a date of which one part needs a decision waits as a whole."""
    if date.refused:  # an exception, which holds nothing until staff have waived what refuses it
        return State.WISHED
    return State.WAITING if date.needs_review else State.APPROVED


def _state_of(state: State, resource: Resource) -> State:
    """What waits for something that staff allot themselves holds nothing."""
    return State.WISHED if state is State.WAITING and not resource.holds_on_request else state


def _row(ask: Ask, piece: Piece) -> Row:
    return ask.parts.index(piece.part), piece.copy


def options_of(part: Part, partner_id: int) -> list[int]:
    """The ids of what a part takes of that which its resource offers, and its partner may know of.

    Raises NotFoundError.
    """
    if not part.options:
        return []
    found = chosen_options(part.resource, part.options, partner_id)
    if len(found) != len(set(part.options)):
        raise NotFoundError
    return found


def _project(ask: Ask) -> Project | None:
    if not ask.project:
        return None
    project = project_for(ask.project, ask.partner_id)
    if project is None:
        raise NotFoundError
    return project
