"""What screens are set up by: the resources that somebody keeps at hand, and the signs on the lab's walls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import UtcDateTime
from ..db import Model
from .columns import Id, Key


class Favourite(Model):
    """A resource that somebody wants to see first."""

    __tablename__ = "favourite"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True, index=True)


class Sign(Model):
    """A tablet on a wall or a door that shows an area or a resource to everybody who passes. Only a hash of its token
    is kept.
    """

    __tablename__ = "sign"

    id: Mapped[Id]
    key: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))  # exactly one of the two
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    language: Mapped[str] = mapped_column(String(2))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it last asked, to the hour
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
