"""What a feed holds: its bytes, as its owner may see them now (RFC 5545)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_

from ...bookings.queries import sees_booking
from ...bookings.scheduled import rows_of_changes
from ...catalogue.queries import places
from ...core.disclosure import BookingRow
from ...core.feeds import Detail, Scope
from ...core.ical import Component, Language, Manner, Rendered, booking_text, put_together, rendered
from ...core.interval import Interval, local_day
from ...core.lifecycle import OPEN, OVER, USED
from ...core.permissions import Actor
from ...models import Booking, Feed
from . import blocks
from .shelf import Shelf
from .shut import closed_entries
from .subject import Subject, takes_of
from .texts import Writing, news_since, standing, texts

AHEAD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Base:
    """What all feeds of an installation share: where its pages are, and the secret of its busy entries."""

    url: str
    secret: bytes


def calendar_of(feed: Feed, subject: Subject, owner: Actor, base: Base, now: datetime, shelf: Shelf) -> bytes:
    """The feed's bytes; texts that had to be made are put on the shelf.

    It cannot record who looked: those who see by duty alone get busy times.
    """
    holding = _Holding(feed, subject, replace(owner, lab=frozenset()), base, now)
    name, language = feed.name, holding.language
    parts = [*holding.bookings(shelf), *holding.busy(), *holding.closures()]
    page = base.url + subject.page
    return put_together(name, parts, zone=subject.zone, language=language, color=subject.color, url=page)


class _Holding:
    """Puts the parts of one feed together."""

    def __init__(self, feed: Feed, subject: Subject, reader: Actor, base: Base, now: datetime) -> None:
        self.scope, self.detail, self.takes = feed.scope, feed.detail, takes_of(feed)
        self.language: Language = "ja" if feed.language == "ja" else "en"
        self.subject, self.reader, self.base, self.now = subject, reader, base, now
        self.sees = sees_booking(reader)
        self.window = _window(subject.zone, self.takes.history_days, now)
        self.beside = blocks.Times([], [])
        if subject.is_of_places and self.detail is Detail.FULL:
            self.beside = blocks.times_beside(subject, reader, self.window, self.sees)

    @property
    def manner(self) -> Manner:
        """How its bookings are written."""
        takes = self.takes
        is_staff = bool(self.subject.site_ids) and self.subject.site_ids <= self.reader.staffed_sites
        return Manner(
            self.language,
            is_own=self.scope is Scope.MINE,
            alarm_minutes=takes.alarm_minutes if self.scope is Scope.MINE else None,
            buffers=takes.buffers and is_staff,
            waiting=takes.waiting,
            cancelled=takes.cancelled,
            keeps_place=self.subject.is_of_places,
        )

    def bookings(self, shelf: Shelf) -> list[Component]:
        """What the owner may read."""
        if self.detail is Detail.BUSY:
            return []
        singly = self.takes.expands or self.scope is Scope.WAITING
        writing = Writing(self.manner, self.base.url, self.now, shelf, singly)
        found = texts(writing, self.subject.bookings, self.sees, *self._in_feed())
        rows = [row for row in self.beside.full if self.takes.waiting or row.state not in OPEN]
        if self.subject.changed:
            rows += rows_of_changes(self.window, Booking.id.in_(self.subject.changed))
        return [*found, *self._written(rows)]

    def _in_feed(self) -> tuple[ColumnElement[bool], ...]:
        """When a booking is in the feed: within its window; cancelled and the like only while that is news."""
        ended = sorted(OVER - USED)
        news = Booking.changed_at > news_since(self.now) if self.takes.cancelled else false()
        wanted = [Booking.ends_at > self.window.start, Booking.starts_at < self.window.end]
        if not self.takes.waiting:
            wanted.append(Booking.state.not_in(sorted(OPEN)))
        return (*wanted, or_(Booking.state.not_in(ended), news))

    def _written(self, rows: list[BookingRow]) -> list[Rendered]:
        """The few that are made anew each time: offers, what is held besides, changes that wait."""
        where = places(row.unit_id for row in rows) if rows else {}
        return [booking_text(standing(row), where[row.unit_id], self.manner, self.base.url) for row in rows]

    def busy(self) -> list[Rendered]:
        """What they may not, or did not want to."""
        if self.detail is Detail.FULL:
            busy = self.beside.busy
        elif self.subject.is_of_places:
            busy = blocks.all_held(self.subject, self.window)
        else:
            busy = blocks.held_by(and_(self.subject.bookings, self.sees), self.window)
        if not busy:
            return []
        merges, secret = self.subject.merges_busy, self.base.secret
        return blocks.written(busy, merges=merges, window=self.window, secret=secret, language=self.language)

    def closures(self) -> list[Rendered]:
        """When what it is about is closed."""
        if not (self.takes.closures and self.subject.is_of_places):
            return []
        return [rendered(one) for one in closed_entries(self.subject.resource_ids, self.window, self.language)]


def _window(zone: str, history_days: int, now: datetime) -> Interval:
    """From so many days back to 400 days ahead, from midnight to midnight, so that it moves once a day."""
    clock = ZoneInfo(zone)
    today = now.astimezone(clock).date()
    first = local_day(today - timedelta(days=history_days), clock)
    return Interval(first.start, local_day(today + AHEAD, clock).end)
