"""Writes who wishes for a training in the demo lab, and the sessions to come."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..core.hours import instant
from ..db import db
from ..models import TrainingPlace, TrainingSession, TrainingWish
from .catalogue import Ids
from .content import Row, days_from, minute, said


def write_schooling(places: Ids, partners: Ids, people: Ids, trainings: Ids, now: datetime) -> None:
    """Open wishes, and sessions of which some places are taken."""
    content = said("trainings")
    db.session.add_all(
        TrainingWish(
            person_id=people[row["person"]],
            training_id=trainings[row["training"]],
            site_id=places[row["site"]],
            partner_id=partners[row["partner"]],
            note=row["note"],
            asked_at=now + timedelta(days=row["asked_days"]),
        )
        for row in content["wish"]
    )
    zones = {row["slug"]: ZoneInfo(row["zone"]) for row in said("sites")["site"]}
    for row in content["session"]:
        session = _session(row, places, people, trainings, zones[row["site"]], now.date())
        db.session.add(session)
        db.session.flush()
        db.session.add_all(
            TrainingPlace(session_id=session.id, person_id=people[email], taken_at=now) for email in row["taken"]
        )


def _session(row: Row, places: Ids, people: Ids, trainings: Ids, zone: ZoneInfo, first_on: date) -> TrainingSession:
    on = _workday(days_from(first_on, row["in_days"]))
    return TrainingSession(
        training_id=trainings[row["training"]],
        site_id=places[row["site"]],
        trainer_id=people[row["trainer"]],
        starts_at=_at(on, row["from"], zone),
        ends_at=_at(on, row["to"], zone),
        places=row["places"],
    )


def _workday(on: date) -> date:
    """That day, or the Monday after it."""
    return on + timedelta(days=max(0, 7 - on.weekday())) if on.weekday() >= 5 else on


def _at(on: date, clock: str, zone: ZoneInfo) -> datetime:
    return instant(datetime.combine(on, time()) + timedelta(minutes=minute(clock)), zone)
