"""Closing places over bookings: what waits, what begins, what is opened again, and who may not."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from labbook.worker import once
from tests.agreements.making import events
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.closures.closing import at, choices, close, closing_letters, decide, listed, look, report, states
from tests.conftest import Clock

TIMES = ("2026-11-24T10:00", "2026-11-24T12:00")
SHUT = ("2026-11-24T09:00", "2026-11-24T15:00")


@pytest.fixture
def booked(app: Flask, lab: Cast) -> str:
    """The address of hana's request: the plate reader, tomorrow from ten to twelve."""
    return str(Visitor(app, "hana").book("tsukuba-plain", *TIMES).headers["Location"])


# --- closing ----------------------------------------------------------------------------------------------------------


def test_nobody_books_what_is_closed_and_what_is_booked_is_suspended(app: Flask, lab: Cast, booked: str) -> None:
    sora = Visitor(app, "sora")
    path = close(sora, "resource:tsukuba-plain", *SHUT)
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-24T13:00", "2026-11-24T14:00").status_code == 409
    page = Visitor(app, "hana").get(booked).text
    assert "保留中：予約の時間に休止が設定されました。" in page and states() == ["approved"]
    assert path in sora.get("/sites/tsukuba/closures").text and path in sora.get("/flags").text
    letter = closing_letters()[0]
    assert (letter.address, letter.values["counts"]["open"]) == ("hana@lab.example", 1)
    assert [one.actor_id for one in events("closure-made")] == [lab.people["sora"]]
    once(at("2026-11-24T10:01"))
    assert states() == ["expired"]


@on_sqlite
def test_what_is_kept_begins_as_booked(app: Flask, lab: Cast, booked: str) -> None:
    sora = Visitor(app, "sora")
    path = close(sora, "resource:tsukuba-plain", *SHUT)
    page = sora.get(path)
    assert decide(sora, page, path, listed(page.text), "keep").status_code == 303
    assert choices() == ["kept"]
    once(at("2026-11-24T10:01"))
    assert states() == ["running"]


@on_sqlite
def test_another_closure_over_what_was_kept_is_decided_anew(app: Flask, lab: Cast, booked: str) -> None:
    sora = Visitor(app, "sora")
    path = close(sora, "resource:tsukuba-plain", *SHUT)
    page = sora.get(path)
    decide(sora, page, path, listed(page.text), "keep")
    close(sora, "area:imaging", "2026-11-24T11:00", "2026-11-24T11:30")
    assert choices() == [None] and len(closing_letters()) == 3


@on_sqlite
def test_it_is_proposed_to_another_unit_at_the_same_time(app: Flask, lab: Cast) -> None:
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    hana.book("tsukuba-hood", *TIMES)
    page = look(sora, "resource:tsukuba-hood", *SHUT)
    unit = re.findall(r'value="(unit:[0-9a-f]{24})"', sora.get("/sites/tsukuba/closures/new").text)[0]
    page = look(sora, unit, *SHUT)  # the first of three hoods
    assert "（同じ日時）" in page.text
    answer = sora.submit(page, "/closures/new", stage="save", fate_of_all="move")
    assert answer.status_code == 303 and choices() == ["moved"]
    assert Visitor(app, "ben").book("tsukuba-hood", *TIMES).status_code == 303  # the third hood is free
    assert Visitor(app, "alan").book("tsukuba-hood", *TIMES).status_code == 409  # the first is closed


@on_sqlite
def test_staff_choose_another_time_and_what_is_not_possible_stays_listed(app: Flask, lab: Cast, booked: str) -> None:
    Visitor(app, "ben").book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T12:00")
    sora = Visitor(app, "sora")
    path = close(sora, "resource:tsukuba-plain", *SHUT)
    page = sora.get(path)
    (key,) = listed(page.text)
    other = {f"to-{key}": "other", f"on-{key}": "2026-11-25"}
    taken = decide(sora, page, path, [key], "move", **other, **{f"at-{key}": "10:00"})
    assert taken.status_code == 409 and "その日時はもう選べません。" in taken.text and choices() == [None]
    unsaid = decide(sora, page, path, [key], "move", **{f"to-{key}": "other"})
    assert unsaid.status_code == 422 and "移動先を指定してください。" in unsaid.text
    assert decide(sora, page, path, [key], "move", **other, **{f"at-{key}": "14:00"}).status_code == 303
    letter = closing_letters()[-1]
    assert letter.values["lines"][0]["to"].startswith("2026年11月25日(水) 14:00")
    once(NOW)
    assert choices() == ["moved"]


@on_sqlite
def test_what_waits_for_others_to_decide_stays_listed(app: Flask, lab: Cast) -> None:
    Visitor(app, "hana").book("tsukuba-asked", *TIMES)
    sora = Visitor(app, "sora")
    path = close(sora, "resource:tsukuba-asked", *SHUT)
    page = sora.get(path)
    assert decide(sora, page, path, listed(page.text), "cancel").status_code == 303
    assert states() == ["declined"] and choices() == ["cancelled"]


@on_sqlite
def test_a_wish_that_is_kept_can_be_approved_in_spite_of_the_closure(app: Flask, lab: Cast) -> None:
    path = str(Visitor(app, "hana").book("tsukuba-sorter", *TIMES).headers["Location"])
    sora = Visitor(app, "sora")
    closing = close(sora, "resource:tsukuba-sorter", *SHUT)
    assert sora.submit(sora.get(path), "/approve").status_code == 409
    page = sora.get(closing)
    decide(sora, page, closing, listed(page.text), "keep")
    assert sora.submit(sora.get(path), "/approve").status_code == 303
    assert states() == ["approved"]


@on_sqlite
def test_whoever_moves_it_out_of_the_closure_has_it_back(app: Flask, lab: Cast, booked: str) -> None:
    close(Visitor(app, "sora"), "resource:tsukuba-plain", *SHUT)
    hana = Visitor(app, "hana")
    link = re.findall(r'href="(/bookings/[0-9a-f]+/move)"', hana.get(booked).text)[0]
    page = hana.get(link)
    assert hana.submit(page, "/move", start_at="16:00", end_at="18:00").status_code == 303
    once(NOW)
    assert choices() == ["mended"]
    assert len(closing_letters()) == 1  # they know it


# --- again and again --------------------------------------------------------------------------------------------------


def test_every_week_a_unit_is_looked_after(app: Flask, lab: Cast) -> None:
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    unit = re.findall(r'value="(unit:[0-9a-f]{24})"', sora.get("/sites/tsukuba/closures/new").text)[0]
    page = look(sora, unit, *SHUT, every="week", count="4", kind="maintenance")
    assert page.text.count("12月") >= 3
    path = sora.submit(page, "/closures/new", stage="save").headers["Location"]
    twice = sora.submit(page, "/closures/new", stage="save")
    assert twice.headers["Location"] == path and len(events("closure-made")) == 1
    shown = sora.get(path).text
    assert shown.count("/change") == 4
    assert mio.get("/sites/tsukuba/day?on=2026-12-01").text.count("床工事") >= 1
    third = re.findall(r'/closures/([0-9a-f]{24})/lift"', shown)[2]
    form = form_of(sora.get(path), f"/closures/{third}/lift")
    assert sora.open(form.action, method="POST", data=form.fields).status_code == 303
    assert sora.get(path).text.count("/change") == 3
    assert sora.open(form.action, method="POST", data=form.fields).status_code == 404  # twice


# --- a fault ----------------------------------------------------------------------------------------------------------


def test_a_fault_takes_it_down_now_and_it_works_again(app: Flask, lab: Cast, clock: Clock) -> None:
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    hana.book("tsukuba-plain", "2026-11-23T09:00", "2026-11-23T11:00")
    hana.book("tsukuba-plain", "2026-11-23T14:00", "2026-11-23T16:00")
    once(at("2026-11-23T09:30"))
    clock.now = at("2026-11-23T09:40")
    assert states() == ["running", "approved"]
    path = report(sora, "resource:tsukuba-plain", "2026-11-23T18:00")
    assert len(closing_letters()) == 1 and closing_letters()[0].values["sort"] == "fault"
    page = sora.get(path)
    runs, _ = listed(page.text)
    assert decide(sora, page, path, [runs], "cancel").status_code == 303
    assert states() == ["released", "approved"]
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T12:00", "2026-11-23T13:00").status_code == 409
    clock.now = at("2026-11-23T11:30")
    assert sora.submit(sora.get(path), "/lift").status_code == 303
    assert choices() == ["cancelled", "mended"]
    assert closing_letters()[-1].values["counts"]["again"] == 1
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T12:00", "2026-11-23T13:00").status_code == 303
    once(at("2026-11-23T14:01"))
    assert states()[1] == "running"


@on_sqlite
def test_a_fault_is_lengthened_over_another_booking(app: Flask, lab: Cast, booked: str) -> None:
    sora = Visitor(app, "sora")
    path = report(sora, "resource:tsukuba-plain", "2026-11-23T18:00")
    assert choices() == [] and closing_letters() == []
    link = re.findall(r'href="(/closures/[0-9a-f]+/change)"', sora.get(path).text)[0]
    page = sora.get(link)
    longer = sora.submit(page, "/change", end_on="2026-11-24", end_at="11:00")
    assert longer.status_code == 303
    assert choices() == [None] and len(closing_letters()) == 1
    assert sora.submit(page, "/change", end_on="2026-11-24", end_at="12:00").status_code == 409  # from an old page
    shorter = sora.submit(sora.get(link), "/change", end_on="2026-11-23", end_at="20:00")
    assert shorter.status_code == 303 and choices() == ["mended"]
    past = sora.submit(sora.get(link), "/change", start_on="2026-11-22", end_on="2026-11-22", end_at="20:00")
    assert past.status_code == 409


# --- who may not ------------------------------------------------------------------------------------------------------


@on_sqlite
def test_a_whole_site_is_closed_by_its_manager_alone(app: Flask, lab: Cast, booked: str) -> None:
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    assert look(sora, "site", *SHUT).status_code == 422
    path = close(mio, "site", *SHUT)
    assert choices() == [None]
    assert sora.get(path).status_code == 200 and "/lift" not in sora.get(path).text
    mine = form_of(mio.get(path), "/lift")
    assert sora.post(mine.action, version=mine.fields["version"]).status_code == 403
    assert Visitor(app, "sam").get(path).status_code == 404
    assert Visitor(app, "hana").get(path).status_code == 404
    assert Visitor(app, "hana").get("/sites/tsukuba/closures").status_code == 403


@on_sqlite
def test_nobody_decides_on_their_own_booking(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    mio.book("tsukuba-plain", *TIMES)
    path = close(mio, "resource:tsukuba-plain", *SHUT)
    page = mio.get(path)
    assert listed(page.text) == [] and closing_letters() == []  # whoever closes need not be told
    (key,) = listed(Visitor(app, "sora").get(path).text)
    assert decide(mio, page, path, [key], "keep").status_code == 403
    assert choices() == [None]


# --- bad input --------------------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"end_on": "2026-11-23"}, "終了は開始より後"),
        ({"reason_en": "", "reason_ja": ""}, "少なくとも1言語で理由を入力してください。"),
        ({"place": "resource:cambridge-scope"}, "一覧から"),
        ({"place": "unit:nonsense"}, "一覧から"),
        ({"every": "week"}, "終わりを指定"),
        ({"every": "week", "count": "900"}, "200"),
        ({"every": "week", "until": "2026-11-20"}, "終わり"),
        ({"start_on": "2026-11-20", "end_on": "2026-11-21"}, "すでに過ぎています"),
        ({"reason_en": "x" * 300}, "文字"),
        ({"batch": "zz"}, ""),
    ],
)
def test_what_cannot_be_closed_is_said_and_nothing_is_written(
    app: Flask, lab: Cast, booked: str, fields: dict[str, str], said: str
) -> None:
    sora = Visitor(app, "sora")
    page = look(sora, **{"place": "resource:tsukuba-plain", "start": SHUT[0], "end": SHUT[1], **fields})
    assert page.status_code == 422 and said in page.text, page.text
    assert choices() == [] and events("closure-made") == []
