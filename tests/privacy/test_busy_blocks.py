"""Whether busy times that touch are shown as one is the site's choice; whose they are shows either way nowhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.bookings.scheduled import rows_of_changes
from labbook.bookings.service import Ask
from labbook.core.amount import Amount
from labbook.core.feeds import Detail, Scope
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Booking, Partner, PendingChange, Person, Request, Resource, Site
from tests.browsing import Visitor, on_sqlite, steady, times
from tests.cast import NOW, Cast, fresh_key
from tests.feeds.reading import entries, feed, fetched
from tests.privacy.planting import PEOPLE, at

PAGES = (
    "/sites/tsukuba/day?on=2026-11-24",
    "/sites/tsukuba/week?on=2026-11-24",
    "/resources/tsukuba-plain",
    "/resources/tsukuba-plain/book?from=2026-11-24T15:00&to=2026-11-24T16:00",
)
_BLOCK = re.compile(r'class="b busy[^"]*" style="([^"]+)"')


@transactional
def merge(wanted: bool) -> None:
    """Let both sites show touching busy times as one, or not."""
    db.session.execute(update(Site).values(merges_busy=wanted))


def ask(lab: Cast, who: str, clock: str, hours: float = 1, partner: str = "aoba") -> None:
    """A booking of the plate reader on Tuesday; its hold is a quarter of an hour longer on both sides."""
    start, end = at(24, clock, hours)
    wanted = Ask("tsukuba-plain", start, end, lab.partners[partner], f"{who} {clock}")
    service.request(lab.actor(who), wanted, key=fresh_key(), now=NOW)


@pytest.fixture
def neighbours(app: Flask, lab: Cast) -> Cast:
    """Two of Hana's and one of Alan's in a row: held from 09:45 to 11:15, to 12:45 and to 14:15."""
    ask(lab, "hana", "10:00")
    ask(lab, "alan", "11:30")
    ask(lab, "hana", "13:00")
    return lab


def spans(visitor: Visitor, path: str) -> list[tuple[str, str]]:
    """Start and end of the entries of a feed, in their order."""
    found = entries(fetched(visitor, path))
    return [(one["DTSTART"][-6:-2], one["DTEND"][-6:-2]) for one in found]


@pytest.mark.parametrize("merges", [True, False])
def test_pages_and_feeds_say_what_the_site_chose(app: Flask, neighbours: Cast, merges: bool) -> None:
    merge(merges)
    ben = Visitor(app, "ben")
    day = ben.get(PAGES[0]).text
    assert ("09:45–14:15" in day) is merges
    assert all((time in day) is not merges for time in ("09:45–11:15", "11:15–12:45", "12:45–14:15"))
    for page in PAGES[1:3]:
        assert len(_BLOCK.findall(ben.get(page).text)) == (1 if merges else 3), page
    strip = re.findall(r'<i class="b busy" style="([^"]+)"', ben.get(PAGES[3]).text)
    assert len(strip) == (1 if merges else 3)
    together, apart = [("0945", "1415")], [("0945", "1115"), ("1115", "1245"), ("1245", "1415")]
    for detail in Detail:
        path = feed(neighbours, "ben", Scope.RESOURCE, detail, about="tsukuba-plain")
        assert spans(Visitor(app), path) == (together if merges else apart)
    own = feed(neighbours, "hana", Scope.RESOURCE, Detail.BUSY, about="tsukuba-plain")
    assert spans(Visitor(app), own) == (together if merges else apart)


@on_sqlite
def test_a_feed_is_new_as_soon_as_the_site_has_chosen_otherwise(app: Flask, neighbours: Cast) -> None:
    path = feed(neighbours, "ben", Scope.RESOURCE, about="tsukuba-plain")
    calendar = Visitor(app)
    tag = fetched(calendar, path).headers["ETag"]
    assert fetched(calendar, path, tag).status_code == 304
    merge(False)
    answer = fetched(calendar, path, tag)
    assert answer.status_code == 200
    assert len(entries(answer)) == 3
    assert fetched(calendar, path, answer.headers["ETag"]).status_code == 304


@on_sqlite
def test_neighbours_that_share_their_buffers_are_one_block_everywhere(app: Flask, lab: Cast) -> None:
    """Their holds touch although two people's could not: kept apart, they would say that both are one person's."""
    merge(False)
    ask(lab, "alan", "15:00")
    ask(lab, "hana", "16:30")
    path = feed(lab, "ben", Scope.RESOURCE, about="tsukuba-plain")
    assert spans(Visitor(app), path) == [("1445", "1615"), ("1615", "1745")]
    mio, terms = Visitor(app, "mio"), "/resources/tsukuba-plain/terms"
    assert mio.submit(mio.get(terms), terms, shares_buffers="y").status_code == 303
    assert spans(Visitor(app), path) == [("1445", "1745")]  # what is one block has changed
    ask(lab, "hana", "10:00")
    ask(lab, "hana", "11:00")
    ben = Visitor(app, "ben")
    assert "09:45–12:15" in ben.get(PAGES[0]).text
    for page in PAGES[1:3]:
        assert len(_BLOCK.findall(ben.get(page).text)) == 2, page
    assert spans(Visitor(app), path) == [("0945", "1215"), ("1445", "1745")]


@on_sqlite
def test_ones_own_busy_feed_tells_no_numbers_to_those_outside(app: Flask, neighbours: Cast) -> None:
    merge(False)
    ask(neighbours, "hana", "14:30")  # touches the one of 13:00
    path = feed(neighbours, "hana", Scope.MINE, Detail.BUSY)
    assert spans(Visitor(app), path) == [("0945", "1115"), ("1245", "1545")]


def _read(app: Flask, ben: Visitor, feeds: list[str]) -> list[str]:
    pages = [steady(ben.get(path).text) for path in PAGES]
    return pages + [fetched(Visitor(app), path).text for path in feeds]


@on_sqlite
def test_blocks_apart_say_nothing_about_whose_they_are(app: Flask, neighbours: Cast) -> None:
    """The same three holds, of other people, other partners, asked for in another order, with other words."""
    merge(False)
    ben = Visitor(app, "ben")
    feeds = [feed(neighbours, "ben", Scope.RESOURCE, detail, about="tsukuba-plain") for detail in Detail]
    before = _read(app, ben, feeds)

    @transactional
    def other_hands() -> None:
        found = list(db.session.scalars(select(Booking).order_by(Booking.starts_at)))
        cedar = (neighbours.partners["cedar"], neighbours.people["chika"])
        for booking, (partner, person) in zip(found, [cedar, cedar, cedar], strict=True):
            booking.person_id = person
            booking.request.partner_id, booking.request.person_id = partner, person
            booking.request.title, booking.request.purpose = "Longer than it was before", "Another purpose"
            booking.created_at = booking.changed_at = NOW - timedelta(hours=booking.id)
        db.session.execute(update(Partner).where(Partner.slug != "birch").values(name=Words("Other", "他")))
        others = Person.email.in_([f"{name}@lab.example" for name in PEOPLE])
        db.session.execute(update(Person).where(others).values(family_name="Xenops", given_name="Yak"))

    other_hands()
    after = _read(app, ben, feeds)
    assert [n for n, (one, other) in enumerate(zip(before, after, strict=True)) if one != other] == []


@on_sqlite
def test_blocks_apart_carry_no_name_that_goes_from_one_to_the_next(app: Flask, neighbours: Cast) -> None:
    merge(False)
    ben = Visitor(app, "ben")
    path = feed(neighbours, "ben", Scope.RESOURCE, about="tsukuba-plain")
    found = entries(fetched(Visitor(app), path))
    assert len({one["UID"] for one in found}) == 3
    own = ("UID", "DTSTART", "DTEND")
    assert len({tuple(value for name, value in sorted(one.items()) if name not in own) for one in found}) == 1
    bars = re.findall(r'<li class="(b busy[^"]*)" style="--l:[\d.]+;--w:[\d.]+">', ben.get(PAGES[0]).text)
    assert len(bars) == 3
    assert {bar.split()[1] for bar in bars} == {"busy"}


@on_sqlite
def test_the_order_of_asking_does_not_show(app: Flask, lab: Cast) -> None:
    merge(False)
    ben = Visitor(app, "ben")
    for clock in ("13:00", "10:00", "11:30"):
        ask(lab, "hana", clock)
    path = feed(lab, "ben", Scope.RESOURCE, about="tsukuba-plain")
    shown = spans(Visitor(app), path)
    assert shown == sorted(shown)
    times = re.findall(r'class="b busy.*?<span class="t">([^<]+)</span>', ben.get(PAGES[0]).text)
    assert times == sorted(times) and len(times) == 3


@on_sqlite
def test_taking_over_ones_neighbours_time_changes_what_is_shown_only_where_the_site_keeps_apart(
    app: Flask, neighbours: Cast
) -> None:
    """One long booking instead of three: the same to a rival where times are merged, and one block where not."""
    ben = Visitor(app, "ben")
    merged_before = steady(ben.get(PAGES[0]).text)
    for key, version in db.session.execute(select(Booking.key, Request.version).join(Request)).all():
        booking_owner = "hana" if "hana" in _title(key) else "alan"
        service.cancel(neighbours.actor(booking_owner), key, reason="", version=version, now=NOW)
    ask(neighbours, "hana", "10:00", 4)
    assert steady(ben.get(PAGES[0]).text) == merged_before
    merge(False)
    assert len(_BLOCK.findall(ben.get(PAGES[0]).text)) == 1


def _title(booking_key: str) -> str:
    found = db.session.scalar(select(Request.title).join(Booking).where(Booking.key == booking_key))
    assert found is not None
    return found


@on_sqlite
@pytest.mark.parametrize("slug", ["tsukuba-sorter", "tsukuba-asked"])
def test_a_change_that_waits_shows_to_no_rival(app: Flask, lab: Cast, slug: str) -> None:
    """Held or only wished for: within its booking's buffers or not, there is one block and no second one over it."""
    merge(False)

    @transactional
    def long_buffers() -> None:
        db.session.execute(update(Resource).where(Resource.slug == slug).values(buffer_after=Amount.parse("60 min")))

    long_buffers()
    alan, sora, ben = (Visitor(app, name) for name in ("alan", "sora", "ben"))
    where = alan.book(slug, "2026-11-24T10:00", "2026-11-24T11:00").headers["Location"]
    sora.submit(sora.get(where), "/approve")
    key = db.session.scalars(select(Booking.key)).one()
    path = feed(lab, "ben", Scope.RESOURCE, about=slug)
    longer = times("2026-11-24T10:00", "2026-11-24T11:30")
    assert alan.submit(alan.get(f"/bookings/{key}/move"), "/move", **longer).status_code == 303
    assert db.session.scalars(select(PendingChange.booking_id)).all()
    is_held = slug == "tsukuba-asked"
    [wanted] = rows_of_changes(Interval(NOW, NOW + timedelta(days=9)))
    assert (wanted.state, wanted.hold is not None) == ("waiting" if is_held else "wished", is_held)
    assert spans(Visitor(app), path) == [("0945", "1230" if is_held else "1200")]
    for page in (f"/resources/{slug}", "/sites/tsukuba/week?on=2026-11-24"):
        assert len(_BLOCK.findall(ben.get(page).text)) == 1, page
