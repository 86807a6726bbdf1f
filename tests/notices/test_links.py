"""The secret link of a letter is made when it is sent, ends the older ones, and is kept nowhere."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from labbook.core.tokens import token_hash
from labbook.db import db, transactional
from labbook.models import Invitation, OneTimeLink
from labbook.models.letter import letter
from labbook.notices.service import RESET_LASTS, Office, send_due
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast
from tests.notices.server import OK, Mailbox, text_of

_TOKEN = re.compile(r"https?://\S+/reset/(\S+)")


@transactional
def forgot(lab: Cast, name: str = "alan", at: datetime = NOW) -> None:
    """A letter with a link for a new password."""
    person = lab.people[name]
    db.session.add(letter("reset", f"{name}@lab.example", "en", now=at, person_id=person))


def links(lab: Cast, name: str = "alan") -> list[OneTimeLink]:
    """A person's links, the oldest first."""
    db.session.remove()
    found = select(OneTimeLink).where(OneTimeLink.person_id == lab.people[name])
    return list(db.session.scalars(found.order_by(OneTimeLink.id)))


def test_a_link_is_made_when_its_letter_is_sent_and_kept_as_a_hash(lab: Cast, office: Office, mailbox: Mailbox) -> None:
    forgot(lab)
    assert links(lab) == []
    assert send_due(office, now=NOW) == 1
    found = _TOKEN.search(text_of(mailbox.arrived[0]))
    assert found is not None
    (link,) = links(lab)
    assert link.token_hash == token_hash(found[1])
    assert timedelta(0) <= link.expires_at - NOW - RESET_LASTS < timedelta(minutes=1)
    for table in ("letter", "one_time_link", "event_detail"):
        rows = db.session.execute(text(f"SELECT * FROM {table}")).all()
        assert [row for row in rows if found[1] in str(tuple(row))] == []


def test_a_newer_link_ends_the_older_ones_of_that_person_alone(lab: Cast, office: Office, mailbox: Mailbox) -> None:
    for name in ("alan", "ben", "alan"):
        forgot(lab, name)
        send_due(office, now=NOW)
    assert [link.revoked_at is None for link in links(lab)] == [False, True]
    assert [link.revoked_at is None for link in links(lab, "ben")] == [True]


@on_sqlite
def test_a_letter_that_is_tried_again_has_a_new_link(lab: Cast, office: Office, mailbox: Mailbox) -> None:
    forgot(lab)
    mailbox.data = lambda address: "451 Later"
    send_due(office, now=NOW)
    mailbox.data = lambda address: OK
    assert send_due(office, now=NOW + timedelta(hours=1)) == 1
    token = _TOKEN.search(text_of(mailbox.arrived[0]))
    assert token is not None
    live = [link.token_hash for link in links(lab) if link.revoked_at is None]
    assert live == [token_hash(token[1])]


@on_sqlite
@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_invitation_s_link_lives_as_long_as_the_invitation(
    lab: Cast, office: Office, mailbox: Mailbox, language: str
) -> None:
    ends = NOW + timedelta(days=7)

    @transactional
    def invite() -> None:
        invitation = Invitation(
            email="new@lab.example",
            role="scientist",
            partner_id=lab.partners["aoba"],
            language=language,
            invited_by_id=lab.people["cora"],
            made_at=NOW,
            expires_at=ends,
        )
        db.session.add(invitation)
        db.session.flush()
        told = {"inviter": "Cora Cole", "place": "Aoba Bio", "role": "scientist", "until": "Mon 30 Nov 2026"}
        one = letter("invitation", "new@lab.example", language, now=NOW, invitation_id=invitation.id, **told)
        db.session.add(one)

    invite()
    send_due(office, now=NOW)
    db.session.remove()
    (link,) = db.session.scalars(select(OneTimeLink).where(OneTimeLink.invitation_id.is_not(None)))
    assert (link.expires_at, link.revoked_at) == (ends, None)


@on_sqlite
def test_letters_without_a_link_make_none(lab: Cast, office: Office, mailbox: Mailbox) -> None:
    @transactional
    def write() -> None:
        told = {"digest": "a" * 64, "number": 3, "count": 12, "sealed": "2026-11-23 00:00:00 UTC"}
        db.session.add_all(letter("seal", "audrey@lab.example", one, now=NOW, **told) for one in ("en", "ja"))

    write()
    assert send_due(office, now=NOW) == 2
    assert db.session.query(OneTimeLink).count() == 0
    for mail in mailbox.arrived:
        assert f"labbook audit verify --seal {'a' * 64}" in text_of(mail)
    assert [mail["Subject"] for mail in mailbox.arrived] == [
        "LabBook: seal 3 of the trail",
        "LabBook：監査証跡の封印（3番）",
    ]
