"""What can be booked, in how many units, on which terms, and who may."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, event, false
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import AmountType, CodeType, WordsType
from ..core.amount import Amount
from ..core.hours import Cover
from ..core.language import Words
from ..core.links import LinkKind
from ..core.searching import search_text
from ..core.terms import Asks, ResourceKind, Terms
from ..core.work import Mode, modes_of
from ..db import Model
from .columns import AreaId, Counter, Id, Key, Version


class Resource(Model):
    """What can be booked. Its slug is unique over all sites."""

    __tablename__ = "resource"
    __table_args__ = (Index("ix_resource_site_id_position", "site_id", "position"),)

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    area_id: Mapped[AreaId]
    kind: Mapped[ResourceKind] = mapped_column(CodeType(ResourceKind))
    icon: Mapped[str] = mapped_column(String(20), default="flask")
    name: Mapped[Words] = mapped_column(WordsType)
    model: Mapped[str] = mapped_column(String(80), default="")  # the maker's
    description: Mapped[Words] = mapped_column(WordsType, default=Words())
    note: Mapped[Words] = mapped_column(WordsType, default=Words())
    tags: Mapped[Words] = mapped_column(WordsType, default=Words(), server_default="\x1f")  # with commas between them
    search_text: Mapped[str] = mapped_column(default="")  # written below, and nowhere else
    position: Mapped[int] = mapped_column(default=0)

    slot: Mapped[Amount] = mapped_column(AmountType)
    shortest: Mapped[Amount] = mapped_column(AmountType)
    longest: Mapped[Amount] = mapped_column(AmountType)
    buffer_before: Mapped[Amount] = mapped_column(AmountType)
    buffer_after: Mapped[Amount] = mapped_column(AmountType)
    notice: Mapped[Amount] = mapped_column(AmountType)
    horizon: Mapped[Amount] = mapped_column(AmountType)
    cover: Mapped[Cover] = mapped_column(CodeType(Cover), default=Cover.ALL)
    asks: Mapped[Asks] = mapped_column(CodeType(Asks), default=Asks.NEVER)
    holds_on_request: Mapped[bool] = mapped_column(default=True)
    by_day: Mapped[bool] = mapped_column(default=False)
    shares_buffers: Mapped[bool] = mapped_column(default=False, server_default=false())  # of one person's neighbours
    decide_hours: Mapped[int] = mapped_column(default=16, server_default="16")  # working hours in which staff decide
    at_deadline: Mapped[str] = mapped_column(String(10), default="stay", server_default="stay")  # or approve, decline
    two_steps: Mapped[bool] = mapped_column(default=False, server_default=false())  # safety decides first, then the lab
    biosafety: Mapped[int | None]  # the samples' highest level; none: its area's
    modes: Mapped[list[dict[str, str]] | None] = mapped_column(JSON)  # kinds of work to choose from: slug, en, ja
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # published conditions that people read

    is_hidden: Mapped[bool] = mapped_column(default=False)  # from every partner without a row in resource_partner
    is_active: Mapped[bool] = mapped_column(default=True)
    full_revision: Mapped[Counter]
    busy_revision: Mapped[Counter]
    words: Mapped[Counter]  # raised by triggers when calendars call it, its units or its site otherwise
    version: Mapped[Version]

    @property
    def kinds_of_work(self) -> tuple[Mode, ...]:
        """What to choose from when one books; none: no choice is asked for."""
        return modes_of(self.modes)

    @property
    def terms(self) -> Terms:
        """The conditions as the core knows them."""
        return Terms(
            self.slot,
            self.shortest,
            self.longest,
            self.buffer_before,
            self.buffer_after,
            self.notice,
            self.horizon,
            self.cover,
            self.asks,
            self.holds_on_request,
            self.by_day,
            self.shares_buffers,
        )


@event.listens_for(Resource, "before_insert")
@event.listens_for(Resource, "before_update")
def _find_by_what_it_says(mapper: Any, connection: Any, one: Resource) -> None:
    """Whatever changes of a resource, it is found by what it says now."""
    one.search_text = search_text(one.kind, one.name, one.model or "", one.slug, one.tags or Words())


class Unit(Model):
    """One of the alike pieces of a resource."""

    __tablename__ = "unit"
    __table_args__ = (Index("uq_unit_resource_id_name", "resource_id", "name", unique=True),)

    id: Mapped[Id]
    key: Mapped[Key]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    name: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)


class ResourceLink(Model):
    """What else is held with a booking of a resource."""

    __tablename__ = "resource_link"
    __table_args__ = (CheckConstraint("pieces > 0", name="pieces"),)

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True, index=True)
    kind: Mapped[LinkKind] = mapped_column(CodeType(LinkKind))
    pieces: Mapped[int] = mapped_column(default=1, server_default="1")  # units of the other one; of no matter: contains


class ResourceTraining(Model):
    """A training that the resource demands."""

    __tablename__ = "resource_training"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id"), primary_key=True)


class ResourcePartner(Model):
    """A partner that a hidden resource is shown to."""

    __tablename__ = "resource_partner"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)


class AreaApprover(Model):
    """A person who decides on requests for everything in this area that names no approver of its own."""

    __tablename__ = "area_approver"

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    for_safety: Mapped[bool] = mapped_column(default=False, server_default=false())  # in the first of two steps


class ResourceApprover(Model):
    """A person who decides on requests for this resource, instead of the site's staff."""

    __tablename__ = "resource_approver"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    for_safety: Mapped[bool] = mapped_column(default=False, server_default=false())  # in the first of two steps
