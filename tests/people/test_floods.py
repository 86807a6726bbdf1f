"""Nobody's letter-box or list is filled without end: invitations by the day, wishes to join by the partner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook.db import db, transactional
from labbook.models import Invitation, JoinRequest, Letter, Partner
from labbook.people.service import flooding, wishing
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock


def people_of(lab: Cast, partner: str = "aoba") -> str:
    """The page of a partner's people."""
    db.session.remove()
    key = db.session.scalars(select(Partner.key).where(Partner.id == lab.partners[partner])).one()
    return f"/people/partners/{key}"


def letters() -> int:
    """How many invitations were written."""
    db.session.remove()
    return db.session.scalar(select(func.count(Letter.id)).where(Letter.kind == "invitation")) or 0


def key_of(email: str) -> str:
    """The key of the latest invitation of an address."""
    db.session.remove()
    latest = select(Invitation.key).where(Invitation.email == email).order_by(Invitation.id.desc())
    return db.session.scalars(latest.limit(1)).one()


@on_sqlite
def test_inviting_and_revoking_ends_for_the_day(
    app: Flask, lab: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flooding, "MOST_A_DAY", 3)
    cora, path = Visitor(app, "cora"), people_of(lab)
    page = cora.get(path)
    for number in range(3):
        email = f"n{number}@new.example"
        assert cora.submit(page, "/invite", email=email).status_code == 303
        assert cora.post(f"/invitations/{key_of(email)}/revoke").status_code == 303
    refused = cora.submit(page, "/invite", email="more@new.example")
    assert refused.status_code == 409
    assert "at most 3 letters go out in a day" in refused.text
    assert "more@new.example" in refused.text
    assert letters() == 3
    clock.now = NOW + timedelta(days=1, minutes=1)
    cora = Visitor(app, "cora")
    assert cora.submit(cora.get(path), "/invite", email="more@new.example").status_code == 303
    assert letters() == 4


@on_sqlite
def test_new_links_count_too_and_other_partners_do_not(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flooding, "MOST_A_DAY", 1)
    cora, path = Visitor(app, "cora"), people_of(lab)
    assert cora.submit(cora.get(path), "/invite", email="nina@new.example").status_code == 303
    _send_out()
    assert cora.post(f"/invitations/{key_of('nina@new.example')}/resend").status_code == 303
    assert "letters go out in a day" in cora.get(path).text
    assert letters() == 1
    aoba, birch = lab.partners["aoba"], lab.partners["birch"]
    with pytest.raises(flooding.EnoughTodayError):
        flooding.refuse_more(aoba, NOW)
    flooding.refuse_more(birch, NOW)


@transactional
def _send_out() -> None:
    db.session.execute(update(Letter).values(sent_at=NOW))


@on_sqlite
def test_who_asks_to_join_is_not_invited_past_the_limit_and_still_waits(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flooding, "MOST_A_DAY", 0)
    ask("nina@new.example")
    key = db.session.scalars(select(JoinRequest.key)).one()
    cora = Visitor(app, "cora")
    assert cora.post(f"/joining/{key}/accept").status_code == 303
    page = cora.get("/joining").text
    assert "letters go out in a day" in page
    assert "nina@new.example" in page


def ask(email: str, coordinator: str = "cora@lab.example") -> None:
    """Somebody asks to join."""
    wishing.ask_to_join(wishing.Wish(email, "Novak", "Nina", "Plum", coordinator, "", "en"), now=NOW)


@on_sqlite
def test_no_more_than_so_many_wishes_wait_for_one_partner(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishing, "MOST_FOR_PARTNER", 2)
    monkeypatch.setattr(wishing, "MOST_UNASSIGNED", 3)
    for number in range(4):
        ask(f"n{number}@new.example")
        ask(f"u{number}@new.example", coordinator="nobody@lab.example")
    page = Visitor(app, "cora").get("/joining").text
    assert [number for number in range(4) if f"n{number}@new.example" in page] == [0, 1]
    db.session.remove()
    waiting = select(JoinRequest.email).where(JoinRequest.answered_at.is_(None), JoinRequest.partner_id.is_(None))
    assert list(db.session.scalars(waiting.order_by(JoinRequest.id))) == [
        f"u{number}@new.example" for number in range(3)
    ]
    cora = Visitor(app, "cora")
    key = db.session.scalars(select(JoinRequest.key).where(JoinRequest.email == "n0@new.example")).one()
    assert cora.post(f"/joining/{key}/decline", reason="Not ours").status_code == 303
    ask("n9@new.example")  # there is room again
    assert "n9@new.example" in cora.get("/joining").text
