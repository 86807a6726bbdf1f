"""Asking again and again fills nobody's letter-box."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from labbook.trainings import service
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast
from tests.trainings.conftest import School


def told(school: School) -> list[str]:
    """The notes of the letters that sora had."""
    return [said["note"] for name, said in school.letters("training-asked") if name == "sora"]


@on_sqlite
def test_who_asks_takes_a_place_and_gives_it_back_is_written_about_once_a_day(
    app: Flask, lab: Cast, school: School
) -> None:
    key = school.session()
    for number in range(3):
        alan, at = lab.actor("alan"), NOW + timedelta(minutes=number)
        service.ask(alan, "tsukuba", "laser", partner_id=None, note=f"Round {number}", now=at)
        assert school.wishes("alan") == [False] * number + [True]  # staff see it on their page
        service.take(alan, key, now=at)
        service.give_back(alan, key, now=at)
    assert told(school) == ["Round 0"]
    tomorrow = NOW + timedelta(days=1, minutes=3)
    service.ask(lab.actor("alan"), "tsukuba", "laser", partner_id=None, note="Next day", now=tomorrow)
    assert told(school) == ["Round 0", "Next day"]
