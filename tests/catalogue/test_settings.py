"""Whether rivals see neighbouring bookings as one: a choice of the site's managers, which counts at once everywhere."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.catalogue import service
from labbook.catalogue.service import Chosen
from labbook.core.feeds import Detail, Scope
from labbook.core.permissions import ForbiddenError
from labbook.db import db
from labbook.models import Event, Site
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.feeds.reading import entries, feed, fetched

PATH = "/sites/tsukuba/settings"
DAY = "/sites/tsukuba/day?on=2026-11-24"


def merges(slug: str = "tsukuba") -> bool:
    """What the site has chosen."""
    db.session.remove()
    return db.session.scalars(select(Site.merges_busy).where(Site.slug == slug)).one()


def happened() -> list[tuple[int | None, int | None, object]]:
    """Who set what at which site."""
    db.session.remove()
    events = db.session.scalars(select(Event).where(Event.code == "site-set").order_by(Event.id))
    return [(one.actor_id, one.site_id, one.detail.body) for one in events]


@pytest.fixture
def neighbours(app: Flask, lab: Cast) -> Cast:
    """Hana holds the plate reader from 09:45 to 11:15, and then to 12:45."""
    hana = Visitor(app, "hana")
    for start, end in (("10:00", "11:00"), ("11:30", "12:30")):
        answer = hana.book("tsukuba-plain", f"2026-11-24T{start}", f"2026-11-24T{end}")
        assert answer.status_code == 303
    return lab


def test_a_manager_chooses_and_rivals_see_it_on_the_page_and_in_their_calendar(app: Flask, neighbours: Cast) -> None:
    mio, ben, calendar = Visitor(app, "mio"), Visitor(app, "ben"), Visitor(app)
    paths = [feed(neighbours, "ben", Scope.RESOURCE, detail, about="tsukuba-plain") for detail in Detail]
    paths.append(feed(neighbours, "mio", Scope.SITE, Detail.BUSY, about="tsukuba"))
    seen = [fetched(calendar, path) for path in paths]
    for path, one in zip(paths, seen, strict=True):
        assert fetched(calendar, path, one.headers["ETag"]).status_code == 304
    assert "09:45–12:45" in ben.get(DAY).text
    page = mio.get(PATH)
    assert form_of(page, PATH).fields["busy"] == "together"
    assert mio.submit(page, PATH, busy="apart").headers["Location"] == PATH
    assert not merges()
    assert form_of(mio.get(PATH), PATH).fields["busy"] == "apart"
    shown = ben.get(DAY).text
    assert "09:45–11:15" in shown and "11:15–12:45" in shown and "09:45–12:45" not in shown
    for path, one in zip(paths, seen, strict=True):
        again = fetched(calendar, path, one.headers["ETag"])
        assert again.status_code == 200
        assert again.data != one.data
        assert (len(entries(one)), len(entries(again))) == (1, 2)
        assert fetched(calendar, path, again.headers["ETag"]).status_code == 304
    said = {"before": {"merges_busy": True}, "after": {"merges_busy": False}}
    assert happened() == [(neighbours.people["mio"], neighbours.sites["tsukuba"], said)]


@on_sqlite
def test_back_again_is_as_it_was(app: Flask, neighbours: Cast) -> None:
    mio, calendar = Visitor(app, "mio"), Visitor(app)
    path = feed(neighbours, "ben", Scope.RESOURCE, about="tsukuba-plain")
    before = fetched(calendar, path).data
    for choice in ("apart", "together"):
        assert mio.submit(mio.get(PATH), PATH, busy=choice).status_code == 303
    assert fetched(calendar, path).data == before
    assert len(happened()) == 2


@on_sqlite
def test_ones_own_calendar_does_not_change(app: Flask, neighbours: Cast) -> None:
    mio, calendar = Visitor(app, "mio"), Visitor(app)
    path = feed(neighbours, "hana")
    tag = fetched(calendar, path).headers["ETag"]
    assert mio.submit(mio.get(PATH), PATH, busy="apart").status_code == 303
    assert fetched(calendar, path, tag).status_code == 304


@on_sqlite
def test_it_is_the_choice_of_one_site(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert mio.submit(mio.get(PATH), PATH, busy="apart").status_code == 303
    assert merges("cambridge")


def test_a_page_that_is_out_of_date_changes_nothing(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    old = mio.get(PATH)
    assert mio.submit(old, PATH, busy="apart").status_code == 303
    answer = mio.submit(old, PATH, busy="together")
    assert answer.status_code == 409
    assert not merges()
    assert form_of(answer, PATH).fields == {**form_of(answer, PATH).fields, "busy": "together", "was": "apart"}
    assert mio.submit(answer, PATH).status_code == 303  # having looked
    assert merges()
    assert len(happened()) == 2


@on_sqlite
def test_the_same_again_changes_nothing_and_is_no_event(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    for _ in range(2):
        assert mio.submit(mio.get(PATH), PATH).status_code == 303
    assert merges()
    assert happened() == []


@on_sqlite
@pytest.mark.parametrize("fields", [{"busy": ""}, {"busy": "sometimes"}, {"was": ""}, {"was": "sometimes"}])
def test_what_is_no_choice_changes_nothing(app: Flask, lab: Cast, fields: dict[str, str]) -> None:
    mio = Visitor(app, "mio")
    answer = mio.submit(mio.get(PATH), PATH, **{"busy": "apart", **fields})
    assert answer.status_code == 422
    assert merges()


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [("sora", 403), ("sam", 403), ("hana", 403), ("ben", 403), ("ada", 403), ("audrey", 403), ("dora", 404)],
)
def test_it_is_for_the_managers_of_the_site_alone(app: Flask, lab: Cast, name: str, status: int) -> None:
    visitor = Visitor(app, name)
    assert visitor.get(PATH).status_code == status
    assert visitor.post(PATH, busy="apart", was="together").status_code == status
    assert merges()
    people = visitor.get("/people/sites/tsukuba")
    assert PATH not in people.text


@on_sqlite
def test_another_site_and_one_that_is_not_there(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert mio.get("/sites/cambridge/settings").status_code == 403  # its schedule is seen, as busy times
    assert mio.post("/sites/cambridge/settings", busy="apart", was="together").status_code == 403
    assert mio.get("/sites/kyoto/settings").status_code == 404
    assert mio.post("/sites/kyoto/settings", busy="apart", was="together").status_code == 404
    signed_out = Visitor(app)
    assert signed_out.get(PATH).headers["Location"] == f"/sign-in?next={PATH}"
    assert merges("cambridge")


@on_sqlite
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Site settings", "nobody can count them", "never shown to rivals")),
        ("ja", ("拠点の設定", "件数を数えること", "競合する利用機関")),
    ],
)
def test_managers_find_it_and_read_what_each_choice_shows(
    app: Flask, lab: Cast, language: str, words: tuple[str, ...]
) -> None:
    mio = Visitor(app, "mio")
    mio.post("/language", language=language)
    assert PATH in mio.get("/people/sites/tsukuba").text
    page = mio.get(PATH).text
    assert [one for one in words if one not in page] == []


@on_sqlite
@pytest.mark.parametrize("name", ["sora", "ada", "cora"])
def test_the_service_itself_asks_who_it_is(app: Flask, lab: Cast, name: str) -> None:
    with pytest.raises(ForbiddenError):
        service.set_site(lab.actor(name), "tsukuba", Chosen(False), was=Chosen(True), now=NOW)
    assert merges()


def test_a_manager_chooses_the_day_on_which_weeks_begin(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    page = mio.get(PATH)
    assert form_of(page, PATH).fields["first_weekday"] == "0"
    assert mio.submit(page, PATH, first_weekday="6").status_code == 303
    assert form_of(mio.get(PATH), PATH).fields["first_weekday"] == "6"
    assert mio.submit(page, PATH, first_weekday="5").status_code == 409  # it was chosen from an old page
    assert [body for _, _, body in happened()] == [{"before": {"first_weekday": 0}, "after": {"first_weekday": 6}}]
    assert merges()


@on_sqlite
@pytest.mark.parametrize("day", ["7", "-1", "", "Monday"])
def test_what_is_no_weekday_changes_nothing(app: Flask, lab: Cast, day: str) -> None:
    mio = Visitor(app, "mio")
    assert mio.submit(mio.get(PATH), PATH, first_weekday=day).status_code == 422
    assert happened() == []
