"""The door at which calendars knock: one link, no session, and exact answers."""

from __future__ import annotations

import logging
import time
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from labbook.core.feeds import Detail, Scope
from labbook.core.tokens import token_hash
from labbook.db import BusyError, db, transactional
from labbook.feeds.service import answering
from labbook.feeds.service import making as service
from labbook.models import Agreement, Feed, Person, RoleGrant
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.feeds.reading import entries, feed, fetched

WANTED = "2026-11-24T10:00", "2026-11-24T12:00"


def revoke(lab: Cast, name: str) -> None:
    """Revoke somebody's feeds."""
    keys = db.session.scalars(select(Feed.key).where(Feed.person_id == lab.people[name])).all()
    for key in keys:
        service.revoke(lab.actor(name), key, now=NOW)


def test_an_unchanged_feed_is_304_without_a_body(app: Flask, lab: Cast) -> None:
    calendar, path = Visitor(app), feed(lab)
    first = fetched(calendar, path)
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    for sent in (etag, f"W/{etag}", f'"other", {etag}'):
        again = fetched(calendar, path, sent)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == etag
        assert again.headers["Cache-Control"] == "private, no-cache"
    assert fetched(calendar, path, '"other"').status_code == 200


def test_a_changed_feed_is_200_with_another_validator(app: Flask, lab: Cast) -> None:
    calendar, path = Visitor(app), feed(lab)
    etag = fetched(calendar, path).headers["ETag"]
    Visitor(app, "hana").book("tsukuba-plain", *WANTED)
    again = fetched(calendar, path, etag)
    assert again.status_code == 200
    assert again.headers["ETag"] != etag


@on_sqlite
def test_head_is_get_without_a_body(app: Flask, lab: Cast) -> None:
    Visitor(app, "hana").book("tsukuba-plain", *WANTED)
    calendar, path = Visitor(app), feed(lab)
    got, head = calendar.get(path), calendar.open(path, method="HEAD")
    assert head.status_code == 200
    assert head.data == b""
    assert dict(head.headers) == dict(got.headers)
    assert int(head.headers["Content-Length"]) == len(got.data)


@on_sqlite
def test_its_headers_suit_every_client(app: Flask, lab: Cast) -> None:
    got = Visitor(app).get(feed(lab, title="私の Phone / 2"))
    assert got.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert got.headers["Content-Disposition"] == 'inline; filename="phone-2.ics"'
    assert got.headers["Cache-Control"] == "private, no-cache"
    assert got.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in got.headers
    assert "Location" not in got.headers


@on_sqlite
@pytest.mark.parametrize(
    "agent",
    ["Google-Calendar-Importer", "Thunderbird/128", "Evolution/3.52", "ICSx5/2.2", "iOS/18 dataaccessd/1.0", ""],
)
def test_every_client_is_served_whatever_it_says_of_itself(app: Flask, lab: Cast, agent: str) -> None:
    path = feed(lab)
    for accept in ({}, {"Accept": "text/calendar"}, {"Accept": "*/*", "Accept-Language": "xx;q=9"}):
        headers = {"User-Agent": agent, **accept}
        assert Visitor(app).get(path, headers=headers).status_code == 200


@on_sqlite
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "PROPFIND", "REPORT", "MKCALENDAR", "TRACE"])
def test_nobody_writes_through_it(app: Flask, lab: Cast, method: str) -> None:
    path = feed(lab)
    answer = Visitor(app).open(path, method=method, data=b"BEGIN:VCALENDAR", headers={"If-Match": '"x"'})
    assert answer.status_code == 405
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].replace(" ", "").split(","))
    assert path.split("/")[2] not in answer.text


@on_sqlite
def test_options_says_what_can_be_done(app: Flask, lab: Cast) -> None:
    answer = Visitor(app).open(feed(lab), method="OPTIONS")
    assert answer.status_code == 200
    assert "GET" in answer.headers["Allow"]


@on_sqlite
def test_an_unknown_link_is_404_and_a_revoked_one_410(app: Flask, lab: Cast) -> None:
    calendar, path = Visitor(app), feed(lab)
    token = path.split("/")[2]
    for wrong in ("x", token[:-1], token + "x", token.swapcase(), "é" * 20, "x" * 5000, "%00", "%ff"):
        answer = calendar.get(f"/feeds/{wrong}/a.ics")
        assert answer.status_code == 404, wrong
        assert "Set-Cookie" not in answer.headers
    other = feed(lab, title="Laptop")
    key = db.session.scalars(select(Feed.key).where(Feed.token_hash == token_hash(token))).one()
    service.revoke(lab.actor("hana"), key, now=NOW)
    gone = calendar.get(path)
    assert (gone.status_code, gone.headers["Content-Type"]) == (410, "text/plain; charset=utf-8")
    assert "Phone" not in gone.text
    assert fetched(calendar, path, "*").status_code == 410
    assert calendar.get(other).status_code == 200


@on_sqlite
def test_a_token_opens_one_feed_whatever_the_name_behind_it(app: Flask, lab: Cast) -> None:
    path = feed(lab)
    calendar = Visitor(app)
    assert calendar.get(path.replace("a.ics", "something-else.ics")).data == calendar.get(path).data
    assert calendar.get(path.replace("/a.ics", "")).status_code == 404


def test_only_a_hash_of_the_token_is_kept(app: Flask, lab: Cast) -> None:
    path = feed(lab)
    token = path.split("/")[2]
    assert len(token) >= 22
    Visitor(app).get(path)
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert not any(token in str(value) for value in row), table.name
    assert token not in Visitor(app).get(path).text


@on_sqlite
def test_two_feeds_have_tokens_without_likeness(app: Flask, lab: Cast) -> None:
    tokens = {feed(lab).split("/")[2] for _ in range(20)}
    assert len({token[:4] for token in tokens}) == len({token[-4:] for token in tokens}) == 20


@on_sqlite
def test_no_log_holds_the_token_even_when_it_breaks(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object, **kwargs: object) -> bytes:
        raise RuntimeError("broken")

    path = feed(lab)
    monkeypatch.setattr(answering, "calendar_of", broken)
    with caplog.at_level(logging.DEBUG):
        assert Visitor(app).get(path).status_code == 500
    assert "/feeds/" in caplog.text
    assert path.split("/")[2] not in caplog.text


@on_sqlite
def test_a_fetch_is_noted_hourly_and_never_in_the_way(
    app: Flask, lab: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar, path = Visitor(app), feed(lab)
    noted = []
    for minutes in (0, 30, 59, 61, 100, 122):
        clock.now = NOW + timedelta(minutes=minutes)
        assert calendar.get(path).status_code == 200
        db.session.remove()
        noted.append(db.session.scalars(select(Feed.fetched_at)).one())
    assert [(at - NOW).total_seconds() // 60 for at in noted if at] == [0, 0, 0, 61, 61, 122]


def test_a_fetch_does_not_wait_for_a_writer(app: Flask, lab: Cast) -> None:
    path, calendar = feed(lab), Visitor(app)
    db.session.remove()
    with db.engine.connect().execution_options(writes=True) as writer, writer.begin():
        writer.execute(text("UPDATE feed SET name = name"))
        before = time.monotonic()
        assert calendar.get(path).status_code == 200
        assert time.monotonic() - before < 2


# --- rights lost ------------------------------------------------------------------------------------------------------


@transactional
def close_account(lab: Cast, name: str) -> None:
    """Close an account."""
    db.session.execute(update(Person).where(Person.id == lab.people[name]).values(is_active=False))


@transactional
def end_agreement(lab: Cast, partner: str) -> None:
    """A partner's agreements ended yesterday."""
    ended = update(Agreement).where(Agreement.partner_id == lab.partners[partner])
    db.session.execute(ended.values(ends_on=date(2026, 11, 21)))


@transactional
def end_role(lab: Cast, name: str) -> None:
    """A person's roles ended yesterday."""
    db.session.execute(
        update(RoleGrant).where(RoleGrant.person_id == lab.people[name]).values(ends_on=date(2026, 11, 21))
    )


def test_a_closed_account_has_no_feeds_from_the_next_poll_on(app: Flask, lab: Cast) -> None:
    calendar, path = Visitor(app), feed(lab)
    etag = calendar.get(path).headers["ETag"]
    close_account(lab, "hana")
    assert fetched(calendar, path, etag).status_code == 410


def test_an_ended_agreement_ends_every_feed_at_the_next_poll(app: Flask, lab: Cast) -> None:
    hana, calendar = Visitor(app, "hana"), Visitor(app)
    hana.book("tsukuba-plain", *WANTED)
    paths = {
        "mine": feed(lab),
        "busy": feed(lab, detail=Detail.BUSY),
        "resource": feed(lab, "hana", Scope.RESOURCE, about="tsukuba-plain"),
    }
    seen = {name: calendar.get(path).headers["ETag"] for name, path in paths.items()}
    end_agreement(lab, "aoba")
    assert [fetched(calendar, path, seen[name]).status_code for name, path in paths.items()] == [410] * 3


@on_sqlite
def test_the_last_day_of_an_agreement_is_a_day_of_the_sites_calendar(app: Flask, lab: Cast, clock: Clock) -> None:
    path, calendar = feed(lab, "chika", Scope.RESOURCE, about="tsukuba-plain"), Visitor(app)
    clock.now = NOW.replace(year=2027, month=3, day=31, hour=14, minute=59)  # 23:59 in Tsukuba
    assert calendar.get(path).status_code == 200
    clock.now += timedelta(minutes=1)
    assert calendar.get(path).status_code == 410


@on_sqlite
def test_staff_who_leave_lose_the_sites_feed(app: Flask, lab: Cast) -> None:
    Visitor(app, "hana").book("tsukuba-plain", *WANTED)
    calendar = Visitor(app)
    path, resource = (
        feed(lab, "sora", Scope.SITE, about="tsukuba"),
        feed(lab, "sora", Scope.RESOURCE, about="tsukuba-plain"),
    )
    etag = calendar.get(path).headers["ETag"]
    end_role(lab, "sora")
    assert fetched(calendar, path, etag).status_code == 410
    assert calendar.get(resource).status_code == 410


@on_sqlite
def test_who_leaves_a_joint_project_sees_its_bookings_as_busy(app: Flask, lab: Cast) -> None:
    from sqlalchemy import delete

    from labbook.models import Project, ProjectPartner

    key = db.session.scalars(select(Project.key)).one()
    Visitor(app, "hana").book("tsukuba-plain", *WANTED, project=key, title="Joint")
    calendar, path = Visitor(app), feed(lab, "chika", Scope.RESOURCE, about="tsukuba-plain")
    first = calendar.get(path)
    assert entries(first)[0]["SUMMARY"].endswith("Joint")

    @transactional
    def leave() -> None:
        db.session.execute(delete(ProjectPartner).where(ProjectPartner.partner_id == lab.partners["cedar"]))

    leave()
    assert [one["SUMMARY"] for one in entries(fetched(calendar, path, first.headers["ETag"]))] == ["Busy"]


def test_busy_in_the_door_is_503_and_not_another_answer(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> bytes:
        raise BusyError

    path = feed(lab)
    monkeypatch.setattr(answering, "calendar_of", refuse)
    answer = Visitor(app).get(path)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
