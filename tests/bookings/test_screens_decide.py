"""Deciding: the inbox, approve, decline, withdraw."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db
from labbook.models import Event, EventDetail, Notice, Request
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import Cast

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"
Asked = Callable[..., str]


@pytest.fixture
def asked(app: Flask, lab: Cast) -> str:
    """The page of alan's request that waits for staff at Tsukuba."""
    location: str = Visitor(app, "alan").book("tsukuba-asked", *WANTED, title="Run 7").headers["Location"]
    return location


def state(page: str) -> tuple[str, int]:
    """The state of a request's one booking, and the request's version."""
    db.session.remove()
    found = db.session.scalars(select(Request).where(Request.key == page.rsplit("/", 1)[1])).one()
    return str(found.bookings[0].state), found.version


def test_staff_approve_from_the_request_and_the_requester_sees_it(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    answer = sora.submit(sora.get(asked), "/approve")
    assert (answer.status_code, answer.headers["Location"]) == (303, asked)
    assert state(asked) == ("approved", 2)
    alan = Visitor(app, "alan").get(asked).text
    assert "Approved" in alan
    assert "鈴木 空" in alan


def test_staff_decline_with_a_reason_that_the_requester_reads(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    answer = sora.submit(sora.get(asked), "/decline", reason="The laser is <b>being</b> serviced.\nNext week?")
    assert answer.status_code == 303
    assert state(asked) == ("declined", 2)
    page = Visitor(app, "alan").get(asked).text
    assert "The laser is &lt;b&gt;being&lt;/b&gt; serviced." in page
    db.session.remove()
    person = select(Notice.person_id).join(Event).where(Event.code == "booking-decline")
    assert list(db.session.scalars(person)) == [lab.people["alan"]]
    words = select(EventDetail.body).join(Event).where(Event.code == "booking-decline")
    assert "serviced" in str(db.session.scalars(words).one())


@on_sqlite
@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "Say why, so that the requester can do better next time."),
        (" \n\t ", "Say why, so that the requester can do better next time."),
        ("x" * 1001, "At most 1000 characters, please. Shorten it."),
        ("a\x00b", "It holds invisible control characters."),
        ("a\u202eb", "It holds invisible control characters."),
    ],
)
def test_a_reason_that_does_not_do_is_said_beside_it(app: Flask, lab: Cast, asked: str, reason: str, said: str) -> None:
    mio = Visitor(app, "sora")
    mio.post("/language", language="en")
    answer = mio.submit(mio.get(asked), "/decline", reason=reason)
    assert answer.status_code == 422
    beside = re.search(r'id="reason-errors">.*?</ul>', answer.text, re.S)
    assert beside is not None
    assert said in beside[0]
    assert form_of(answer, "/decline").fields["reason"].strip() == reason.strip()
    assert re.findall(r"<[^>]* autofocus[^>]*>", answer.text) == re.findall(
        r"<textarea[^>]*id=\"reason\"[^>]*>", answer.text
    )
    assert state(asked) == ("waiting", 1)


def test_the_requester_withdraws(app: Flask, lab: Cast, asked: str) -> None:
    alan = Visitor(app, "alan")
    answer = alan.submit(alan.get(asked), "/withdraw")
    assert (answer.status_code, answer.headers["Location"]) == (303, asked)
    assert state(asked) == ("withdrawn", 2)
    assert Visitor(app, "ben").book("tsukuba-asked", *WANTED).status_code == 303  # the time is free again


@on_sqlite
def test_the_coordinator_withdraws_for_the_partner(app: Flask, lab: Cast, asked: str) -> None:
    cora = Visitor(app, "cora")
    assert cora.submit(cora.get(asked), "/withdraw").status_code == 303
    assert state(asked) == ("withdrawn", 2)


@on_sqlite
@pytest.mark.parametrize("step", ["approve", "decline", "withdraw"])
def test_a_decision_sent_twice_is_taken_once(app: Flask, lab: Cast, asked: str, step: str) -> None:
    visitor = Visitor(app, "alan" if step == "withdraw" else "sora")
    page = visitor.get(asked)
    answers = [visitor.submit(page, f"/{step}", reason="No") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]  # the later ones are no steps
    assert state(asked)[1] == 2
    db.session.remove()
    assert len(db.session.scalars(select(Event).where(Event.code == f"booking-{step}")).all()) == 1


def test_a_stale_page_decides_nothing(app: Flask, lab: Cast, asked: str) -> None:
    sora, alan = Visitor(app, "sora"), Visitor(app, "alan")
    sora.post("/language", language="en")
    old = sora.get(asked)
    form = alan.get(
        next(link for link in re.findall(r'href="([^"]+)"', alan.get(asked).text) if link.endswith("/move"))
    )
    assert alan.submit(form, "/move", start_at="15:00", end_at="16:00").status_code == 303
    for step in ("approve", "decline"):
        answer = sora.submit(old, f"/{step}", reason="No")
        assert answer.status_code == 409
        assert "It was changed meanwhile" in answer.text
        assert "15:00" in answer.text
        assert form_of(answer, f"/{step}").fields["version"] == "2"
    assert state(asked) == ("waiting", 2)
    assert sora.submit(sora.get(asked), "/approve").status_code == 303


@on_sqlite
def test_approve_after_withdraw_and_withdraw_after_approve_do_nothing(app: Flask, lab: Cast, asked: str) -> None:
    sora, alan = Visitor(app, "sora"), Visitor(app, "alan")
    pages = sora.get(asked), alan.get(asked)
    assert alan.submit(pages[1], "/withdraw").status_code == 303
    for step in ("approve", "decline"):
        assert sora.submit(pages[0], f"/{step}", reason="No").status_code == 409
    assert state(asked)[0] == "withdrawn"


STEPS = ("approve", "decline", "withdraw")


@on_sqlite
@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("alan", (403, 403, None)),  # the requester
        ("hana", (403, 403, 403)),  # a colleague
        ("cora", (403, 403, None)),  # the coordinator
        ("ben", (404, 404, 404)),
        ("chika", (404, 404, 404)),
        ("dora", (404, 404, 404)),
        ("sam", (404, 404, 404)),  # staff of the other site
        ("sora", (None, None, 403)),
        ("mio", (None, None, 403)),  # manager here, and of Aoba
        ("ada", (403, 403, 403)),
        ("audrey", (403, 403, 403)),
        (None, (303, 303, 303)),
    ],
)
def test_who_may_take_which_step(
    app: Flask, lab: Cast, asked: str, name: str | None, statuses: tuple[int | None, ...]
) -> None:
    visitor = Visitor(app, name)
    for step, status in zip(STEPS, statuses, strict=True):
        if status is not None:
            answer = visitor.post(f"{asked}/{step}", version="1", reason="No")
            assert answer.status_code == status, step
            assert visitor.get(f"{asked}/{step}").status_code == 405
    assert state(asked) == ("waiting", 1)
    for step, status in zip(STEPS, statuses, strict=True):
        if status is None:
            assert visitor.post(f"{asked}/{step}", version=str(state(asked)[1]), reason="No").status_code == 303
            break


@on_sqlite
def test_nobody_decides_their_own_request(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    mio.post("/language", language="en")
    page = mio.book("tsukuba-asked", *WANTED).headers["Location"]
    shown = mio.get(page).text
    assert "Nobody decides their own request" in shown
    assert "/approve" not in shown
    for step in ("approve", "decline"):
        assert mio.post(f"{page}/{step}", version="1", reason="Yes").status_code == 403
    assert state(page) == ("waiting", 1)
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(page), "/approve").status_code == 303


# --- the inbox --------------------------------------------------------------------------------------------------------


def test_the_inbox_holds_what_waits_at_ones_own_site(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    page = sora.get("/inbox")
    assert "Run 7" in page.text
    assert "Abbott Alan" in page.text  # sora reads Japanese
    answer = sora.submit(page, "/approve")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")
    after = sora.get("/inbox?tab=decided").text
    assert "/approve" not in after
    assert "Run 7" in after  # among what was decided lately
    assert "Run 7" not in Visitor(app, "sam").get("/inbox").text


@on_sqlite
def test_declining_from_the_inbox_without_a_reason_asks_for_one(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    page = sora.get("/inbox")
    answer = sora.submit(page, "/decline")
    assert answer.status_code == 422
    assert 'id="reason-errors"' in answer.text
    assert state(asked) == ("waiting", 1)
    done = sora.submit(page, "/decline", reason="No")
    assert (done.status_code, done.headers["Location"]) == (303, "/inbox")


@on_sqlite
@pytest.mark.parametrize("name", ["alan", "ben", "cora", "dora", "ada", "audrey"])
def test_the_inbox_is_for_staff(app: Flask, lab: Cast, asked: str, name: str) -> None:
    assert Visitor(app, name).get("/inbox").status_code == 403


@on_sqlite
def test_of_two_wishes_for_one_time_one_is_approved(app: Flask, lab: Cast) -> None:
    pages = [
        Visitor(app, name).book("tsukuba-sorter", *WANTED, title=f"Wish of {name}").headers["Location"]
        for name in ("alan", "ben")
    ]
    sora = Visitor(app, "sora")
    sora.post("/language", language="en")
    assert sora.get("/inbox").text.count("1 rival") == 2
    first, second = (sora.submit(sora.get(page), "/approve", rivals="") for page in pages)
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Someone else holds this time" in second.text
    assert [state(page)[0] for page in pages] == ["approved", "wished"]


@on_sqlite
def test_an_onward_address_is_never_taken_from_the_form(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    answer = sora.submit(sora.get(asked), "/approve", next="https://evil.example/")
    assert answer.headers["Location"] == asked
