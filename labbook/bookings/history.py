"""What every change leaves behind in its own transaction: events, notices, raised revisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from ..core.hearing import who_hears
from ..core.lifecycle import Action
from ..db import db
from ..models import Booking, Event, Notice, Partner, Person, Project, Resource

Step = tuple[Booking, Action, Event]


def settle(steps: Sequence[Step], *, actor_id: int | None, deciders: Iterable[int], now: datetime) -> None:
    """Write down what happened, who must hear of it, and, last and in key order, that feeds have changed."""
    db.session.add_all(event for _, _, event in steps)
    db.session.flush()
    db.session.add_all(_notices(steps, actor_id=actor_id, deciders=frozenset(deciders), now=now))
    db.session.flush()
    raise_revisions([booking for booking, action, _ in steps if action is not Action.START])


def _notices(steps: Sequence[Step], *, actor_id: int | None, deciders: frozenset[int], now: datetime) -> list[Notice]:
    """One notice a person, however many bookings of the request were changed in one go."""
    heard: set[tuple[int, int, Action]] = set()
    notices = []
    for booking, action, event in steps:
        audience = who_hears(action, booking.state, person_id=booking.person_id, deciders=deciders, actor_id=actor_id)
        for person_id in sorted(audience):
            if (booking.request_id, person_id, action) not in heard:
                heard.add((booking.request_id, person_id, action))
                notices.append(Notice(event_id=event.id, person_id=person_id, channel="mail", created_at=now))
    return notices


def raise_revisions(bookings: Iterable[Booking]) -> None:
    """Raise the revisions of the resources, people, partners and projects that these bookings touch."""
    touched = list(bookings)
    for table, ids in (
        (Resource, {booking.resource_id for booking in touched}),
        (Person, {booking.person_id for booking in touched}),
    ):
        _raise(table, ids, table.full_revision, table.busy_revision)
    _raise(Partner, {booking.request.partner_id for booking in touched}, Partner.full_revision)
    _raise(Project, {booking.request.project_id for booking in touched} - {None}, Project.full_revision)


def _raise(table: type[Resource | Person | Partner | Project], ids: set[Any], *counters: Any) -> None:
    for number in sorted(ids):
        db.session.execute(
            update(table)
            .where(table.id == number)
            .values({counter: counter + 1 for counter in counters})
            .execution_options(synchronize_session=False)
        )
