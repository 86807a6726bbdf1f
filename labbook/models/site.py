"""Places: sites, their areas, when they are open and when they are shut."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, true
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import CodeType, UtcDateTime, WordsType
from ..core.closing import ClosureKind
from ..core.facts import Shut
from ..core.hours import Opening
from ..core.interval import Interval
from ..core.language import Words
from ..db import Model
from .columns import Counter, Id, Key, SiteId, Version


class Site(Model):
    """A place with a zone, hours and staff."""

    __tablename__ = "site"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Words] = mapped_column(WordsType)
    description: Mapped[Words] = mapped_column(WordsType, default=Words())
    address: Mapped[Words] = mapped_column(WordsType, default=Words())
    zone: Mapped[str] = mapped_column(String(40))  # IANA name
    country: Mapped[str] = mapped_column(String(2))  # for public holidays
    subdivision: Mapped[str] = mapped_column(String(10), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    merges_busy: Mapped[bool] = mapped_column(default=True, server_default=true())  # busy times that touch are one
    free_busy: Mapped[bool] = mapped_column(default=False, server_default=false())  # is told to whoever asks
    first_weekday: Mapped[int] = mapped_column(default=0, server_default="0")  # of its weeks; Monday is 0
    places: Mapped[Counter]  # raised by triggers when feeds may be of other resources here, or show them otherwise

    @property
    def zoneinfo(self) -> ZoneInfo:
        """The zone in which this site lives."""
        return ZoneInfo(self.zone)

    @property
    def geo(self) -> tuple[float, float] | None:
        """Latitude and longitude, where both are known."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


class Area(Model):
    """A lab room or zone within a site."""

    __tablename__ = "area"
    __table_args__ = (Index("uq_area_site_id_slug", "site_id", "slug", unique=True),)

    id: Mapped[Id]
    site_id: Mapped[SiteId]
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[Words] = mapped_column(WordsType)
    description: Mapped[Words] = mapped_column(WordsType, default=Words())
    biosafety: Mapped[int] = mapped_column(default=0)  # containment level; 0 where it does not matter
    position: Mapped[int] = mapped_column(default=0)


class Hours(StrEnum):
    """What a row of opening hours says. Stored; never rename."""

    OPEN = "open"
    STAFFED = "staffed"  # staff are there; shown, not enforced


class OpeningRow(Model):
    """Weekly hours of a site, or of one area or one resource, which then count instead of the wider ones."""

    __tablename__ = "opening"
    __table_args__ = (
        CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name="opens_before_closes"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    )

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    kind: Mapped[Hours] = mapped_column(CodeType(Hours), default=Hours.OPEN)
    weekday: Mapped[int]  # Monday is 0
    opens: Mapped[int]  # minutes of the wall clock
    closes: Mapped[int]  # up to 1440

    @property
    def opening(self) -> Opening:
        """The row as the core knows it."""
        return Opening(self.weekday, self.opens, self.closes)


class Closure(Model):
    """A time in which a site, one of its areas, one resource or one unit of it is shut."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        Index("ix_closure_site_id_ends_at", "site_id", "ends_at"),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    site_id: Mapped[SiteId]
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    unit_id: Mapped[int | None]
    batch: Mapped[str | None] = mapped_column(String(24), index=True)  # what was closed in one go: its dates
    kind: Mapped[ClosureKind] = mapped_column(CodeType(ClosureKind), default=ClosureKind.CLOSURE)
    source: Mapped[str | None] = mapped_column(String(64), index=True)  # the event of a file that it was read from
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[Words] = mapped_column(WordsType)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # or changed: its stamp in calendars
    version: Mapped[Version]

    @property
    def time(self) -> Interval:
        """From its start to its end."""
        return Interval(self.starts_at, self.ends_at)

    @property
    def shut(self) -> Shut:
        """The same as the rules know it."""
        return Shut(self.time, self.reason, self.unit_id, self.kind is ClosureKind.HOLIDAY)

    @property
    def closing(self) -> str:
        """The name of what was closed in one go, in addresses."""
        return self.batch or self.key
