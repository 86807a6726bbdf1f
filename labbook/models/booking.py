"""Requests, their bookings, and the holds that keep a unit for an interval."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, String, Update, false, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..column_types import CodeType, UtcDateTime
from ..core.interval import Interval
from ..core.lifecycle import KEEPS_HOLD, MOVES, Action, State, after
from ..db import Model
from .audit import Event, happened
from .columns import Id, Key, Version

TITLE_LENGTH = 120
PURPOSE_LENGTH = 2000
SHOWS = MOVES | {Action.HAND_OVER}  # steps that a calendar shows although its STATUS stays the same


def new_uid() -> str:
    """A UID for calendars: a UUID without host or user data (RFC 7986 section 5.3)."""
    return str(uuid.uuid4())


class Request(Model):
    """What a scientist sends and staff decide: one purpose, one or more bookings."""

    __tablename__ = "request"
    __table_args__ = (
        Index("ix_request_person_id", "person_id"),
        Index("ix_request_partner_id", "partner_id"),
        Index("ix_request_decide_by", "decide_by"),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # for whom
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    assigned_to_id: Mapped[int | None]  # of those who decide, whose it is to decide now
    decide_by: Mapped[datetime | None] = mapped_column(UtcDateTime)  # none: it is decided, or the clock stands
    minutes_left: Mapped[int | None]  # of working time, while the clock stands since something was asked
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since when the clock stands
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # those who decide, unless they have by then
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[Version]

    bookings: Mapped[list[Booking]] = relationship(back_populates="request", order_by="Booking.starts_at")


class Claim(Model):
    """What holds are made for: a booking, an offer or a proposal. Holds of one claim do not collide with each other."""

    __tablename__ = "claim"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10), default="booking")


class Hold(Model):
    """Keeps one unit for an interval, buffers included. The database refuses two claims that overlap on a unit."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        Index("ix_hold_unit_id_ends_at", "unit_id", "ends_at", "starts_at"),
        Index("ix_hold_claim_id_unit_id", "claim_id", "unit_id", "starts_at", "ends_at"),
    )

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)

    claim: Mapped[Claim] = relationship()


# What decides whether a booking is in somebody's own feed, and whether its text is as it should be: a feed of thousands
# is read from its index, without looking each booking up.
OF_FEEDS = (
    "id",
    "ends_at",
    "state",
    "version",
    "changed_at",
    "resource_id",
    "partner_id",
    "site_id",
    "project_id",
    "series_id",
)


class Booking(Model):
    """One unit of a resource for one interval, in some state. Steps are taken through `take` alone."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        Index("ix_booking_site_id_by_day_starts_at", "site_id", "by_day", "starts_at", "ends_at"),
        Index("ix_booking_site_id_by_day_ends_at", "site_id", "by_day", "ends_at", "starts_at"),
        Index("ix_booking_resource_id_ends_at", "resource_id", "ends_at"),
        Index("ix_booking_person_id_starts_at", "person_id", "starts_at", *OF_FEEDS),
        Index("ix_booking_partner_id_site_id_ends_at", "partner_id", "site_id", "ends_at", "starts_at"),
        Index("ix_booking_request_id", "request_id"),
        Index("ix_booking_state_site_id", "state", "site_id", "starts_at", "request_id"),
        Index("uq_booking_series_id_recurrence_on", "series_id", "recurrence_on", unique=True),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    uid: Mapped[str] = mapped_column(String(36), unique=True, default=new_uid)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # as on the request
    partner_id: Mapped[int] = mapped_column(default=0, server_default="0")  # the same
    project_id: Mapped[int | None]  # the same
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    recurrence_on: Mapped[str | None] = mapped_column(String(16))  # its original wall-clock start, never changed
    state: Mapped[State] = mapped_column(CodeType(State))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_day: Mapped[bool] = mapped_column(default=False)
    wall_start: Mapped[str] = mapped_column(String(16))  # as the site's clocks said it when it was booked
    wall_end: Mapped[str] = mapped_column(String(16))
    unit_is_fixed: Mapped[bool] = mapped_column(default=False, server_default=false())  # this very unit was asked for
    options: Mapped[list[int] | None] = mapped_column(JSON)  # the resources taken with it that it offers, by their ids
    mode: Mapped[str] = mapped_column(String(30), default="", server_default="")  # one of the resource's
    biosafety: Mapped[int] = mapped_column(default=0, server_default="0")  # of the sample; 0: none
    used_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # where it was given back before its end
    counts_anyway: Mapped[bool] = mapped_column(default=False, server_default=false())  # though cancelled or lost
    checked_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # of the last verdict
    sequence: Mapped[int] = mapped_column(default=0)  # RFC 5545 section 3.8.7.4
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)  # the last change that a calendar shows
    named_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when something in it got another name
    version: Mapped[Version]

    request: Mapped[Request] = relationship(back_populates="bookings")
    claim: Mapped[Claim] = relationship()

    @property
    def time(self) -> Interval:
        """From its start to its end."""
        return Interval(self.starts_at, self.ends_at)

    @property
    def used(self) -> Interval:
        """The part of its time that counts as used: to its end, unless it was given back before."""
        return Interval(self.starts_at, self.used_until or self.ends_at)

    @property
    def holds_time(self) -> bool:
        """True in the states that keep their unit."""
        return self.state in KEEPS_HOLD

    def take(self, action: Action, *, actor_id: int | None, now: datetime, **said: Any) -> Event:
        """Take a step and return its event. Raises NotPossibleError when the table has no such step.

        SEQUENCE rises when calendars see another time or status (RFC 5545 section 3.8.7.4).
        """
        before = self.state
        self.state = after(before, action)
        if action in SHOWS or calendar_status(before) != calendar_status(self.state):
            self.sequence += 1
            self.changed_at = now
        self.version += 1
        return self.event(action, actor_id=actor_id, now=now, before=str(before), **said)

    def event(self, action: Action, *, actor_id: int | None, now: datetime, **said: Any) -> Event:
        """The event of a step that this booking has just taken."""
        return happened(
            f"booking-{action}",
            at=now,
            actor_id=actor_id,
            subject="booking",
            subject_id=self.id,
            body={key: value for key, value in said.items() if value not in (None, "")},
            site_id=self.site_id,
            partner_id=self.request.partner_id,
            request_id=self.request_id,
            booking_id=self.id,
            state=str(self.state),
        )


def named_anew(which: ColumnElement[bool], now: datetime) -> Update:
    """The statement for bookings in which something is called otherwise: clients that go by stamps read them anew."""
    return update(Booking).where(which).values(named_at=now).execution_options(synchronize_session=False)


def calendar_status(state: State) -> str:
    """STATUS of a VEVENT (RFC 5545 section 3.8.1.11) for a booking in this state."""
    if state in (State.WAITING, State.WISHED):
        return "TENTATIVE"
    kept = (State.APPROVED, State.RUNNING, State.FINISHED, State.RELEASED)
    return "CONFIRMED" if state in kept else "CANCELLED"


class PendingChange(Model):
    """Another time or unit for a booking, held under its own claim; until it is answered the booking stands as it is.

    For a decided booking somebody asked for it and staff decide; for one that waits staff propose it (then it has
    an `until`), and whoever asked for the booking answers.
    """

    __tablename__ = "pending_change"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="starts_before_ends"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)  # how long staff keep what they propose
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")  # with which they propose it

    @property
    def is_proposal(self) -> bool:
        """Staff propose it, and whoever asked for the booking answers."""
        return self.until is not None

    @property
    def time(self) -> Interval:
        """From its start to its end."""
        return Interval(self.starts_at, self.ends_at)


class Clearance(Model):
    """The first of two decisions on a booking: whoever answers for safety has no objection."""

    __tablename__ = "clearance"

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Flag(Model):
    """A booking has lost what it rests on. Staff choose what becomes of it; until then it does not begin."""

    __tablename__ = "flag"
    __table_args__ = (Index("uq_flag_booking_id_code", "booking_id", "code", unique=True),)

    id: Mapped[Id]
    key: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    code: Mapped[str] = mapped_column(String(30))  # agreement-ended, training-lapsed, person-left, rule-changed, closed
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    choice: Mapped[str | None] = mapped_column(String(20))  # kept, cancelled, mended, moved
    closing: Mapped[str | None] = mapped_column(String(24), index=True)  # that raised it: what was closed in one go


class IdempotencyKey(Model):
    """A request made under a key of its sender's choice; the same key again is answered with the same request."""

    __tablename__ = "idempotency_key"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
