"""After a step its way back stands beside the message, where there is one; where there is none, a filled form."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db
from labbook.models import Booking
from tests.browsing import Visitor, forms_of, on_sqlite
from tests.cast import Cast
from tests.rules.setting import a_set, the_set

pytestmark = on_sqlite
FLASHES = re.compile(r'<div class="flashes".*?</div></div>', re.DOTALL)


def flashes(text: str) -> str:
    """What a page says of the step before."""
    found = FLASHES.search(text)
    return found[0] if found else ""


def test_a_rule_set_that_was_switched_off_is_switched_on_again_from_the_message(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    where = f"/rules/{(key := a_set(mio))}"
    mio.get(where)
    assert mio.submit(mio.get(where), "/switch").status_code == 303
    after = mio.get(where)
    assert "元に戻す" in flashes(after.text)
    assert not the_set(key).is_active
    (back,) = forms_of(flashes(after.text))
    assert mio.post(back.action, **back.fields).status_code == 303
    assert the_set(key).is_active
    assert mio.post(back.action, **back.fields).status_code == 409  # a second click: by the version
    assert "元に戻す" not in flashes(mio.get(where).text)


def test_a_cancelled_booking_is_asked_for_again_in_a_filled_form(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    booked = alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00").headers["Location"]
    where = alan.submit(alan.get(booked), "/cancel").headers["Location"]
    said = flashes(alan.get(where).text)
    assert "Undo" not in said  # the time is free for others from now on
    link = re.search(r'href="([^"]+)"[^>]*>Book it again', said)
    assert link is not None
    form = alan.get(link[1].replace("&amp;", "&")).text
    assert 'value="2026-11-24"' in form
    assert 'value="10:00"' in form
    assert 'value="12:00"' in form


@pytest.mark.parametrize("who", ["sora", "cora"])
def test_what_one_cancels_of_others_is_not_offered_again(app: Flask, lab: Cast, who: str) -> None:
    alan, other = Visitor(app, "alan"), Visitor(app, who)
    booked = alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00").headers["Location"]
    answer = other.submit(other.get(booked), "/cancel")
    assert answer.status_code == 303
    said = flashes(other.get(answer.headers["Location"]).text)
    assert said
    assert "/book?" not in said
    assert db.session.scalars(select(Booking.state)).all() == ["cancelled"]
