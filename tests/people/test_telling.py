"""Those who may answer a wish to join are told of it once, however many workers there are, and again by partner."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook import worker
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Agreement, Event, JoinRequest, Letter, Partner, Person, RoleGrant
from labbook.people.service import wishing
from labbook.people.service.telling import tell_of_wishes
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock, let_go
from tests.people.post import Mail, Postbox
from tests.statements import counted

NEW = "nina@new.example"


def ask(coordinator: str = "", *, email: str = NEW, organisation: str = "Plum Therapeutics", message: str = "") -> str:
    """Ask to join as the form does; the key of the wish."""
    db.session.remove()
    wish = wishing.Wish(email, "Novak", "Nina", organisation, coordinator, message, "en")
    wishing.ask_to_join(wish, now=NOW)
    return db.session.scalars(select(JoinRequest.key).order_by(JoinRequest.id.desc())).first() or ""


def told(box: Postbox) -> list[str]:
    """Let the worker tell, and the post be delivered: to whom."""
    return sorted(one.to.partition("@")[0] for one in _told(box))


def _told(box: Postbox) -> list[Mail]:
    db.session.remove()
    tell_of_wishes(now=box.clock.now)
    return box.collect()


def key_of(lab: Cast, name: str) -> str:
    return db.session.scalars(select(Partner.key).where(Partner.id == lab.partners[name])).one()


@transactional
def grant(lab: Cast, name: str, role: Role, partner: str | None = None, site: str | None = None) -> None:
    where = {"partner_id": lab.partners[partner] if partner else None, "site_id": lab.sites[site] if site else None}
    db.session.add(RoleGrant(person_id=lab.people[name], role=role, starts_on=date(2026, 1, 1), **where))


@transactional
def end_roles(role: Role) -> None:
    db.session.execute(update(RoleGrant).where(RoleGrant.role == role).values(ended_at=NOW))


def test_the_coordinator_who_is_named_hears_of_it_from_the_worker(app: Flask, lab: Cast, box: Postbox) -> None:
    visitor = Visitor(app)
    fields = {"family_name": "Novak", "given_name": "Nina", "email": NEW, "organisation": "Plum Therapeutics"}
    asked = visitor.submit(visitor.get("/join"), "/join", **fields, coordinator="cora@lab.example", message="In May.")
    assert asked.status_code == 303
    assert box.collect() == []  # nothing is written at the door itself
    worker.once(NOW)
    mail = box.only("cora@lab.example")
    assert mail.subject == "LabBook: a request to join waits for you"
    assert "One person has asked to join Aoba Bio and waits for an answer." in mail.text
    assert mail.path == "/joining"
    for theirs in ("Plum", "Novak", NEW, "In May."):  # what strangers write does not go out under the lab's name
        assert theirs not in mail.text
    assert "Plum Therapeutics" in Visitor(app, "cora").get(mail.path).text
    (event,) = db.session.scalars(select(Event).where(Event.code == "join-told"))
    assert (event.partner_id, event.actor_id) == (lab.partners["aoba"], None)
    worker.once(NOW)
    assert told(box) == []


def test_of_many_workers_at_once_one_tells(app: Flask, lab: Cast) -> None:
    ask("cora@lab.example")
    ask()
    start, written = threading.Barrier(5), []
    db.session.remove()

    def run() -> None:
        with app.app_context():
            start.wait()
            try:
                written.append(tell_of_wishes(now=NOW))
            finally:
                db.session.remove()
                if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
                    let_go()

    threads = [threading.Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(written), sum(written)) == (5, 2)
    assert sorted(db.session.scalars(select(Letter.address))) == ["cora@lab.example", "mio@lab.example"]


def test_a_wish_for_nobody_known_goes_to_managers_and_again_to_the_partner_it_is_assigned_to(
    app: Flask, lab: Cast, box: Postbox
) -> None:
    key = ask("somebody@aoba.example")
    (mail,) = _told(box)
    assert (mail.to, mail.subject) == ("mio@lab.example", "LabBook：参加申請が届いています")
    assert "参加申請が1件届いて" in mail.text
    assert Visitor(app, "mio").get(mail.path).status_code == 200
    assert told(box) == []
    wishing.assign(lab.actor("sora"), key, key_of(lab, "aoba"), now=NOW)
    assert told(box) == ["cora"]
    assert told(box) == []


@on_sqlite
def test_every_coordinator_of_the_partner_hears_and_nobody_of_another(app: Flask, lab: Cast, box: Postbox) -> None:
    grant(lab, "hana", Role.COORDINATOR, "aoba")
    grant(lab, "ben", Role.COORDINATOR, "birch")
    ask("cora@lab.example")
    assert told(box) == ["cora", "hana"]


@on_sqlite
@pytest.mark.parametrize("gone", ["role", "account"])
def test_without_a_coordinator_who_may_answer_the_partners_managers_hear(
    app: Flask, lab: Cast, box: Postbox, gone: str
) -> None:
    grant(lab, "sam", Role.MANAGER, site="cambridge")
    ask("cora@lab.example")

    @transactional
    def end() -> None:
        db.session.execute(
            {
                "role": update(RoleGrant).where(RoleGrant.role == Role.COORDINATOR).values(ended_at=NOW),
                "account": update(Person).where(Person.id == lab.people["cora"]).values(is_active=False),
            }[gone]
        )

    end()
    assert told(box) == ["mio", "sam"]


@on_sqlite
def test_a_coordinator_whose_agreements_have_ended_hears_nothing(app: Flask, lab: Cast, box: Postbox) -> None:
    ask("cora@lab.example")

    @transactional
    def end() -> None:
        aoba = Agreement.partner_id == lab.partners["aoba"]
        db.session.execute(update(Agreement).where(aoba).values(ended_at=NOW))

    end()
    assert "cora" not in told(box)


@on_sqlite
def test_managers_of_sites_that_have_nothing_to_do_with_the_partner_hear_nothing(
    app: Flask, lab: Cast, box: Postbox
) -> None:
    grant(lab, "sam", Role.MANAGER, site="cambridge")
    key = ask()
    assert told(box) == ["mio", "sam"]
    wishing.assign(lab.actor("mio"), key, key_of(lab, "cedar"), now=NOW)  # which works at Tsukuba alone
    assert told(box) == ["mio"]


@on_sqlite
def test_without_any_manager_staff_hear_and_without_anybody_it_waits(app: Flask, lab: Cast, box: Postbox) -> None:
    ask()
    end_roles(Role.MANAGER)
    end_roles(Role.STAFF)
    assert told(box) == []
    grant(lab, "sora", Role.STAFF, site="tsukuba")
    assert told(box) == ["sora"]


@on_sqlite
def test_what_is_answered_already_is_told_to_nobody(app: Flask, lab: Cast, box: Postbox) -> None:
    key = ask("cora@lab.example")
    wishing.decline(lab.actor("cora"), key, reason="no", now=NOW)
    assert told(box) == ["nina"]


@on_sqlite
def test_whoever_asks_under_many_names_fills_nobodys_mailbox(app: Flask, lab: Cast, box: Postbox, clock: Clock) -> None:
    ask("cora@lab.example")
    assert told(box) == ["cora"]
    for number in range(30):
        ask("cora@lab.example", email=f"n{number}@new.example")
    assert told(box) == []
    clock.now = NOW + timedelta(hours=1)
    (mail,) = _told(box)
    assert "30 people have asked to join Aoba Bio and wait for an answer." in mail.text
    assert told(box) == []
    assert db.session.scalar(select(func.count(Event.id)).where(Event.code == "join-told")) == 31


@on_sqlite
def test_a_round_without_news_asks_one_question(app: Flask, lab: Cast, box: Postbox) -> None:
    ask("cora@lab.example")
    told(box)
    db.session.remove()
    with counted() as sent:
        tell_of_wishes(now=NOW)
    assert len(sent) == 1, sent
