"""Two conversations about busy times between the rivals of the demo lab: one answered and made known, one waiting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import case, select

from ..core.lifecycle import KEEPS_HOLD
from ..core.permissions import Actor
from ..db import db
from ..messages.service import Question, answer, ask, tell_name
from ..models import Booking, Partner, Person, Request, Resource, Site, Thread, Unit
from ..people.queries import actor_of

_SITE = "tsukuba"
_MISAKI, _OLIVIA = "misaki.sato@kazemori.example", "olivia.hartwell@quillfern.example"


class _Held(NamedTuple):
    """A time that somebody keeps."""

    unit: str
    at: datetime
    holder_id: int


def converse(now: datetime) -> None:
    """Hold the conversations, unless there were any before."""
    if db.session.scalar(select(Thread.id).limit(1)) is not None:
        return
    _answered(now)
    _waiting(now)


def _answered(now: datetime) -> None:
    misaki, held = _actor(_MISAKI, now), _held("quillfern", _OLIVIA, now)
    holder = actor_of(held.holder_id, now) if held else None
    if misaki is None or held is None or holder is None:
        return
    hour = timedelta(hours=1)
    key = _asked(misaki, held, "この時間に測定できると助かります。前後に動かせる可能性はありますか。", now)
    answer(holder, key, "I could start two hours later. Would that be enough for you?", now=now - 3 * hour)
    answer(misaki, key, "2時間で十分です。ありがとうございます。お互いに名乗って調整しませんか。", now=now - 2 * hour)
    tell_name(misaki, key, now=now - 2 * hour)
    tell_name(holder, key, now=now - hour)
    answer(holder, key, "Gladly. I shall move my booking this afternoon.", now=now - hour)


def _waiting(now: datetime) -> None:
    olivia, held = _actor(_OLIVIA, now), _held("kazemori", _MISAKI, now)
    if olivia is not None and held is not None:
        _asked(olivia, held, "Would you mind swapping this slot for one on the next day? Any time suits me.", now)


def _asked(actor: Actor, held: _Held, text: str, now: datetime) -> str:
    (partner_id,) = actor.partner_ids
    return ask(actor, Question(held.unit, held.at, partner_id, text), now=now - timedelta(hours=4))


def _actor(email: str, now: datetime) -> Actor | None:
    number = db.session.scalar(select(Person.id).where(Person.email == email))
    return actor_of(number, now) if number else None


def _held(partner: str, best: str, now: datetime) -> _Held | None:
    """The next time that somebody of the partner keeps and every partner may see; one of the best person's, if any."""
    row = db.session.execute(
        select(Unit.key, Booking.starts_at, Booking.person_id)
        .join(Unit, Unit.id == Booking.unit_id)
        .join(Resource, Resource.id == Booking.resource_id)
        .join(Site, Site.id == Booking.site_id)
        .join(Request, Request.id == Booking.request_id)
        .join(Partner, Partner.id == Request.partner_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Site.slug == _SITE,
            Partner.slug == partner,
            Request.project_id.is_(None),
            Resource.is_hidden.is_(False),
            Booking.by_day.is_(False),
            Booking.state.in_(KEEPS_HOLD),
            Booking.starts_at > now,
        )
        .order_by(case((Person.email == best, 0), else_=1), Booking.starts_at, Resource.slug)
        .limit(1)
    ).one_or_none()
    return _Held(*row) if row else None
