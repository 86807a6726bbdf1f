"""What a change of rules does to what is booked: seen before, flagged after, never changed; and what is refused."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from labbook.core.facts import Effect
from labbook.core.limits.ahead import Ahead
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.bookings import Bookings
from labbook.core.limits.hours import OnlyWithin
from labbook.core.limits.length import Length
from labbook.core.limits.limit import Limit
from labbook.core.weekly import Stretch, When
from labbook.worker import once
from tests.agreements.making import events, flags, letters, request_state_of
from tests.browsing import Visitor, forms_of, on_sqlite
from tests.cast import NOW, Cast
from tests.rules.setting import a_set, add, stored, the_set
from tests.statements import counted

ONE = Bookings(most=1)
DAYS = [f"2026-11-{day}" for day in (24, 25, 26)]


def book(app: Flask, name: str = "hana", slug: str = "tsukuba-plain") -> list[str]:
    """The addresses of three requests in one week."""
    visitor = Visitor(app, name)
    answers = [visitor.book(slug, f"{day}T10:00", f"{day}T11:00") for day in DAYS]
    return [one.headers["Location"] for one in answers]


def rows(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="(/requests/[0-9a-f]+)"', page)


# --- before -----------------------------------------------------------------------------------------------------------


def test_one_sees_what_a_limit_would_change_before_it_is_saved(app: Flask, lab: Cast) -> None:
    mine = book(app)
    book(app, "ben", "tsukuba-hood")
    mio = Visitor(app, "mio")
    key = a_set(mio, resource="tsukuba-plain")
    page = add(mio, key, ONE, do="preview")
    assert page.status_code == 200
    assert rows(page.text) == mine[1:]  # the first was asked for when there was none
    assert "佐藤 花" in page.text and "UTC+9" in page.text and "まだ保存されていません" in page.text
    assert stored(key) == [] and flags() == []


@on_sqlite
def test_a_rule_for_others_changes_nothing_and_bookings_of_the_past_are_shown_apart(app: Flask, lab: Cast) -> None:
    mine = book(app)
    once(NOW + timedelta(days=5), watches=False)
    app.config["CLOCK"].now = NOW + timedelta(days=5)
    mio = Visitor(app, "mio")
    key = a_set(mio)
    page = add(mio, key, ONE, do="preview").text
    assert rows(page) == mine[:0:-1]
    assert "今後の予約のうち0件" in page and "過去1か月の予約のうち2件" in page
    assert rows(add(mio, key, Length(longest=30), do="preview").text) == mine[::-1]
    assert rows(add(mio, key, Length(longest=60), do="preview").text) == []
    assert rows(add(mio, key, Ahead(days=1), do="preview").text) == mine[:0:-1]


@on_sqlite
def test_a_preview_takes_as_many_statements_for_many_bookings_as_for_few(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio)
    book(app)
    with counted() as few:
        add(mio, key, ONE, do="preview")
    book(app, "ben", "tsukuba-hood")
    book(app, "chika", "tsukuba-daytime")
    with counted() as many:
        add(mio, key, ONE, do="preview")
    assert len(many) == len(few)


# --- after ------------------------------------------------------------------------------------------------------------


def test_what_goes_against_a_new_rule_is_flagged_and_begins_as_booked(app: Flask, lab: Cast) -> None:
    mine = book(app)
    mio = Visitor(app, "mio")
    key = a_set(mio, resource="tsukuba-plain")
    add(mio, key, ONE)
    assert flags() == [("rule-changed", None)] * 2
    assert [request_state_of(one) for one in mine] == ["approved"] * 3
    hana = Visitor(app, "hana")
    assert "予約後に変更された規則に反しています" in hana.get(mine[1]).text
    assert "保留中" not in hana.get(mine[1]).text
    assert "規則に反する" in Visitor(app, "sora").get("/flags").text
    once(NOW + timedelta(days=2, hours=1, minutes=5), watches=False)
    assert request_state_of(mine[1]) == "running"


@on_sqlite
@pytest.mark.parametrize("effect", [Effect.REVIEW, Effect.NOTE])
def test_what_is_not_refused_is_not_flagged(app: Flask, lab: Cast, effect: Effect) -> None:
    book(app)
    mio = Visitor(app, "mio")
    add(mio, a_set(mio), dataclasses.replace(ONE, effect=effect))
    assert flags() == []


def test_a_flag_goes_when_the_rule_is_switched_off_and_comes_back_with_it(app: Flask, lab: Cast) -> None:
    book(app)
    mio = Visitor(app, "mio")
    key = a_set(mio)
    add(mio, key, ONE)
    mio.submit(mio.get(f"/rules/{key}"), "/switch")
    assert flags() == [("rule-changed", "mended")] * 2
    undo, switch = (form for form in forms_of(mio.get(f"/rules/{key}").text) if form.action.endswith("/switch"))
    assert undo.fields == switch.fields  # what says that it is off takes that back
    mio.open(undo.action, method="POST", data=undo.fields)
    assert flags() == [("rule-changed", None)] * 2
    mio.get(f"/rules/{key}")  # where the other message is read
    number = the_set(key).limits[0]["id"]
    mio.submit(mio.get(f"/rules/{key}"), f"/limits/{number}/remove")
    assert flags() == [("rule-changed", "mended")] * 2
    assert letters("flag-settled") == []


@on_sqlite
def test_the_worker_finds_that_a_booking_keeps_the_rules_again(app: Flask, lab: Cast) -> None:
    mine = book(app)
    mio = Visitor(app, "mio")
    add(mio, a_set(mio), Bookings(most=2))
    assert flags() == [("rule-changed", None)]
    hana = Visitor(app, "hana")
    assert hana.submit(hana.get(mine[0]), "/cancel").status_code == 303
    once(NOW)
    assert flags() == [("rule-changed", "mended")]


@on_sqlite
def test_what_staff_kept_stays_kept_until_another_rule_is_against_it(app: Flask, lab: Cast) -> None:
    book(app)
    mio, sora = Visitor(app, "mio"), Visitor(app, "sora")
    key = a_set(mio)
    add(mio, key, Bookings(most=2))
    page = sora.get("/flags")
    chosen = re.findall(r'name="flags" value="([0-9a-f]+)"', page.text)
    assert sora.submit(page, "/flags", flags=chosen[0], choice="kept").status_code == 303
    page = mio.get(f"/rules/{key}/edit")
    mio.submit(page, "/edit", name_ja="新しい名前")
    assert flags() == [("rule-changed", "kept")]
    add(mio, key, Length(longest=30))
    assert flags() == [("rule-changed", None)] * 3
    assert letters("flag-settled") == []
    assert len(events("booking-against-rule")) == 4


# --- what is refused --------------------------------------------------------------------------------------------------


WORKDAYS = frozenset(range(5))
MINUTE = When((Stretch(WORKDAYS, 540, 550),))
ALL_WEEK = When((Stretch(frozenset(range(7)), 0, 1440),), is_outside=True)


@on_sqlite
@pytest.mark.parametrize(
    ("limit", "field", "said"),
    [
        (Length(shortest=120, longest=60), "shortest", "最短の長さが最長の長さを超えています"),
        (Length(shortest=600), "shortest", "最長の予約は"),
        (Length(longest=15), "longest", "最短の予約は"),
        (Length(), "longest", "最短または最長"),
        (Allowance(most=0), "most", "0より大きい"),
        (Allowance(most=15), "most", "収まりません"),
        (Allowance(most=600, when=ALL_WEEK), "when", "この時間帯は存在しません"),
        (Bookings(most=0), "most", "1以上"),
        (Ahead(), "days", "申込期限または予約可能期間"),
        (Ahead(hours=72, days=2), "hours", "申込期限が予約可能期間より"),
        (OnlyWithin(), "when", "時間帯を指定"),
        (OnlyWithin(when=MINUTE), "when", "収まりません"),
    ],
)
def test_what_could_never_be_kept_or_never_counts_is_refused_with_the_reason(
    app: Flask, lab: Cast, limit: Limit, field: str, said: str
) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio, resource="tsukuba-plain")
    for do in ("save", "preview"):
        answer = add(mio, key, limit, do=do)
        assert answer.status_code == 422
        listed = re.search(rf'id="{field}-errors">(.*?)</ul>', answer.text)
        assert listed and said in listed[1], re.findall(r'class="errors".*?</ul>', answer.text)
    assert stored(key) == []


@on_sqlite
def test_hours_that_never_meet_the_opening_hours_are_refused(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio, resource="tsukuba-daytime")  # open from 09:00 to 18:00
    nights = When((Stretch(WORKDAYS, 19 * 60, 8 * 60),))
    assert "利用可能時間と重なる時間がありません" in add(mio, key, OnlyWithin(when=nights)).text
    assert add(mio, key, OnlyWithin(when=When((Stretch(WORKDAYS, 17 * 60, 8 * 60),)))).status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"resource": "tsukuba-plain", "kind": "bench"}, "すべてに当てはまる設備がありません"),
        ({"resource": "tsukuba-plain", "level": "2"}, "すべてに当てはまる設備がありません"),
        ({"kind": "storage"}, "すべてに当てはまる設備がありません"),
    ],
)
def test_a_set_about_nothing_is_refused(app: Flask, lab: Cast, fields: dict[str, Any], said: str) -> None:
    answer = Visitor(app, "mio").post("/sites/tsukuba/rules/new", name_en="Nothing", **fields)
    assert answer.status_code == 422 and said in answer.text


@on_sqlite
def test_a_scope_in_which_a_limit_could_not_be_kept_is_refused(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio, resource="tsukuba-bench")
    assert add(mio, key, Length(shortest=600)).status_code == 303
    answer = mio.submit(mio.get(f"/rules/{key}/edit"), "/edit", resource="tsukuba-plain")
    assert answer.status_code == 422 and "この条件を満たすことはできません" in answer.text
    assert the_set(key).resource_id is not None
