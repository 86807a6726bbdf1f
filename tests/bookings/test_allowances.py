"""The person's page of allowances: how much of each is used now, at each of their sites."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from labbook.core.calendar import Span
from labbook.core.language import Words
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.apart import Apart
from labbook.core.limits.at_once import AtOnce
from labbook.core.limits.bookings import Bookings
from labbook.core.limits.counting import Subject
from labbook.core.limits.length import Length
from labbook.core.limits.limit import Who
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.ruling import add_rules
from tests.statements import counted, unlike

WEEK = Allowance(most=12 * 60, span=Span.WEEK, subject=Subject.PARTNER)
TEN, NOON, ONE = "2026-11-24T10:00", "2026-11-24T12:00", "2026-11-24T13:00"


def said(visitor: Visitor) -> str:
    """The page as one line of text."""
    page = visitor.get("/allowances")
    assert page.status_code == 200
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_a_partner_shares_an_allowance_and_each_reads_their_own_part(app: Flask, lab: Cast) -> None:
    add_rules(lab, WEEK, name=Words("Imaging", "イメージング"), partner="aoba")
    hana, alan = Visitor(app, "hana"), Visitor(app, "alan")
    assert hana.book("tsukuba-plain", TEN, ONE).status_code == 303
    assert alan.book("tsukuba-hood", TEN, NOON).status_code == 303
    assert "Aoba Bio Tsukuba 5 h of 12 h used this week, 2 h of them by you." in said(alan)
    assert "今週は、12時間のうち5時間を使用しています（うちご自身の分は3時間）。" in said(hana)
    assert "7 h left" in said(Visitor(app, "cora"))


def test_other_partners_read_nothing_of_it(app: Flask, lab: Cast) -> None:
    """Not a rival, nor the joint project's other partner, whose rules are the same but whose use is their own."""
    add_rules(lab, WEEK)
    ahead = Bookings(most=40, span=Span.AHEAD, subject=Subject.PARTNER)
    add_rules(lab, ahead, name=Words("Of Aoba", ""), partner="aoba")
    assert Visitor(app, "hana").book("tsukuba-plain", TEN, ONE).status_code == 303
    for name in ("ben", "chika"):
        page = said(Visitor(app, name))
        assert "3 h" not in page
        assert "3時間" not in page
        assert "Of Aoba" not in page
    assert "Cedar Bio Tsukuba 0 min of 12 h" in said(Visitor(app, "two"))


def test_only_what_counts_and_concerns_the_reader_is_shown(app: Flask, lab: Cast) -> None:
    add_rules(lab, Length(longest=60), Apart(partners=frozenset({"one", "two"})))
    alan = Visitor(app, "alan")
    assert "No rule of your sites counts how much you book." in said(alan)
    for most, who in ((7, Who.COORDINATORS), (8, Who.TRAINEES), (9, Who.INDEPENDENT)):
        add_rules(lab, Bookings(most=most, span=Span.DAY, who=who))
    add_rules(lab, AtOnce(most=2))
    assert "7 bookings" not in said(alan)
    assert "8 bookings" not in said(alan)
    assert "0 bookings of 9 bookings used today." in said(alan)
    assert "0 of 2 used now." in said(alan)
    assert "0 bookings of 7 bookings used today." in said(Visitor(app, "cora"))


@on_sqlite
def test_resources_and_projects_that_count_by_themselves_are_named(app: Flask, lab: Cast) -> None:
    add_rules(lab, Allowance(most=600, span=Span.WEEK, each_alone=True), Bookings(most=5, subject=Subject.PROJECT))
    alan = Visitor(app, "alan")
    project = re.search(r'<option value="([\w-]+)">Aurora', alan.get("/resources/tsukuba-plain/book").text)
    assert project is not None
    assert alan.book("tsukuba-plain", TEN, ONE, project=project.group(1)).status_code == 303
    page = said(alan)
    assert "Plate reader 3 h of 10 h used this week." in page
    assert "Project Aurora 1 booking of 5 bookings used this week." in page


@on_sqlite
def test_who_books_for_nobody_is_told_that_nothing_is_counted(app: Flask, lab: Cast) -> None:
    add_rules(lab, WEEK)
    for name in ("sora", "audrey"):
        assert "利用枠" in said(Visitor(app, name)) or "Nothing is counted" in said(Visitor(app, name))


@on_sqlite
def test_my_bookings_lead_there(app: Flask, lab: Cast) -> None:
    assert 'href="/allowances"' in Visitor(app, "hana").get("/bookings").text


def test_the_statements_do_not_grow(app: Flask, lab: Cast) -> None:
    add_rules(lab, WEEK, Allowance(most=600, each_alone=True))
    alan = Visitor(app, "alan")
    assert alan.book("tsukuba-plain", TEN, ONE).status_code == 303
    said(alan)
    with counted() as few:
        said(alan)
    for number in range(4):
        add_rules(lab, WEEK, Bookings(most=number + 20, each_alone=True))
        day = f"2026-11-2{number + 5}"
        for slug in ("tsukuba-hood", "tsukuba-plain"):
            assert alan.book(slug, f"{day}T10:00", f"{day}T11:00").status_code == 303
    with counted() as many:
        said(alan)
    assert len(few) == len(many), unlike(few, many)


@on_sqlite
@pytest.mark.parametrize("most", [0, 60])
def test_an_allowance_that_is_exceeded_is_drawn_to_its_end(app: Flask, lab: Cast, most: int) -> None:
    alan = Visitor(app, "alan")
    assert alan.book("tsukuba-plain", TEN, ONE).status_code == 303
    add_rules(lab, Allowance(most=most, span=Span.WEEK))
    page = alan.get("/allowances").text
    assert "is-over" in page
    widths = [float(one) for one in re.findall(r"--w:([\d.]+)", page)]
    assert sum(widths) == pytest.approx(100)
