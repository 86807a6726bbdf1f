"""Reads of letters, through the viewer's scope; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from ..core.language import Words
from ..core.permissions import Actor, Do, Matter, NotFoundError, may
from ..db import db
from ..models import Letter, Person, Site

PAGE = 50


class Fate(StrEnum):
    """What has become of a letter; stands in addresses."""

    SENT = "sent"
    WAITING = "waiting"
    UNDELIVERED = "undelivered"
    NOT_MAILED = "not-mailed"  # by its reader's choice: told in the daily letter, or on pages alone


class Line(NamedTuple):
    """A letter as a list shows it. What it says is not in here."""

    number: int
    key: str
    kind: str
    values: dict[str, Any]
    address: str
    language: str
    family_name: str | None
    given_name: str | None
    site_id: int | None
    site: Words | None
    zone: str | None
    way: str
    method: str  # of its calendar part
    made_at: datetime
    due_at: datetime
    sent_at: datetime | None
    given_up_at: datetime | None
    tries: int
    fault: str

    @property
    def fate(self) -> Fate | None:
        """What has become of it; None: it was taken back before it went out."""
        for fate, given in ((Fate.UNDELIVERED, self.is_undelivered), (Fate.NOT_MAILED, self.way != "now")):
            if given:
                return fate
        if self.sent_at is not None:
            return Fate.SENT
        return Fate.WAITING if self.given_up_at is None else None

    @property
    def is_undelivered(self) -> bool:
        """Whether it was given up because no server took it."""
        return self.sent_at is None and self.given_up_at is not None and self.fault != ""


_UNDELIVERED = and_(Letter.sent_at.is_(None), Letter.given_up_at.is_not(None), Letter.fault != "")

FATES: dict[Fate, ColumnElement[bool]] = {
    Fate.SENT: and_(Letter.sent_at.is_not(None), Letter.way == "now"),
    Fate.WAITING: and_(Letter.sent_at.is_(None), Letter.given_up_at.is_(None), Letter.way == "now"),
    Fate.UNDELIVERED: _UNDELIVERED,
    Fate.NOT_MAILED: Letter.way != "now",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are asked for; what is None or empty does not matter."""

    fate: Fate | None = None
    words: str = ""  # in the address, or in the reader's name


def letters(actor: Actor, wanted: Wanted, *, below: int | None = None, most: int = PAGE) -> list[Line]:
    """The newest letters, for whoever may see all of them, those with numbers below `below` only."""
    return _lines([_all_of_them(actor), *_wanted(wanted)], below, most)


def undelivered(actor: Actor, site_id: int | None = None, *, below: int | None = None, most: int = PAGE) -> list[Line]:
    """What could not be delivered: of the viewer's sites, or of one of them; administrators see the lab's own too."""
    of_site = [Letter.site_id == site_id] if site_id is not None else []
    return _lines([_UNDELIVERED, _theirs(actor), *of_site], below, most)


def undelivered_count(actor: Actor) -> int:
    """How many letters of the viewer's sites could not be delivered."""
    return db.session.scalar(select(func.count()).select_from(Letter).where(_UNDELIVERED, _theirs(actor))) or 0


def letter_by_key(actor: Actor, key: str) -> Letter:
    """A letter that the viewer may know of. Raises NotFoundError for any other."""
    found = db.session.scalars(select(Letter).where(Letter.key == key, _theirs(actor))).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def line_by_key(actor: Actor, key: str) -> Line:
    """The same as a line. Raises NotFoundError."""
    found = letter_by_key(actor, key)
    return _lines([Letter.id == found.id], None, 1)[0]


def refuses_since(person_id: int) -> datetime | None:
    """Since when the person's address takes no mail."""
    return db.session.scalar(select(Person.mail_refused_at).where(Person.id == person_id))


def _all_of_them(actor: Actor) -> ColumnElement[bool]:
    return true() if may(actor, Do.SEE_LETTERS, Matter()) else false()


def _theirs(actor: Actor) -> ColumnElement[bool]:
    """Letters whose failing is the viewer's business."""
    return or_(_all_of_them(actor), Letter.site_id.in_(sorted(actor.staffed_sites)))


def _wanted(wanted: Wanted) -> list[ColumnElement[bool]]:
    chosen = [FATES[wanted.fate]] if wanted.fate is not None else []
    if not wanted.words:
        return chosen
    names = (Person.family_name + " " + Person.given_name, Person.given_name + " " + Person.family_name)
    named = [column.icontains(wanted.words, autoescape=True) for column in (Letter.address, *names)]
    return [*chosen, or_(*named)]


def _lines(conditions: Sequence[ColumnElement[bool]], below: int | None, most: int) -> list[Line]:
    if below is not None:
        conditions = [*conditions, Letter.id < below]
    rows = db.session.execute(_told().where(*conditions).order_by(Letter.id.desc()).limit(most))
    return [Line(*row) for row in rows]


def _told() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Letter.id, Letter.key, Letter.kind, Letter.values, Letter.address, Letter.language),
            *(Person.family_name, Person.given_name, Letter.site_id, Site.name, Site.zone, Letter.way),
            *(
                Letter.method,
                Letter.made_at,
                Letter.due_at,
                Letter.sent_at,
                Letter.given_up_at,
                Letter.tries,
                Letter.fault,
            ),
        )
        .select_from(Letter)
        .outerjoin(Person, Person.id == Letter.person_id)
        .outerjoin(Site, Site.id == Letter.site_id)
    )
