"""When a resource is taken: times and nothing else, for members, and for everybody where the site says so."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.core.throttle import Throttle
from labbook.db import db
from labbook.feeds.views import free_busy
from labbook.models import Event
from tests.browsing import Visitor, form_of, on_sqlite, steady
from tests.cast import NOW, Cast
from tests.closures.closing import close
from tests.conftest import Clock

SETTINGS = "/sites/tsukuba/settings"


def address(slug: str) -> str:
    """Where it is told."""
    return f"/resources/{slug}/free-busy.ifb"


def periods(answer: TestResponse) -> list[str]:
    """The taken times, as they are written."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (part,) = Calendar.from_ical(answer.data).subcomponents
    assert part.name == "VFREEBUSY"
    return re.findall(r"^FREEBUSY;FBTYPE=BUSY:(\S+)\r$", answer.text, re.MULTILINE)


def nothing(visitor: Visitor, slug: str) -> str:
    """The page that says that there is nothing."""
    answer = visitor.get(address(slug))
    assert answer.status_code == 404
    return steady(answer.text.replace(slug, ""))


def open_to_all(app: Flask) -> None:
    """The manager of the site lets everybody ask."""
    mio = Visitor(app, "mio")
    assert mio.submit(mio.get(SETTINGS), SETTINGS, free_busy="everybody").status_code == 303


def test_owner_and_rival_get_the_same_times_and_no_word(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00", title="Quokka")
    hana.book("tsukuba-plain", "2026-11-24T11:30", "2026-11-24T12:30", title="Quokka")
    hana.book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T11:00", title="Quokka")
    answers = {name: Visitor(app, name).get(address("tsukuba-plain")) for name in ("hana", "ben", "sora", "ada")}
    assert {answer.data for answer in answers.values()} == {answers["hana"].data}
    assert periods(answers["ben"]) == ["20261124T004500Z/20261124T034500Z"]  # set-up and clean-down are not told apart
    assert periods(Visitor(app, "ben").get(address("tsukuba-asked")))  # what waits holds its time
    for word in ("Quokka", "Hana", "Aoba", "ORGANIZER", "ATTENDEE", "SUMMARY", "METHOD"):
        assert word not in answers["hana"].text


@on_sqlite
def test_the_page_of_a_resource_leads_there(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    assert f'href="{address("tsukuba-plain")}"' in alan.get("/resources/tsukuba-plain").text
    assert alan.get(address("tsukuba-plain")).status_code == 200


@on_sqlite
def test_it_is_for_everybody_only_where_the_manager_says_so(app: Flask, lab: Cast) -> None:
    nobody = Visitor(app)
    assert nothing(nobody, "tsukuba-plain") == nothing(nobody, "tsukuba-secret") == nothing(nobody, "missing")
    mio = Visitor(app, "mio")
    assert form_of(mio.get(SETTINGS), SETTINGS).fields["free_busy"] == "members"
    open_to_all(app)
    assert form_of(mio.get(SETTINGS), SETTINGS).fields["free_busy"] == "everybody"
    assert periods(nobody.get(address("tsukuba-plain"))) == []
    assert nobody.get(address("cambridge-confocal-1")).status_code == 404  # another site
    assert nothing(nobody, "tsukuba-secret") == nothing(nobody, "missing")
    said = db.session.scalars(select(Event).where(Event.code == "site-set")).one().detail.body
    assert said == {"before": {"free_busy": False}, "after": {"free_busy": True}}
    mio.submit(mio.get(SETTINGS), SETTINGS, free_busy="members")
    assert nobody.get(address("tsukuba-plain")).status_code == 404


@on_sqlite
def test_what_is_hidden_is_for_those_alone_who_see_it(app: Flask, lab: Cast) -> None:
    open_to_all(app)
    codes = {name: Visitor(app, name).get(address("tsukuba-secret")).status_code for name in ("hana", "ben", "sora")}
    assert codes == {"hana": 200, "ben": 404, "sora": 200}
    # Whoever has an account, though for nothing at this site, is told no less than whoever has none.
    assert Visitor(app, "alan").get(address("tsukuba-plain")).status_code == 200


@on_sqlite
def test_a_resource_of_three_pieces_is_taken_when_the_last_one_is(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    found = []
    for hour in (10, 11, 12):
        answer = hana.book("tsukuba-hood", f"2026-11-24T{hour}:00", "2026-11-24T15:00")
        assert answer.status_code == 303
        found.append(periods(hana.get(address("tsukuba-hood"))))
    assert found[:2] == [[], []]
    ((start, end),) = [one.split("/") for one in found[2]]
    assert start in ("20261124T030000Z", "20261124T024500Z")
    assert end >= "20261124T060000Z"


@on_sqlite
def test_what_is_shut_is_taken(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    close(sora, "resource:tsukuba-plain", "2026-12-01T09:00", "2026-12-01T12:00", reason_en="Service of the laser")
    answer = Visitor(app, "ben").get(address("tsukuba-plain"))
    assert periods(answer) == ["20261201T000000Z/20261201T030000Z"]
    assert "laser" not in answer.text
    assert periods(Visitor(app, "ben").get(address("tsukuba-hood"))) == []


@on_sqlite
def test_it_is_the_same_bytes_all_day_and_304_for_who_has_them(app: Flask, lab: Cast, clock: Clock) -> None:
    hana = Visitor(app, "hana")
    first = hana.get(address("tsukuba-plain"))
    clock.now = NOW + timedelta(hours=3)
    again = hana.get(address("tsukuba-plain"), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00")
    assert hana.get(address("tsukuba-plain"), headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert first.headers["Content-Disposition"] == 'inline; filename="tsukuba-plain.ifb"'


@on_sqlite
def test_whoever_asks_without_an_account_all_the_time_waits(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_busy, "ASKED", Throttle(3))
    open_to_all(app)
    codes = [Visitor(app).get(address("tsukuba-plain")).status_code for _ in range(5)]
    assert codes == [200] * 3 + [429] * 2
    assert Visitor(app, "hana").get(address("tsukuba-plain")).status_code == 200
