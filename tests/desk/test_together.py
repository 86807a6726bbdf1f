"""Deciding on many at once: each by itself, and what is left is said."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from labbook.db import db, transactional
from labbook.models import Event, EventDetail, Notice, Request, Resource
from tests.bookings.test_signed import sign_with
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.desk.test_inbox import named
from tests.desk.waiting import change, pile, states


def picks(keys: list[str], version: int = 1) -> list[str]:
    return [f"r:{key}:{version}" for key in keys]


def approved_by() -> list[tuple[str, int | None]]:
    """The steps that were taken, each with who took it."""
    db.session.remove()
    rows = db.session.execute(
        select(Event.code, Event.actor_id).where(Event.code == "booking-approve").order_by(Event.id)
    )
    return [(code, actor) for code, actor in rows]


def test_all_that_was_ticked_is_approved_in_one_go(app: Flask, lab: Cast) -> None:
    keys = pile(lab, 4)
    sora = Visitor(app, "sora")
    answer = sora.post("/inbox/decide", pick=picks(keys[:3]), do="approve", next="/inbox?sort=start")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox?sort=start")
    assert list(states().values()).count("approved") == 3
    assert states()["Plate 3"] == "waiting"
    assert approved_by() == [("booking-approve", lab.people["sora"])] * 3
    assert "3件を承認しました" in sora.get("/inbox").text


def test_all_that_was_ticked_is_declined_for_one_reason_that_each_requester_reads(app: Flask, lab: Cast) -> None:
    keys = pile(lab, 3)
    sora = Visitor(app, "sora")
    answer = sora.post("/inbox/decide", pick=picks(keys), do="decline", reason="The laser is broken.")
    assert answer.status_code == 303
    assert set(states().values()) == {"declined"}
    bodies = list(db.session.scalars(select(EventDetail.body).join(Event).where(Event.code == "booking-decline")))
    assert len(bodies) == 3
    assert all("The laser is broken." in str(body) for body in bodies)
    told = select(func.count(Notice.id)).join(Event).where(Event.code == "booking-decline")
    assert db.session.scalar(told.where(Notice.person_id == lab.people["ben"])) == 3


def test_what_stands_in_the_way_of_one_keeps_nothing_from_the_others(app: Flask, lab: Cast) -> None:
    keys = pile(lab, 4)
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    mio.post(f"/requests/{keys[0]}/decline", version="1", reason="No")  # somebody was faster
    change("Plate 1", version=7)
    answer = sora.post("/inbox/decide", pick=[*picks(keys), "r:unknown:1"], do="approve", next="/inbox?q=plate")
    assert answer.status_code == 409
    assert states() == {"Plate 0": "declined", "Plate 1": "waiting", "Plate 2": "approved", "Plate 3": "approved"}
    assert "2件を承認しました" in answer.text
    assert "3件の申請は変更されていません" in answer.text
    assert "その間に承認・却下されたか、取り下げられました。" in answer.text
    assert "その間に変更されました。" in answer.text
    assert "すでにありません" in answer.text
    assert f'href="/requests/{keys[1]}?next=' in answer.text
    assert 'href="/inbox?q=plate"' in answer.text


def test_sent_twice_it_is_done_once(app: Flask, lab: Cast) -> None:
    keys = pile(lab, 2)
    sora = Visitor(app, "sora")
    assert sora.post("/inbox/decide", pick=picks([*keys, *keys]), do="approve").status_code == 303
    assert sora.post("/inbox/decide", pick=picks(keys), do="approve").status_code == 409
    assert len(approved_by()) == 2


def test_a_time_that_is_taken_meanwhile_is_left_and_said(app: Flask, lab: Cast) -> None:
    for name in ("hana", "ben"):
        Visitor(app, name).book("tsukuba-sorter", "2026-11-24T10:00", "2026-11-24T11:00", title=f"Wish of {name}")
    keys = list(db.session.scalars(select(Request.key).order_by(Request.id)))
    answer = Visitor(app, "sora").post("/inbox/decide", pick=picks(keys), do="approve")
    assert answer.status_code == 409
    assert states() == {"Wish of hana": "approved", "Wish of ben": "wished"}
    assert "時間がすでに空いていません" in answer.text


def test_what_is_signed_is_left_out(app: Flask, lab: Cast) -> None:
    keys = pile(lab, 1)
    sign_with(lab, "birch")
    sora = Visitor(app, "sora")
    page = sora.get("/inbox").text
    assert 'name="pick"' not in page
    assert "署名が必要なため、個別に承認・却下します。" in page
    for do in ("approve", "decline"):
        answer = sora.post("/inbox/decide", pick=picks(keys), do=do, reason="No")
        assert answer.status_code == 409
        assert "申請のページで署名してください" in answer.text
    assert states() == {"Plate 0": "waiting"}


@transactional
def in_two_steps() -> None:
    db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-asked")).one().two_steps = True


def test_where_safety_comes_first_the_row_says_no_objection_and_is_not_ticked(app: Flask, lab: Cast) -> None:
    keys = pile(lab, 1)
    in_two_steps()
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    page = sora.get("/inbox")
    assert 'name="pick"' not in page.text
    assert sora.post("/inbox/decide", pick=picks(keys), do="approve").status_code == 409
    assert sora.submit(page, f"/requests/{keys[0]}/clear").status_code == 303
    assert states() == {"Plate 0": "waiting"}
    assert "Plate 0" not in sora.get("/inbox").text  # somebody else approves
    assert mio.post("/inbox/decide", pick=picks(keys, version=2), do="approve").status_code == 303
    assert states() == {"Plate 0": "approved"}


def test_nobody_decides_what_is_for_others_to_decide(app: Flask, lab: Cast) -> None:
    keys = pile(lab, 1)
    named(lab, "mio")
    answer = Visitor(app, "sora").post("/inbox/decide", pick=picks(keys), do="approve")
    assert answer.status_code == 409
    assert "判断" not in answer.text
    assert "承認・却下するのはほかの人です。" in answer.text
    elsewhere = Visitor(app, "sam").post("/inbox/decide", pick=picks(keys), do="approve")
    assert elsewhere.status_code == 409
    assert "Plate 0" not in elsewhere.text
    assert states() == {"Plate 0": "waiting"}


def test_changes_of_bookings_are_decided_with_the_rest(app: Flask, lab: Cast) -> None:
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    hana.book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T11:00", title="Moves")
    sora.submit(sora.get("/inbox"), "/approve")
    key = db.session.scalars(select(Request)).one().bookings[0].key
    page = hana.get(f"/bookings/{key}/move")
    hana.submit(page, "/move", start_on="2026-11-24", start_at="15:00", end_on="2026-11-24", end_at="16:00")
    ticks = sora.get("/inbox?show=changes").text
    assert f'value="c:{key}:' in ticks
    pick = ticks.partition('name="pick" value="')[2].partition('"')[0]
    assert sora.post("/inbox/decide", pick=[pick], do="approve").status_code == 303
    db.session.remove()
    assert db.session.scalars(select(Request)).one().bookings[0].starts_at.hour == 6  # 15:00 in Tsukuba


@on_sqlite
def test_what_makes_no_sense_is_asked_for_again(app: Flask, lab: Cast) -> None:
    keys = pile(lab, 2)
    sora = Visitor(app, "sora")
    refused = sora.post("/inbox/decide", pick=picks(keys), do="decline", reason="  ", next="/inbox?sort=start")
    assert refused.status_code == 422
    assert refused.text.count("checked") >= 2  # what was ticked stays so
    assert 'aria-invalid="true"' in refused.text
    for fields in (
        {"do": "approve"},
        {"pick": picks(keys)},
        {"pick": picks(keys), "do": "delete"},
        {"pick": ["rubbish"], "do": "approve"},
        {"pick": [f"r:{keys[0]}:1'--"], "do": "approve"},
        {"pick": picks([f"k{number}" for number in range(51)]), "do": "approve"},
        {"pick": picks(keys), "do": "decline", "reason": "x" * 1001},
    ):
        assert sora.post("/inbox/decide", **fields).status_code == 422, fields
    assert set(states().values()) == {"waiting"}
    outside = sora.post("/inbox/decide", pick=picks(keys), do="approve", next="//evil.example/inbox")
    assert outside.headers["Location"] == "/inbox"
