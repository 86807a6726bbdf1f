"""Subscriptions, each a calendar behind a secret link, and the texts that calendars are put together from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import CodeType, UtcDateTime
from ..core.feeds import Detail, Scope
from ..db import Model
from .columns import Id, Key


class Feed(Model):
    """One subscription of one person. Only a hash of its token is kept."""

    __tablename__ = "feed"

    id: Mapped[Id]
    key: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    scope: Mapped[Scope] = mapped_column(CodeType(Scope))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    partner_id: Mapped[int | None]
    group_id: Mapped[int | None]
    area_id: Mapped[int | None]
    detail: Mapped[Detail] = mapped_column(CodeType(Detail))
    language: Mapped[str] = mapped_column(String(2))
    waiting: Mapped[bool] = mapped_column(default=True, server_default=true())  # what it takes in: core.feeds.Takes
    cancelled: Mapped[bool] = mapped_column(default=True, server_default=true())
    closures: Mapped[bool] = mapped_column(default=True, server_default=true())
    buffers: Mapped[bool] = mapped_column(default=False, server_default=false())
    expands: Mapped[bool] = mapped_column(default=False, server_default=false())
    history_days: Mapped[int] = mapped_column(default=30, server_default="30")
    alarm_minutes: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since when its present link is good
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    client: Mapped[str] = mapped_column(String(20), default="", server_default="")  # the kind that fetched it last
    # What was answered last, so that an unchanged feed costs one look-up: the state of everything that it rests on, its
    # entity tag, and until when rights and days stay as they were then.
    known_state: Mapped[str] = mapped_column(String(255), default="", server_default="")
    known_etag: Mapped[str] = mapped_column(String(64), default="", server_default="")
    known_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since when it answers so
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FormerLink(Model):
    """What a feed's token was until it got a new one: whoever still comes with it reads that it is gone for good."""

    __tablename__ = "former_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id"), index=True)


class BookingText(Model):
    """A booking as calendars get it: made once in each manner of writing, and anew when what it was made of changes."""

    __tablename__ = "booking_text"
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    manner: Mapped[str] = mapped_column(String(40), primary_key=True)  # core.ical.Manner, and by which renderer
    made_of: Mapped[int] = mapped_column(BigInteger)  # from the versions of all that stands in it
    tzid: Mapped[str | None] = mapped_column(String(40))  # the zone that it names
    text: Mapped[str] = mapped_column(Text)  # its components, lines ended with CRLF


class SeriesText(Model):
    """The same of a series: one text for all of its dates, empty when calendars show none of them."""

    __tablename__ = "series_text"
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    manner: Mapped[str] = mapped_column(String(40), primary_key=True)
    made_of: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when a cancelled date in it is no news any more
    tzid: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
