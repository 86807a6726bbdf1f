"""The booking form: works, wrong verb, stranger, rival, twice."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from labbook.db import db
from labbook.models import Booking, Hold, Partner, Project, Request
from tests.browsing import Visitor, form_of, on_sqlite, times
from tests.cast import Cast

PAGE = "/resources/tsukuba-plain/book"
WANTED = "2026-11-24T10:00", "2026-11-24T11:00"


def counted() -> tuple[int, int, int]:
    """How many requests, bookings and holds there are."""
    db.session.remove()
    return tuple(db.session.scalar(select(func.count(table.id))) or 0 for table in (Request, Booking, Hold))  # type: ignore[return-value]


def codes(answer: TestResponse) -> set[str]:
    """The codes of the findings on a page."""
    return set(re.findall(r'data-code="([^"]+)"', answer.text))


def test_a_free_time_is_had_at_once(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    sent = alan.book("tsukuba-plain", *WANTED, title="Plates 1–4", purpose="For the paper.\nSecond line.")
    assert sent.status_code == 303
    page = alan.get(sent.headers["Location"])
    assert page.status_code == 200
    for words in ("Plates 1–4", "For the paper.", "Approved", "Tue 24 Nov 2026, 10:00–11:00", "JST", "Alan Abbott"):
        assert words in page.text
    assert "Booked." in page.text
    assert "Booked." not in alan.get(sent.headers["Location"]).text  # said once
    assert counted() == (1, 1, 1)


def test_what_staff_decide_on_waits_and_holds_its_time(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    sent = alan.book("tsukuba-asked", *WANTED)
    page = alan.get(sent.headers["Location"]).text
    assert "Waiting for staff" in page
    assert "Sent. Staff decide; their answer appears here." in page
    assert counted() == (1, 1, 1)


@on_sqlite
def test_a_wish_holds_nothing(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    form = alan.get("/resources/tsukuba-sorter/book?from=2026-11-24T10:00&to=2026-11-24T11:00&exact=1")
    assert "Possible as a wish: staff choose the time" in form.text
    assert alan.book("tsukuba-sorter", *WANTED).status_code == 303
    assert counted() == (1, 1, 0)


def test_the_same_form_sent_again_is_one_request(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(PAGE)
    changes = {"title": "Once", **times(*WANTED)}
    answers = [alan.submit(page, "/book", **changes) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert counted() == (1, 1, 1)


def test_the_same_form_with_other_content_is_said_with_a_way_to_what_was_sent(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(PAGE)
    first = alan.submit(page, "/book", title="Once", **times(*WANTED))
    other = times("2026-11-25T10:00", "2026-11-25T11:00")
    again = alan.submit(page, "/book", title="Twice", **other)
    assert again.status_code == 422
    assert "This form was already sent with other content." in again.text
    assert f'href="{first.headers["Location"]}"' in again.text
    assert counted() == (1, 1, 1)
    kept = form_of(again, "/book").fields
    assert (kept["title"], kept["start_on"]) == ("Twice", "2026-11-25")
    meant = alan.submit(again, "/book")
    assert meant.status_code == 303
    assert counted() == (2, 2, 2)


@on_sqlite
def test_a_refused_attempt_leaves_its_key_free(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(PAGE)
    refused = alan.submit(page, "/book", title="T", **times("2026-11-24T10:00", "2026-11-24T23:00"))
    assert refused.status_code == 409
    assert codes(refused) == {"too-long"}
    assert alan.submit(page, "/book", title="T", **times(*WANTED)).status_code == 303
    assert counted() == (1, 1, 1)


@on_sqlite
def test_anothers_key_is_no_way_to_anothers_request(app: Flask, lab: Cast) -> None:
    alan, ben = Visitor(app, "alan"), Visitor(app, "ben")
    page = alan.get(PAGE)
    key = form_of(page, "/book").fields["idempotency_key"]
    first = alan.submit(page, "/book", title="T", **times(*WANTED))
    later = ben.book("tsukuba-plain", "2026-11-24T14:00", "2026-11-24T15:00", idempotency_key=key)
    assert later.status_code == 303
    assert later.headers["Location"] != first.headers["Location"]


def test_a_taken_time_is_409_with_times_that_would_do(app: Flask, lab: Cast) -> None:
    Visitor(app, "alan").book("tsukuba-plain", *WANTED)
    ben = Visitor(app, "ben")
    answer = ben.book("tsukuba-plain", *WANTED, title="Mine instead", purpose="Kept")
    assert answer.status_code == 409
    assert codes(answer) == {"taken"}
    kept = form_of(answer, "/book").fields
    assert (kept["title"], kept["purpose"], kept["start_at"]) == ("Mine instead", "Kept", "10:00")
    offered = re.findall(r'class="chip-link" href="([^"]+)"', answer.text)
    assert offered
    form = ben.get(offered[0].replace("&amp;", "&"))
    assert ben.submit(form, "/book", title="Mine instead").status_code == 303
    assert counted() == (2, 2, 2)


@on_sqlite
def test_any_unit_means_the_next_free_one_until_none_is(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    answers = [alan.book("tsukuba-hood", *WANTED, title=f"Hood {number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 409]
    db.session.remove()
    assert len(set(db.session.scalars(select(Booking.unit_id)))) == 3


@on_sqlite
def test_all_findings_are_said_at_once(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")  # holds no laser sign-off
    answer = alan.book("tsukuba-confocal-1", "2027-01-24T10:10", "2027-01-24T21:10")
    assert answer.status_code == 409
    assert codes(answer) == {"training", "grid", "too-long", "horizon"}
    assert "Laser sign-off" in answer.text


@on_sqlite
def test_findings_are_told_before_the_form_is_sent(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    fields = {**form_of(alan.get(PAGE), "/book").fields, "title": "", **times("2026-11-24T10:10", "2026-11-24T11:00")}
    answer = alan.open("/resources/tsukuba-plain/findings", method="POST", data=fields)
    assert answer.status_code == 200
    assert codes(answer) == {"grid"}
    assert "<html" not in answer.text
    assert counted() == (0, 0, 0)


@on_sqlite
@pytest.mark.parametrize("name", ["sam", "ada", "audrey"])
def test_who_works_for_no_partner_may_not_book(app: Flask, lab: Cast, name: str) -> None:
    visitor = Visitor(app, name)
    assert visitor.get(PAGE).status_code == 403
    partner = db.session.scalars(select(Partner.key).where(Partner.slug == "aoba")).one()
    fields = {
        "title": "T",
        "partner": partner,
        "unit": "",
        "project": "",
        "idempotency_key": "k" * 12,
        **times(*WANTED),
    }
    assert visitor.post(PAGE, **fields).status_code == 403
    assert visitor.post("/resources/tsukuba-plain/findings", **fields).status_code == 403
    assert counted() == (0, 0, 0)


@on_sqlite
def test_signed_out_and_ended_people_have_no_form(app: Flask, lab: Cast) -> None:
    assert Visitor(app).get(PAGE).headers["Location"] == "/sign-in?next=/resources/tsukuba-plain/book"
    assert Visitor(app).post(PAGE, **times(*WANTED)).status_code == 303
    dora = Visitor(app, "dora")
    assert dora.get(PAGE).status_code == 404
    assert dora.post(PAGE, **times(*WANTED)).status_code == 404
    assert counted() == (0, 0, 0)


@on_sqlite
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "PROPFIND"])
def test_other_verbs_are_405(app: Flask, lab: Cast, method: str) -> None:
    alan = Visitor(app, "alan")
    assert alan.open(PAGE, method=method).status_code in (400, 405)
    assert alan.get("/resources/tsukuba-plain/findings").status_code == 405


@on_sqlite
def test_nobody_books_for_another_partner_or_person(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    keys = {row.slug: row.key for row in db.session.execute(select(Partner.slug, Partner.key))}
    refused = alan.book("tsukuba-plain", *WANTED, partner=keys["birch"])
    assert refused.status_code == 422
    extra = {
        "person": str(lab.people["ben"]),
        "person_id": str(lab.people["ben"]),
        "partner_id": str(lab.partners["birch"]),
        "asked_by_id": str(lab.people["ben"]),
        "state": "running",
        "version": "99",
        "id": "77",
        "sequence": "9",
        "uid": "x",
    }
    assert alan.book("tsukuba-asked", *WANTED, **extra).status_code == 303
    db.session.remove()
    made = db.session.execute(select(Request, Booking).join(Booking, Booking.request_id == Request.id)).one()
    asked, booking = made
    assert (asked.person_id, asked.asked_by_id, booking.person_id) == (lab.people["alan"],) * 3
    assert asked.partner_id == lab.partners["aoba"]
    assert (str(booking.state), booking.sequence, asked.version) == ("waiting", 0, 1)


@on_sqlite
def test_a_person_of_two_partners_chooses_for_whom(app: Flask, lab: Cast) -> None:
    toby = Visitor(app, "two")
    keys = {row.slug: row.key for row in db.session.execute(select(Partner.slug, Partner.key))}
    for slug, clock in (("aoba", "10:00"), ("cedar", "13:00")):
        sent = toby.book("tsukuba-plain", f"2026-11-24T{clock}", f"2026-11-24T{clock[:2]}:30", partner=keys[slug])
        assert sent.status_code == 303
    db.session.remove()
    assert list(db.session.scalars(select(Request.partner_id).order_by(Request.id))) == [
        lab.partners["aoba"],
        lab.partners["cedar"],
    ]


@on_sqlite
def test_a_project_of_others_cannot_be_chosen(app: Flask, lab: Cast) -> None:
    project = db.session.scalars(select(Project.key)).one()
    ben, alan = Visitor(app, "ben"), Visitor(app, "alan")
    assert ben.book("tsukuba-plain", *WANTED, project=project).status_code == 422
    assert alan.book("tsukuba-plain", *WANTED, project=project).status_code == 303


@on_sqlite
def test_a_project_that_the_chosen_partner_has_no_part_in_is_said_beside_it(app: Flask, lab: Cast) -> None:
    from datetime import date

    from labbook.core.permissions import Role
    from labbook.db import transactional
    from labbook.models import RoleGrant

    @transactional
    def join() -> None:
        db.session.add(
            RoleGrant(
                person_id=lab.people["alan"],
                role=Role.SCIENTIST,
                partner_id=lab.partners["birch"],
                starts_on=date(2026, 1, 1),
            )
        )

    join()
    alan = Visitor(app, "alan")
    project = db.session.scalars(select(Project.key)).one()
    birch = db.session.scalars(select(Partner.key).where(Partner.slug == "birch")).one()
    answer = alan.book("tsukuba-plain", *WANTED, project=project, partner=birch, title="Kept")
    assert answer.status_code == 422
    beside = re.search(r'id="project-errors">.*?</ul>', answer.text, re.S)
    assert beside is not None
    assert "This partner takes no part in that project." in beside[0]
    assert form_of(answer, "/book").fields["title"] == "Kept"


@on_sqlite
@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ("", ("2026-11-23", "10:00"), ("2026-11-23", "11:00")),
        ("?from=2026-11-25T13:30", ("2026-11-25", "13:30"), ("2026-11-25", "14:30")),
        ("?from=2026-11-25T13:30&to=2026-11-25T15:00&exact=1", ("2026-11-25", "13:30"), ("2026-11-25", "15:00")),
        ("?from=2026-11-24T00:00&to=2026-11-24T24:00", ("2026-11-24", "00:00"), ("2026-11-24", "01:00")),
        ("?from=2026-11-25T15:00&to=2026-11-25T13:30&exact=1", ("2026-11-25", "15:00"), ("2026-11-25", "16:00")),
        ("?from=2020-01-01T00:00", ("2026-11-23", "09:00"), ("2026-11-23", "10:00")),
    ],
)
def test_a_link_fills_the_form_in(
    app: Flask, lab: Cast, query: str, start: tuple[str, str], end: tuple[str, str]
) -> None:
    fields = form_of(Visitor(app, "alan").get(PAGE + query), "/book").fields
    assert (fields["start_on"], fields["start_at"]) == start
    assert (fields["end_on"], fields["end_at"]) == end
