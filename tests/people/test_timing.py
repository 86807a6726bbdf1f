"""Known and unknown addresses cost the same, at every door that takes one: the same work, and so the same time."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import delete, select, update

from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Invitation, JoinRequest, Letter, OneTimeLink, Partner, Person
from labbook.people.service import flooding, inviting, passwords, resets, signing_in, throttle, wishing
from labbook.people.service.origin import Origin
from tests.browsing import Visitor, steady
from tests.cast import NOW, Cast
from tests.statements import counted, unlike

SAMPLES = int(os.environ.get("SAMPLES", "200"))
NOISE = 0.10  # of the median; the spread between two halves of one and the same is larger
HERE = Origin("203.0.113.9", "Firefox, Linux")
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Way:
    """Something that anybody, or a rival, can do with an address: one that is known, and one that is not."""

    name: str
    do: Callable[[Cast, str], None]
    known: str
    unknown: str = "nobody@lab.example"


def sign_in(lab: Cast, email: str) -> None:
    """A wrong password."""
    assert signing_in.sign_in(email, "wrong", HERE, now=NOW) is None


def forget(lab: Cast, email: str) -> None:
    """Ask for a link."""
    resets.ask(email, HERE, language="en", now=NOW)


def invite(lab: Cast, email: str) -> None:
    """As coordinator, invite somebody: does the address belong to a rival's account?"""
    key = db.session.scalars(select(Partner.key).where(Partner.id == lab.partners["aoba"])).one()
    inviting.invite_to_partner(lab.actor("cora"), key, email, Role.SCIENTIST, "en", now=NOW, lasts=WEEK)


def name_coordinator(lab: Cast, email: str) -> None:
    """Ask to join, and name a coordinator: is the address one's?"""
    _ask_to_join("nina@new.example", email)


def ask_to_join(lab: Cast, email: str) -> None:
    """Ask to join from an address: has it an account?"""
    _ask_to_join(email, "cora@lab.example")


def _ask_to_join(email: str, coordinator: str) -> None:
    throttle.admit(throttle.Door.JOIN, email, HERE.address, now=NOW)
    wishing.ask_to_join(wishing.Wish(email, "Novak", "Nina", "Plum", coordinator, "", "en"), now=NOW)


@transactional
def forget_all() -> None:
    """Take back what the ways have left, so that each time is the first."""
    for table in (Letter, OneTimeLink, Invitation, JoinRequest):
        db.session.execute(delete(table))


WAYS = pytest.mark.parametrize(
    "way",
    [
        Way("sign_in", sign_in, "alan@lab.example"),
        Way("forget", forget, "alan@lab.example"),
        Way("invite", invite, "ben@lab.example"),
        Way("name_coordinator", name_coordinator, "cora@lab.example"),
        Way("ask_to_join", ask_to_join, "alan@lab.example"),
    ],
    ids=lambda way: way.name,
)


@WAYS
def test_the_same_statements_and_hashes(app: Flask, lab: Cast, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    work = []
    for email in (way.known, way.unknown):
        hashed: list[str] = []
        fits = passwords._fits

        def counting(stored: str, password: str, hashed: list[str] = hashed, fits: Callable[..., bool] = fits) -> bool:
            hashed.append(stored.split("$")[3])
            return fits(stored, password)

        with monkeypatch.context() as patch, counted() as sent:
            patch.setattr(passwords, "_fits", counting)
            way.do(lab, email)
        work.append(([one for one in sent if not one.startswith("ROLLBACK TO")], hashed))  # its twin is no statement
        forget_all()
        db.session.remove()
    (known, hashed_known), (unknown, hashed_unknown) = work
    assert hashed_known == hashed_unknown
    assert len(known) == len(unknown), unlike(known, unknown)
    assert [one.split()[:3] for one in known] == [one.split()[:3] for one in unknown]


@pytest.mark.parametrize("is_full", [False, True])
def test_asking_a_partner_for_whom_enough_wait_is_the_same_work(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch, is_full: bool
) -> None:
    monkeypatch.setattr(wishing, "MOST_FOR_PARTNER", 0 if is_full else 50)
    work = []
    for coordinator in ("cora@lab.example", "nobody@lab.example"):
        with counted() as sent:
            name_coordinator(lab, coordinator)
        work.append([one.split()[:3] for one in sent if not one.startswith("ROLLBACK TO")])
        forget_all()
        db.session.remove()
    assert work[0] == work[1]
    assert any(one[:1] == ["INSERT"] for one in work[0])


def test_the_same_page_after_an_invitation(app: Flask, lab: Cast) -> None:
    db.session.remove()
    key = db.session.scalars(select(Partner.key).where(Partner.id == lab.partners["aoba"])).one()
    path, cora, pages = f"/people/partners/{key}", Visitor(app, "cora"), []
    for email in ("ben@lab.example", "nib@lab.example"):
        answer = cora.submit(cora.get(path), "/invite", email=email)
        ours = db.session.scalars(select(Invitation.key)).one()
        pages.append(steady(cora.get(path).text).replace(email, "…").replace(ours, "…"))
        pages.append(f"{answer.status_code} {answer.headers['Location']}")
        forget_all()
    assert pages[:2] == pages[2:]
    assert "… is on its way" in pages[0]


@pytest.mark.soak
@WAYS
def test_the_same_time(app: Flask, lab: Cast, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    real = PasswordHasher()
    monkeypatch.setattr(passwords, "_hasher", real)
    monkeypatch.setattr(passwords, "_NOBODYS_HASH", real.hash("nobody"))
    monkeypatch.setattr(flooding, "MOST_A_DAY", 10**6)
    monkeypatch.setattr(throttle, "PER_ACCOUNT", 10**6)
    monkeypatch.setattr(throttle, "PER_ADDRESS", 10**6)
    _give_a_real_hash(lab, real)
    spent: dict[str, list[float]] = {way.known: [], way.unknown: []}
    gc.disable()
    try:
        for number in range(SAMPLES):
            for email in (way.known, way.unknown) if number % 2 else (way.unknown, way.known):
                began = time.perf_counter()
                way.do(lab, email)
                spent[email].append(time.perf_counter() - began)
                forget_all()
                db.session.remove()
    finally:
        gc.enable()
    known, unknown = (statistics.median(spent[email]) for email in (way.known, way.unknown))
    kind = db.engine.dialect.name
    print(f"{way.name} on {kind}: known {known * 1000:.2f} ms, unknown {unknown * 1000:.2f} ms")
    assert abs(known - unknown) <= max(NOISE * known, 0.001)


def _give_a_real_hash(lab: Cast, hasher: PasswordHasher) -> None:
    @transactional
    def give() -> None:
        fresh = hasher.hash("correct horse battery staple")
        db.session.execute(update(Person).where(Person.id == lab.people["alan"]).values(password_hash=fresh))

    give()
