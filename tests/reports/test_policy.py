"""Who may what, printed: all of the table ALLOWED, in both languages, for those who audit and those who work here."""

from __future__ import annotations

import inspect
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from labbook.core import clauses
from labbook.core.permissions import ALLOWED, SITE_ROLES, Do, Matter, Role, may
from labbook.db import db, transactional
from labbook.models import Invitation
from labbook.people.directory import matter_of_partner
from labbook.people.service.inviting import INVITES
from labbook.reports.pages.policy import BESIDES, CLAUSES, EXCEPT, GROUPS, exception, policy
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast


def test_every_action_stands_there_once_in_the_order_of_the_table() -> None:
    assert [do for _, actions in GROUPS for do in actions] == list(Do) == list(ALLOWED)


def test_every_clause_has_the_words_that_it_has_in_the_code() -> None:
    used = {clause.__name__ for row in ALLOWED.values() for clause in row}
    assert used == set(CLAUSES)
    assert {name: inspect.getdoc(getattr(clauses, name)) for name in used} == CLAUSES


def test_what_never_holds_for_oneself_says_so() -> None:
    wrapped = clauses.for_another(clauses.works_here)
    assert exception(wrapped) == "Never for oneself."
    assert exception(clauses.works_here) == ""
    assert [exception(clause) for clause in ALLOWED[Do.GIVE_LAB_ROLE]] == ["Never for oneself."]


def test_what_never_holds_for_ones_own_organisation_says_so() -> None:
    assert exception(clauses.for_other_partners(clauses.manages_here)) == "Never for one's own organisation."
    found = {do for do, row in ALLOWED.items() if any(exception(one) == EXCEPT[1] for one in row)}
    assert found == {
        *(Do.CHANGE_AGREEMENT, Do.END_AGREEMENT),
        *(Do.SET_RULES, Do.WAIVE_RULE, Do.WAIVE_STRICT_RULE),
    }


@on_sqlite
def test_it_is_said_in_both_languages(app: Flask) -> None:
    said = [
        *CLAUSES.values(),
        *EXCEPT,
        *BESIDES.values(),
        *(words for _, actions in GROUPS for words in actions.values()),
    ]
    said += [heading for heading, _ in GROUPS]
    with app.test_request_context(), force_locale("ja"):
        assert [words for words in said if gettext(words) == words] == []


@on_sqlite
def test_the_page_shows_every_action_with_every_way(app: Flask, lab: Cast) -> None:
    text = unescape(Visitor(app, "audrey").get("/policy").text)
    assert re.findall(r"<code[^>]*>([^<]+)</code>", text) == [str(do) for do in Do]
    with app.test_request_context(), force_locale("en"):
        ways = [way for group in policy() for line in group.lines for way in line.ways]
    assert len(ways) == sum(map(len, ALLOWED.values()))
    assert [way for way in ways if f"<li>{way}</li>" not in text] == []
    assert "Is administrator of the whole lab. Never for oneself." in text
    assert "Is manager of this site. Never for one's own organisation." in text
    for do in (Do.RENEW_INVITATION, Do.REVOKE_INVITATION):
        row = text[text.index(f">{do}<") :].partition("</tr>")[0]
        assert "Is administrator of the whole lab." in row
        assert "And only whoever may invite to the role that the invitation is for." in row
    assert text.count("And only whoever may invite") == 2


@on_sqlite
@pytest.mark.parametrize("name", ["ada", "mio", "cora"])
def test_what_it_says_of_invitations_is_so(app: Flask, lab: Cast, name: str) -> None:
    """Whoever stands in the row may, if they may invite to that role besides."""
    visitor, said = Visitor(app, name), {}
    for role in INVITES:
        place = Matter(lab.sites["tsukuba"]) if role in SITE_ROLES else matter_of_partner(lab.partners["aoba"], now=NOW)
        expected = may(lab.actor(name), INVITES[role], place)
        key = invited(lab, role)
        for step in ("resend", "revoke"):
            status = visitor.post(f"/invitations/{key}/{step}").status_code
            assert status in (303, 403, 404)
            assert (status == 303) is expected, (role, step)
        said[role] = expected
    assert set(said.values()) == ({True} if name == "ada" else {True, False})


@transactional
def invited(lab: Cast, role: Role) -> str:
    """The key of an invitation to Aoba or to Tsukuba."""
    place = {"site_id": lab.sites["tsukuba"]} if role in SITE_ROLES else {"partner_id": lab.partners["aoba"]}
    made = Invitation(
        email="new@lab.example",
        role=role,
        language="en",
        invited_by_id=lab.people["sora"],
        made_at=NOW,
        expires_at=NOW + timedelta(days=7),
        **place,
    )
    db.session.add(made)
    db.session.flush()
    return made.key


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [("audrey", 200), ("ada", 200), ("sora", 200), ("mio", 200), ("hana", 403), ("cora", 403), ("dora", 403)],
)
def test_it_is_for_auditors_administrators_and_staff(app: Flask, lab: Cast, name: str, status: int) -> None:
    assert Visitor(app, name).get("/policy").status_code == status


@on_sqlite
def test_whoever_is_signed_out_signs_in_first(app: Flask, lab: Cast) -> None:
    answer = Visitor(app).get("/policy")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/policy")
