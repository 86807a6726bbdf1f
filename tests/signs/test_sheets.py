"""What is printed: day lists for the wall, and labels for instruments."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db
from labbook.models import Event
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

LIST = "/sites/tsukuba/list"
LABELS = "/sites/tsukuba/labels"


def rows_of(text: str) -> list[str]:
    """The lines of a day list, in words."""
    rows = re.findall(r"<tr class.*?</tr>", text, flags=re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in rows]


def book(app: Flask, name: str, slug: str = "tsukuba-plain", start: str = "10:00", end: str = "11:00") -> None:
    fields = {"title": f"Quokka of {name}"}
    assert Visitor(app, name).book(slug, f"2026-11-24T{start}", f"2026-11-24T{end}", **fields).status_code == 303


# --- day lists --------------------------------------------------------------------------------------------------------


def test_a_list_for_the_wall_has_times_alone_whoever_prints_it(app: Flask, lab: Cast) -> None:
    book(app, "hana")
    book(app, "hana", "tsukuba-secret")
    for name in ("hana", "ben", "sora", "audrey"):
        page = Visitor(app, name)
        page.post("/language", language="en")
        text = page.get(f"{LIST}?on=2026-11-24").text
        assert "Plate reader 09:45–11:15 In use" in rows_of(text)
        for hidden in ("Quokka", "佐藤", "Aoba Bio", "Secret"):
            assert hidden not in text.partition("<main")[2]


def test_in_full_it_says_what_its_reader_sees_and_no_more(app: Flask, lab: Cast) -> None:
    book(app, "hana")
    book(app, "ben", start="12:00", end="13:00")
    full = f"{LIST}?on=2026-11-24&detail=full"
    visitors = {name: Visitor(app, name) for name in ("hana", "ben", "sora")}
    for one in visitors.values():
        one.post("/language", language="en")
    rows = {name: rows_of(one.get(full).text) for name, one in visitors.items()}
    assert "Plate reader 10:00–11:00 Quokka of hana 佐藤 花" in rows["hana"]
    assert "11:45–13:15 In use" in rows["hana"]
    assert "Plate reader 09:45–11:15 In use" in rows["ben"]
    assert "12:00–13:00 Quokka of ben Ben Birk" in rows["ben"]
    assert "Plate reader 10:00–11:00 Quokka of hana Aoba Bio · 佐藤 花" in rows["sora"]
    assert "12:00–13:00 Quokka of ben Birch Bio · Ben Birk" in rows["sora"]


@on_sqlite
def test_what_is_hidden_is_listed_in_full_for_those_who_see_it(app: Flask, lab: Cast) -> None:
    full = f"{LIST}?detail=full"
    assert "秘密の部屋" in Visitor(app, "hana").get(full).text
    assert "ecret" not in Visitor(app, "ben").get(full).text


@on_sqlite
def test_a_look_by_duty_at_a_list_in_full_is_recorded_and_one_at_times_is_not(app: Flask, lab: Cast) -> None:
    audrey = Visitor(app, "audrey")
    looked = select(Event.code).where(Event.code == "schedule-looked-at")
    assert audrey.get(LIST).status_code == 200
    db.session.remove()
    assert db.session.scalars(looked).all() == []
    assert audrey.get(f"{LIST}?detail=full").status_code == 200
    db.session.remove()
    assert len(db.session.scalars(looked).all()) == 1


@on_sqlite
def test_benches_are_counted_on_the_wall_and_named_in_full(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    assert hana.book("tsukuba-bench", "2026-11-24T00:00", "2026-11-26T00:00", end_on="2026-11-25").status_code == 303
    hana.post("/language", language="en")
    assert "Bench 1 of 2 taken" in rows_of(hana.get(f"{LIST}?on=2026-11-24").text)
    full = rows_of(hana.get(f"{LIST}?on=2026-11-24&detail=full").text)
    assert any(row.startswith("Bench 1 Tue 24 Nov 2026 – Wed 25 Nov 2026 Plates") for row in full), full


@on_sqlite
def test_it_is_of_the_day_and_the_area_asked_for_and_else_of_today_and_all(app: Flask, lab: Cast, clock: Clock) -> None:
    clock.now = NOW + timedelta(hours=16)  # past midnight in Tsukuba
    ben = Visitor(app, "ben")
    assert "Tuesday, 24 November 2026" in ben.get(LIST).text
    assert "Sunday, 1 March 2026" in ben.get(f"{LIST}?on=2026-03-01").text
    for odd in (
        "?on=2026-02-30",
        "?on=x",
        "?on=9999-12-31",
        "?on=1900-01-01",
        "?area=nowhere",
        "?detail=x",
        "?area=%00",
    ):
        page = ben.get(f"{LIST}{odd}")
        assert "Tuesday, 24 November 2026" in page.text
        assert 'id="area-imaging"' in page.text
    assert ben.get(f"{LIST}?area=imaging").text.count("list-sheet") == 1
    assert ben.get("/sites/nowhere/list").status_code == 404
    assert Visitor(app, "dora").get(LIST).status_code == 404


@on_sqlite
def test_closed_all_day_and_free_all_day_are_said(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    sunday = rows_of(ben.get(f"{LIST}?on=2026-11-29").text)
    assert "Workshop 00:00–24:00 Closed" in sunday
    assert "Sequencer All day Free" in sunday
    assert "Workshop All day Free" in rows_of(ben.get(f"{LIST}?on=2026-11-24").text)


# --- labels -----------------------------------------------------------------------------------------------------------


def labels_of(text: str) -> list[tuple[int, int, str]]:
    """Sheet, place and English or only name of each label."""
    found, label = [], r'class="label(?: is-gone)?">'
    for number, sheet in enumerate(text.split('<section class="labels ')[1:], start=1):
        places = re.findall(rf"{label}(.*?)(?={label}|$)", sheet, flags=re.DOTALL)
        for place, content in enumerate(places, start=1):
            if name := re.search(r'lang="en">([^<]+)</p>', content):
                found.append((number, place, name.group(1)))
    return found


def test_there_is_a_label_for_each_resource_with_both_names(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "sora").get(LABELS)
    assert page.status_code == 200
    names = [name for _, _, name in labels_of(page.text)]
    assert names[:2] == ["Confocal", "Plate reader"]
    assert len(names) == 8  # the hidden one too: it is for those who work there
    assert '<p class="label-name" lang="ja">共焦点顕微鏡</p>' in page.text
    assert page.text.count('class="qr"') == 8


@on_sqlite
def test_a_sheet_that_was_begun_is_used_up(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    assert labels_of(sora.get(f"{LABELS}?first=4").text)[0] == (1, 4, "Confocal")
    last = labels_of(sora.get(f"{LABELS}?first=24").text)
    assert last[:2] == [(1, 24, "Confocal"), (2, 1, "Plate reader")]
    letter = labels_of(sora.get(f"{LABELS}?sheet=letter&first=30").text)
    assert letter[:2] == [(1, 30, "Confocal"), (2, 1, "Plate reader")]
    assert "page-letter.css" in sora.get(f"{LABELS}?sheet=letter").text


@on_sqlite
@pytest.mark.parametrize(
    "odd", ["?first=0", "?first=-3", "?first=25", "?first=x", "?first=٣", "?sheet=a0", "?area=x", "?first=1e9"]
)
def test_what_is_no_place_or_sheet_is_the_first(app: Flask, lab: Cast, odd: str) -> None:
    assert labels_of(Visitor(app, "sora").get(f"{LABELS}{odd}").text)[0] == (1, 1, "Confocal")


@on_sqlite
def test_one_may_print_a_few_only(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "sora").get(f"{LABELS}?resource=tsukuba-plain&resource=cambridge-scope&resource=x")
    assert labels_of(page.text) == [(1, 1, "Plate reader")]
    nothing = Visitor(app, "sora").get(f"{LABELS}?resource=x")
    assert nothing.status_code == 200
    assert labels_of(nothing.text) == []


@on_sqlite
@pytest.mark.parametrize(("name", "code"), [("hana", 403), ("sam", 403), ("dora", 404), ("audrey", 403)])
def test_labels_are_for_staff_of_the_site(app: Flask, lab: Cast, name: str, code: int) -> None:
    assert Visitor(app, name).get(LABELS).status_code == code
