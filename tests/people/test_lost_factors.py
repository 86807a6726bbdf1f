"""A second factor that is lost with its recovery codes is taken away by somebody else, never by oneself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db
from labbook.models import Event, Person, RecoveryCode
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.conftest import Clock, application, let_go
from tests.people.post import Postbox
from tests.people.test_factors import half_in, set_up
from tests.people.test_roles import person


def has_factor(lab: Cast, name: str) -> bool:
    db.session.remove()
    codes = db.session.scalars(select(RecoveryCode).where(RecoveryCode.person_id == lab.people[name])).all()
    is_set = bool(db.session.get_one(Person, lab.people[name]).totp_secret)
    assert is_set is bool(codes)
    return is_set


def test_an_administrator_takes_it_away_and_all_sessions_end_in_every_process(
    app: Flask, lab: Cast, database: str, clock: Clock, box: Postbox
) -> None:
    elsewhere = application(database, CLOCK=clock)  # another web process
    alan, ada, path = Visitor.by_the_form(elsewhere, "alan"), Visitor(app, "ada"), f"/people/{person(lab, 'alan')}"
    assert "/remove-factor" not in ada.get(path).text  # there is none
    set_up(alan, clock)
    waiting = half_in(elsewhere)  # has given the password, not yet the code
    asks = waiting.get("/sign-in/code")
    box.collect()
    clock.now += timedelta(minutes=2)
    page = ada.get(path)
    assert ada.submit(page, "/remove-factor").status_code == 303
    assert not has_factor(lab, "alan")
    assert alan.get("/bookings").status_code == 303
    assert waiting.submit(asks, "/sign-in/code", code="123456").headers["Location"].startswith("/sign-in?")
    assert Visitor.by_the_form(elsewhere, "alan").get("/bookings").status_code == 200  # by the password alone
    told = box.only("alan@lab.example")
    assert "An administrator has removed the second factor" in told.text
    event = db.session.scalars(select(Event).where(Event.code == "factor-taken-away")).one()
    assert (event.actor_id, event.subject_id) == (lab.people["ada"], lab.people["alan"])
    assert ada.submit(page, "/remove-factor").status_code == 409
    assert len(db.session.scalars(select(Event).where(Event.code == "factor-taken-away")).all()) == 1
    with elsewhere.app_context():
        let_go()


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [
        *((name, 404) for name in ("alan", "hana", "ben", "dora", "chika")),  # alan: not even about themselves
        *((name, 403) for name in ("cora", "sora", "sam", "mio", "audrey")),
    ],
)
def test_others_take_nobody_s_away(app: Flask, lab: Cast, clock: Clock, name: str, status: int) -> None:
    set_up(Visitor.by_the_form(app, "alan"), clock)
    visitor, path = Visitor(app, name), f"/people/{person(lab, 'alan')}"
    assert visitor.post(f"{path}/remove-factor").status_code == status
    assert "/remove-factor" not in visitor.get(path).text
    assert has_factor(lab, "alan")


@on_sqlite
def test_nobody_takes_their_own_away_without_password_and_code(app: Flask, lab: Cast, clock: Clock) -> None:
    ada, path = Visitor.by_the_form(app, "ada"), f"/people/{person(lab, 'ada')}"
    set_up(ada, clock)
    assert "/remove-factor" not in ada.get(path).text
    assert ada.post(f"{path}/remove-factor").status_code == 403
    assert ada.post("/people/nobody/remove-factor").status_code == 404
    assert has_factor(lab, "ada")


@on_sqlite
def test_the_only_administrator_is_let_in_again_by_the_command(app: Flask, lab: Cast, clock: Clock) -> None:
    ada = Visitor.by_the_form(app, "ada")
    set_up(ada, clock)
    runner = app.test_cli_runner()
    db.session.remove()
    done = runner.invoke(args=["people", "remove-factor", "ada@lab.example"])
    assert (done.exit_code, done.output) == (0, "removed\n")
    assert not has_factor(lab, "ada")
    assert ada.get("/bookings").status_code == 303
    assert Visitor.by_the_form(app, "ada").get("/bookings").status_code == 200
    assert runner.invoke(args=["people", "remove-factor", "ada@lab.example"]).exit_code == 1
    assert runner.invoke(args=["people", "remove-factor", "nobody@lab.example"]).exit_code == 1
    assert db.session.scalars(select(Event.actor_id).where(Event.code == "factor-taken-away")).all() == [None]
