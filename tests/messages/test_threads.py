"""A conversation of two who do not know each other, until each says so for itself, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.db import db, transactional
from labbook.models import Agreement, Event, Letter, Message, Person, RoleGrant
from labbook.notices.rendering import rendered
from tests.browsing import Visitor, forms_of, on_sqlite, steady
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.house.tree import ROOT
from tests.messages.conftest import WORDS, Ben, threads
from tests.privacy.planting import rows, told
from tests.privacy.reading import spelled
from tests.privacy.test_preview import previewing

HANA, BEN = ("佐藤", "花", "Aobaバイオ", "Aoba Bio"), ("Birk", "Birch Bio", "Birchバイオ")
STEPS = ("answer", "name", "read", "close")


def codes() -> list[str]:
    """What happened to threads, in order."""
    db.session.remove()
    return list(db.session.scalars(select(Event.code).where(Event.subject == "thread").order_by(Event.id)))


def test_both_write_and_each_hears_of_it(app: Flask, ben: Ben, begun: str) -> None:
    hana = Visitor(app, "hana")
    assert hana.submit(hana.get(begun), "/answer", text="Take 13:00.").headers["Location"] == begun
    assert ben.visitor.submit(ben.visitor.get(begun), "/answer", text="Thanks").status_code == 303
    page = hana.get(begun).text
    assert page.index(WORDS) < page.index("Take 13:00.") < page.index("Thanks")
    db.session.remove()
    addresses = list(db.session.scalars(select(Letter.address).order_by(Letter.id)))
    assert [one.partition("@")[0] for one in addresses] == ["hana", "ben", "hana"]
    assert codes() == ["thread-begun", "thread-answered", "thread-answered"]


def test_a_name_is_told_once_by_the_one_whose_it_is_and_for_good(app: Flask, ben: Ben, begun: str) -> None:
    hana = Visitor(app, "hana")
    assert told(BEN, spelled(hana.get(begun))) == []
    assert ben.visitor.submit(ben.visitor.get(begun), "/name").status_code == 303
    assert set(told(BEN, spelled(hana.get(begun)))) == {"Birk", "Birchバイオ"}
    assert told(HANA, spelled(ben.visitor.get(begun))) == []
    assert ben.visitor.post(f"{begun}/name").status_code == 303  # twice is as good as once
    assert codes() == ["thread-begun", "thread-named"]
    assert hana.submit(hana.get(begun), "/name").status_code == 303
    assert set(told(HANA, spelled(ben.visitor.get(begun)))) == {"佐藤", "花", "Aoba Bio"}


@on_sqlite
def test_the_holder_reads_which_own_booking_it_is_about_and_the_asker_does_not(
    app: Flask, ben: Ben, begun: str
) -> None:
    hana = Visitor(app, "hana")
    page = hana.get(begun).text
    assert "Plates" in page
    assert "/requests/" in page
    asked = ben.visitor.get(begun).text
    assert "/requests/" not in asked
    assert "Holder of Plate reader, Tue 24 Nov 2026, 10:00 JST" in asked


@pytest.mark.parametrize("name", ["alan", "cora", "chika", "sora", "mio", "ada", "audrey", "dora"])
def test_nobody_else_reads_or_writes(app: Flask, ben: Ben, begun: str, name: str) -> None:
    visitor = Visitor(app, name)
    assert visitor.get(begun).status_code == 404
    for step in STEPS:
        assert visitor.post(f"{begun}/{step}", text="I am here too").status_code == 404
    assert told([WORDS, begun], spelled(visitor.get("/messages"))) == []
    assert codes() == ["thread-begun"]


@on_sqlite
def test_an_unknown_key_is_like_one_that_is_somebody_elses(app: Flask, ben: Ben, begun: str) -> None:
    alan = Visitor(app, "alan")
    for step in STEPS:
        assert alan.post(f"/messages/{'0' * 24}/{step}", text="x").status_code == 404
    assert alan.get(f"/messages/{'0' * 24}").status_code == 404
    signed_out = Visitor(app)
    assert signed_out.get(begun).status_code == 303
    assert signed_out.get("/messages").status_code == 303


ENDS = {
    "agreement": lambda lab, who, partner: (
        update(Agreement).where(Agreement.partner_id == lab.partners[partner]).values(ended_at=NOW)
    ),
    "membership": lambda lab, who, partner: (
        update(RoleGrant).where(RoleGrant.person_id == lab.people[who]).values(ended_at=NOW)
    ),
    "account": lambda lab, who, partner: update(Person).where(Person.id == lab.people[who]).values(is_active=False),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("who", "partner"), [("hana", "aoba"), ("ben", "birch")])
def test_whose_rights_have_ended_reads_nothing_any_more_and_the_other_side_does_not_notice(
    app: Flask, lab: Cast, ben: Ben, begun: str, end: str, who: str, partner: str
) -> None:
    visitors = {"hana": Visitor(app, "hana"), "ben": ben.visitor}
    other = visitors["ben" if who == "hana" else "hana"]
    for visitor in visitors.values():
        assert visitor.get(begun).status_code == 200
    before = other.get(begun).text.count(WORDS)

    @transactional
    def happen() -> None:
        db.session.execute(ENDS[end](lab, who, partner))

    happen()
    code = 303 if end == "account" else 404
    assert visitors[who].get(begun).status_code == code
    assert visitors[who].post(f"{begun}/answer", text="Still me").status_code in (code, 400)
    assert told([begun], spelled(visitors[who].get("/messages"))) == []
    assert other.get(begun).text.count(WORDS) == before
    assert other.submit(other.get(begun), "/answer", text="Are you there?").status_code == 303
    last = list(db.session.scalars(select(Letter).order_by(Letter.id)))[-1]
    assert last.given_up_at == NOW


@on_sqlite
def test_a_closed_conversation_takes_nothing_more(app: Flask, ben: Ben, begun: str) -> None:
    hana = Visitor(app, "hana")
    page = hana.get(begun)
    assert ben.visitor.submit(ben.visitor.get(begun), "/close").status_code == 303
    answer = hana.submit(page, "/answer", text="Too late")
    assert answer.status_code == 409
    assert "この会話は終了しています。" in answer.text
    assert hana.submit(page, "/name").status_code == 409
    assert hana.submit(page, "/close").status_code == 303
    assert codes() == ["thread-begun", "thread-closed"]
    assert not threads()[0].holder_is_named


@on_sqlite
def test_unread_is_counted_for_the_reader_alone(app: Flask, ben: Ben, begun: str) -> None:
    hana = Visitor(app, "hana")
    badge = '<b class="count">'
    assert hana.get("/bookings").text.count(badge) == 2  # at the name, and at the entry of the menu
    assert ben.visitor.get("/bookings").text.count(badge) == 0
    assert Visitor(app, "alan").get("/bookings").text.count(badge) == 0
    asked = steady(ben.visitor.get(begun).text)
    assert hana.submit(hana.get(begun), "/read").headers["Location"] == begun
    assert hana.get("/bookings").text.count(badge) == 0
    assert steady(ben.visitor.get(begun).text) == asked
    assert ben.visitor.post(f"{begun}/read").status_code == 303  # nothing is new to the one who wrote it
    hana.submit(hana.get(begun), "/answer", text="Take 13:00.")
    assert hana.get("/bookings").text.count(badge) == 0
    assert ben.visitor.get("/bookings").text.count(badge) == 2


def unread() -> int:
    """How many messages nobody has read."""
    db.session.remove()
    return len(list(db.session.scalars(select(Message).where(Message.read_at.is_(None)))))


@on_sqlite
def test_looking_at_a_conversation_changes_no_row(app: Flask, ben: Ben, begun: str) -> None:
    hana = Visitor(app, "hana")
    page = hana.get(begun)
    before = rows("sign_in")
    for headers in ({}, {"Sec-Purpose": "prefetch"}):
        for method in ("GET", "HEAD"):
            assert hana.open(begun, method=method, headers=headers).status_code == 200
    assert rows("sign_in") == before
    assert "新着" in page.text
    assert "新着" in hana.get(begun).text


@on_sqlite
def test_what_was_marked_as_read_is_new_no_more_until_there_is_something_new(
    app: Flask, ben: Ben, begun: str, clock: Clock
) -> None:
    hana = Visitor(app, "hana")
    page = hana.get(begun)
    clock.now = NOW + timedelta(minutes=5)
    for _ in range(2):  # twice is as good as once
        assert hana.submit(page, "/read").status_code == 303
    assert f"{begun}/read" not in hana.get(begun).text
    db.session.remove()
    assert db.session.scalars(select(Message.read_at)).all() == [NOW + timedelta(minutes=5)]
    ben.visitor.submit(ben.visitor.get(begun), "/answer", text="Or later?")
    assert hana.get(begun).text.count("新着") == 1
    assert codes() == ["thread-begun", "thread-answered"]  # that it was read is on no record


@on_sqlite
@pytest.mark.parametrize("step", STEPS)
def test_whoever_does_something_in_a_conversation_has_read_it(app: Flask, ben: Ben, begun: str, step: str) -> None:
    hana = Visitor(app, "hana")
    page = hana.get(begun)
    assert unread() == 1
    assert hana.submit(page, f"/{step}", text="").status_code == (422 if step == "answer" else 303)
    assert unread() == (1 if step == "answer" else 0)  # nothing was done
    if step == "answer":
        assert hana.submit(page, "/answer", text="Take 13:00.").status_code == 303
    assert ben.visitor.get("/bookings").text.count('<b class="count">') == (2 if step == "answer" else 0)
    assert unread() == (1 if step == "answer" else 0)


@on_sqlite
def test_a_preview_marks_nothing(app: Flask, lab: Cast, ben: Ben, begun: str) -> None:
    sora = previewing(app, lab, "sora", "aoba")
    token = next(one.fields["csrf_token"] for one in forms_of(sora.get("/bookings").text) if one.fields)
    assert sora.get(begun).status_code in (403, 404)
    assert sora.open(f"{begun}/read", method="POST", data={"csrf_token": token}).status_code == 403
    assert unread() == 1


@on_sqlite
def test_twenty_messages_a_day_are_enough(app: Flask, ben: Ben, begun: str, clock: Clock) -> None:
    page = ben.visitor.get(begun)
    for number in range(19):
        assert ben.visitor.submit(page, "/answer", text=f"No. {number}").status_code == 303
    assert ben.visitor.submit(page, "/answer", text="One more").status_code == 429
    hana = Visitor(app, "hana")
    assert hana.submit(hana.get(begun), "/answer", text="Please stop").status_code == 303
    clock.now = NOW + timedelta(hours=24, minutes=1)
    ben.visitor = Visitor(app, "ben")
    assert ben.visitor.submit(ben.visitor.get(begun), "/answer", text="One more").status_code == 303


@on_sqlite
def test_a_second_click_writes_once(ben: Ben, begun: str) -> None:
    page = ben.visitor.get(begun)
    for _ in range(2):
        assert ben.visitor.submit(page, "/answer", text="Twice?").status_code == 303
    assert len(list(db.session.scalars(select(Message)))) == 2


@on_sqlite
@pytest.mark.parametrize(
    ("text", "sentence"), [("", "Write a few words."), ("x" * 1001, "At most 1000"), ("\x07", "invisible control")]
)
def test_an_answer_of_a_wrong_shape_is_kept_and_said(ben: Ben, begun: str, text: str, sentence: str) -> None:
    answer = ben.visitor.submit(ben.visitor.get(begun), "/answer", text=text)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert text[:900] in answer.text


@on_sqlite
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_letter_says_only_that_there_is_a_message(ben: Ben, begun: str, language: str) -> None:
    (made,) = db.session.scalars(select(Letter))
    assert made.language == "ja"
    values = {"base_url": "https://lab.example", **made.values}
    subject, body = rendered(ROOT / "templates" / "mail", made.kind, language, values)
    assert f"https://lab.example{begun}" in body
    for text in (subject, body):
        assert told([*HANA, *BEN, WORDS, "Plate reader", "プレートリーダー", "24 Nov"], text.encode()) == []
