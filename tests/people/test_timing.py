"""Known and unknown addresses cost the same, at every door that takes one: the same work, and so the same time."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import update

from labbook.db import db, transactional
from labbook.models import Person
from labbook.people.service import passwords, resets, signing_in, throttle
from labbook.people.service.origin import Origin
from tests.cast import NOW, Cast
from tests.statements import counted, unlike

SAMPLES = int(os.environ.get("SAMPLES", "200"))
NOISE = 0.10  # of the median; the spread between two halves of one and the same is larger
KNOWN, UNKNOWN = "alan@lab.example", "nobody@lab.example"
HERE = Origin("203.0.113.9", "Firefox, Linux")


def sign_in(email: str) -> None:
    """A wrong password."""
    assert signing_in.sign_in(email, "wrong", HERE, now=NOW) is None


def forget(email: str) -> None:
    """Ask for a link."""
    resets.ask(email, HERE, language="en", now=NOW)


DOORS = pytest.mark.parametrize("door", [sign_in, forget])


@DOORS
def test_the_same_statements_and_hashes(
    app: Flask, lab: Cast, door: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = []
    for email in (KNOWN, UNKNOWN):
        hashed: list[str] = []
        fits = passwords._fits

        def counting(stored: str, password: str, hashed: list[str] = hashed, fits: Callable[..., bool] = fits) -> bool:
            hashed.append(stored.split("$")[3])
            return fits(stored, password)

        with monkeypatch.context() as patch, counted() as sent:
            patch.setattr(passwords, "_fits", counting)
            door(email)
        db.session.remove()
        work.append(([one for one in sent if not one.startswith("ROLLBACK TO")], hashed))  # its twin is no statement
    (known, hashed_known), (unknown, hashed_unknown) = work
    assert hashed_known == hashed_unknown
    assert len(known) == len(unknown), unlike(known, unknown)
    assert [one.split()[:3] for one in known] == [one.split()[:3] for one in unknown]


@pytest.mark.soak
@DOORS
def test_the_same_time(app: Flask, lab: Cast, door: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    real = PasswordHasher()
    monkeypatch.setattr(passwords, "_hasher", real)
    monkeypatch.setattr(passwords, "_NOBODYS_HASH", real.hash("nobody"))
    monkeypatch.setattr(throttle, "PER_ACCOUNT", 10**6)
    monkeypatch.setattr(throttle, "PER_ADDRESS", 10**6)
    _give_a_real_hash(lab, real)
    spent: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    gc.disable()
    try:
        for number in range(SAMPLES):
            for email in (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN):
                began = time.perf_counter()
                door(email)
                spent[email].append(time.perf_counter() - began)
                db.session.remove()
    finally:
        gc.enable()
    known, unknown = (statistics.median(spent[email]) for email in (KNOWN, UNKNOWN))
    print(f"{door.__name__}: known {known * 1000:.2f} ms, unknown {unknown * 1000:.2f} ms")
    assert abs(known - unknown) <= max(NOISE * known, 0.001)


def _give_a_real_hash(lab: Cast, hasher: PasswordHasher) -> None:
    @transactional
    def give() -> None:
        fresh = hasher.hash("correct horse battery staple")
        db.session.execute(update(Person).where(Person.id == lab.people["alan"]).values(password_hash=fresh))

    give()
