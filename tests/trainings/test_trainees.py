"""Trainees: signed off, but not yet on their own; later they are."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.language import Words
from labbook.core.limits.hours import OnlyWithin
from labbook.core.limits.limit import Who, spelled
from labbook.core.weekly import Stretch, When
from labbook.db import db, transactional
from labbook.models import Event, EventDetail, Resource, RuleSet, TrainingRecord
from labbook.people.queries import trainings_of
from labbook.trainings import service
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.trainings.conftest import TOMORROW, School

STAFF = "/sites/tsukuba/trainings"
TODAY = "2026-11-23"


def is_trainee(lab: Cast, name: str) -> bool:
    """What the rules get to know of somebody's laser training."""
    db.session.remove()
    confocal = db.session.scalars(select(Resource.id).where(Resource.slug == "tsukuba-confocal-1")).one()
    (fact,) = trainings_of(lab.people[name], confocal)
    assert fact.is_held
    return fact.is_trainee


def line(visitor: Visitor) -> str:
    """The line about the training on one's own card."""
    page = visitor.get("/resources/tsukuba-confocal-1").text
    return page.split('data-code="training')[1].split("</li>")[0]


def test_somebody_is_signed_off_as_a_trainee_and_later_in_full(app: Flask, lab: Cast, school: School) -> None:
    sora, alan = Visitor(app, "sora"), Visitor(app, "alan")
    about = {"person": school.key("alan"), "training": "laser", "granted_on": TODAY, "q": "abbott"}
    answer = sora.post(f"{STAFF}/grant", **about, as_trainee="y")
    assert answer.status_code == 303
    page = sora.get(answer.headers["Location"]).text
    assert "実習者として" in page
    assert "（実習者）" in page
    assert is_trainee(lab, "alan")
    assert "Held as a trainee" in line(alan)
    ((who, said),) = school.letters("training-passed")
    assert (who, said["trainee"]) == ("alan", True)

    assert sora.post(f"{STAFF}/grant", **about).status_code == 303
    assert not is_trainee(lab, "alan")
    assert "trainee" not in line(alan)
    assert len(school.records("alan")) == 2
    details = db.session.scalars(
        select(EventDetail).join(Event).where(Event.code == "training-granted").order_by(Event.id)
    )
    assert [(one.body or {}).get("as") for one in details] == ["trainee", None]


def test_a_session_may_leave_everybody_who_passed_a_trainee(
    app: Flask, lab: Cast, school: School, clock: Clock
) -> None:
    key = school.session()
    service.take(lab.actor("alan"), key, now=NOW)
    clock.now = TOMORROW.end
    sora = Visitor(app, "sora")
    page = sora.get(f"/training-sessions/{key}")
    assert 'name="as_trainee"' in page.text
    assert sora.submit(page, "sign-off", passed=school.key("alan"), as_trainee="y").status_code == 303
    assert is_trainee(lab, "alan")


@on_sqlite
def test_a_trainee_s_proof_takes_nothing_from_a_full_one(app: Flask, lab: Cast, school: School) -> None:
    service.grant(
        lab.actor("sora"),
        "tsukuba",
        school.key("ben"),
        "laser",
        granted_on=date(2026, 11, 23),
        as_trainee=True,
        now=NOW,
    )
    assert not is_trainee(lab, "ben")


@transactional
def office_hours(lab: Cast) -> None:
    """At the whole site trainees book only between nine and five on weekdays."""
    office = When((Stretch(frozenset(range(5)), 9 * 60, 17 * 60),))
    plain = {"id": "1", **spelled(OnlyWithin(when=office, who=Who.TRAINEES))}
    name = Words("Trainees", "実習者")
    db.session.add(RuleSet(site_id=lab.sites["tsukuba"], name=name, limits=[plain], made_at=NOW))


@on_sqlite
def test_what_is_for_trainees_stops_a_trainee_and_nobody_else(app: Flask, lab: Cast, school: School) -> None:
    office_hours(lab)
    evening = ("2026-11-24T18:00", "2026-11-24T19:00")
    for as_trainee, status in ((True, 409), (False, 303)):
        service.grant(
            lab.actor("sora"),
            "tsukuba",
            school.key("alan"),
            "laser",
            granted_on=date(2026, 11, 23),
            as_trainee=as_trainee,
            now=NOW,
        )
        assert Visitor(app, "alan").book("tsukuba-confocal-1", *evening).status_code == status


@pytest.mark.parametrize(("name", "status"), [("alan", 404), ("cora", 404), ("sam", 404), ("audrey", 403)])
@on_sqlite
def test_only_the_site_s_staff_do(app: Flask, lab: Cast, school: School, name: str, status: int) -> None:
    about = {"person": school.key("alan"), "training": "laser", "granted_on": TODAY, "as_trainee": "y"}
    answer = Visitor(app, name).post(f"{STAFF}/grant", **about)
    assert answer.status_code in (status, 403)
    assert db.session.scalars(select(TrainingRecord).where(TrainingRecord.is_trainee)).all() == []
