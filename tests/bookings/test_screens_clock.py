"""The days on which Cambridge changes its clocks, in 2027: the form refuses the gap and asks which of two."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.core.feeds import Scope
from labbook.db import db
from labbook.models import Booking
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import Cast
from tests.feeds.reading import feed, only

SCOPE = "cambridge-scope"
SKIPPED = "The clocks go forward: {} does not exist on that day. Choose {} EDT, for instance."
TWICE = "This hour happens twice, because the clocks go back. Which one?"


def stored() -> tuple[datetime, datetime, str, str]:
    """Instants and wall times of the one booking there is."""
    db.session.remove()
    one = db.session.scalars(select(Booking)).one()
    return one.starts_at, one.ends_at, one.wall_start, one.wall_end


def utc(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def count() -> int:
    """How many bookings there are."""
    db.session.remove()
    return db.session.scalar(select(func.count(Booking.id))) or 0


def findings(text: str) -> list[str]:
    """What the panel says, sentence by sentence."""
    return [
        re.sub(r"<[^>]+>", "", one.split("</span>", 1)[1]).strip()
        for one in re.findall(r'<li class="finding.*?</li>', text, re.S)
    ]


@pytest.mark.parametrize(
    ("start", "end", "wall", "other"),
    [
        ("2027-03-14T02:30", "2027-03-14T04:00", "02:30", "03:30"),
        ("2027-03-14T02:00", "2027-03-14T04:00", "02:00", "03:00"),
        ("2027-03-14T01:00", "2027-03-14T02:30", "02:30", "03:30"),
        ("2027-03-14T02:10", "2027-03-15T23:50", "02:10", "03:10"),  # off the grid and too long besides
    ],
)
@on_sqlite
def test_a_skipped_time_is_said_before_any_other_finding(
    app: Flask, lab: Cast, start: str, end: str, wall: str, other: str
) -> None:
    alan = Visitor(app, "alan")
    said = SKIPPED.format(wall, other)
    answer = alan.book(SCOPE, start, end, title="Kept")
    assert answer.status_code == 422
    assert findings(answer.text) == [said]
    name = "start_at" if start.endswith(wall) else "end_at"
    beside = re.search(rf'id="{name}-errors">.*?</ul>', answer.text, re.S)
    assert beside is not None
    assert said in beside[0]
    kept = form_of(answer, "/book").fields
    assert (kept["title"], kept[name]) == ("Kept", wall)
    fields = {**kept, "title": ""}
    told = alan.open(f"/resources/{SCOPE}/findings", method="POST", data=fields)
    assert findings(told.text) == [said]
    assert count() == 0


def test_a_booking_across_the_gap_is_an_hour_shorter_and_says_so(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    sent = alan.book(SCOPE, "2027-03-14T01:30", "2027-03-14T04:00")
    assert sent.status_code == 303
    assert stored() == (utc("2027-03-14T06:30"), utc("2027-03-14T08:00"), "2027-03-14T01:30", "2027-03-14T04:00")
    assert "The clocks change in between: it really lasts 1 h 30 min." in alan.get(sent.headers["Location"]).text


@pytest.mark.parametrize(("fold", "start"), [("0", "2027-11-07T05:30"), ("1", "2027-11-07T06:30")])
def test_a_repeated_time_is_asked_about_and_either_answer_is_right(
    app: Flask, lab: Cast, fold: str, start: str
) -> None:
    alan = Visitor(app, "alan")
    asked = alan.book(SCOPE, "2027-11-07T01:30", "2027-11-07T03:00", title="Kept")
    assert asked.status_code == 422
    assert count() == 0
    assert TWICE in asked.text
    assert findings(asked.text) == ["Choose the first or the second."]
    assert "The first (EDT, UTC−4)" in asked.text
    assert "The second (EST, UTC−5)" in asked.text
    kept = form_of(asked, "/book").fields
    assert (kept["title"], kept["start_at"], kept["end_at"]) == ("Kept", "01:30", "03:00")
    sent = alan.submit(asked, "/book", start_fold=fold)
    assert sent.status_code == 303
    assert stored() == (utc(start), utc("2027-11-07T08:00"), "2027-11-07T01:30", "2027-11-07T03:00")
    entry = only(Visitor(app).get(feed(lab, "alan", Scope.MINE)))
    assert entry["DTSTART"] == {"0": "20271107T053000Z", "1": "20271107T063000Z"}[fold]  # no client is to guess


@on_sqlite
def test_from_the_first_to_the_second_of_one_time_is_an_hour(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    asked = alan.book(SCOPE, "2027-11-07T01:30", "2027-11-07T01:30")
    assert asked.text.count(TWICE) == 2
    sent = alan.submit(asked, "/book", start_fold="0", end_fold="1")
    assert sent.status_code == 303
    assert stored()[:2] == (utc("2027-11-07T05:30"), utc("2027-11-07T06:30"))
    page = alan.get(sent.headers["Location"]).text
    assert "EDT" in page
    assert "EST" in page


@on_sqlite
@pytest.mark.parametrize(("start_fold", "end_fold"), [("1", "0"), ("0", "0"), ("1", "1")])
def test_the_end_comes_after_the_start_within_the_repeated_hour_too(
    app: Flask, lab: Cast, start_fold: str, end_fold: str
) -> None:
    alan = Visitor(app, "alan")
    asked = alan.book(SCOPE, "2027-11-07T01:30", "2027-11-07T01:30")
    answer = alan.submit(asked, "/book", start_fold=start_fold, end_fold=end_fold)
    assert answer.status_code == 422
    assert findings(answer.text) == ["The end must come after the start."]
    assert count() == 0


@on_sqlite
@pytest.mark.parametrize("fold", ["2", "", "-1", "x", "0 or 1"])
def test_another_answer_is_asked_again(app: Flask, lab: Cast, fold: str) -> None:
    alan = Visitor(app, "alan")
    answer = alan.book(SCOPE, "2027-11-07T01:30", "2027-11-07T03:00", start_fold=fold)
    assert answer.status_code == 422
    assert TWICE in answer.text


@on_sqlite
def test_an_answer_to_a_question_that_nobody_asked_means_nothing(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    assert alan.book(SCOPE, "2027-11-08T01:30", "2027-11-08T03:00", start_fold="1").status_code == 303
    assert stored()[:2] == (utc("2027-11-08T06:30"), utc("2027-11-08T08:00"))


@on_sqlite
@pytest.mark.parametrize("on", ["2027-03-14", "2027-11-07"])
def test_tsukuba_never_changes_its_clocks(app: Flask, lab: Cast, on: str) -> None:
    from labbook.core.amount import Amount
    from labbook.db import transactional
    from labbook.models import Resource

    @transactional
    def reach_further() -> None:
        plain = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-plain")).one()
        plain.horizon = Amount.parse("720 d")

    reach_further()
    assert Visitor(app, "alan").book("tsukuba-plain", f"{on}T01:30", f"{on}T02:30").status_code == 303
    assert (stored()[1] - stored()[0]).total_seconds() == 3600


@on_sqlite
def test_a_booking_of_the_second_pass_moves_from_its_own_hour(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book(SCOPE, "2027-11-07T01:30", "2027-11-07T03:00", start_fold="1")
    db.session.remove()
    key = db.session.scalars(select(Booking.key)).one()
    form = alan.get(f"/bookings/{key}/move")
    assert form_of(form, "/move").fields["start_fold"] == "1"
    assert alan.submit(form, "/move", end_at="04:00").status_code == 303
    assert stored()[:2] == (utc("2027-11-07T06:30"), utc("2027-11-07T09:00"))


@on_sqlite
@pytest.mark.parametrize(
    ("on", "sentence", "hours"),
    [
        ("2027-03-14", "This day has 23 hours: the clocks go forward.", 23),
        ("2027-11-07", "This day has 25 hours: the clocks go back.", 25),
        ("2027-11-08", "", 24),
    ],
)
def test_the_day_is_as_long_as_it_is(app: Flask, lab: Cast, on: str, sentence: str, hours: int) -> None:
    page = Visitor(app, "alan").get(f"/sites/cambridge/day?on={on}").text
    assert sentence in page
    assert ("clocks go" in page) is bool(sentence)
    assert f'data-seconds="{hours * 3600}"' in page


@on_sqlite
def test_every_free_stretch_of_the_long_day_can_be_booked_by_its_link(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book(SCOPE, "2027-11-07T00:00", "2027-11-07T01:30", end_fold="0")
    alan.book(SCOPE, "2027-11-07T02:00", "2027-11-07T04:00")
    page = alan.get("/sites/cambridge/day?on=2027-11-07").text
    links = [link.replace("&amp;", "&") for link in re.findall(rf'href="(/resources/{SCOPE}/book\?[^"]+)"', page)]
    assert len(links) == 2
    for link in links:
        form = alan.get(link + "&exact=1")
        fields = form_of(form, "/book").fields
        if fields["start_at"] == "01:30":
            assert (fields["start_fold"], fields["end_at"]) == ("0", "02:00")
            assert alan.submit(form, "/book", title="Between").status_code == 303
    db.session.remove()
    between = db.session.scalars(select(Booking).order_by(Booking.id.desc())).first()
    assert between is not None
    assert (between.starts_at, between.ends_at) == (utc("2027-11-07T05:30"), utc("2027-11-07T07:00"))


@on_sqlite
def test_the_form_of_a_skipped_link_is_still_a_form(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get(f"/resources/{SCOPE}/book?from=2027-03-14T02:30&to=2027-03-14T05:00&exact=1")
    assert page.status_code == 200
    assert form_of(page, "/book").fields["start_at"] == "03:30"
