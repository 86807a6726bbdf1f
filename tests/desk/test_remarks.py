"""Questions about a request and answers to them: who may write and read, and that the clock stands meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db, transactional
from labbook.models import Event, EventDetail, Notice, Project, Remark, Request, RoleGrant
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"
QUESTION = "Which serum is it?\nAnd how much?"


@pytest.fixture
def asked(app: Flask, lab: Cast) -> str:
    """The page of Alan's request that waits for staff at Tsukuba."""
    location: str = Visitor(app, "alan").book("tsukuba-asked", *WANTED, title="Run 7").headers["Location"]
    return location


def request_at(page: str) -> Request:
    db.session.remove()
    return db.session.scalars(select(Request).where(Request.key == page.rsplit("/", 1)[1])).one()


def told(code: str) -> list[str]:
    """Who is to hear of the events with this code, by address."""
    db.session.remove()
    return [
        str(address).partition("@")[0]
        for address in db.session.scalars(
            select(db.metadata.tables["person"].c.email)
            .join(Notice, Notice.person_id == db.metadata.tables["person"].c.id)
            .join(Event, Event.id == Notice.event_id)
            .where(Event.code == code)
            .order_by(db.metadata.tables["person"].c.email)
        )
    ]


def ask(app: Flask, page: str, text: str = QUESTION, name: str = "sora", **fields: str) -> int:
    """Ask by the page's own form."""
    visitor = Visitor(app, name)
    return visitor.submit(visitor.get(page), "/ask", text=text, **fields).status_code


def answer(app: Flask, page: str, text: str = "Bovine, 2 ml.", name: str = "alan") -> int:
    """Answer by the page's own form."""
    visitor = Visitor(app, name)
    return visitor.submit(visitor.get(page), "/answer", text=text).status_code


def test_staff_ask_and_the_clock_stands_until_it_is_answered(app: Flask, lab: Cast, asked: str, clock: object) -> None:
    due = request_at(asked).decide_by
    assert due is not None
    assert ask(app, asked) == 303
    found = request_at(asked)
    assert (found.asked_at, found.decide_by) == (NOW, None)
    page = Visitor(app, "alan").get(asked).text
    assert "Which serum is it?\nAnd how much?" in page
    assert "the deadline has stood still since" in page
    assert "鈴木 空" in page
    assert told("request-questioned") == ["alan"]
    clock.now = NOW + timedelta(hours=2)  # type: ignore[attr-defined]
    assert answer(app, asked) == 303
    found = request_at(asked)
    assert found.asked_at is None
    assert found.decide_by is not None
    assert found.decide_by >= due
    assert told("request-answered") == ["sora"]
    page = Visitor(app, "sora").get(asked).text
    assert "Bovine, 2 ml." in page
    assert "stands still" not in page.split("<form")[0]
    assert "waits for an answer" not in page


@on_sqlite
def test_whoever_asked_hears_of_the_answer_and_without_anybody_who_asked_all_who_decide(
    app: Flask, lab: Cast, asked: str
) -> None:
    assert answer(app, asked, "I forgot to say: it is bovine.") == 303
    assert told("request-remarked") == ["mio", "sora"]
    assert ask(app, asked, name="mio") == 303
    assert answer(app, asked) == 303
    assert told("request-answered") == ["mio"]


@on_sqlite
def test_what_another_of_the_staff_notes_meanwhile_answers_no_question(app: Flask, lab: Cast, asked: str) -> None:
    assert ask(app, asked, name="sora") == 303
    mio = Visitor(app, "mio")
    assert mio.post(f"{asked}/ask", text="I have seen such a serum before.").status_code == 303
    assert "the deadline has stood still since" in Visitor(app, "alan").get(asked).text
    assert answer(app, asked) == 303
    assert (request_at(asked).asked_at, told("request-answered")) == (None, ["sora"])
    assert request_at(asked).decide_by is not None


@on_sqlite
def test_a_note_of_staff_stops_no_clock(app: Flask, lab: Cast, asked: str) -> None:
    due = request_at(asked).decide_by
    sora = Visitor(app, "sora")
    assert sora.post(f"{asked}/ask", text="The new laser is in.").status_code == 303
    found = request_at(asked)
    assert (found.asked_at, found.decide_by) == (None, due)
    assert (told("request-questioned"), told("request-remarked")) == ([], ["alan"])
    assert "waits for an answer" not in sora.get(asked).text


@on_sqlite
def test_no_word_of_it_is_in_the_history(app: Flask, lab: Cast, asked: str) -> None:
    ask(app, asked)
    answer(app, asked)
    db.session.remove()
    codes = ("request-questioned", "request-answered")
    rows = db.session.execute(
        select(Event.code, Event.subject, EventDetail.body)
        .join(EventDetail, EventDetail.event_id == Event.id)
        .where(Event.code.in_(codes))
        .order_by(Event.id)
    ).all()
    keys = list(db.session.scalars(select(Remark.key).order_by(Remark.id)))
    assert [(row.code, row.subject, row.body) for row in rows] == [
        (code, "request", {"remark": key}) for code, key in zip(codes, keys, strict=True)
    ]


@on_sqlite
def test_the_coordinator_answers_too_and_a_colleague_reads_but_may_not(app: Flask, lab: Cast, asked: str) -> None:
    ask(app, asked)
    assert answer(app, asked, name="cora") == 303
    hana = Visitor(app, "hana")
    page = hana.get(asked).text
    assert "Bovine, 2 ml." in page
    assert "/answer" not in page
    assert hana.post(f"{asked}/answer", text="No").status_code == 403
    assert hana.post(f"{asked}/ask", text="Why?").status_code == 403


@on_sqlite
@pytest.mark.parametrize("name", ["ben", "dora", "chika", "sam"])
def test_whoever_has_nothing_to_do_with_it_is_told_that_there_is_nothing(
    app: Flask, lab: Cast, asked: str, name: str
) -> None:
    ask(app, asked)
    visitor = Visitor(app, name)
    for path in ("ask", "answer"):
        assert visitor.post(f"{asked}/{path}", text="Hm").status_code == 404
    assert len(everything()) == 1


def everything() -> list[Remark]:
    db.session.remove()
    return list(db.session.scalars(select(Remark).order_by(Remark.id)))


@transactional
def make_joint(page: str) -> None:
    """Alan's request is one of the joint project of Aoba and Cedar."""
    found = db.session.scalars(select(Request).where(Request.key == page.rsplit("/", 1)[1])).one()
    found.project_id = found.bookings[0].project_id = db.session.scalars(select(Project.id)).one()


def test_an_ally_of_a_joint_project_reads_the_request_but_nothing_that_was_asked_about_it(
    app: Flask, lab: Cast, asked: str
) -> None:
    ask(app, asked)
    make_joint(asked)
    chika = Visitor(app, "chika")
    page = chika.get(asked)
    assert page.status_code == 200
    assert "Run 7" in page.text
    assert "Which serum" not in page.text
    assert "問い合わせ" not in page.text
    assert chika.post(f"{asked}/answer", text="Hm").status_code == 404
    assert chika.post(f"{asked}/ask", text="Hm").status_code == 404
    assert "Which serum" in Visitor(app, "two").get(asked).text  # who works for both partners


@transactional
def leave(lab: Cast, name: str) -> None:
    """Somebody works for nobody any more."""
    grants = db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == lab.people[name]))
    for one in grants:
        one.ended_at = NOW


@on_sqlite
def test_a_former_member_reads_and_answers_nothing(app: Flask, lab: Cast, asked: str) -> None:
    ask(app, asked)
    alan = Visitor(app, "alan")
    leave(lab, "alan")
    assert alan.get(asked).status_code == 404
    assert alan.post(f"{asked}/answer", text="Hm").status_code == 404


@on_sqlite
def test_a_preview_as_the_partner_shows_nothing_of_it(app: Flask, lab: Cast, asked: str) -> None:
    ask(app, asked)
    sora = Visitor(app, "sora")
    assert "Which serum" in sora.get(asked).text
    page = sora.get("/preview")
    key = next(one for one in page.text.split('value="') if "Aoba" in one.split("</option>")[0]).split('"')[0]
    assert sora.submit(page, "/preview", partner=key).status_code == 303
    shown = sora.get(asked)
    assert shown.status_code == 200
    assert "Run 7" in shown.text
    assert "Which serum" not in shown.text
    assert sora.post(f"{asked}/ask", text="Hm").status_code in (403, 404)
    assert len(everything()) == 1


@on_sqlite
def test_a_second_click_is_no_second_question_and_the_same_words_later_are(
    app: Flask, lab: Cast, asked: str, clock: object
) -> None:
    assert [ask(app, asked) for _ in range(2)] == [303, 303]
    assert len(everything()) == 1
    clock.now = NOW + timedelta(minutes=5)  # type: ignore[attr-defined]
    assert ask(app, asked) == 303
    assert len(everything()) == 2
    assert len(told("request-questioned")) == 2


@on_sqlite
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write a few words."),
        (" \u200b\n ", "Write a few words."),
        ("x" * 2001, "At most 2000 characters"),
        ("abc\u202edef", "invisible control characters"),
        ("abc\x07", "invisible control characters"),
    ],
)
def test_an_answer_of_the_wrong_shape_comes_back_as_it_was_typed(
    app: Flask, lab: Cast, asked: str, text: str, sentence: str
) -> None:
    answered = Visitor(app, "alan").post(f"{asked}/answer", text=text)
    assert answered.status_code == 422
    assert sentence in answered.text
    assert text.strip(" \u200b\n")[:50] in answered.text
    assert everything() == []


@on_sqlite
def test_markup_in_a_question_is_text(app: Flask, lab: Cast, asked: str) -> None:
    ask(app, asked, "<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in Visitor(app, "alan").get(asked).text


@on_sqlite
def test_nobody_asks_about_what_was_withdrawn_or_decided_meanwhile(app: Flask, lab: Cast, asked: str) -> None:
    sora, alan = Visitor(app, "sora"), Visitor(app, "alan")
    page = sora.get(asked)
    assert alan.submit(alan.get(asked), "/withdraw").status_code == 303
    late = sora.submit(page, "/ask", text=QUESTION, asks="y")
    assert late.status_code == 409
    assert "Which serum is it?" in late.text
    assert alan.post(f"{asked}/answer", text="Never mind").status_code == 409
    assert everything() == []
    assert "/ask" not in sora.get(asked).text


@on_sqlite
def test_of_what_is_approved_one_can_still_say_something_but_no_clock_stands(app: Flask, lab: Cast, asked: str) -> None:
    sora, alan = Visitor(app, "sora"), Visitor(app, "alan")
    before = sora.get(asked)
    assert sora.submit(before, "/approve").status_code == 303
    assert sora.submit(before, "/ask", text=QUESTION, asks="y").status_code == 409
    assert sora.post(f"{asked}/ask", text="Bring your own tips.").status_code == 303
    assert alan.submit(alan.get(asked), "/answer", text="I shall.").status_code == 303
    assert [one.is_question for one in everything()] == [False, False]
    assert request_at(asked).asked_at is None


@on_sqlite
def test_nobody_asks_about_a_request_of_their_own(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    page = mio.book("tsukuba-asked", *WANTED, title="Mine").headers["Location"]
    assert mio.post(f"{page}/ask", text="Why?").status_code == 403
    assert mio.post(f"{page}/answer", text="Because.").status_code == 303


@on_sqlite
def test_there_is_an_end_to_what_one_may_write_in_a_day(
    app: Flask, lab: Cast, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labbook.desk.service.remarks.MOST_WRITTEN", 2)
    assert [answer(app, asked, f"{one}") for one in range(3)] == [303, 303, 429]
    assert ask(app, asked) == 303  # others may


@on_sqlite
def test_a_forged_form_changes_nothing(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    assert sora.open(f"{asked}/ask", method="POST", data={"text": "Hm"}).status_code == 400
    assert everything() == []
