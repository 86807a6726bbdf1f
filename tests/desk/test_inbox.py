"""The inbox: what waits for whom, and what of it one looks for."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db, transactional
from labbook.models import Booking, PendingChange, Request, Resource, ResourceApprover
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.desk.waiting import change, pile
from tests.statements import counted, unlike

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"
LATER = "2026-11-24T15:00", "2026-11-24T16:00"


def titles(visitor: Visitor, path: str = "/inbox") -> list[str]:
    """What the list shows, in its order."""
    page = visitor.get(path)
    assert page.status_code == 200
    return re.findall(r'class="q-open"[^>]*>([^<]*)</a>', page.text)


def counts(visitor: Visitor) -> tuple[int, list[int]]:
    """What the head of every page counts, and what the parts of the inbox do."""
    text = visitor.get("/inbox").text
    head, elsewhere = head_of(text), head_of(visitor.get("/feeds").text)  # where no list is read for it
    assert head == elsewhere
    return head, [int(one) for one in re.findall(r'class="tab-count">(\d+)<', text)]


def head_of(text: str) -> int:
    found = re.search(r'<b class="count"><span class="vh">[^<]*</span>(\d+)</b></a></li>', text)
    return int(found[1]) if found else 0


@transactional
def named(lab: Cast, name: str, slug: str = "tsukuba-asked") -> None:
    resource = db.session.scalars(select(Resource.id).where(Resource.slug == slug)).one()
    db.session.add(ResourceApprover(resource_id=resource, person_id=lab.people[name]))


# --- whom it waits for ------------------------------------------------------------------------------------------------


def test_what_one_may_decide_waits_for_one(app: Flask, lab: Cast) -> None:
    Visitor(app, "alan").book("tsukuba-asked", *WANTED, title="Run 7")
    sora, sam = Visitor(app, "sora"), Visitor(app, "sam")
    assert titles(sora) == ["Run 7"]
    assert counts(sora) == (1, [1, 0])
    assert counts(sam) == (0, [0, 0])  # works elsewhere
    assert titles(sam) == titles(sam, "/inbox?tab=others") == []


def test_where_others_are_named_it_waits_for_them(app: Flask, lab: Cast) -> None:
    Visitor(app, "alan").book("tsukuba-asked", *WANTED, title="Run 7")
    named(lab, "mio")
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    assert counts(sora) == (0, [0, 1])
    assert titles(sora) == []
    assert titles(sora, "/inbox?tab=others") == ["Run 7"]
    assert "/approve" not in sora.get("/inbox?tab=others").text
    assert counts(mio) == (1, [1, 0])


def test_ones_own_request_waits_for_others(app: Flask, lab: Cast) -> None:
    Visitor(app, "mio").book("tsukuba-asked", *WANTED, title="Of the manager")
    mio = Visitor(app, "mio")
    assert counts(mio) == (0, [0, 1])
    assert "ご自身の申請" in mio.get("/inbox?tab=others").text
    assert titles(Visitor(app, "sora")) == ["Of the manager"]


def test_what_was_given_to_somebody_waits_for_them_alone(app: Flask, lab: Cast) -> None:
    pile(lab, 2)
    change("Plate 0", assigned_to_id=lab.people["mio"])
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    assert titles(sora) == ["Plate 1"]
    others = sora.get("/inbox?tab=others").text
    assert "担当者は宮本 澪さんです。" in others
    assert "/approve" in others  # and may be decided all the same
    assert sorted(titles(mio)) == ["Plate 0", "Plate 1"]
    assert titles(mio, "/inbox?show=assigned") == ["Plate 0"]
    assert titles(mio, "/inbox?show=free") == ["Plate 1"]


def test_while_a_question_is_open_the_requester_is_waited_for(app: Flask, lab: Cast) -> None:
    pile(lab, 2)
    change("Plate 0", asked_at=NOW, decide_by=None, minutes_left=60)
    sora = Visitor(app, "sora")
    assert counts(sora) == (1, [1, 1])
    assert titles(sora, "/inbox?tab=others") == ["Plate 0"]
    assert "期限は止まっています" in sora.get("/inbox?tab=others").text


def test_while_another_time_is_proposed_the_requester_is_waited_for(app: Flask, lab: Cast) -> None:
    pile(lab, 2)
    offer_another_time("Plate 0", lab.people["sora"])
    sora = Visitor(app, "sora")
    assert counts(sora) == (1, [1, 1])
    assert titles(sora, "/inbox?tab=others") == ["Plate 0"]


@transactional
def offer_another_time(title: str, by: int) -> None:
    one = db.session.scalars(select(Booking).join(Request).where(Request.title == title)).one()
    when, until = {"starts_at": one.starts_at, "ends_at": one.ends_at}, NOW + timedelta(hours=2)
    proposal = PendingChange(booking_id=one.id, unit_id=one.unit_id, asked_by_id=by, asked_at=NOW, until=until, **when)
    db.session.add(proposal)


def test_what_was_decided_is_listed_with_who_did(app: Flask, lab: Cast) -> None:
    Visitor(app, "alan").book("tsukuba-asked", *WANTED, title="Run 7")
    Visitor(app, "alan").book("tsukuba-plain", *LATER, title="Needs nobody")
    mio = Visitor(app, "mio")
    assert titles(mio, "/inbox?tab=decided") == []
    sora = Visitor(app, "sora")
    sora.submit(sora.get("/inbox"), "/approve")
    assert titles(mio, "/inbox?tab=decided") == ["Run 7"]
    assert "鈴木 空" in mio.get("/inbox?tab=decided").text
    assert titles(Visitor(app, "sam"), "/inbox?tab=decided") == []


def test_who_looks_for_it_finds_what_was_decided_long_ago(app: Flask, lab: Cast) -> None:
    pile(lab, 1)
    sora = Visitor(app, "sora")
    sora.submit(sora.get("/inbox"), "/approve")
    app.config["CLOCK"] = lambda: NOW + timedelta(days=200)
    sora = Visitor(app, "sora")
    assert titles(sora, "/inbox?tab=decided") == []
    assert titles(sora, "/inbox?tab=decided&q=plate") == ["Plate 0"]
    assert "この1年間" in sora.get("/inbox?tab=decided&q=nothing").text


def test_what_one_has_just_decided_can_be_undone_from_the_inbox(app: Flask, lab: Cast) -> None:
    pile(lab, 2)
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    sora.submit(sora.get("/inbox?sort=start&q=plate+1"), "/approve")
    assert "/undo" not in mio.get("/inbox").text
    place = sora.get("/inbox?sort=start")
    assert "「Plate 1」を承認しました。まだ誰にも" in place.text
    assert titles(sora) == ["Plate 0"]
    undone = form_of(place, "/undo").action.split("/")[2]
    answer = sora.submit(place, "/undo")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/inbox?sort=start#r-{undone}")
    assert sorted(titles(sora)) == ["Plate 0", "Plate 1"]
    assert "/undo" not in sora.get("/inbox").text
    assert titles(mio, "/inbox?tab=decided") == []  # it waits again: nothing was decided
    sora.submit(sora.get("/inbox?q=plate+1"), "/decline", reason="It is full.")
    assert "「Plate 1」を却下しました。まだ誰にも" in sora.get("/inbox").text


def test_after_a_minute_nothing_is_undone(app: Flask, lab: Cast) -> None:
    pile(lab, 1)
    sora = Visitor(app, "sora")
    sora.submit(sora.get("/inbox"), "/approve")
    assert "/undo" in sora.get("/inbox").text
    app.config["CLOCK"] = lambda: NOW + timedelta(seconds=61)
    assert "/undo" not in sora.get("/inbox").text


# --- looking for something --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("?q=plate+1", ["Plate 1"]),
        ("?q=ＰＬＡＴＥ　１", ["Plate 1"]),  # width does not matter
        ("?q=birk", ["Plate 1", "Plate 0"]),
        ("?q=ben+birk", ["Plate 1", "Plate 0"]),
        ("?q=あおばいお", []),
        ("?q=バイオ", ["培養 3", "Plate 1", "Plate 0"]),
        ("?q=花+培養", ["培養 3"]),
        ("?q=nothing+of+it", []),
        ("?partner={birch}", ["Plate 1", "Plate 0"]),
        ("?resource=tsukuba-sorter", ["培養 3"]),
        ("?resource=unknown", []),
        ("?site=tsukuba", ["培養 3", "Plate 1", "Plate 0"]),
        ("?site=cambridge", []),
        ("?sort=start", ["培養 3", "Plate 0", "Plate 1"]),
        ("?sort=age", ["Plate 1", "培養 3", "Plate 0"]),
        ("?show=late", ["Plate 1"]),
        ("?show=changes", []),
        ("?show=rubbish&sort=rubbish&page=rubbish", ["培養 3", "Plate 1", "Plate 0"]),
        ("?page=99", ["培養 3", "Plate 1", "Plate 0"]),
        ("?page=-1", ["培養 3", "Plate 1", "Plate 0"]),
    ],
)
@on_sqlite
def test_one_finds_what_one_looks_for(app: Flask, lab: Cast, path: str, found: list[str]) -> None:
    pile(lab, 2)
    change("Plate 1", decide_by=NOW - timedelta(minutes=1))
    Visitor(app, "hana").book("tsukuba-sorter", *WANTED, title="培養 3")
    change("Plate 0", decide_by=NOW + timedelta(days=9))
    change("培養 3", decide_by=NOW - timedelta(hours=1) if "late" not in path else NOW + timedelta(hours=1))
    partner = db.session.scalars(select(Request).where(Request.title == "Plate 0")).one().partner_id
    assert partner == lab.partners["birch"]
    assert titles(Visitor(app, "sora"), "/inbox" + path.format(birch=_key(partner))) == found


def _key(partner_id: int) -> str:
    from labbook.models import Partner

    return db.session.get_one(Partner, partner_id).key


@on_sqlite
def test_exceptions_rivals_and_changes_can_be_shown_alone(app: Flask, lab: Cast) -> None:
    pile(lab, 1)
    for name in ("hana", "ben"):
        Visitor(app, name).book("tsukuba-sorter", *WANTED, title=f"Wish of {name}")
    Visitor(app, "hana").book("tsukuba-sorter", *LATER, title="Alone")
    sora = Visitor(app, "sora")
    assert sorted(titles(sora, "/inbox?show=rivals")) == ["Wish of ben", "Wish of hana"]
    assert titles(sora, "/inbox?show=exceptions") == []


def test_fifty_are_on_a_page_and_the_next_ones_on_the_next(app: Flask, lab: Cast) -> None:
    pile(lab, 120)
    sora = Visitor(app, "sora")
    pages = [titles(sora, f"/inbox?sort=start&page={number}") for number in (1, 2, 3)]
    assert [len(one) for one in pages] == [50, 50, 20]
    assert [title for one in pages for title in one] == [f"Plate {number}" for number in range(120)]
    text = sora.get("/inbox?sort=start&page=2").text
    assert 'rel="prev"' in text
    assert 'href="/inbox?sort=start&amp;page=3"' in text or 'href="/inbox?page=3&amp;sort=start"' in text


# --- the place --------------------------------------------------------------------------------------------------------


def test_a_decision_leads_to_the_row_that_follows_in_the_same_list(app: Flask, lab: Cast) -> None:
    keys = pile(lab, 3)
    sora = Visitor(app, "sora")
    place = "/inbox?sort=start&q=plate"
    page = sora.get(place)
    answer = sora.submit(page, f"/requests/{keys[0]}/approve")
    assert answer.status_code == 303
    target = answer.headers["Location"]
    assert target.endswith(f"#r-{keys[1]}")
    assert titles(sora, target.partition("#")[0]) == ["Plate 1", "Plate 2"]
    link = re.search(rf'href="(/requests/{keys[1]}\?next=[^"]+)"', sora.get(place).text)
    assert link is not None
    whole = sora.get(link[1].replace("&amp;", "&"))
    assert '<p class="crumb"><a href="/inbox?' in whole.text
    assert f"#r-{keys[1]}" in whole.text
    done = sora.submit(whole, f"/requests/{keys[1]}/approve")
    assert done.headers["Location"].endswith(f"#r-{keys[2]}")


@on_sqlite
@pytest.mark.parametrize(
    "target", ["//evil.example/inbox", "https://evil.example/inbox", "/inboxes", "/sign-in", "\\inbox"]
)
def test_no_decision_leads_anywhere_else(app: Flask, lab: Cast, target: str) -> None:
    key = pile(lab, 1)[0]
    sora = Visitor(app, "sora")
    page = sora.get(f"/requests/{key}?next={target}")
    assert target not in page.text.replace(f"/requests/{key}?next={target}", "")
    answer = sora.post(f"/requests/{key}/approve", version="1", next=target)
    assert answer.headers["Location"] == f"/requests/{key}"


@on_sqlite
def test_beside_the_list_stands_the_requests_page_without_its_frame(app: Flask, lab: Cast) -> None:
    key = pile(lab, 1)[0]
    sora = Visitor(app, "sora")
    part = sora.get(f"/requests/{key}?beside=1").text
    assert "Plate 0" in part
    assert f"/requests/{key}/approve" in part
    assert "<html" not in part
    assert "main-nav" not in part
    assert Visitor(app, "hana").get(f"/requests/{key}?beside=1").status_code == 404
    refused = sora.post(f"/requests/{key}/decline?beside=1", version="1", reason="")
    assert refused.status_code == 422
    assert "<html" not in refused.text


# --- five hundred -----------------------------------------------------------------------------------------------------


def test_five_hundred_take_as_many_statements_as_one(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    pile(lab, 1)
    paths = ("/inbox", "/inbox?sort=partner", "/inbox?q=plate", "/inbox?show=rivals", "/inbox?show=late", "/feeds")
    few = {path: _sent(sora, path) for path in paths}
    pile(lab, 499, title="Dish")
    for path in paths:
        many = _sent(sora, path)
        assert len(many) == len(few[path]), f"{path}: {unlike(few[path], many)}"
    assert counts(sora)[0] == 500


def _sent(visitor: Visitor, path: str) -> list[str]:
    visitor.get(path)
    with counted() as sent:
        assert visitor.get(path).status_code == 200
    return list(sent)


@on_sqlite
@pytest.mark.parametrize("name", ["hana", "cora", "ada", "audrey"])
def test_who_works_nowhere_has_no_inbox(app: Flask, lab: Cast, name: str) -> None:
    visitor = Visitor(app, name)
    key = pile(lab, 1)[0]
    assert visitor.get("/inbox?tab=decided").status_code == 403
    assert visitor.post("/inbox/decide", pick=f"r:{key}:1", do="approve").status_code == 403
