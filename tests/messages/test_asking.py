"""Asking whoever holds a busy time, without learning who that is."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook.bookings import service as bookings
from labbook.db import db, transactional
from labbook.models import (
    Agreement,
    Booking,
    Event,
    EventDetail,
    Letter,
    Message,
    Partner,
    Person,
    Request,
    Resource,
    Site,
    Thread,
    Unit,
)
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.messages.conftest import HELD, NEW, WORDS, Ben, threads, unit_key
from tests.privacy.planting import at, told
from tests.privacy.reading import spelled
from tests.privacy.test_busy_blocks import ask as book
from tests.privacy.test_hidden import statements

_THREAD = re.compile(r"/messages/[0-9a-f]{24}")
NOBODY = "There is nobody to ask at that time."


def letters() -> list[Letter]:
    """All letters, the oldest first."""
    db.session.remove()
    return list(db.session.scalars(select(Letter).order_by(Letter.id)))


def test_a_question_reaches_the_holder_of_the_time(app: Flask, lab: Cast, ben: Ben, begun: str) -> None:
    (made,) = threads()
    assert (made.asker_id, made.holder_id) == (lab.people["ben"], lab.people["hana"])
    assert made.at == at(24, "10:00")[0]
    assert WORDS in ben.visitor.get(begun).text
    page = Visitor(app, "hana").get(begun).text
    assert WORDS in page
    assert "Plate reader" in page or "プレートリーダー" in page


def test_the_busy_bar_is_the_way_there_without_any_script(app: Flask, ben: Ben) -> None:
    for path in ("/sites/tsukuba/day?on=2026-11-24", "/sites/tsukuba/week?on=2026-11-24", "/resources/tsukuba-plain"):
        links = re.findall(r'<li class="b busy[^>]*><a href="([^"]+)"', ben.visitor.get(path).text)
        assert links == [f"{NEW}?unit={unit_key('tsukuba-plain')}&amp;at=2026-11-24T09:45"], path
    page = ben.visitor.get(links[0].replace("&amp;", "&"))
    assert page.status_code == 200
    chosen = re.findall(r"<option selected[^>]*>([^<]+)", page.text)
    assert chosen[0] == "Tue 24 Nov 2026, 09:45 JST"
    assert ben.visitor.submit(page, NEW, text=WORDS).status_code == 303


@on_sqlite
def test_the_form_offers_the_moments_of_the_block_from_now_on(app: Flask, ben: Ben, clock: Clock) -> None:
    clock.now = at(24, "10:20")[0]
    ben.visitor = Visitor(app, "ben")
    page = ben.visitor.get(NEW, query_string={"unit": unit_key("tsukuba-plain"), "at": "2026-11-24T10:15"})
    assert re.findall(r"(\d\d:\d\d) JST</option>", page.text) == ["10:15", "10:30", "11:00"]


@on_sqlite
@pytest.mark.parametrize("name", ["sora", "sam", "ada", "audrey"])
def test_only_those_who_may_book_there_may_ask(app: Flask, ben: Ben, name: str) -> None:
    visitor, unit = Visitor(app, name), unit_key("tsukuba-plain")
    assert visitor.get(NEW, query_string={"unit": unit, "at": HELD}).status_code == 403
    answer = visitor.post(NEW, unit=unit, at=at(24, "10:00")[0].isoformat(), text=WORDS)
    assert answer.status_code == 403
    assert NEW not in visitor.get("/sites/tsukuba/day?on=2026-11-24").text
    assert threads() == []


@on_sqlite
def test_what_is_hidden_or_unknown_is_not_there(app: Flask, ben: Ben) -> None:
    dora, when = Visitor(app, "dora"), at(24, "10:00")[0].isoformat()
    cases = [(ben.visitor, unit_key("tsukuba-secret")), (ben.visitor, "0" * 24), (ben.visitor, "a\x00b")]
    cases += [(ben.visitor, ""), (dora, unit_key("tsukuba-plain"))]
    for visitor, unit in cases:
        assert visitor.get(NEW, query_string={"unit": unit, "at": HELD}).status_code == 404
        assert visitor.post(NEW, unit=unit, at=when, text=WORDS).status_code == 404
    assert Visitor(app).get(NEW, query_string={"unit": unit_key("tsukuba-plain")}).status_code == 303


@on_sqlite
def test_nobody_and_ones_own_partner_are_refused_alike(app: Flask, lab: Cast, ben: Ben) -> None:
    book(lab, "ben", "15:00", partner="birch")
    unit = unit_key("tsukuba-plain")
    ben.visitor.good_token()
    said = set()
    for when in (at(24, "12:30")[0], at(24, "15:30")[0], at(23, "03:00")[0]):
        with statements() as sent:
            answer = ben.visitor.post(NEW, unit=unit, at=when.isoformat(), text=WORDS)
        assert answer.status_code == 409
        assert NOBODY in answer.text
        said.add((re.sub(r'value="[^"]{30,}"|UTC[^<]*', "", answer.text), tuple(sent)))
        assert ben.visitor.get(NEW, query_string={"unit": unit, "at": HELD.replace("10", "12")}).status_code == 409
    assert len(said) == 1
    assert threads() == []


@on_sqlite
@pytest.mark.parametrize("wanted", ["wished", "declined", "finished"])
def test_what_keeps_no_time_has_no_holder(app: Flask, lab: Cast, ben: Ben, clock: Clock, wanted: str) -> None:
    slug = {"wished": "tsukuba-sorter", "declined": "tsukuba-asked", "finished": "tsukuba-plain"}[wanted]
    if wanted != "finished":
        key = Visitor(app, "hana").book(slug, "2026-11-24T10:00", "2026-11-24T11:00").headers["Location"][10:]
        if wanted == "declined":
            bookings.decline(lab.actor("sora"), key, reason="No", version=1, now=NOW)
    else:
        clock.now = at(24, "12:00")[0]
        ben.visitor = Visitor(app, "ben")
    assert ben.ask(slug).status_code == 409
    assert threads() == []


@on_sqlite
def test_the_unit_of_a_pool_that_is_asked_about_counts(app: Flask, lab: Cast, ben: Ben) -> None:
    Visitor(app, "hana").book("tsukuba-hood", "2026-11-24T10:00", "2026-11-24T11:00")
    db.session.remove()
    pool = select(Resource.id).where(Resource.slug == "tsukuba-hood").scalar_subquery()
    keys = {row.id: row.key for row in db.session.execute(select(Unit.id, Unit.key).where(Unit.resource_id == pool))}
    (held,) = db.session.scalars(select(Booking.unit_id).where(Booking.unit_id.in_(keys)))
    free = next(number for number in keys if number != held)
    for number, code in ((free, 409), (held, 200)):
        assert ben.visitor.get(NEW, query_string={"unit": keys[number], "at": HELD}).status_code == code


# --- what the asker does not learn ------------------------------------------------------------------------------------


@pytest.mark.parametrize("merges", [True, False])
def test_asking_again_about_a_block_says_nothing_about_who_is_in_it(
    app: Flask, lab: Cast, ben: Ben, merges: bool
) -> None:
    """Two moments of one block of two holders are answered just as two moments of one holder's block."""

    @transactional
    def choose() -> None:
        db.session.execute(update(Site).values(merges_busy=merges))

    choose()
    book(lab, "alan", "11:30", 2)  # held 11:15 to 13:45, touching Hana's
    unit = unit_key("tsukuba-plain")
    assert ben.ask().status_code == 303
    other = ben.visitor.post(NEW, unit=unit, at=at(24, "12:00")[0].isoformat(), text="Another", partner=_birch(lab))
    same = ben.visitor.post(NEW, unit=unit, at=at(24, "10:30")[0].isoformat(), text="Another", partner=_birch(lab))
    assert same.status_code == 409
    assert "You have asked about this busy time already." in same.text
    if merges:  # one block as Ben sees it: the answer must not depend on where in it the second moment lies
        assert other.status_code == 409
        assert _THREAD.findall(same.text) == _THREAD.findall(other.text) != []
    else:
        assert other.status_code == 303


def _birch(lab: Cast) -> str:
    return db.session.get_one(Partner, lab.partners["birch"]).key


@on_sqlite
def test_a_closed_thread_makes_room_for_another(ben: Ben, begun: str) -> None:
    page = ben.visitor.get(begun)
    assert ben.visitor.submit(page, "/close").status_code == 303
    again = ben.ask(text="Once more")
    assert again.status_code == 303
    assert again.headers["Location"] != begun


@on_sqlite
def test_the_same_words_sent_twice_are_one_thread(ben: Ben, begun: str) -> None:
    assert ben.ask().headers["Location"] == begun
    assert len(threads()) == 1
    assert db.session.scalar(select(func.count(Message.id))) == 1
    assert len(letters()) == 1


@on_sqlite
def test_five_threads_a_day_are_enough(app: Flask, ben: Ben, clock: Clock) -> None:
    paths = []
    for _ in range(5):
        answer = ben.ask(text="Please")
        assert answer.status_code == 303
        paths.append(answer.headers["Location"])
        ben.visitor.submit(ben.visitor.get(paths[-1]), "/close")
    refused = ben.ask(text="Please do")
    assert refused.status_code == 429
    assert "That is as much as one may write in a day." in refused.text
    assert "Please do" in refused.text
    assert len(threads()) == 5
    clock.now = NOW + timedelta(hours=24, minutes=1)
    ben.visitor = Visitor(app, "ben")
    assert ben.ask(text="Please do").status_code == 303


@pytest.mark.parametrize("fate", ["active", "closed", "agreement over"])
def test_the_answer_and_the_work_are_the_same_whatever_became_of_the_holder(lab: Cast, ben: Ben, fate: str) -> None:
    @transactional
    def befall() -> None:
        if fate == "closed":
            db.session.execute(update(Person).where(Person.id == lab.people["hana"]).values(is_active=False))
        elif fate != "active":
            db.session.execute(
                update(Agreement).where(Agreement.partner_id == lab.partners["aoba"]).values(ended_at=NOW)
            )

    befall()
    unit = unit_key("tsukuba-plain")
    page = ben.visitor.get(NEW, query_string={"unit": unit, "at": HELD})
    with statements() as sent:
        answer = ben.visitor.submit(page, NEW, text=WORDS)
    assert answer.status_code == 303
    assert _SENT.setdefault(db.engine.dialect.name, sent) == sent
    (made,) = letters()
    assert (made.given_up_at is None) is (fate == "active")
    key = answer.headers["Location"]
    page_text = re.sub(r"[0-9a-f]{24}", "…", re.sub(r'value="[^"]{30,}"', "", ben.visitor.get(key).text))
    assert _PAGES.setdefault(db.engine.dialect.name, page_text) == page_text


_SENT: dict[str, list[str]] = {}
_PAGES: dict[str, str] = {}


@on_sqlite
def test_neither_page_mail_nor_history_tells_either_who_the_other_is(
    app: Flask, lab: Cast, ben: Ben, begun: str
) -> None:
    hana = Visitor(app, "hana")
    hana.submit(hana.get(begun), "/answer", text="Which hour would do?")
    keys = {row.id: row.key for row in db.session.execute(select(Person.id, Person.key))}
    db.session.remove()
    about_hana = ["hana@", "佐藤", "花", "Aoba", "Plates", keys[lab.people["hana"]]]
    about_ben = ["ben@", "Birk", "Birch", keys[lab.people["ben"]]]
    requests = list(db.session.scalars(select(Request.key))) + list(db.session.scalars(select(Booking.key)))
    for path in (begun, "/messages"):
        assert told([*about_hana, *requests], spelled(ben.visitor.get(path))) == []
        assert told(about_ben, spelled(hana.get(path))) == []
    to_hana, to_ben = letters()
    for made, hidden in ((to_hana, about_ben), (to_ben, about_hana)):
        assert told([*hidden, WORDS, "Which hour"], repr(made.values).encode()) == []
        assert made.kind == "message"
    bodies = db.session.execute(
        select(Event.code, Event.partner_id, Event.actor_id, Event.booking_id, Event.request_id, EventDetail.body)
        .join(EventDetail, EventDetail.event_id == Event.id)
        .where(Event.subject == "thread")
        .order_by(Event.id)
    ).all()
    assert [tuple(row) for row in bodies] == [
        ("thread-begun", lab.partners["birch"], lab.people["ben"], None, None, {}),
        ("thread-answered", lab.partners["aoba"], lab.people["hana"], None, None, {}),
    ]


# --- shape ------------------------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "Write a few words."),
        ({"text": "   "}, "Write a few words."),
        ({"text": "x" * 1001}, "At most 1000 characters"),
        ({"text": "a\u202eb"}, "invisible control characters"),
        ({"at": "tomorrow"}, "Choose a time from the list."),
        ({"at": "2026-11-24T10:00"}, "Choose a time from the list."),
        ({"at": "9999-12-31T23:59:59+00:00"}, "Choose a time from the list."),
        ({"partner": "0" * 24}, "Choose one from the list."),
    ],
)
def test_a_wrong_shape_is_said_beside_the_field(ben: Ben, fields: dict[str, str], sentence: str) -> None:
    page = ben.visitor.get(NEW, query_string={"unit": unit_key("tsukuba-plain"), "at": HELD})
    answer = ben.visitor.submit(page, NEW, **{"text": WORDS, **fields})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert threads() == []


@on_sqlite
def test_a_foreign_partner_cannot_be_asked_for(lab: Cast, ben: Ben) -> None:
    cedar = db.session.get_one(Partner, lab.partners["cedar"]).key
    page = ben.visitor.get(NEW, query_string={"unit": unit_key("tsukuba-plain"), "at": HELD})
    assert ben.visitor.submit(page, NEW, text=WORDS, partner=cedar).status_code == 422
    assert threads() == []


@on_sqlite
@pytest.mark.parametrize("wall", ["", "x", "2026-13-01T10:00", "2026-11-24T10:00Z", "0001-01-01T00:00"])
def test_a_link_with_a_strange_time_is_about_now(ben: Ben, wall: str) -> None:
    page = ben.visitor.get(NEW, query_string={"unit": unit_key("tsukuba-plain"), "at": wall})
    assert page.status_code == 409
    assert NOBODY in page.text


@on_sqlite
def test_markup_in_a_message_is_text(app: Flask, ben: Ben) -> None:
    path = ben.ask(text="<script>alert(1)</script>\nsecond line").headers["Location"]
    assert "<script>alert" not in Visitor(app, "hana").get(path).text
    assert db.session.scalar(select(Thread.closed_at)) is None
