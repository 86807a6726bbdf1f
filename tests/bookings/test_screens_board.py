"""The day and the week of a site: what is drawn, and what is counted where there is too much to draw."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Closure, Event, Person, Resource, SignIn
from tests.browsing import Visitor
from tests.cast import NOW, Cast, add_resource
from tests.conftest import Clock


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("day?on=2026-11-30", 0),
        ("day?on=2026-12-01", 1),
        ("day?on=2026-12-02", 1),
        ("day?on=2026-12-03", 0),
        ("week?on=2026-11-29", 0),
        ("week?on=2026-12-06", 1),
        ("week?on=2026-12-07", 0),
    ],
)
def test_only_what_lies_within_the_days_that_are_shown_is_counted(app: Flask, lab: Cast, path: str, taken: int) -> None:
    booked = Visitor(app, "alan").book("tsukuba-bench", "2026-12-01T00:00", "2026-12-02T00:00")
    assert booked.status_code == 303
    for name in ("alan", "ben"):
        page = Visitor(app, name).get(f"/sites/tsukuba/{path}").text
        assert re.findall(r"(\d) of 2 taken", page) == [str(taken)]


DAY = "/sites/tsukuba/day?on=2026-11-24"
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def rows(page: str) -> list[str]:
    """The resources on a board, each once, in their order."""
    return list(dict.fromkeys(re.findall(r'data-resource="([^"]+)"', page)))


@ON_SQLITE
def test_favourites_come_first_in_a_group_of_their_own(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    before = rows(alan.get(DAY).text)
    alan.post(f"/favourites/{before[-1]}")
    page = alan.get(DAY).text
    assert rows(page) == [before[-1], *before[:-1]]
    assert 'data-area="tsukuba.favourites"' in page
    assert page.count(f'id="{before[-1]}"') == 1
    assert rows(Visitor(app, "hana").get(DAY).text) == before


@ON_SQLITE
@pytest.mark.parametrize("text", ["Ｈｏｏｄ", "hood", "HOOD tsukuba"])
def test_a_board_is_searched_whatever_the_width_and_case(app: Flask, lab: Cast, text: str) -> None:
    page = Visitor(app, "alan").get("/sites/tsukuba/week", query_string={"q": text}).text
    assert rows(page) == ["tsukuba-hood"]
    assert f'value="{text}"' in page
    assert "q=" in page.split('rel="next"')[0].rpartition("href=")[2]


@ON_SQLITE
def test_a_search_that_finds_nothing_says_so_and_leads_back(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get("/sites/tsukuba/day?q=unicorn&on=2026-11-24").text
    assert not rows(page)
    assert '<a class="button" href="/sites/tsukuba/day?on=2026-11-24">' in page


@ON_SQLITE
def test_what_is_hidden_is_found_by_no_search(app: Flask, lab: Cast) -> None:
    hidden = set(rows(Visitor(app, "sora").get(DAY).text)) - set(rows(Visitor(app, "ben").get(DAY).text))
    assert hidden
    for slug in hidden:
        assert not rows(Visitor(app, "ben").get(f"/sites/tsukuba/day?q={slug}").text)


@ON_SQLITE
def test_folded_areas_come_folded_unless_one_looks_for_something(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    key = re.findall(r'data-area="([^"]+)"', alan.get(DAY).text)[0]
    alan.client.set_cookie("folded", f"{key}_<script>_none.none")
    assert re.search(rf'data-area="{key}"[^>]*?(?<! open)>', alan.get(DAY).text)
    assert re.search(rf'data-area="{key}"[^>]* open>', alan.get(f"{DAY}&q=hood").text)
    assert "<script>_" not in alan.get(DAY).text


@ON_SQLITE
def test_rows_are_asked_for_alone_and_only_sent_when_they_have_changed(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(DAY).text
    part = re.findall(r'data-part="([^"]+)"', page)[0].replace("&amp;", "&")
    same = {"If-None-Match": f'W/"{re.findall(r"data-tag=.([0-9a-f]+)", page)[0]}"'}
    answer = alan.get(part, headers=same)
    assert (answer.status_code, answer.text) == (304, "")
    assert Visitor(app, "ben").get(part, headers=same).status_code == 200  # ben's page is another one
    alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00")
    answer = alan.get(part, headers=same)
    assert answer.status_code == 200
    assert answer.headers["ETag"] != same["If-None-Match"]
    assert answer.headers["Board-Start"] == "2026-11-23T15:00:00+00:00"
    assert "<html" not in answer.text
    assert 'class="b own' in answer.text


@ON_SQLITE
def test_only_a_look_at_something_new_is_recorded_of_an_auditor(app: Flask, lab: Cast) -> None:
    audrey = Visitor(app, "audrey")
    page = audrey.get(DAY).text
    part = re.findall(r'data-part="([^"]+)"', page)[0].replace("&amp;", "&")
    same = {"If-None-Match": f'W/"{re.findall(r"data-tag=.([0-9a-f]+)", page)[0]}"'}

    def looks() -> int:
        return db.session.scalar(select(func.count(Event.id)).where(Event.code == "schedule-looked-at")) or 0

    before = looks()
    assert audrey.get(part, headers=same).status_code == 304
    assert looks() == before
    assert audrey.get(part).status_code == 200
    assert looks() == before + 1


@ON_SQLITE
def test_all_sites_stand_beside_each_other_each_by_its_own_clock(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get("/day?on=2026-11-24&kind=equipment").text
    boards = re.findall(r'<section class="board day[^"]*".*?data-start="([^"]+)".*?data-zone="([^"]+)"', page, re.S)
    assert boards == [
        ("2026-11-23T15:00:00+00:00", "Asia/Tokyo"),
        ("2026-11-24T05:00:00+00:00", "America/New_York"),
    ]
    assert all("kind=equipment" in one for one in re.findall(r'data-part="([^"]+)"', page))


@ON_SQLITE
@pytest.mark.parametrize(("on", "hours"), [("2026-11-01", 25), ("2027-03-14", 23)])
def test_a_day_of_25_or_23_hours_has_as_many_lines(app: Flask, lab: Cast, on: str, hours: int) -> None:
    page = Visitor(app, "alan").get(f"/sites/cambridge/day?on={on}").text
    marks = re.findall(r'<i style="--l:[\d.]+">(\d\d)</i>', page.split('<div class="ruler" ')[1].split("</div>")[0])
    assert len(marks) == hours
    assert marks.count("01") == (2 if hours == 25 else 1)
    assert ("02" in marks) == (hours == 25)
    assert f'data-seconds="{hours * 3600}"' in page


@ON_SQLITE
def test_what_is_mine_comes_before_all_else(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00")
    agenda = alan.get(DAY).text.split('class="agenda"')[1].split('class="area"')[0]
    assert "10:00–11:00" in agenda
    assert 'class="agenda"' not in Visitor(app, "ben").get(DAY).text  # nothing of theirs, and not today
    today = Visitor(app, "ben").get("/sites/tsukuba/day").text
    assert "/now?site=tsukuba" in today.split('class="agenda"')[1].split('class="area"')[0]


@ON_SQLITE
def test_what_has_closed_since_the_quarter_began_is_not_free_just_now(app: Flask, lab: Cast, clock: Clock) -> None:
    @transactional
    def close() -> None:
        over = {"starts_at": NOW + timedelta(minutes=4), "ends_at": NOW + timedelta(days=1)}
        db.session.add(Closure(site_id=lab.sites["tsukuba"], **over, reason=Words("Fault", "故障")))

    close()
    for minutes, is_free in ((3, True), (10, False)):
        clock.now = NOW + timedelta(minutes=minutes)
        page = Visitor(app, "ben").get("/sites/tsukuba/day").text
        assert ("until 09:04" in page.split('class="area"')[0]) is is_free


NAMES = ("W" * 120, "測" * 100, "مجهر متحد البؤر", "<b>&amp;</b>")


@ON_SQLITE
def test_three_hundred_resources_and_names_of_any_kind(app: Flask, lab: Cast) -> None:
    @transactional
    def grow() -> None:
        for number in range(300):
            add_resource(lab.sites["tsukuba"], f"tsukuba-many-{number}", name=Words(NAMES[number % 4], ""))

    grow()
    for path in ("/sites/tsukuba/day", "/sites/tsukuba/week", "/day"):
        page = Visitor(app, "sora").get(path)
        assert page.status_code == 200
        assert page.text.count('data-resource="tsukuba-many-') == 300
        assert "<b>&amp;</b>" not in page.text


@ON_SQLITE
def test_an_empty_lab_and_a_closed_one_say_so(app: Flask, lab: Cast) -> None:
    @transactional
    def close() -> None:
        over = {"starts_at": NOW, "ends_at": NOW + timedelta(days=9), "reason": Words("Typhoon", "台風")}
        db.session.add(Closure(site_id=lab.sites["tsukuba"], **over))

    @transactional
    def clear() -> None:
        db.session.execute(update(Resource).values(is_active=False))

    close()
    assert "closed on this day" in Visitor(app, "alan").get("/sites/tsukuba/day?on=2026-11-26").text
    assert "closed in this week" not in Visitor(app, "alan").get("/sites/tsukuba/week?on=2026-11-23").text
    clear()
    for path in ("/sites/tsukuba/day", "/sites/tsukuba/week", "/sites/tsukuba/residencies", "/day"):
        answer = Visitor(app, "alan").get(path)
        assert answer.status_code == 200
        assert not rows(answer.text)


@ON_SQLITE
def test_a_board_that_keeps_itself_up_to_date_keeps_no_session_alive(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = Visitor(app, "alan")
    seen = select(SignIn.seen_at).where(SignIn.person_id == lab.people["alan"])
    alan.get(DAY)
    before = db.session.scalar(seen)
    clock.now += timedelta(hours=1)
    assert alan.get(f"{DAY}&part=board").status_code == 200
    db.session.rollback()
    assert db.session.scalar(seen) == before
    alan.get(DAY)
    db.session.rollback()
    assert db.session.scalar(seen) == clock.now


@ON_SQLITE
def test_the_own_clock_stands_on_a_week_in_which_it_differs_on_some_days_alone(app: Flask, lab: Cast) -> None:
    @transactional
    def live_in_bogota() -> None:  # five hours behind all year, as Cambridge is from November on
        of_alan = Person.id == lab.people["alan"]
        db.session.execute(update(Person).where(of_alan).values(zone="America/Bogota"))

    live_in_bogota()
    for on, is_there in (("2026-10-25", True), ("2026-11-01", True), ("2026-11-02", False)):
        page = Visitor(app, "alan").get(f"/sites/cambridge/week?on={on}").text
        assert ("Your clock" in page) is is_there, on


@ON_SQLITE
def test_favourites_of_an_area_that_is_asked_for_stay_among_its_rows(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    before = rows(alan.get(DAY).text)
    alan.post(f"/favourites/{before[-1]}")
    page = alan.get(f"{DAY}&area=imaging").text
    assert rows(page) == before
    assert "tsukuba.favourites" not in page


@ON_SQLITE
def test_an_area_of_one_site_does_not_narrow_the_day_of_all(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get("/day?area=nowhere").text
    assert {"tsukuba-plain", "cambridge-scope"} <= set(rows(page))


@ON_SQLITE
def test_a_day_that_is_over_is_another_page_than_the_day_before(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    found = [alan.get(f"/sites/tsukuba/day?on=2026-11-{day}").text for day in (18, 19)]
    assert rows(found[0]) == rows(found[1])
    tags = {re.findall(r'data-tag="(\w+)"', page)[0] for page in found}
    assert len(tags) == 2
