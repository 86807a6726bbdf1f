"""Conditions of use: read and accepted before the first booking, edition by edition."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.db import db
from labbook.models import Acceptance, Booking, Conditions
from tests.agreements.making import events, publish
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

PAGE = "/conditions/tsukuba"
START, END = "2026-11-24T10:00", "2026-11-24T11:00"


def bookings() -> int:
    db.session.remove()
    return db.session.scalar(select(func.count(Booking.id))) or 0


def accept(visitor: Visitor, **fields: str) -> int:
    return visitor.submit(visitor.get(PAGE), PAGE, agrees="y", **fields).status_code


def test_the_first_booking_waits_for_the_conditions_and_comes_back_to_its_time(app: Flask, lab: Cast) -> None:
    publish(lab)
    hana = Visitor(app, "hana")
    refused = hana.book("tsukuba-plain", START, END)
    assert refused.status_code == 409
    assert "先に拠点の利用規約への同意が必要です。" in refused.text
    link = re.search(r'href="(/conditions/tsukuba\?next=[^"]+)"', refused.text)
    assert link is not None
    assert bookings() == 0
    page = hana.get(link.group(1))
    assert "白衣を着用してください。" in page.text
    answer = hana.submit(page, PAGE, agrees="y")
    assert answer.status_code == 303
    back = answer.headers["Location"]
    assert back.startswith("/resources/tsukuba-plain/book?from=2026-11-24T10:00&to=2026-11-24T11:00")
    assert back.endswith("&exact=1")
    form = hana.get(answer.headers["Location"])
    assert 'value="10:00"' in form.text
    assert "先に拠点の利用規約" not in form.text
    assert hana.book("tsukuba-plain", START, END).status_code == 303
    assert [one.code for one in events("conditions-accepted")] == ["conditions-accepted"]


def test_a_site_without_conditions_asks_nothing(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    assert "利用規約は公開されていません" in hana.get(PAGE).text
    assert hana.book("tsukuba-plain", START, END).status_code == 303
    assert hana.post(PAGE, edition="0" * 24, agrees="y").status_code == 404


def test_the_conditions_of_one_site_say_nothing_at_the_other(app: Flask, lab: Cast) -> None:
    publish(lab, site="cambridge")
    assert Visitor(app, "hana").book("tsukuba-plain", START, END).status_code == 303


def test_accepting_twice_is_accepting_once(app: Flask, lab: Cast) -> None:
    publish(lab)
    hana = Visitor(app, "hana")
    page = hana.get(PAGE)
    assert [hana.submit(page, PAGE, agrees="y").status_code for _ in range(2)] == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(Acceptance)) == 1
    assert len(events("conditions-accepted")) == 1
    assert 'name="agrees"' not in hana.get(PAGE).text


def test_a_new_edition_is_asked_for_again_from_its_day_in_the_sites_zone(app: Flask, lab: Cast, clock: Clock) -> None:
    publish(lab)
    publish(lab, "2026-12", on=date(2026, 11, 24))
    hana = Visitor(app, "hana")
    assert accept(hana) == 303
    assert hana.book("tsukuba-plain", START, END).status_code == 303
    clock.now = NOW + timedelta(hours=14, minutes=59)  # 23:59 in Tsukuba
    hana = Visitor(app, "hana")
    assert hana.book("tsukuba-plain", "2026-11-24T12:00", "2026-11-24T13:00").status_code == 303
    clock.now = NOW + timedelta(hours=15)  # midnight there, still the 23rd in UTC
    assert hana.book("tsukuba-plain", "2026-11-24T14:00", "2026-11-24T15:00").status_code == 409
    assert accept(hana) == 303
    assert hana.book("tsukuba-plain", "2026-11-24T14:00", "2026-11-24T15:00").status_code == 303


def test_what_was_read_is_what_is_accepted(app: Flask, lab: Cast) -> None:
    publish(lab)
    hana = Visitor(app, "hana")
    page = hana.get(PAGE)
    publish(lab, "2026-11b", on=date(2026, 11, 23))
    answer = hana.submit(page, PAGE, agrees="y")
    assert answer.status_code == 409
    assert db.session.scalar(select(func.count()).select_from(Acceptance)) == 0
    assert accept(hana) == 303


def test_a_new_edition_does_not_hold_up_what_is_booked(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    path = hana.book("tsukuba-plain", START, END).headers["Location"]
    publish(lab)
    (move,) = set(re.findall(r"/bookings/[0-9a-f]+/move", hana.get(path).text))
    page = hana.get(move)
    assert hana.submit(page, "/move", start_at="11:00", end_at="12:00").status_code == 303


@on_sqlite
def test_what_does_not_fit_is_said_beside_the_field(app: Flask, lab: Cast) -> None:
    publish(lab)
    hana = Visitor(app, "hana")
    page = hana.get(PAGE)
    assert hana.submit(page, PAGE).status_code == 422
    assert hana.submit(page, PAGE, agrees="y", edition="x").status_code == 422
    assert hana.open(PAGE, method="POST", data={"agrees": "y"}).status_code == 400
    assert db.session.scalar(select(func.count()).select_from(Acceptance)) == 0


@on_sqlite
@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_nobody_is_led_elsewhere(app: Flask, lab: Cast, target: str) -> None:
    publish(lab)
    hana = Visitor(app, "hana")
    assert "next" not in form_of(hana.get(PAGE, query_string={"next": target}), PAGE).fields
    answer = hana.submit(hana.get(PAGE), PAGE, agrees="y", next=target)
    assert answer.headers["Location"] == PAGE


# --- publishing -------------------------------------------------------------------------------------------------------

EDITIONS = "/sites/tsukuba/conditions"
FIELDS = {"edition": "2026-12", "published_on": "2026-12-01", "text_en": "Be kind.", "text_ja": ""}


def test_a_manager_publishes_and_sees_the_history(app: Flask, lab: Cast) -> None:
    publish(lab)
    mio = Visitor(app, "mio")
    assert mio.submit(mio.get(EDITIONS), EDITIONS, **FIELDS).status_code == 303
    page = mio.get(EDITIONS)
    assert "2026-12" in page.text and "2026-11" in page.text and "Be kind." in page.text
    assert [one.code for one in events("conditions-published")] == ["conditions-published"]
    assert "白衣" in Visitor(app, "hana").get(PAGE).text  # the new one does not count yet
    again = mio.submit(page, EDITIONS, **FIELDS)
    assert again.status_code == 422
    assert "この名称の版はすでにあります" in again.text


@on_sqlite
@pytest.mark.parametrize(
    "changed",
    [{"edition": ""}, {"published_on": "2026-11-22"}, {"published_on": "soon"}, {"text_en": ""}, {"edition": "x" * 21}],
)
def test_an_edition_that_does_not_fit_is_not_published(app: Flask, lab: Cast, changed: dict[str, str]) -> None:
    mio = Visitor(app, "mio")
    answer = mio.submit(mio.get(EDITIONS), EDITIONS, **{**FIELDS, **changed})
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count(Conditions.id))) == 0


@on_sqlite
@pytest.mark.parametrize(
    ("name", "looks", "posts"),
    [
        ("sora", 200, 403),
        ("audrey", 200, 403),
        ("hana", 403, 403),
        ("cora", 403, 403),
        ("sam", 403, 403),
        ("dora", 404, 404),
    ],
)
def test_nobody_but_the_manager_publishes(app: Flask, lab: Cast, name: str, looks: int, posts: int) -> None:
    visitor = Visitor(app, name)
    assert visitor.get(EDITIONS).status_code == looks
    assert visitor.post(EDITIONS, **FIELDS).status_code == posts
    assert db.session.scalar(select(func.count(Conditions.id))) == 0


@on_sqlite
@pytest.mark.parametrize(("name", "status"), [("sora", 403), ("audrey", 403), ("dora", 404)])
def test_who_does_not_book_here_accepts_nothing(app: Flask, lab: Cast, name: str, status: int) -> None:
    key = publish(lab)
    visitor = Visitor(app, name)
    assert visitor.get(PAGE).status_code == (404 if status == 404 else 200)
    assert visitor.post(PAGE, edition=key, agrees="y").status_code == status
    assert db.session.scalar(select(func.count()).select_from(Acceptance)) == 0
