"""Trainings at the cast's lab."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.interval import Interval
from labbook.db import db, transactional
from labbook.models import Letter, Person, Training, TrainingPlace, TrainingRecord, TrainingSession, TrainingWish
from labbook.trainings import service
from tests.cast import NOW, Cast

DAY = timedelta(days=1)
TOMORROW = Interval(NOW + DAY, NOW + DAY + timedelta(hours=2))


@dataclass
class School:
    """What tests about trainings ask for again and again."""

    lab: Cast
    app: Flask
    keys: list[str] = field(default_factory=list)

    def session(self, *, places: int = 4, time: Interval = TOMORROW, site: str = "tsukuba", by: str = "sora") -> str:
        """A laser session named by staff; its key."""
        trainer = self.key(by)
        now = time.start - DAY
        return service.schedule(
            self.lab.actor(by), site, "laser", time=time, places=places, trainer=trainer, now=min(now, NOW)
        )

    def key(self, name: str) -> str:
        """A person's key."""
        return db.session.scalars(select(Person.key).where(Person.id == self.lab.people[name])).one()

    def places(self, key: str) -> list[str]:
        """Who has a place in a session, by address."""
        db.session.remove()
        found = select(Person.email).join(TrainingPlace, TrainingPlace.person_id == Person.id)
        of_it = found.join(TrainingSession, TrainingSession.id == TrainingPlace.session_id)
        return sorted(one.partition("@")[0] for one in db.session.scalars(of_it.where(TrainingSession.key == key)))

    def records(self, name: str) -> list[tuple[date, date | None, bool]]:
        """Somebody's proofs: granted, good until, revoked."""
        db.session.remove()
        rows = db.session.scalars(
            select(TrainingRecord).where(TrainingRecord.person_id == self.lab.people[name]).order_by(TrainingRecord.id)
        )
        return [(row.granted_on, row.expires_on, row.revoked_at is not None) for row in rows]

    def wishes(self, name: str) -> list[bool]:
        """Somebody's wishes: open or not."""
        db.session.remove()
        rows = db.session.scalars(select(TrainingWish).where(TrainingWish.person_id == self.lab.people[name]))
        return [row.settled_at is None for row in rows]

    def letters(self, kind: str = "") -> list[tuple[str, dict[str, Any]]]:
        """The letters about trainings, by whose they are, and what they say."""
        db.session.remove()
        rows = db.session.scalars(select(Letter).where(Letter.kind.startswith(kind or "training")).order_by(Letter.id))
        return [(row.address.partition("@")[0], row.values) for row in rows]

    @transactional
    def laser(self, **values: Any) -> None:
        """Change the laser training."""
        training = db.session.scalars(select(Training)).one()
        for name, value in values.items():
            setattr(training, name, value)

    @transactional
    def expire(self, name: str, on: date) -> None:
        """Somebody's proof is good until that day."""
        row = db.session.scalars(select(TrainingRecord).where(TrainingRecord.person_id == self.lab.people[name])).one()
        row.expires_on = on


@pytest.fixture
def school(app: Flask, lab: Cast) -> School:
    """The lab, with the trainings in view."""
    return School(lab, app)


def tsukuba(text: str) -> datetime:
    """An instant by Tsukuba's clock."""
    return datetime.fromisoformat(f"{text}:00+09:00").astimezone(UTC)
