"""What an agreement grants stands on its page with how much of it is used, shared by all of the partner's people."""

from __future__ import annotations

import re
from html import unescape

from flask import Flask
from sqlalchemy import select

from labbook.core.calendar import Span
from labbook.core.language import Words
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.at_once import AtOnce
from labbook.core.limits.counting import Subject
from labbook.core.limits.length import Length
from labbook.db import db
from labbook.models import Agreement
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.ruling import add_rules
from tests.statements import counted, unlike

SHARED = Allowance(most=12 * 60, span=Span.WEEK, subject=Subject.PARTNER)
EACH = Allowance(most=6 * 60, span=Span.WEEK)
BENCHES = AtOnce(most=12, subject=Subject.PARTNER)
TEN, NOON, ONE = "2026-11-24T10:00", "2026-11-24T12:00", "2026-11-24T13:00"


def path_of(lab: Cast, partner: str = "aoba") -> str:
    """The agreement of a partner with Tsukuba."""
    found = (Agreement.partner_id == lab.partners[partner], Agreement.site_id == lab.sites["tsukuba"])
    return f"/agreements/{db.session.scalars(select(Agreement.key).where(*found)).one()}"


def said(visitor: Visitor, path: str) -> str:
    """The page as one line of text."""
    page = visitor.get(path)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])).split())


def used(app: Flask, lab: Cast) -> str:
    """Two people of Aoba have used some of what their agreement grants. Returns its page."""
    add_rules(lab, SHARED, EACH, BENCHES, Length(longest=600), name=Words("Grants", "付与"), partner="aoba")
    add_rules(lab, Allowance(most=777 * 60, subject=Subject.PARTNER), name=Words("House", "利用規則"))
    assert Visitor(app, "hana").book("tsukuba-plain", TEN, ONE).status_code == 303
    assert Visitor(app, "alan").book("tsukuba-hood", TEN, NOON).status_code == 303
    return path_of(lab)


def test_the_coordinator_reads_the_use_and_who_has_used_how_much(app: Flask, lab: Cast) -> None:
    page = said(Visitor(app, "cora"), used(app, lab))
    assert (
        "5 h of 12 h used this week. Grants: At most 12 h a week for all people of a partner together. 7 h left" in page
    )
    assert "At most 6 h a week for each person. Grants All people together: 5 h" in page
    assert "0 of 12 used now." in page
    assert page.count("Who has used how much") == 2
    assert "Abbott 2 h" in page
    assert "777" not in page  # a rule of the house is none of the agreement


def test_staff_read_sums_and_no_names(app: Flask, lab: Cast) -> None:
    page = said(Visitor(app, "sora"), used(app, lab))
    assert "今週は、12時間のうち5時間を使用しています。" in page
    assert "5時間" in page
    assert "Abbott" not in page
    assert "佐藤" not in page


@on_sqlite
def test_nobody_else_reads_it(app: Flask, lab: Cast) -> None:
    path = used(app, lab)
    for name in ("ben", "chika", "hana", "sam"):
        assert Visitor(app, name).get(path).status_code in (403, 404)


@on_sqlite
def test_an_agreement_without_rule_sets_shows_none(app: Flask, lab: Cast) -> None:
    used(app, lab)
    assert "今週" not in said(Visitor(app, "sora"), path_of(lab, "birch"))


def test_the_statements_do_not_grow(app: Flask, lab: Cast) -> None:
    path = used(app, lab)
    cora = Visitor(app, "cora")
    said(cora, path)
    with counted() as few:
        said(cora, path)
    for number in range(3):
        add_rules(lab, SHARED, EACH, partner="aoba")
        day = f"2026-11-2{number + 5}"
        assert Visitor(app, "two").book("tsukuba-plain", f"{day}T10:00", f"{day}T11:00").status_code == 303
    with counted() as many:
        said(cora, path)
    assert len(few) == len(many), unlike(few, many)
