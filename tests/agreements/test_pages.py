"""Who sees which agreement, and who makes, changes and ends it."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.agreements import service
from labbook.core.permissions import ForbiddenError
from labbook.db import db
from labbook.models import Agreement, AgreementArea, AgreementResource, Partner
from tests.agreements.making import agreement_of, events, leave_aoba
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast

NEW = "/sites/tsukuba/agreements/new"


def path_of(lab: Cast, partner: str = "aoba", site: str = "tsukuba") -> str:
    return f"/agreements/{agreement_of(lab, partner, site).key}"


# --- looking ----------------------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sora", {"Aoba", "Birch", "Cedar", "Dover"}),
        ("sam", {"Aoba", "Birch"}),
        ("cora", {"Aoba"}),
        ("audrey", {"Aoba", "Birch", "Cedar", "Dover"}),
        ("ada", {"Aoba", "Birch", "Cedar", "Dover"}),
    ],
)
def test_everybody_sees_the_agreements_that_are_theirs(app: Flask, lab: Cast, name: str, shown: set[str]) -> None:
    page = Visitor(app, name).get("/agreements")
    assert page.status_code == 200
    assert {
        one for one in ("Aoba", "Birch", "Cedar", "Dover") if f"{one} Bio" in page.text or f"{one}バイオ" in page.text
    } == shown


@on_sqlite
@pytest.mark.parametrize("name", ["hana", "ben", "dora"])
def test_scientists_have_no_list_and_no_page(app: Flask, lab: Cast, name: str) -> None:
    visitor = Visitor(app, name)
    assert visitor.get("/agreements").status_code == 403
    assert visitor.get(path_of(lab)).status_code == 404
    assert visitor.get(path_of(lab, "dover")).status_code == 404


@on_sqlite
def test_a_rival_coordinator_and_another_site_find_nothing_there(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "cora").get(path_of(lab, "birch")).status_code == 404
    assert Visitor(app, "sam").get(path_of(lab, "aoba", "tsukuba")).status_code == 404
    assert Visitor(app, "sam").get(path_of(lab, "aoba", "cambridge")).status_code == 200
    assert Visitor(app).get(path_of(lab)).status_code == 303


# --- making -----------------------------------------------------------------------------------------------------------


def test_a_manager_brings_a_new_partner_in(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    form = mio.get(NEW)
    answer = mio.submit(
        form,
        "/agreements/new",
        partner="",
        name_en="Elm Peptides",
        name_ja="エルム・ペプチド",
        kind="university",
        starts_on="2026-12-01",
        ends_on="2027-11-30",
        places="4",
        signs="y",
        entitlements_en="Desks: 2 shared desks",
        entitlements_ja="デスク：共用デスク2台",
        areas="imaging",
    )
    assert answer.status_code == 303, answer.text
    page = mio.get(answer.headers["Location"])
    for said in (
        "エルム・ペプチド",
        "大学",
        "2026年12月1日",
        "2027年11月30日",
        "共用デスク2台",
        "4人中0人",
        "イメージング",
    ):
        assert said in page.text, said
    made = agreement_of_partner("Elm Peptides")
    assert (made.places, made.signs, made.ends_on) == (4, True, date(2027, 11, 30))
    assert [one.code for one in events("agreement-made") + events("partner-made")] == ["agreement-made", "partner-made"]


def agreement_of_partner(name: str) -> Agreement:
    db.session.remove()
    partner = next(one for one in db.session.scalars(select(Partner)) if one.name.en == name)
    return db.session.scalars(select(Agreement).where(Agreement.partner_id == partner.id)).one()


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"starts_on": ""}, "日付"),
        ({"starts_on": "2026-13-01"}, "日付"),
        ({"ends_on": "2026-11-01"}, "終了日は開始日以降"),
        ({"places": "0"}, "1から"),
        ({"name_en": ""}, "利用機関を選ぶ"),
        ({"areas": "elsewhere"}, ""),
        ({"kind": "castle"}, ""),
        ({"partner": "nobody"}, ""),
        ({"entitlements_en": "no pair"}, "1行に1つ"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(app: Flask, lab: Cast, changed: dict[str, str], said: str) -> None:
    mio = Visitor(app, "mio")
    fields = {"partner": "", "name_en": "Elm", "kind": "other", "starts_on": "2026-12-01", **changed}
    answer = mio.submit(mio.get(NEW), "/agreements/new", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Elm"' in answer.text or changed.get("name_en") == ""
    assert db.session.scalar(select(func.count(Partner.id))) == 4


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"), [("sora", 403), ("sam", 403), ("cora", 403), ("hana", 403), ("audrey", 403), ("dora", 404)]
)
def test_nobody_but_the_manager_makes_one(app: Flask, lab: Cast, name: str, status: int) -> None:
    visitor = Visitor(app, name)
    assert visitor.get(NEW).status_code == status
    before = db.session.scalar(select(func.count(Agreement.id)))
    assert visitor.post(NEW, partner="", name_en="Elm", kind="other", starts_on="2026-12-01").status_code == status
    assert db.session.scalar(select(func.count(Agreement.id))) == before


# --- changing ---------------------------------------------------------------------------------------------------------


def test_a_change_counts_and_is_told_in_the_history(app: Flask, lab: Cast) -> None:
    mio, path = Visitor(app, "mio"), path_of(lab, "birch")
    form = mio.get(f"{path}/change")
    answer = mio.submit(form, "/change", places="12", ends_on="2027-03-31", resources="tsukuba-plain")
    assert answer.headers["Location"].endswith(path)
    found = agreement_of(lab, "birch")
    assert (found.places, found.ends_on, found.version) == (12, date(2027, 3, 31), 2)
    assert [one.resource_id for one in db.session.scalars(select(AgreementResource))] != []
    assert "2027-03-31" in mio.get(path).text
    emptied = mio.submit(mio.get(f"{path}/change"), "/change", places="", ends_on="")
    assert emptied.status_code == 303
    found = agreement_of(lab, "birch")
    assert (found.places, found.ends_on) == (None, None)


def test_a_stale_page_changes_nothing(app: Flask, lab: Cast) -> None:
    mio, path = Visitor(app, "mio"), path_of(lab, "birch")
    old = mio.get(f"{path}/change")
    assert mio.submit(old, "/change", places="12").status_code == 303
    answer = mio.submit(old, "/change", places="99")
    assert answer.status_code == 409
    assert 'value="99"' in answer.text
    assert agreement_of(lab, "birch").places == 12
    assert mio.submit(answer, "/change").status_code == 303
    assert agreement_of(lab, "birch").places == 99


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"), [("sora", 403), ("cora", 403), ("audrey", 403), ("hana", 404), ("sam", 404)]
)
def test_nobody_but_the_manager_changes_or_ends_one(app: Flask, lab: Cast, name: str, status: int) -> None:
    visitor, path = Visitor(app, name), path_of(lab)
    assert visitor.get(f"{path}/change").status_code == status
    assert visitor.post(f"{path}/change", starts_on="2026-01-01", places="1", version="1").status_code == status
    assert visitor.post(f"{path}/end", reason="x", version="1").status_code == status
    found = agreement_of(lab)
    assert (found.places, found.ended_at, found.version) == (None, None, 1)


# --- one's own organisation ------------------------------------------------------------------------------------------


def test_nobody_decides_about_the_agreement_of_an_organisation_they_work_for(app: Flask, lab: Cast) -> None:
    """Mio manages Tsukuba and is a scientist of Aoba as well."""
    mio, path = Visitor(app, "mio"), path_of(lab)
    page = mio.get(path)
    assert page.status_code == 200
    assert "Aobaバイオに所属しているため" in page.text
    assert f"{path}/change" not in page.text
    assert f"{path}/end" not in page.text
    assert mio.get(f"{path}/change").status_code == 403
    terms = {"starts_on": "2026-01-01", "places": "99", "version": "1"}
    assert mio.post(f"{path}/change", **terms).status_code == 403
    assert mio.post(f"{path}/end", reason="x", version="1").status_code == 403
    found = agreement_of(lab)
    assert (found.places, found.ended_at, found.version) == (None, None, 1)


@on_sqlite
def test_nor_do_they_make_it_another_one(app: Flask, lab: Cast) -> None:
    mio, key = Visitor(app, "mio"), db.session.get_one(Partner, lab.partners["aoba"]).key
    form = mio.get(NEW)
    assert key not in form.text
    fields = {"partner": key, "starts_on": "2026-12-01", "kind": "biotech"}
    assert mio.submit(form, "/agreements/new", **fields).status_code == 422
    draft = service.Draft(date(2026, 12, 1), None, None, False, {})
    with pytest.raises(ForbiddenError):
        service.make(lab.actor("mio"), "tsukuba", key, draft, now=NOW)
    assert events("agreement-made") == []


@on_sqlite
def test_whoever_works_there_no_more_decides_again(app: Flask, lab: Cast) -> None:
    leave_aoba(lab)
    mio, path = Visitor(app, "mio"), path_of(lab)
    assert "所属しているため" not in mio.get(path).text
    assert mio.submit(mio.get(f"{path}/change"), "/change", places="12").status_code == 303
    assert agreement_of(lab).places == 12


# --- ending -----------------------------------------------------------------------------------------------------------


def test_ending_needs_a_reason_and_happens_once(app: Flask, lab: Cast) -> None:
    mio, path = Visitor(app, "mio"), path_of(lab, "birch")
    page = mio.get(path)
    assert mio.submit(page, "/end").status_code == 422
    assert mio.submit(page, "/end", reason="Moved out", version="7").status_code == 409
    assert agreement_of(lab, "birch").ended_at is None
    assert mio.submit(page, "/end", reason="Moved out").status_code == 303
    assert agreement_of(lab, "birch").ended_at is not None
    assert mio.submit(page, "/end", reason="Again").status_code == 409
    shown = mio.get(path).text
    assert "Moved out" in shown
    assert 'action="' + path + '/end"' not in shown
    assert len(events("agreement-ended")) == 1


@on_sqlite
def test_an_area_of_another_site_cannot_be_named(app: Flask, lab: Cast) -> None:
    mio, path = Visitor(app, "mio"), path_of(lab, "birch")
    assert mio.submit(mio.get(f"{path}/change"), "/change", resources="cambridge-scope").status_code == 422
    assert list(db.session.scalars(select(AgreementArea))) == []
