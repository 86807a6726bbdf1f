"""Lets the people of the demo lab ask, decide and change their minds, each step through the service at its instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from ..bookings.service import (
    Ask,
    NotClearedError,
    RefusedError,
    Signature,
    StaleError,
    approve,
    cancel,
    clear,
    decline,
    request,
    tick,
    withdraw,
)
from ..core.interval import Interval
from ..core.lifecycle import KEEPS_HOLD, OPEN, NotPossibleError, State
from ..core.permissions import Actor, ForbiddenError, NotFoundError
from ..core.signatures import Meaning
from ..db import db, transactional
from ..models import Booking, Notice, Partner, Person, Project, Request
from ..models.audit import happened
from ..people.queries import actor_of
from .desk import SAFETY
from .ground import Ground
from .wishes import Wish, reason

LIVED = "demo-lived"  # the code of the event which says until when the demo lab has been lived in

_NOT_TO_BE = (RefusedError, ForbiddenError, NotFoundError, NotPossibleError, StaleError)
_CLOCK = timedelta(hours=6)


class Step(NamedTuple):
    """Something that somebody does at an instant."""

    at: datetime
    key: str  # of the wish, so that steps of one instant have an order
    what: str
    wish: Wish


def steps_of(wishes: Iterable[Wish], since: datetime, until: datetime) -> list[Step]:
    """What is done from one instant up to another, in order."""
    steps = []
    for wish in wishes:
        steps.append(Step(wish.at, wish.key, "ask", wish))
        if wish.answer_at:
            steps.append(Step(wish.answer_at, wish.key, "decide", wish))
        if wish.leave_at:
            steps.append(Step(wish.leave_at, wish.key, "leave", wish))
    return sorted((one for one in steps if since <= one.at < until), key=lambda one: one[:3])


class Life:
    """One run of the simulation."""

    def __init__(self) -> None:
        self.people = _ids(Person.email, Person.id)
        self.partners = _ids(Partner.slug, Partner.id)
        self.projects = _ids(Project.slug, Project.key)
        self.ground = Ground()
        self.ticked_at = datetime.min.replace(tzinfo=UTC)
        self.today = date.min
        self.actors: dict[str, Actor | None] = {}
        self.settled: set[str] = set()  # keys of wishes about which staff need not decide
        self.verbs: dict[str, Callable[[Wish], None]] = {"ask": self.ask, "decide": self.decide, "leave": self.leave}

    @transactional
    def live(self, steps: Sequence[Step], until: datetime) -> None:
        """Take these steps, and write down that everything up to `until` has been lived; one transaction."""
        last = db.session.scalar(select(func.max(Notice.id))) or 0
        for step in steps:
            self._morning(step.at)
            with suppress(*_NOT_TO_BE):  # others were quicker, or the rules are not what they were: such is life
                self.verbs[step.what](step.wish)
            db.session.flush()
            db.session.expunge_all()
        # These letters were read long ago: nobody is to get hundreds of them when the worker starts.
        db.session.execute(
            update(Notice).where(Notice.id > last, Notice.created_at < until).values(sent_at=Notice.created_at)
        )
        db.session.add(happened(LIVED, at=until, actor_id=None, subject="demo"))

    def _morning(self, at: datetime) -> None:
        """The clock does its part, and the day begins with a look at what is free."""
        if at - self.ticked_at >= _CLOCK:
            self._tick(at)
        if at.date() != self.today:
            self.today = at.date()
            self.actors.clear()
            self.ground.refresh(at - timedelta(days=9))

    def _tick(self, at: datetime) -> None:
        tick(now=at)
        self.ticked_at = at
        db.session.expunge_all()

    def _actor(self, email: str, at: datetime) -> Actor:
        if email not in self.actors:
            self.actors[email] = actor_of(self.people.get(email, 0), at)
        actor = self.actors[email]
        if actor is None:
            raise NotFoundError
        return actor

    def ask(self, wish: Wish) -> None:
        """Send the request for the first of its times that can be had."""
        self.settled.add(wish.key)
        actor = self._actor(wish.who.email, wish.at)
        dice = Random(wish.key)
        for time in wish.times:
            unit = self.ground.free_unit(dice, wish.thing, time, actor.person_id)
            if unit is None:
                continue
            ask = Ask(
                resource=wish.thing.slug,
                start=time.start,
                end=time.end,
                partner_id=self.partners[wish.who.partner],
                title=wish.title,
                purpose=wish.purpose,
                unit=unit.key,
                project=self.projects[wish.project] if wish.project else "",
            )
            made = request(actor, ask, key=wish.key, now=wish.at)
            state = _state_of(made)
            if state in KEEPS_HOLD:
                self.ground.take(unit, wish.thing, time, actor.person_id)
            if state in OPEN:
                self.settled.discard(wish.key)
            return

    def decide(self, wish: Wish) -> None:
        """Staff approve or decline, if there is something to decide."""
        found = None if wish.key in self.settled else self._found(wish)
        if found is None or wish.answer_at is None or found.state not in OPEN:
            return
        dice = Random(f"{wish.key}/decide")
        staff = self._actor(dice.choice(wish.thing.deciders), wish.answer_at)
        time = Interval(found.starts_at, found.ends_at)
        lost = found.state is State.WISHED and not self.ground.is_free(found.unit_id, wish.thing, time)
        if wish.is_favoured and not lost:
            self._approve(staff, found, wish.answer_at)
            self.ground.held[found.unit_id].append(wish.thing.held(time))
            return
        said = reason(dice, "decline", wish.thing, wish.who.language)
        signature = Signature(Meaning.NOT_FIT)
        decline(staff, found.key, reason=said, version=found.version, now=wish.answer_at, signature=signature)

    def _approve(self, staff: Actor, found: Any, at: datetime) -> None:
        """Where safety has to look at it first, it does."""
        signed = Signature(Meaning.REVIEWED)
        try:
            approve(staff, found.key, version=found.version, now=at, signature=signed)
        except NotClearedError:
            clear(self._actor(SAFETY, at), found.key, version=found.version, now=at, signature=signed)
            approve(staff, found.key, version=found.version + 1, now=at, signature=signed)

    def leave(self, wish: Wish) -> None:
        """Withdraw what waits, cancel what is approved, give back the rest of what runs."""
        found = self._found(wish)
        if found is None or wish.leave_at is None:
            return
        if found.starts_at <= wish.leave_at:
            self._tick(wish.leave_at)
            found = self._found(wish) or found
        actor = self._actor(wish.who.email, wish.leave_at)
        if found.state in OPEN:
            withdraw(actor, found.key, version=found.version, now=wish.leave_at)
            return
        said = reason(Random(f"{wish.key}/leave"), "cancel", wish.thing, wish.who.language)
        cancel(actor, found.booking_key, reason=said, version=found.booking_version, now=wish.leave_at)

    def _found(self, wish: Wish) -> Any:
        """The request that was made of a wish, in this run or in an earlier one."""
        return db.session.execute(
            select(
                Request.key,
                Request.version,
                Booking.key.label("booking_key"),
                Booking.version.label("booking_version"),
                Booking.state,
                Booking.unit_id,
                Booking.starts_at,
                Booking.ends_at,
            )
            .join(Booking, Booking.request_id == Request.id)
            .where(
                Request.person_id == self.people.get(wish.who.email, 0),
                Request.created_at == wish.at,
                Request.title == wish.title,
            )
        ).first()


def _ids(name: Any, value: Any) -> dict[str, Any]:
    return {row[0]: row[1] for row in db.session.execute(select(name, value))}


def _state_of(request_key: str) -> State | None:
    return db.session.scalar(
        select(Booking.state).join(Request, Request.id == Booking.request_id).where(Request.key == request_key)
    )
