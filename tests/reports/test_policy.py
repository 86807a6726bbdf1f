"""Who may what, printed: all of the table ALLOWED, in both languages, for those who audit and those who work here."""

from __future__ import annotations

import inspect
import re
from html import unescape

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from labbook.core import permissions
from labbook.core.permissions import ALLOWED, Do
from labbook.reports.pages.policy import CLAUSES, GROUPS, NEVER_FOR_ONESELF, is_for_another, policy
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast


def test_every_action_stands_there_once_in_the_order_of_the_table() -> None:
    assert [do for _, actions in GROUPS for do in actions] == list(Do) == list(ALLOWED)


def test_every_clause_has_the_words_that_it_has_in_the_code() -> None:
    used = {clause.__name__ for row in ALLOWED.values() for clause in row}
    assert used == set(CLAUSES)
    assert {name: inspect.getdoc(getattr(permissions, name)) for name in used} == CLAUSES


def test_what_never_holds_for_oneself_says_so() -> None:
    wrapped = permissions.for_another(permissions.works_here)
    assert is_for_another(wrapped)
    assert not is_for_another(permissions.works_here)
    assert any(is_for_another(clause) for clause in ALLOWED[Do.GIVE_LAB_ROLE])


@on_sqlite
def test_it_is_said_in_both_languages(app: Flask) -> None:
    said = [*CLAUSES.values(), NEVER_FOR_ONESELF, *(words for _, actions in GROUPS for words in actions.values())]
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
