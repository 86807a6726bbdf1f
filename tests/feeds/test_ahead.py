"""New feeds are put together by the worker, so that a calendar's first fetch is as quick as the others."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select, update

from labbook import worker
from labbook.core.feeds import Scope
from labbook.db import db, transactional
from labbook.models import BookingText, Feed
from tests.browsing import Visitor
from tests.cast import NOW, Cast
from tests.feeds.reading import entries, feed
from tests.feeds.test_door import end_agreement


def texts() -> int:
    return db.session.scalar(select(func.count()).select_from(BookingText)) or 0


def booked(app: Flask) -> None:
    Visitor(app, "hana").book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00")


def test_the_first_fetch_of_a_new_feed_makes_no_text(app: Flask, lab: Cast) -> None:
    booked(app)
    paths = [feed(lab), feed(lab, "hana", Scope.RESOURCE, about="tsukuba-plain")]
    worker.prepare_feeds(NOW)
    made = texts()
    assert made == 2  # the owner's words come first in their own, the place in the other
    assert [len(entries(Visitor(app).get(path))) for path in paths] == [1, 1]
    assert texts() == made
    assert worker.prepare_feeds(NOW) == 0


def test_what_another_renderer_made_is_made_anew(app: Flask, lab: Cast) -> None:
    booked(app)
    path = feed(lab)
    tag = Visitor(app).get(path).headers["ETag"]
    transactional(lambda: db.session.execute(update(Feed).values(known_state="all.00000000.1.1.1.0.0")))()
    assert worker.prepare_feeds(NOW) == 1
    assert Visitor(app).get(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_feed_that_nobody_may_follow_is_tried_once_and_judged_at_each_fetch(app: Flask, lab: Cast) -> None:
    path = feed(lab)
    end_agreement(lab, "aoba")
    assert [worker.prepare_feeds(NOW), worker.prepare_feeds(NOW)] == [1, 0]
    assert Visitor(app).get(path).status_code == 410
