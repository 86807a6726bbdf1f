"""A lab whose bookings everybody can tell by one word, and subscribers who remember what they got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.core.feeds import Detail, Scope
from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Area, Partner, Project, Resource, ResourceGroup, ResourceGroupMember
from tests.browsing import Visitor
from tests.cast import NOW, Cast, add_resource, fresh_key
from tests.feeds.reading import feed

PLACES = ("Plate reader", "Sequencer", "Confocal", "Secret suite", "Microscope", "Oven")
TITLES = ("HanaPlain", "BenPlain", "BenAsked", "HanaJoint", "HanaSecret", "HanaScope", "BenScope", "ChikaPlain")
BOOKED = {  # who, what, from when on the day after tomorrow, for whom
    "HanaPlain": ("hana", "tsukuba-plain", 9, "aoba"),
    "BenPlain": ("ben", "tsukuba-plain", 12, "birch"),
    "ChikaPlain": ("chika", "tsukuba-plain", 15, "cedar"),
    "BenAsked": ("ben", "tsukuba-asked", 9, "birch"),
    "HanaJoint": ("hana", "tsukuba-confocal-1", 9, "aoba"),
    "HanaSecret": ("hana", "tsukuba-secret", 9, "aoba"),
    "HanaScope": ("hana", "cambridge-scope", 30, "aoba"),
    "BenScope": ("ben", "cambridge-scope", 34, "birch"),
}


def at(hours: float) -> datetime:
    """So many hours into Wednesday in Tsukuba."""
    return datetime(2026, 11, 24, 15, tzinfo=UTC) + timedelta(hours=hours)


def furnish(lab: Cast) -> None:
    """Bookings of three partners at both sites; one of them for a joint project; a group over both sites."""
    _group(lab)
    joint = db.session.scalars(select(Project.key)).one()
    for title, (who, where, hours, partner) in BOOKED.items():
        project = joint if title == "HanaJoint" else ""
        wanted = Ask(where, at(hours), at(hours + 1), lab.partners[partner], title, "", "", project)
        service.request(lab.actor(who), wanted, key=fresh_key(), now=NOW)


@transactional
def _group(lab: Cast) -> None:
    group = ResourceGroup(slug="several", name=Words("Several", "いくつか"))
    db.session.add(group)
    db.session.flush()
    members = ("tsukuba-plain", "tsukuba-secret", "cambridge-scope")
    chosen = db.session.scalars(select(Resource.id).where(Resource.slug.in_(members)))
    db.session.add_all(ResourceGroupMember(group_id=group.id, resource_id=one) for one in chosen)
    heat = Area(site_id=lab.sites["tsukuba"], slug="heat", name=Words("Heat", "熱"), position=2)
    db.session.add(heat)
    db.session.flush()
    oven = add_resource(lab.sites["tsukuba"], "tsukuba-oven", name=Words("Oven", "炉"))
    oven.area_id = heat.id


def partner_key(lab: Cast, name: str) -> str:
    """What a feed about a partner is asked for by."""
    db.session.remove()
    return db.session.scalars(select(Partner.key).where(Partner.id == lab.partners[name])).one()


@dataclass
class Subscriber:
    """A calendar that polls one feed."""

    app: Flask
    path: str
    etag: str = ""
    changed: str = ""

    @classmethod
    def of(
        cls, app: Flask, lab: Cast, who: str, scope: Scope, detail: Detail = Detail.FULL, about: str = ""
    ) -> Subscriber:
        """Somebody's new feed; `partner aoba` means that partner."""
        if scope is Scope.PARTNER:
            about = partner_key(lab, about)
        return cls(app, feed(lab, who, scope, detail, about=about))

    def poll(self, *, tags: bool = True, dates: bool = True) -> TestResponse:
        """As a client that remembers both validators, or only one of them."""
        asked = {"If-None-Match": self.etag} if tags and self.etag else {}
        if dates and self.changed:
            asked["If-Modified-Since"] = self.changed
        return Visitor(self.app).get(self.path, headers=asked)

    def polls(self) -> TestResponse:
        """The same, remembering what comes."""
        answer = self.poll()
        if answer.status_code == 200:
            self.etag, self.changed = answer.headers["ETag"], answer.headers["Last-Modified"]
        return answer

    def knows(self) -> frozenset[str]:
        """Fetch it and remember it; which words stand in it."""
        answer = self.polls()
        assert answer.status_code == 200, answer.text
        return words_in(answer)

    def whichever(self) -> TestResponse:
        """What comes for a client with the validators of before, whichever of them it sends: always the same."""
        answers = [self.poll(tags=tags, dates=dates) for tags, dates in ((True, True), (True, False), (False, True))]
        assert len({(one.status_code, one.data) for one in answers}) == 1, [one.status for one in answers]
        return answers[0]


def words_in(answer: TestResponse) -> frozenset[str]:
    """The names of places and of bookings in an answer."""
    text = answer.data.replace(b"\r\n ", b"").decode()
    return frozenset(word for word in (*PLACES, *TITLES) if word in text)
