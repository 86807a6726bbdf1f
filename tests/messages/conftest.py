"""A time that Hana of Aoba holds, and Ben of Birch who would like it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.db import db
from labbook.models import Resource, Thread, Unit
from tests.browsing import Visitor
from tests.cast import Cast

NEW = "/messages/new"
HELD = "2026-11-24T10:00"  # 09:45 to 11:15 with its buffers
WORDS = "Could we swap? I would take any hour after lunch."


def unit_key(slug: str) -> str:
    """The first unit of a resource."""
    db.session.remove()
    found = db.session.scalars(select(Unit.key).join(Resource).where(Resource.slug == slug).order_by(Unit.position))
    key = found.first()
    assert key is not None
    return key


@dataclass
class Ben:
    """Ben at his browser, who asks about times."""

    visitor: Visitor

    def ask(self, slug: str = "tsukuba-plain", wall: str = HELD, text: str = WORDS) -> TestResponse:
        """Follow the link of a busy bar, write, send."""
        page = self.visitor.get(NEW, query_string={"unit": unit_key(slug), "at": wall})
        if page.status_code != 200:
            return page
        return self.visitor.submit(page, NEW, text=text)


@pytest.fixture
def hana(app: Flask, lab: Cast) -> Visitor:
    """Hana, who has booked the plate reader from ten to eleven on Tuesday."""
    visitor = Visitor(app, "hana")
    assert visitor.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00").status_code == 303
    return visitor


@pytest.fixture
def ben(app: Flask, hana: Visitor) -> Ben:
    """Ben, when Hana has booked."""
    return Ben(Visitor(app, "ben"))


@pytest.fixture
def begun(ben: Ben) -> str:
    """The path of the thread that Ben has begun."""
    answer = ben.ask()
    assert answer.status_code == 303, answer.text
    path = answer.headers["Location"]
    assert re.fullmatch(r"/messages/[0-9a-f]{24}", path)
    return path


def threads() -> list[Thread]:
    """All threads, the oldest first."""
    db.session.remove()
    return list(db.session.scalars(select(Thread).order_by(Thread.id)))
