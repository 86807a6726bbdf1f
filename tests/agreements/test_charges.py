"""What a partner owes a site stands on its agreement's page, month by month, for those whom it concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.limits.deadline import Consequence, Deadline
from labbook.db import db
from labbook.models import Agreement, Booking, Charge
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.ruling import add_rules

LATE = Deadline(hours=48, then=Consequence.CHARGED, amount=3000)
TIMES = (("2026-11-24T10:00", "2026-11-24T11:00"), ("2026-11-24T12:00", "2026-11-24T13:00"))


def path_of(lab: Cast, partner: str) -> str:
    """The agreement of a partner with Tsukuba."""
    found = (Agreement.partner_id == lab.partners[partner], Agreement.site_id == lab.sites["tsukuba"])
    return f"/agreements/{db.session.scalars(select(Agreement.key).where(*found)).one()}"


@pytest.fixture
def charged(app: Flask, lab: Cast) -> str:
    """Alan has cancelled twice too late. The path of his partner's agreement."""
    add_rules(lab, LATE)
    alan = Visitor(app, "alan")
    for time in TIMES:
        assert alan.book("tsukuba-plain", *time).status_code == 303
    for key, version in db.session.execute(select(Booking.key, Booking.version)).all():
        seen = {"reason": "", "version": version, "seen": "charged:3000 JPY"}
        assert alan.post(f"/bookings/{key}/cancel", **seen).status_code == 303
    assert [one.amount for one in db.session.scalars(select(Charge))] == [3000, 3000]
    return path_of(lab, "aoba")


@pytest.mark.parametrize("name", ["cora", "sora", "audrey"])
def test_coordinator_staff_and_auditor_read_the_sum_of_the_month(app: Flask, charged: str, name: str) -> None:
    page = Visitor(app, name).get(charged).text
    assert "6000 JPY" in page
    assert page.count("3000 JPY") == 2
    assert ("2026年11月" if name == "sora" else "November 2026") in page


@on_sqlite
def test_other_partners_read_nothing_of_it(app: Flask, lab: Cast, charged: str) -> None:
    assert Visitor(app, "ben").get(charged).status_code == 404
    assert "JPY" not in Visitor(app, "sora").get(path_of(lab, "birch")).text


@on_sqlite
def test_months_are_those_of_the_site(app: Flask, lab: Cast, charged: str, clock: Clock) -> None:
    clock.now = NOW + timedelta(days=7, hours=14, minutes=30)  # 23:30 of the 30th in Tsukuba
    alan = Visitor(app, "alan")
    for hours, month in ((0, "2026年11月"), (1, "2026年12月")):
        clock.now += timedelta(hours=hours)
        booked = (f"2026-12-01T1{hours}:00", f"2026-12-01T1{hours + 1}:00")
        assert alan.book("tsukuba-hood", *booked).status_code == 303
        key, version = db.session.execute(select(Booking.key, Booking.version).order_by(Booking.id.desc())).first() or (
            "",
            0,
        )
        alan.post(f"/bookings/{key}/cancel", reason="", version=version, seen="charged:3000 JPY")
        assert month in Visitor(app, "sora").get(charged).text


@on_sqlite
def test_without_charges_the_page_says_nothing_of_them(app: Flask, lab: Cast) -> None:
    assert "a-charges" not in Visitor(app, "cora").get(path_of(lab, "aoba")).text
