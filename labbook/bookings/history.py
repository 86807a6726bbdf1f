"""What every change leaves behind in its own transaction: events, notices, raised revisions, open feeds told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update

from ..core.hearing import who_hears
from ..core.lifecycle import Action
from ..db import db
from ..models import Booking, Event, Notice, Partner, Person, Project, Resource


def settle(
    steps: Iterable[tuple[Booking, Action, Event]],
    *,
    actor_id: int | None,
    deciders: Iterable[int],
    now: datetime,
    busy_changed: bool,
) -> None:
    """Write down what happened, who must hear of it, and, last and in key order, that feeds have changed."""
    taken = list(steps)
    db.session.add_all(event for _, _, event in taken)
    db.session.flush()
    db.session.add_all(_notices(taken, actor_id=actor_id, deciders=frozenset(deciders), now=now))
    db.session.flush()
    raise_revisions([booking for booking, _, _ in taken], busy_changed=busy_changed)


def _notices(
    steps: list[tuple[Booking, Action, Event]], *, actor_id: int | None, deciders: frozenset[int], now: datetime
) -> list[Notice]:
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


def raise_revisions(bookings: Iterable[Booking], *, busy_changed: bool) -> None:
    """Raise the revisions of the resources, people, partners and projects that these bookings touch."""
    touched = list(bookings)
    by = 1 if busy_changed else 0
    for table, ids in (
        (Resource, {booking.resource_id for booking in touched}),
        (Person, {booking.person_id for booking in touched}),
    ):
        for number in sorted(ids):
            db.session.execute(
                update(table)
                .where(table.id == number)
                .values(full_revision=table.full_revision + 1, busy_revision=table.busy_revision + by)
                .execution_options(synchronize_session=False)
            )
    for wider, ids in (
        (Partner, {booking.request.partner_id for booking in touched}),
        (Project, {booking.request.project_id for booking in touched if booking.request.project_id}),
    ):
        for number in sorted(ids):
            db.session.execute(
                update(wider)
                .where(wider.id == number)
                .values(full_revision=wider.full_revision + 1)
                .execution_options(synchronize_session=False)
            )
