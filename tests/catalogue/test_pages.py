"""The list of resources and the page of each, as different people see them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import (
    Agreement,
    Closure,
    Partner,
    Resource,
    ResourcePartner,
    RoleGrant,
    Site,
    TrainingRecord,
)
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, add_resource


def names_on(visitor: Visitor, query: str = "", kinds: tuple[str, ...] = ()) -> set[str]:
    """The slugs on the list of resources."""
    asked = {"q": query, "kind": list(kinds)}
    answer = visitor.get("/resources", query_string=asked)
    assert answer.status_code == 200
    return set(re.findall(r'href="/resources/([^"/?]+)"', answer.text))


def test_the_list_holds_what_one_may_see(app: Flask, lab: Cast) -> None:
    hana, ben, chika = (names_on(Visitor(app, name)) for name in ("hana", "ben", "chika"))
    assert "tsukuba-secret" in hana
    assert ben == hana - {"tsukuba-secret"}
    assert chika == ben - {"cambridge-scope"}  # Cedar has no agreement at Cambridge
    assert names_on(Visitor(app, "dora")) == set()


@on_sqlite
def test_a_search_minds_neither_case_nor_width_nor_kana(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    for query in (
        "confocal",
        "CONFOCAL",
        "Ｃｏｎｆｏｃａｌ",
        "  confocal  ",
        "focal con",
        "共焦点",
    ):
        assert names_on(ben, query) == {"tsukuba-confocal-1"}, query
    for query in ("シーケンサー", "しーけんさー", "ｼｰｹﾝｻｰ"):
        assert names_on(ben, query) == {"tsukuba-asked"}, query


@on_sqlite
@pytest.mark.parametrize("query", ["%", "_", "%%", "c%l", "co_focal", "\\", "'", '"', "';--", "zzz", "<b>"])
def test_a_search_takes_every_character_as_a_letter(app: Flask, lab: Cast, query: str) -> None:
    assert names_on(Visitor(app, "ben"), query) == set()


@on_sqlite
@pytest.mark.parametrize("query", ["\x00", "a\x00b", "\u202e", "x" * 5000, "ﷺ" * 100, "\ufffe", "a " * 2000])
def test_no_search_breaks_the_list(app: Flask, lab: Cast, query: str) -> None:
    names_on(Visitor(app, "ben"), query)


@on_sqlite
def test_the_list_can_be_filtered_by_kind(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    assert names_on(ben, kinds=("bench",)) == {"tsukuba-bench"}
    assert "tsukuba-bench" in names_on(ben, kinds=("bench", "equipment"))
    assert names_on(ben, kinds=("room",)) == set()
    assert names_on(ben, kinds=("nonsense", "\x00")) == names_on(ben)


@on_sqlite
def test_what_was_searched_for_is_shown_again_as_text(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "ben").get("/resources", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@on_sqlite
def test_a_resource_that_is_out_of_use_is_nowhere(app: Flask, lab: Cast) -> None:
    @transactional
    def retire() -> None:
        db.session.execute(update(Resource).where(Resource.slug == "tsukuba-plain").values(is_active=False))

    ben = Visitor(app, "ben")
    retire()
    assert "tsukuba-plain" not in names_on(ben)
    assert "Plate reader" not in ben.get("/sites/tsukuba/day").text
    for path in ("/resources/tsukuba-plain", "/resources/tsukuba-plain/book"):
        assert ben.get(path).status_code == 404


# --- the page of a resource -------------------------------------------------------------------------------------------


def test_a_page_tells_the_rules_in_plain_words(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "ben").get("/resources/tsukuba-asked").text
    for sentence in (
        "Book from 30 min to 8 h.",
        "Start and end on a grid of 30 min.",
        "At most 30 days ahead.",
        "15 min before each booking are kept free.",
        "Staff decide on every booking.",
    ):
        assert sentence in page
    assert "JST, UTC+9" in page


@on_sqlite
def test_it_tells_ones_own_training(app: Flask, lab: Cast) -> None:
    @transactional
    def expire() -> None:
        ended = update(TrainingRecord).where(TrainingRecord.person_id == lab.people["ben"])
        db.session.execute(ended.values(expires_on=date(2026, 11, 1)))

    path = "/resources/tsukuba-confocal-1"
    assert 'data-code="training"' in Visitor(app, "cora").get(path).text
    assert 'data-code="training-missing"' in Visitor(app, "alan").get(path).text
    expire()
    assert "Expired on Sun 1 Nov 2026" in Visitor(app, "ben").get(path).text


@on_sqlite
def test_it_tells_of_closures_in_the_next_days(app: Flask, lab: Cast) -> None:
    @transactional
    def close() -> None:
        site = db.session.scalars(select(Site).where(Site.slug == "tsukuba")).one()
        times = {"starts_at": NOW + timedelta(days=1), "ends_at": NOW + timedelta(days=1, hours=2)}
        db.session.add(Closure(site_id=site.id, reason=Words("Fire drill", ""), **times))

    close()
    assert (
        "Closed: Fire drill, Tue 24 Nov 2026, 09:00–11:00." in Visitor(app, "ben").get("/resources/tsukuba-plain").text
    )
    assert "Fire drill" in Visitor(app, "hana").get("/resources/tsukuba-plain").text
    assert "Fire drill" not in Visitor(app, "ben").get("/resources/cambridge-scope").text


@on_sqlite
@pytest.mark.parametrize("name", ["sam", "ada", "audrey"])
def test_who_books_for_nobody_sees_the_page_and_why_there_is_no_way_to_book(app: Flask, lab: Cast, name: str) -> None:
    visitor = Visitor(app, name)
    page = visitor.get("/resources/tsukuba-plain")
    assert page.status_code == 200
    assert 'href="/resources/tsukuba-plain/book"' not in page.text
    assert visitor.get("/resources/tsukuba-plain/book").status_code == 403


@on_sqlite
@pytest.mark.parametrize(
    "slug", ["none", "tsukuba-plain%00", "..%2f..", "a" * 3000, "TSUKUBA-PLAIN", "%ff%fe", "tsukuba-plain "]
)
def test_there_is_no_such_page(app: Flask, lab: Cast, slug: str) -> None:
    ben = Visitor(app, "ben")
    assert ben.get(f"/resources/{slug}").status_code == 404
    assert ben.get(f"/resources/{slug}/book").status_code == 404


@on_sqlite
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_is_only_for_reading(app: Flask, lab: Cast, method: str) -> None:
    ben = Visitor(app, "ben")
    data = {"csrf_token": ben.good_token()}
    for path in ("/resources", "/resources/tsukuba-plain"):
        answer = ben.open(path, method=method, data=data)
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]


# --- hidden -----------------------------------------------------------------------------------------------------------


@transactional
def two_masters(lab: Cast, ended: str) -> None:
    """Ben also works for Dover; a resource is hidden from all but Dover, whose agreement has `ended` or not."""
    from labbook.core.permissions import Role

    db.session.add(
        RoleGrant(
            person_id=lab.people["ben"],
            role=Role.SCIENTIST,
            partner_id=lab.partners["dover"],
            starts_on=date(2026, 1, 1),
        )
    )
    hidden = add_resource(lab.sites["tsukuba"], "tsukuba-dovers", name=Words("Dover's own", ""), is_hidden=True)
    db.session.add(ResourcePartner(resource_id=hidden.id, partner_id=lab.partners["dover"]))
    if not ended:
        agreement = update(Agreement).where(Agreement.partner_id == lab.partners["dover"])
        db.session.execute(agreement.values(ends_on=None))


@on_sqlite
@pytest.mark.parametrize(("ended", "status"), [("ended", 404), ("", 200)])
def test_a_partner_whose_agreement_ended_opens_no_hidden_door(app: Flask, lab: Cast, ended: str, status: int) -> None:
    two_masters(lab, ended)
    ben = Visitor(app, "ben")
    assert ben.get("/resources/tsukuba-dovers").status_code == status
    assert ("tsukuba-dovers" in names_on(ben)) is (status == 200)


def test_nobody_books_a_hidden_resource_for_a_partner_from_which_it_is_hidden(app: Flask, lab: Cast) -> None:
    toby = Visitor(app, "two")  # of Aoba, whose it is, and of Cedar
    keys = {row.slug: row.key for row in db.session.execute(select(Partner.slug, Partner.key))}
    times = ("2026-11-24T10:00", "2026-11-24T11:00")
    refused = toby.book("tsukuba-secret", *times, partner=keys["cedar"])
    assert refused.status_code == 409
    assert "This resource is not available to your organisation." in refused.text
    assert toby.book("tsukuba-secret", *times, partner=keys["aoba"]).status_code == 303


@on_sqlite
def test_statements_do_not_grow_with_resources(app: Flask, lab: Cast) -> None:
    from tests.privacy.test_hidden import statements

    ben = Visitor(app, "ben")
    counts = []
    for more in (0, 25):

        @transactional
        def add(count: int = more) -> None:
            for number in range(count):
                add_resource(lab.sites["tsukuba"], f"tsukuba-more-{number}", pieces=2)

        add()
        for path in ("/resources", "/sites/tsukuba/day", "/sites/tsukuba/week", "/resources/tsukuba-plain"):
            ben.get(path)
            with statements() as sent:
                assert ben.get(path).status_code == 200
            counts.append(len(sent))
    assert counts[:4] == counts[4:]
