"""Sessions: named by staff, places taken and given back, full, cancelled, and what a rival learns of them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask

from labbook.core.interval import Interval
from labbook.core.permissions import ForbiddenError, NotFoundError
from labbook.db import db
from labbook.trainings import service
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.trainings.conftest import DAY, TOMORROW, School

PAGE = "/trainings/laser?site=tsukuba"
NEW = "/sites/tsukuba/trainings/schedule"
GOOD = {"training": "laser", "on": "2026-11-24", "start_at": "10:00", "end_at": "12:00", "places": "3"}


# --- naming -----------------------------------------------------------------------------------------------------------


def test_staff_name_a_session_and_those_who_wish_for_it_are_told(app: Flask, lab: Cast, school: School) -> None:
    service.ask(lab.actor("alan"), "tsukuba", "laser", partner_id=None, note="", now=NOW)
    sora = Visitor(app, "sora")
    answer = sora.submit(sora.get(NEW), "schedule", **GOOD)
    assert answer.status_code == 303
    assert "2026年11月24日(火) 10:00～12:00" in sora.get(answer.headers["Location"]).text
    assert [(name, values["step"]) for name, values in school.letters("training-session")] == [("alan", "open")]
    assert "3 places left" in Visitor(app, "alan").get(PAGE).text


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"on": "2026-11-20"}, ""),
        ({"end_at": "10:00"}, "終了は開始より後"),
        ({"places": "0"}, "200"),
        ({"places": "many"}, "200"),
        ({"on": "soon"}, ""),
        ({"training": "nothing"}, ""),
        ({"trainer": "somebody"}, ""),
    ],
)
def test_what_does_not_fit_is_said(
    app: Flask, lab: Cast, school: School, changed: dict[str, str], sentence: str
) -> None:
    sora = Visitor(app, "sora")
    answer = sora.submit(sora.get(NEW), "schedule", **{**GOOD, **changed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "places left" not in Visitor(app, "alan").get(PAGE).text


@on_sqlite
def test_the_hour_that_comes_twice_is_asked_about_and_the_one_that_never_comes_refused(
    app: Flask, lab: Cast, school: School
) -> None:
    sam = Visitor(app, "sam")
    path = "/sites/cambridge/trainings/schedule"
    skipped = {**GOOD, "on": "2027-03-14", "start_at": "02:30", "end_at": "04:00"}
    answer = sam.submit(sam.get(path), "schedule", **skipped)
    assert answer.status_code == 422
    assert "does not exist on that day" in answer.text
    twice = {**GOOD, "on": "2027-11-07", "start_at": "01:30", "end_at": "03:00"}
    asked = sam.submit(sam.get(path), "schedule", **twice)
    assert asked.status_code == 422
    assert "happens twice" in asked.text
    assert sam.submit(asked, "schedule", start_fold="1").status_code == 303
    assert "01:30–03:00" in sam.get("/sites/cambridge/trainings").text


@on_sqlite
@pytest.mark.parametrize(("viewer", "status"), [("cora", 403), ("sam", 403), ("ada", 403), ("dora", 404), (None, 303)])
def test_naming_is_for_the_sites_staff(app: Flask, lab: Cast, school: School, viewer: str | None, status: int) -> None:
    visitor = Visitor(app, viewer)
    assert visitor.get(NEW).status_code == status
    assert visitor.post(NEW, **GOOD).status_code == status


# --- places -----------------------------------------------------------------------------------------------------------


def test_a_place_is_taken_and_given_back(app: Flask, lab: Cast, school: School) -> None:
    key = school.session(places=1)
    service.ask(lab.actor("alan"), "tsukuba", "laser", partner_id=None, note="", now=NOW)
    alan = Visitor(app, "alan")
    assert alan.submit(alan.get(PAGE), "take").status_code == 303
    assert school.places(key) == ["alan"]
    assert school.wishes("alan") == [False]
    assert "Under way" in alan.get("/card").text
    page = alan.get(PAGE)
    assert "Your place" in page.text
    assert alan.submit(page, "give-back").status_code == 303
    assert school.places(key) == []


def test_a_full_session_says_so(app: Flask, lab: Cast, school: School) -> None:
    key = school.session(places=1)
    service.take(lab.actor("hana"), key, now=NOW)
    ben = Visitor(app, "ben")
    answer = ben.post(f"/training-sessions/{key}/take")
    assert answer.status_code == 409
    assert "All places of this session are taken." in answer.text
    assert "Full" in ben.get(PAGE).text
    assert school.places(key) == ["hana"]


@on_sqlite
def test_twice_begun_cancelled_or_not_ones_own(app: Flask, lab: Cast, school: School, clock: Clock) -> None:
    key, hana = school.session(), Visitor(app, "hana")
    assert hana.post(f"/training-sessions/{key}/give-back").status_code == 409
    assert hana.post(f"/training-sessions/{key}/take").status_code == 303
    assert hana.post(f"/training-sessions/{key}/take").status_code == 409
    clock.now = TOMORROW.start
    assert Visitor(app, "hana").post(f"/training-sessions/{key}/give-back").status_code == 409
    assert Visitor(app, "ben").post(f"/training-sessions/{key}/take").status_code == 409
    clock.now = NOW
    service.cancel(lab.actor("sora"), key, reason="", now=NOW)
    assert Visitor(app, "ben").post(f"/training-sessions/{key}/take").status_code == 409


@on_sqlite
@pytest.mark.parametrize(("viewer", "status"), [("sora", 403), ("ada", 403), ("sam", 404), ("dora", 404), (None, 303)])
def test_places_are_for_people_of_the_sites_partners(
    app: Flask, lab: Cast, school: School, viewer: str | None, status: int
) -> None:
    key = school.session()
    assert Visitor(app, viewer).post(f"/training-sessions/{key}/take").status_code == status
    assert Visitor(app, viewer).post("/training-sessions/nothing/take").status_code in (404, 303)
    assert school.places(key) == []


@pytest.mark.race
def test_two_race_for_the_last_place_and_one_gets_it(app: Flask, lab: Cast, school: School) -> None:
    names = ("hana", "ben", "chika", "cora")
    actors = {name: lab.actor(name) for name in names}
    for turn in range(4):
        start = NOW + (turn + 1) * DAY
        key = school.session(places=1, time=Interval(start, start + timedelta(hours=1)))
        db.session.remove()
        gate = threading.Barrier(len(names))
        got: list[str] = []
        full: list[str] = []

        def run(name: str, key: str, gate: threading.Barrier, got: list[str], full: list[str]) -> None:
            with app.app_context():
                gate.wait()
                try:
                    service.take(actors[name], key, now=NOW)
                    got.append(name)
                except service.ClashError:
                    full.append(name)
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=run, args=(name, key, gate, got, full)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(got), len(full)) == (1, 3)
        assert school.places(key) == got


# --- cancelling -------------------------------------------------------------------------------------------------------


def test_cancelling_tells_its_people_and_opens_their_wishes_again(app: Flask, lab: Cast, school: School) -> None:
    key = school.session()
    service.ask(lab.actor("alan"), "tsukuba", "laser", partner_id=None, note="", now=NOW)
    for name in ("alan", "ben"):
        service.take(lab.actor(name), key, now=NOW)
    sora = Visitor(app, "sora")
    page = sora.get(f"/training-sessions/{key}")
    assert sora.submit(page, "cancel", reason="The laser is away").status_code == 303
    told = [(name, values["reason"]) for name, values in school.letters() if values.get("step") == "cancelled"]
    assert told == [("alan", "The laser is away"), ("ben", "The laser is away")]
    assert school.wishes("alan") == [True]
    assert sora.post(f"/training-sessions/{key}/cancel", reason="").status_code == 409


# --- who learns what --------------------------------------------------------------------------------------------------


@on_sqlite
def test_who_takes_part_is_for_staff_alone(app: Flask, lab: Cast, school: School) -> None:
    key = school.session()
    service.take(lab.actor("alan"), key, now=NOW)
    assert "Abbott" in Visitor(app, "sora").get(f"/training-sessions/{key}").text
    assert Visitor(app, "ada").get(f"/training-sessions/{key}").status_code == 200
    for viewer, status in (("ben", 403), ("cora", 403), ("alan", 403), ("sam", 404), ("dora", 404)):
        assert Visitor(app, viewer).get(f"/training-sessions/{key}").status_code == status
    for viewer in ("ben", "chika", "cora"):
        assert "Abbott" not in Visitor(app, viewer).get(PAGE).text


@on_sqlite
def test_a_rivals_pages_are_the_same_whoever_has_the_place(app: Flask, lab: Cast, school: School) -> None:
    from tests.browsing import steady

    key, ben = school.session(), Visitor(app, "ben")
    service.take(lab.actor("alan"), key, now=NOW)
    before = [steady(ben.get(path).text) for path in (PAGE, "/card")]
    service.give_back(lab.actor("alan"), key, now=NOW)
    service.take(lab.actor("chika"), key, now=NOW)
    assert [steady(ben.get(path).text) for path in (PAGE, "/card")] == before


@on_sqlite
def test_the_verbs_ask_permission_themselves(lab: Cast, school: School) -> None:
    key = school.session()
    for name in ("cora", "ada"):
        with pytest.raises(ForbiddenError):
            service.cancel(lab.actor(name), key, reason="", now=NOW)
    with pytest.raises(NotFoundError):
        service.cancel(lab.actor("sam"), key, reason="", now=NOW)
    with pytest.raises(ForbiddenError):
        service.schedule(
            lab.actor("hana"), "tsukuba", "laser", time=TOMORROW, places=1, trainer=school.key("sora"), now=NOW
        )
