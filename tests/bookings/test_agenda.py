"""What a day is to its reader: what is theirs comes first, and each stretch leads to where it can be changed."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask

from labbook.bookings import service
from labbook.core.language import Words
from labbook.core.terms import ResourceKind
from labbook.db import transactional
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, add_resource
from tests.conftest import Clock
from tests.waiting.line import book, cancel, serve, wait_for

TODAY, TUESDAY = "/sites/tsukuba/day?on=2026-11-23", "/sites/tsukuba/day?on=2026-11-24"


def agenda(page: str) -> str:
    """What stands before the first area."""
    return page.split('class="agenda"')[1].split('class="area"', maxsplit=1)[0] if 'class="agenda"' in page else ""


def moves(visitor: Visitor, path: str) -> list[str]:
    """Where what can be moved on a board leads to."""
    return [url.rpartition("/")[2] for url in re.findall(r'data-move="([^"]+)"', visitor.get(path).text)]


@on_sqlite
def test_a_colleague_s_booking_is_not_among_one_s_own(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00", title="Cells of Alan")
    assert "Cells of Alan" in agenda(alan.get(TUESDAY).text)
    page = Visitor(app, "cora").get(TUESDAY).text
    assert "Cells of Alan" in page
    assert "Cells of Alan" not in agenda(page)


@on_sqlite
def test_nothing_that_is_booked_by_the_day_is_said_to_be_free_just_now(app: Flask, lab: Cast) -> None:
    @transactional
    def add() -> None:
        add_resource(
            lab.sites["tsukuba"],
            "tsukuba-desk",
            name=Words("Desk", ""),
            kind=ResourceKind.BENCH,
            by_day=True,
            slot="1 d",
            shortest="1 d",
            longest="30 d",
            before="0 min",
            after="0 min",
        )

    add()
    said = agenda(Visitor(app, "alan").get(TODAY).text)
    assert "Plate reader" in said
    assert "Desk" not in said


@on_sqlite
def test_what_is_free_only_later_is_not_free_just_now(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    assert "Plate reader" in agenda(ben.get(TODAY).text)
    Visitor(app, "alan").book("tsukuba-plain", "2026-11-23T09:00", "2026-11-23T11:00")
    assert "Plate reader" not in agenda(ben.get(TODAY).text)


@on_sqlite
def test_what_runs_leads_to_another_end_and_what_is_to_come_to_another_time(
    app: Flask, lab: Cast, clock: Clock
) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T14:00")
    assert moves(alan, TODAY) == ["move"]
    clock.now = NOW + timedelta(hours=2)
    service.tick(now=clock.now)
    assert moves(alan, TODAY) == ["end"]
    assert moves(Visitor(app, "ben"), TODAY) == []


@on_sqlite
def test_what_reaches_over_midnight_is_moved_where_all_of_it_is_drawn(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", "2026-11-24T22:00", "2026-11-25T02:00")
    assert moves(alan, TUESDAY) == []
    assert moves(alan, "/sites/tsukuba/week?on=2026-11-23") == ["move"]


@on_sqlite
def test_time_that_is_kept_for_somebody_who_waits_is_marked_and_leads_to_the_list(app: Flask, lab: Cast) -> None:
    taken = book(lab, "ben")
    wait_for(lab, "hana")
    cancel(lab, taken)
    assert serve(NOW) == 1
    offers = re.compile(r'<li class="b offer[^>]*><a href="/waiting">')
    page = Visitor(app, "hana").get(TUESDAY).text
    assert len(offers.findall(page)) == 2, "on the board, and before it"
    assert moves(Visitor(app, "hana"), TUESDAY) == []
    of_rival = Visitor(app, "ben").get(TUESDAY).text
    assert not offers.search(of_rival)
    assert 'class="b busy' in of_rival
