"""Reads of the trail; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from ..column_types import UtcDateTime
from ..core.happenings import OF_PARTNERS, codes_of
from ..core.language import Words
from ..core.lifecycle import State
from ..core.permissions import Actor, NotFoundError
from ..core.searching import by_reading
from ..db import db
from ..models import Agreement, Booking, Event, EventDetail, Partner, Person, Request, Sealed, Site

PAGE = 50
AT_ONCE = 2000  # of an export

_about = aliased(Person)


class Happening(NamedTuple):
    """One event with the names that stand in it. Never leaves for a page as it is: the trail's pages choose from it."""

    number: int
    at: datetime
    code: str
    state: str | None
    subject: str
    actor_id: int | None
    actor_key: str | None
    family_name: str | None
    given_name: str | None
    about_key: str | None
    about_family_name: str | None
    about_given_name: str | None
    partner: Words | None
    site: Words | None
    zone: str | None
    request_key: str | None
    title: str | None
    body: dict[str, Any] | None
    erased_at: datetime | None
    seal: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the trail is asked for; everything that is None, or empty, does not matter."""

    site_id: int | None = None
    partner_id: int | None = None
    person_id: int | None = None
    codes: Sequence[str] = ()
    since: datetime | None = None
    before: datetime | None = None


def _trail() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Event.id, Event.at, Event.code, Event.state, Event.subject, Event.actor_id),
            *(Person.key, Person.family_name, Person.given_name),
            *(_about.key, _about.family_name, _about.given_name),
            *(Partner.name, Site.name, Site.zone, Request.key, Request.title),
            *(EventDetail.body, EventDetail.erased_at, Sealed.seal_id),
        )
        .select_from(Event)
        .outerjoin(EventDetail, EventDetail.event_id == Event.id)
        .outerjoin(Sealed, Sealed.event_id == Event.id)
        .outerjoin(Person, Person.id == Event.actor_id)
        .outerjoin(_about, and_(Event.subject == "person", _about.id == Event.subject_id))
        .outerjoin(Partner, Partner.id == Event.partner_id)
        .outerjoin(Site, Site.id == Event.site_id)
        .outerjoin(Request, Request.id == Event.request_id)
    )


# --- the trail of the whole lab ---------------------------------------------------------------------------------------


def trail(wanted: Wanted, *, below: int | None = None, most: int = PAGE) -> list[Happening]:
    """The newest events that are wanted, those with numbers below `below` only."""
    conditions = [*_wanted(wanted), *([Event.id < below] if below is not None else [])]
    rows = db.session.execute(_trail().where(*conditions).order_by(Event.id.desc()).limit(most))
    return [Happening(*row) for row in rows]


def whole_trail(wanted: Wanted) -> Iterator[Happening]:
    """All events that are wanted, newest first, read in parts."""
    below: int | None = None
    while rows := trail(wanted, below=below, most=AT_ONCE):
        yield from rows
        below = rows[-1].number


def _wanted(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.site_id is not None:
        yield Event.site_id == wanted.site_id
    if wanted.partner_id is not None:
        yield Event.partner_id == wanted.partner_id
    if wanted.person_id is not None:
        about = and_(Event.subject == "person", Event.subject_id == wanted.person_id)
        yield or_(Event.actor_id == wanted.person_id, about)
    if wanted.codes:
        yield Event.code.in_(wanted.codes)
    if wanted.since is not None:
        yield Event.at >= wanted.since
    if wanted.before is not None:
        yield Event.at < wanted.before


# --- the trail of one partner -----------------------------------------------------------------------------------------


class _Instant(FunctionElement[datetime]):
    """An instant that a detail holds as text, to be compared with columns."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(_Instant)
def _instant(element: _Instant, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS TIMESTAMP WITH TIME ZONE)"


@compiles(_Instant, "sqlite")
def _instant_of_sqlite(element: _Instant, compiler: SQLCompiler, **options: Any) -> str:
    return f"strftime('%Y-%m-%d %H:%M:%f000', {compiler.process(element.clauses, **options)})"


_GONE = (State.DECLINED, State.WITHDRAWN, State.CANCELLED, State.EXPIRED)


def _of_partner(partner_id: int) -> ColumnElement[bool]:
    """Who saw or changed the partner's bookings: what is recorded as the partner's, and looks at a schedule that had
    bookings of the partner on it when it was looked at."""
    shown = exists().where(
        Booking.request_id == Request.id,
        Request.partner_id == partner_id,
        Booking.site_id == Event.site_id,
        Booking.created_at <= Event.at,
        Booking.ends_at > _Instant(EventDetail.body["from"].as_string()),
        Booking.starts_at < _Instant(EventDetail.body["to"].as_string()),
        or_(Booking.state.not_in(_GONE), Booking.changed_at > Event.at),
    )
    own = and_(Event.partner_id == partner_id, Event.code.in_(codes_of(*OF_PARTNERS)))
    looks = and_(Event.code == "schedule-looked-at", Event.partner_id.is_(None), shown.correlate(Event, EventDetail))
    return or_(own, looks)


def partner_trail(
    partner_id: int, *, until: datetime | None = None, skip: int = 0, most: int = PAGE
) -> list[Happening]:
    """The newest events of a partner's trail at or before an instant, but for the first `skip` of that instant.

    The instant and not a number leads on: numbers would count everybody's events.
    """
    conditions = [_of_partner(partner_id), *([Event.at <= until] if until is not None else [])]
    newest = _trail().where(*conditions).order_by(Event.at.desc(), Event.id.desc())
    return [Happening(*row) for row in db.session.execute(newest.offset(skip).limit(most))]


def whole_partner_trail(partner_id: int) -> Iterator[Happening]:
    """All of a partner's trail, newest first, read in parts."""
    until, skip = None, 0
    while rows := partner_trail(partner_id, until=until, skip=skip, most=AT_ONCE):
        yield from rows
        until, skip = onward(rows, until, skip)


def onward(rows: Sequence[Happening], until: datetime | None, skip: int) -> tuple[datetime, int]:
    """From where the next part goes on after `rows`, which began at `until` and `skip`."""
    last = rows[-1].at
    same = sum(1 for row in rows if row.at == last)
    return last, same + (skip if last == until else 0)


def partner_by_key(viewer: Actor, key: str) -> Partner:
    """A partner of which the viewer may know: their own, one of their sites', or any for the lab. Or NotFoundError."""
    ways: list[ColumnElement[bool]] = [Partner.id.in_(viewer.partner_ids)]
    if viewer.staffed_sites:
        here = and_(Agreement.partner_id == Partner.id, Agreement.site_id.in_(viewer.staffed_sites))
        ways.append(exists().where(here))
    known = [] if viewer.looks_at_everything else [or_(*ways)]
    found = db.session.scalar(select(Partner).where(Partner.key == key, *known))
    if found is None:
        raise NotFoundError
    return found


# --- what can be chosen -----------------------------------------------------------------------------------------------


def sites() -> list[Any]:
    """Every site: id, slug and name."""
    return list(db.session.execute(select(Site.id, Site.slug, Site.name).order_by(Site.id)))


def partners() -> list[Any]:
    """Every partner: id, key and name."""
    return list(db.session.execute(select(Partner.id, Partner.key, Partner.name).order_by(Partner.id)))


def people() -> list[Any]:
    """Everybody: id, key, family and given name and reading, by reading."""
    named = select(Person.id, Person.key, Person.family_name, Person.given_name, Person.reading)
    return sorted(db.session.execute(named), key=lambda one: (by_reading(one), one.id))


def partners_of(partner_ids: Iterable[int]) -> list[Partner]:
    """Partners by their ids."""
    return list(db.session.scalars(select(Partner).where(Partner.id.in_(list(partner_ids))).order_by(Partner.id)))
