"""The view of residencies: months across, units down, as each reader may know them; from free days to the form."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings.closed import Scope, bookings_under, closed_over
from labbook.core.closing import ClosureKind
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Booking, Closure, Event, Resource, Site
from tests.browsing import Visitor, form_of, links_of, on_sqlite, steady
from tests.cast import NOW, Cast, add_resource
from tests.statements import counted

PAGE = "/sites/tsukuba/residencies"
_BAR = re.compile(r'<li class="b ([\w ]+)" style="--l:([\d.]+);--w:([\d.]+)[^"]*">.*?<span class="t">([^<]*)</span>')

pytestmark = on_sqlite


@transactional
def furnish(lab: Cast) -> None:
    """A suite by the month, shelves by the week, and a bench by half days; nothing that is booked by the clock."""
    of_months = {"slot": "1 mo", "shortest": "1 mo", "longest": "12 mo", "horizon": "365 d", "by_day": True}
    unbuffered = {"before": "0 min", "after": "0 min"}
    tsukuba = lab.sites["tsukuba"]
    add_resource(tsukuba, "tsukuba-suite", before="0 min", after="1 d", **of_months)  # type: ignore[arg-type]
    weeks = {"slot": "1 wk", "shortest": "1 wk", "longest": "8 wk", "horizon": "90 d", "by_day": True}
    add_resource(tsukuba, "tsukuba-shelf", **weeks, **unbuffered)  # type: ignore[arg-type]
    halves = {"slot": "1 half-day", "shortest": "1 half-day", "longest": "5 d"}
    add_resource(tsukuba, "tsukuba-hot", **halves, **unbuffered)  # type: ignore[arg-type]
    add_resource(lab.sites["cambridge"], "cambridge-suite", **of_months, **unbuffered)  # type: ignore[arg-type]


def bars(visitor: Visitor, path: str = PAGE) -> list[tuple[str, str]]:
    """Kind and days of what is drawn, free days aside."""
    page = visitor.get(path)
    assert page.status_code == 200, page.text[:300]
    return [(kind.split()[0], when) for kind, _, _, when in _BAR.findall(page.text) if not kind.startswith("free")]


def test_three_months_are_shown_from_this_one_on_and_others_when_asked_for(app: Flask, lab: Cast) -> None:
    english = partial(Visitor(app, "alan").get)
    assert "2026年11月～2027年1月" in Visitor(app, "hana").get(PAGE).text
    assert "November 2026 – January 2027" in english(PAGE).text
    assert "<h1>March 2027</h1>" in english(f"{PAGE}?from=2027-03&months=1").text
    assert "March 2027 – February 2028" in english(f"{PAGE}?from=2027-03&months=12").text
    page = english(f"{PAGE}?from=2027-03&months=6&kind=bench").text
    for link in ("from=2026-09&amp;months=6&amp;kind=bench", "from=2027-09&amp;months=6&amp;kind=bench", "?months=6"):
        assert link in page, link


@pytest.mark.parametrize(
    "query",
    [
        *(
            "from=abc",
            "from=2026-13",
            "from=2026-00",
            "from=0000-01",
            "from=9999-12",
            "from=1999-12",
            "from=２０２７-03",
        ),
        *("from=2026-11-23", "months=0", "months=2", "months=abc", "months=-3", "months=10000", "kind=dragon", "from="),
        "from=2027-03%00",
    ],
)
def test_what_is_no_month_is_this_month(app: Flask, lab: Cast, query: str) -> None:
    page = Visitor(app, "alan").get(f"{PAGE}?{query}")
    assert page.status_code == 200
    assert "November 2026 – January 2027" in page.text


def test_only_what_is_booked_by_the_calendar_stands_there(app: Flask, lab: Cast) -> None:
    furnish(lab)
    page = Visitor(app, "alan").get(PAGE).text
    rows = re.findall(r'id="([\w-]+)">\s*<h3>', page)
    assert rows == ["tsukuba-bench", "tsukuba-suite", "tsukuba-shelf", "tsukuba-hot"]
    assert "Nothing to show" in Visitor(app, "alan").get(f"{PAGE}?kind=service").text


def test_own_stays_are_read_in_full_and_a_rivals_only_as_busy(app: Flask, lab: Cast) -> None:
    furnish(lab)
    alan, ben = Visitor(app, "alan"), Visitor(app, "ben")
    assert alan.book("tsukuba-suite", "2026-12-01", "2027-02-28", title="Zebrafish").status_code == 303
    assert alan.book("tsukuba-shelf", "2026-12-01", "2026-12-07", title="Okapi").status_code == 303
    assert bars(alan) == [("own", "Tue 1 Dec–Sun 28 Feb 2027"), ("own", "Tue 1 Dec–Mon 7 Dec")]
    hana = bars(Visitor(app, "hana"))
    assert [kind for kind, _ in hana] == ["partner", "partner"]
    # With the day after it that is kept free, and no further than what is shown.
    assert bars(ben) == [("busy", "Tue 1 Dec–Sun 31 Jan"), ("busy", "Tue 1 Dec–Mon 7 Dec")]
    assert bars(ben, f"{PAGE}?from=2027-02&months=1") == [("busy", "Mon 1 Feb–Sun 28 Feb")]
    assert bars(ben, f"{PAGE}?from=2027-03&months=1") == [("busy", "Mon 1 Mar")]
    mine, theirs = alan.get(PAGE).text, ben.get(PAGE).text
    assert all(told in mine for told in ("Zebrafish", "Okapi", "/requests/", "yours"))
    assert not any(told in theirs for told in ("Zebrafish", "Okapi", "Abbott", "Aoba", "/requests/", "yours"))
    assert [kind for kind, _ in bars(Visitor(app, "sora"))] == ["staff", "staff"]


def test_a_rival_reads_the_same_whoever_keeps_it(app: Flask, lab: Cast) -> None:
    furnish(lab)
    ben = Visitor(app, "ben")
    alan = Visitor(app, "alan")
    first = alan.book("tsukuba-shelf", "2026-12-01", "2026-12-07", title="Okapi")
    before = steady(ben.get(PAGE).text)
    page = alan.get(first.headers["Location"])
    assert alan.submit(page, "/cancel").status_code == 303
    Visitor(app, "chika").book("tsukuba-shelf", "2026-12-01", "2026-12-07", title="Tapir")
    assert steady(ben.get(PAGE).text) == before


def test_neighbours_are_one_block_to_a_rival_where_the_site_merges(app: Flask, lab: Cast) -> None:
    furnish(lab)
    for first, last in (("2026-12-01", "2026-12-07"), ("2026-12-08", "2026-12-14")):
        Visitor(app, "alan").book("tsukuba-shelf", first, last)
    ben = Visitor(app, "ben")
    assert bars(ben) == [("busy", "Tue 1 Dec–Mon 14 Dec")]
    _merge(False)
    assert bars(ben) == [("busy", "Tue 1 Dec–Mon 7 Dec"), ("busy", "Tue 8 Dec–Mon 14 Dec")]


@transactional
def _merge(wanted: bool) -> None:
    db.session.execute(update(Site).values(merges_busy=wanted))


def test_strangers_find_nothing(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "dora").get(PAGE).status_code == 404  # whose agreement has ended
    assert Visitor(app, "chika").get("/sites/cambridge/residencies").status_code == 404
    assert Visitor(app, "hana").get("/sites/nowhere/residencies").status_code == 404
    assert Visitor(app).get(PAGE).status_code == 303  # to sign in
    assert Visitor(app, "hana").post(PAGE).status_code == 405


def test_what_is_hidden_from_a_partner_is_not_among_the_units(app: Flask, lab: Cast) -> None:
    furnish(lab)
    _hide("tsukuba-suite")
    assert "tsukuba-suite" not in Visitor(app, "ben").get(PAGE).text
    assert "tsukuba-suite" in Visitor(app, "sora").get(PAGE).text


@transactional
def _hide(slug: str) -> None:
    db.session.execute(update(Resource).where(Resource.slug == slug).values(is_hidden=True))


@transactional
def _close(lab: Cast, slug: str, days: Interval) -> None:
    found = db.session.query(Resource).where(Resource.slug == slug).one()
    db.session.add(
        Closure(
            site_id=lab.sites["tsukuba"],
            resource_id=found.id,
            kind=ClosureKind.MAINTENANCE,
            starts_at=days.start,
            ends_at=days.end,
            reason=Words("Defrosting", "霜取り"),
        )
    )


def test_closures_are_drawn_with_their_reason_and_nothing_is_free_there(app: Flask, lab: Cast) -> None:
    furnish(lab)
    first = NOW + timedelta(days=7, hours=15)  # midnight in Tsukuba, before 1 December
    _close(lab, "tsukuba-shelf", Interval(first, first + timedelta(days=3)))
    alan = Visitor(app, "alan")
    assert bars(alan) == [("closed", "Tue 1 Dec–Thu 3 Dec")]
    assert "Defrosting" in alan.get(PAGE).text
    free = [when for kind, _, _, when in _BAR.findall(alan.get(f"{PAGE}?kind=equipment").text) if kind[:4] == "free"]
    assert "Mon 23 Nov–Mon 30 Nov" in free
    assert "Fri 4 Dec–Thu 31 Dec" in free


def test_a_public_holiday_does_not_interrupt_what_is_kept_by_the_day_at_any_hour(app: Flask, lab: Cast) -> None:
    """People keep a bench over New Year; who comes for an hour comes on another day, and maintenance is no holiday."""
    furnish(lab)
    first = NOW + timedelta(days=7, hours=15)
    day = Interval(first, first + timedelta(days=1))
    _close_site(lab, day)
    alan = Visitor(app, "alan")
    assert alan.book("tsukuba-plain", "2026-12-01T10:00", "2026-12-01T11:00").status_code == 409
    assert alan.book("tsukuba-hot", "2026-12-01T00:00", "2026-12-01T00:00").status_code == 409  # by half days, not days
    assert alan.book("tsukuba-suite", "2026-12-01", "2026-12-31").status_code == 303
    assert 'class="shut"' in alan.get(PAGE).text
    assert bars(alan, f"{PAGE}?kind=equipment")[0] == ("own", "Tue 1 Dec–Thu 31 Dec")
    site, kept = lab.sites["tsukuba"], db.session.scalars(select(Booking.id)).one()
    assert bookings_under(Scope(site, kind=ClosureKind.HOLIDAY), [day], now=NOW) == []
    assert [one.id for one in bookings_under(Scope(site), [day], now=NOW)] == [kept]
    assert closed_over([kept], NOW) == frozenset()
    _close(lab, "tsukuba-suite", day)
    assert closed_over([kept], NOW) == {kept}


@transactional
def _close_site(lab: Cast, days: Interval) -> None:
    holiday = Closure(site_id=lab.sites["tsukuba"], kind=ClosureKind.HOLIDAY, reason=Words("Opening Day", "開所記念日"))
    holiday.starts_at, holiday.ends_at = days.start, days.end
    db.session.add(holiday)


@pytest.mark.parametrize(
    ("slug", "page", "asked", "fields"),
    [
        ("tsukuba-suite", PAGE, "from=2026-12-01T00:00&to=2027-01-01T00:00", ("2026-12-01", "2026-12-31")),
        ("tsukuba-suite", PAGE, "from=2026-11-23T00:00&to=2026-12-01T00:00", ("2026-11-23", "2026-12-22")),
        ("tsukuba-shelf", PAGE, "from=2026-12-01T00:00&to=2027-01-01T00:00", ("2026-12-01", "2026-12-28")),
        (
            "tsukuba-bench",
            f"{PAGE}?months=1&from=2026-12",
            "from=2026-12-07T00:00&to=2026-12-14T00:00",
            ("2026-12-07", "2026-12-13"),
        ),
    ],
)
def test_free_days_lead_to_the_form_filled_with_them(
    app: Flask, lab: Cast, slug: str, page: str, asked: str, fields: tuple[str, str]
) -> None:
    """Without any script: each stretch is a link, and what it fills the form with is as long as the terms allow."""
    furnish(lab)
    alan = Visitor(app, "alan")
    [link] = [one for one in links_of(alan.get(page).text) if f"/{slug}/book" in one and one.endswith(asked)]
    form = form_of(alan.get(link), f"/{slug}/book")
    assert (form.fields["start_on"], form.fields["end_on"]) == fields
    assert alan.submit(alan.get(link), f"/{slug}/book", title="As offered").status_code == 303


def test_days_begin_at_the_sites_midnight_also_when_its_clocks_change(app: Flask, lab: Cast) -> None:
    """In Cambridge the clocks go forward on 14 March 2027: a month of it is an hour shorter, and no day is lost."""
    furnish(lab)
    alan, page = Visitor(app, "alan"), "/sites/cambridge/residencies?from=2027-03&months=1"
    assert alan.book("cambridge-suite", "2027-03-01", "2027-03-31").status_code == 303
    assert bars(alan, page) == [("own", "Mon 1 Mar–Wed 31 Mar")]
    [(_, left, width, _)] = [one for one in _BAR.findall(alan.get(page).text) if one[0].startswith("own")]
    assert (float(left), float(width)) == (0, 100)
    assert bars(alan, "/sites/cambridge/residencies?from=2027-04&months=1") == []
    assert "EST, UTC−5 → EDT, UTC−4" in alan.get(page).text
    year = alan.get("/sites/cambridge/residencies?from=2026-10&months=12").text
    assert "EDT, UTC−4 → EST, UTC−5 → EDT, UTC−4" in year


def test_the_boards_and_the_pages_of_resources_lead_there(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    day = alan.get("/sites/tsukuba/day?on=2027-02-03").text
    assert f"{PAGE}?from=2027-02#tsukuba-bench" in day
    assert f'href="{PAGE}"' in day  # in the menu
    assert f"{PAGE}#tsukuba-bench" in alan.get("/resources/tsukuba-bench").text
    assert f"{PAGE}#" not in alan.get("/resources/tsukuba-plain").text
    assert "入居" in Visitor(app, "hana").get(PAGE).text


def test_what_is_booked_is_found_by_its_index(app: Flask, lab: Cast) -> None:
    furnish(lab)
    alan = Visitor(app, "alan")
    alan.get(PAGE)
    with counted() as sent:
        alan.get(PAGE)
    [statement] = [one for one in sent if "booking.resource_id IN" in one and "booking.ends_at" in one]
    connection = db.session.connection().connection
    plan = connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", ["x"] * statement.count("?")).fetchall()
    assert any("ix_booking_resource_id_ends_at" in row[-1] for row in plan), plan
    assert not any(row[-1].startswith("SCAN") for row in plan), plan


def test_a_look_by_duty_is_recorded_with_the_months_that_were_shown(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "audrey").get(f"{PAGE}?from=2027-02&months=1").status_code == 200
    looks = db.session.scalars(select(Event).where(Event.code == "schedule-looked-at")).all()
    assert [(look.detail.body or {})["from"] for look in looks] == ["2027-01-31T15:00:00+00:00"]
