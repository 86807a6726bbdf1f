"""Where the booking form opens, so that "Book" never leads to a refusal that one did nothing for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Closure
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

BOOK = "/resources/tsukuba-plain/book"


def opened(visitor: Visitor, address: str) -> tuple[str, ...]:
    """The times in the form as it opens."""
    fields = form_of(visitor.get(address), "/book").fields
    return fields["start_on"], fields["start_at"], fields["end_at"]


@on_sqlite
def test_it_opens_at_the_first_time_that_will_do(app: Flask, lab: Cast) -> None:
    alan, ben = Visitor(app, "alan"), Visitor(app, "ben")
    assert opened(ben, BOOK) == ("2026-11-23", "10:00", "11:00")
    alan.book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T12:00")
    assert opened(ben, BOOK) == ("2026-11-23", "12:30", "13:30")  # a quarter of an hour is for cleaning


@on_sqlite
def test_a_free_stretch_opens_at_the_first_time_in_it_that_will_do(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    free = "?from=2026-11-24T10:15&to=2026-11-24T18:00"
    assert opened(alan, BOOK + free) == ("2026-11-24", "10:30", "11:30")
    assert opened(alan, f"{BOOK}{free}&exact=1") == ("2026-11-24", "10:15", "18:00")


@on_sqlite
def test_of_a_stretch_too_narrow_for_an_hour_it_takes_what_fits(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    assert opened(alan, f"{BOOK}?from=2026-11-24T10:15&to=2026-11-24T11:30") == ("2026-11-24", "10:30", "11:00")


@on_sqlite
def test_where_nothing_will_do_it_stays_and_says_why(app: Flask, lab: Cast) -> None:
    alan, ben = Visitor(app, "alan"), Visitor(app, "ben")
    alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00")
    address = f"{BOOK}?from=2026-11-24T10:30&to=2026-11-24T11:30"
    assert opened(ben, address) == ("2026-11-24", "10:30", "11:30")
    assert 'data-code="taken"' in ben.get(address).text


@pytest.mark.parametrize("late", [5, 7], ids=["before it closes", "after it closed"])
@on_sqlite
def test_nothing_is_called_free_until_a_time_that_is_past(app: Flask, lab: Cast, clock: Clock, late: int) -> None:
    shut_soon(lab)
    clock.now = NOW + timedelta(minutes=late)
    page = Visitor(app, "alan").get("/sites/tsukuba/day").text
    assert ("until 09:06" in page) is (late < 6)


@on_sqlite
def test_of_several_units_the_day_names_that_which_is_free_for_longest(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    for number in range(2):
        alan.book("tsukuba-hood", f"2026-11-23T1{number}:00", "2026-11-23T14:00")
    page = alan.get("/sites/tsukuba/day").text.split('class="agenda"')[1].split('class="area"')[0]
    free = [line for line in page.split("<li")[1:] if "Hood" in line and "until" in line]
    assert len(free) == 1
    assert "until 24:00" in free[0]


@on_sqlite
def test_whoever_lacks_a_training_is_led_to_where_one_asks_for_it(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get("/resources/tsukuba-confocal-1/book").text
    assert 'data-code="training"' in page
    assert 'href="/card?site=tsukuba"' in page.split('data-code="training"')[1].split("</li>")[0]


@transactional
def shut_soon(lab: Cast) -> None:
    """The site closes six minutes from now."""
    shut = Closure(
        site_id=lab.sites["tsukuba"],
        starts_at=NOW + timedelta(minutes=6),
        ends_at=NOW + timedelta(hours=5),
        reason=Words("Power cut", "停電"),
    )
    db.session.add(shut)
