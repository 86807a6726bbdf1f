"""Asking: for one booking, for several that belong together, or for all dates of a series."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ...catalogue.queries import resource_by_slug
from ...core.free import with_taken
from ...core.interval import Interval
from ...core.lifecycle import Action, State
from ...core.permissions import Actor, Do, Matter, require
from ...db import Lock, OverlapError, db, take_locks, transactional
from ...models import Booking, IdempotencyKey, Request, Resource, Site, Unit
from ...people.bookers import booker
from ...people.queries import project_for
from ..allocation import choose
from ..dates import Date, dates_of, wrong_repeat
from ..facts import Around, Whose, facts_for, window_around
from ..history import Step, settle
from ..neighbours import Place as Held
from ..neighbours import holds_just
from ..planning import Piece, Place, Plan, Planned
from ..wanted import Ask, Part
from .awaiting import await_decision
from .errors import KeyReusedError, RefusedError, TooManyOpenError, UnfitSetError, WrongRepeatError
from .matters import refusal, site_lock, spelled, unit_locks, units_for, worked
from .writing import Writing, options_of

MOST_OPEN = 10  # wishes of one person that wait, beyond which no exception is asked for
MOST_PARTS = 8
MOST_DATES = 60


def request(
    actor: Actor,
    ask: Ask,
    *,
    key: str,
    now: datetime,
    most_dates: int = MOST_DATES,
    first: Callable[[], Collection[Held]] | None = None,
) -> str:
    """Ask for bookings; approved at once where nothing needs a decision. Returns the request's key.

    The parts of a date are made together or not at all. Of a series the dates that are refused are skipped, and kept
    with their reasons; at least one must be possible. What loses a race is tried once more, on another unit where one
    is free. What is to be given up for it is given up `first`, under the same locks: that returns what was held of
    which unit. Raises NotFoundError, ForbiddenError, RefusedError (with all findings; a lost race among them, as
    `taken`), WrongRepeatError, UnfitSetError, KeyReusedError, TooManyOpenError, BusyError, UnknownOutcomeError.
    """
    for _ in range(2):
        try:
            return _request(actor, ask, key=key, now=now, most_dates=most_dates, first=first)
        except OverlapError:
            continue
    around, units = look(actor, ask, now=now)
    _, facts, verdict = choose(units, around)
    raise refusal(with_taken(verdict, facts), facts, around) from None


def look(actor: Actor, ask: Ask, *, now: datetime) -> tuple[Around, list[Unit]]:
    """The facts of an ask's first part without locks, for findings as one types.

    Raises NotFoundError, ForbiddenError.
    """
    stand = _stand(actor, ask.first)
    return facts_of(actor, ask, stand, now), stand.units


def look_ahead(actor: Actor, ask: Ask, *, now: datetime, most_dates: int = MOST_DATES) -> list[Planned]:
    """What would become of each date of an ask, without locks.

    Raises NotFoundError, ForbiddenError, WrongRepeatError, UnfitSetError.
    """
    stands = _stands(actor, ask)
    return _planned(actor, ask, stands, _dates(ask, stands[0].site, most_dates), now)


@dataclass(frozen=True, slots=True)
class Stand:
    """A part with its resource and the units that will do."""

    part: Part
    resource: Resource
    site: Site
    units: list[Unit]


def _stands(actor: Actor, ask: Ask) -> list[Stand]:
    """The parts of an ask. Raises NotFoundError; UnfitSetError when they do not fit together."""
    found = [_stand(actor, part) for part in ask.parts]
    _require_fit(found)
    return found


def _stand(actor: Actor, part: Part) -> Stand:
    resource, site = resource_by_slug(actor, part.resource)
    return Stand(part, resource, site, units_for(resource, part.unit))


def _require_fit(stands: Sequence[Stand]) -> None:
    if len(stands) > MOST_PARTS:
        raise UnfitSetError("too-many")
    if len({one.site.id for one in stands}) > 1:
        raise UnfitSetError("sites")
    for number, one in enumerate(stands):
        if one.part.units > len(one.units):
            raise UnfitSetError("units")
        same = (other.part for other in stands[:number] if other.part.unit and other.part.unit == one.part.unit)
        if any(other.time.overlaps(one.part.time) for other in same):
            raise UnfitSetError("clash")


def _dates(ask: Ask, site: Site, most: int) -> list[Date]:
    if (wrong := wrong_repeat(ask, site.zoneinfo, most=most)) is not None:
        raise WrongRepeatError(wrong)
    return dates_of(ask, site.zoneinfo, most=most)


@transactional
def _request(
    actor: Actor,
    ask: Ask,
    *,
    key: str,
    now: datetime,
    most_dates: int,
    first: Callable[[], Collection[Held]] | None,
) -> str:
    stands = _stands(actor, ask)
    site = stands[0].site
    person_id = for_whom(actor, ask, site.id, now)
    dates = _dates(ask, site, most_dates)
    at_site = site_lock(site.id, ask.partner_id)
    take_locks(
        [
            *at_site["wanted"],
            (Lock.AGREEMENT, ask.partner_id),
            (Lock.PERSON, person_id),
            *((Lock.UNIT, unit.id) for one in stands for unit in one.units),
            *unit_locks({one.resource.id for one in stands}, site.id),
        ],
        shared=[*at_site["shared"], *((Lock.AREA, one.resource.area_id) for one in stands)],
    )
    if (made := _made_before(actor, ask, key)) is not None:
        return made
    given_up = first() if first else ()
    planned = _planned(actor, ask, stands, dates, now)
    if not any(one.is_possible for one in planned):
        _require_exception(person_id, ask, planned)
    writing = Writing(actor, ask, site, now, person_id=person_id)
    bookings = writing.written(planned)
    db.session.add(
        IdempotencyKey(
            person_id=actor.person_id, key=key, digest=ask.digest, request_id=writing.request.id, made_at=now
        )
    )
    tell(actor, bookings, now, given_up=given_up)
    return writing.request.key


def tell(actor: Actor, bookings: Sequence[Booking], now: datetime, *, given_up: Collection[Held] = ()) -> None:
    """Write down that these bookings of a request were asked for, and who must hear of it.

    That is nobody who sees only that it is busy, where just that is held which was `given_up` for it.
    """
    steps = []
    for one in bookings:
        event = one.event(Action.ASK, actor_id=actor.person_id, now=now, **spelled(one), **worked(one))
        takes_over = bool(given_up) and holds_just(one, given_up)
        steps.append(Step(one, Action.ASK, event, one.holds_time, takes_over=takes_over))
    settle(steps, actor_id=actor.person_id, deciders=await_decision(bookings, now), now=now)


def _planned(actor: Actor, ask: Ask, stands: Sequence[Stand], dates: Sequence[Date], now: datetime) -> list[Planned]:
    """What would become of each date, the facts of each part read once for all of them."""
    places = []
    for number, one in enumerate(stands):
        times = [date.times[number] for date in dates if date.times]
        if not times:
            return [Planned(date, ()) for date in dates]
        zone, terms = one.site.zoneinfo, one.resource.terms
        first, last = (window_around(time, terms, zone) for time in (times[0], times[-1]))
        window = Interval(first.start, max(first.end, last.end))
        around = facts_of(actor, ask, one, now, time=times[0], window=window)
        places.append(Place(one.part, one.resource, one.units, around))
    return Plan(places, moves=ask.moves).of(dates)


def facts_of(
    actor: Actor,
    ask: Ask,
    stand: Stand,
    now: datetime,
    *,
    time: Interval | None = None,
    window: Interval | None = None,
) -> Around:
    """What is asked for, on some units of a resource."""
    person_id = for_whom(actor, ask, stand.site.id, now)
    whose, units = whose_of(actor, ask, stand.part, person_id), [one.id for one in stand.units]
    wanted = time or stand.part.time
    return facts_for(stand.resource, stand.site, wanted, whose=whose, units=units, now=now, window=window)


def for_whom(actor: Actor, ask: Ask, site_id: int, now: datetime) -> int:
    """Whom an ask is for: whoever asks, or somebody of the partner for whom they may. Raises as `look` does."""
    person_id = whom(actor, ask, now)
    if not ask.for_person:
        require(actor, Do.REQUEST_BOOKING, Matter(site_id, ask.partner_id))
        return person_id
    do = Do.REQUEST_BOOKING if person_id == actor.person_id else Do.BOOK_FOR_ANOTHER
    require(actor, do, Matter(site_id, ask.partner_id, frozenset({person_id})))
    return person_id


def whom(actor: Actor, ask: Ask, now: datetime) -> int:
    """The same where it is known already that they may. Raises NotFoundError."""
    return booker(ask.partner_id, ask.for_person, now).id if ask.for_person else actor.person_id


def whose_of(actor: Actor, ask: Ask, part: Part, person_id: int) -> Whose:
    """For whom an ask's part is, and what of it the rules look at besides its time."""
    project = project_for(ask.project, ask.partner_id) if ask.project else None
    return Whose(
        person_id,
        ask.partner_id,
        person_id != actor.person_id or ask.partner_id in actor.partner_ids,
        asks_anew=True,
        project_id=project.id if project else None,
        mode=part.mode,
        biosafety=part.biosafety,
        options=tuple(options_of(part, ask.partner_id)),
    )


def _require_exception(person_id: int, ask: Ask, planned: Sequence[Planned]) -> None:
    """What is refused goes on only as an exception: asked for as one, with a purpose, and waivable in all.

    It holds nothing, but each is a letter to those who decide: so many of one person wait at a time, and no more.
    Raises RefusedError, TooManyOpenError, WrongRepeatError.
    """
    first = next((one for one in planned if one.pieces), None)
    if first is None:
        raise WrongRepeatError(None)
    if not (ask.is_exception and ask.repeat is None and ask.purpose.strip() and first.is_waivable):
        raise _refusal(first.refused[0])
    wishes = select(func.count()).where(Booking.person_id == person_id, Booking.state == State.WISHED)
    if (db.session.scalar(wishes) or 0) >= MOST_OPEN:
        raise TooManyOpenError


def _refusal(piece: Piece) -> RefusedError:
    return RefusedError(piece.verdict, piece.facts, piece.window)


def _made_before(actor: Actor, ask: Ask, key: str) -> str | None:
    row = db.session.get(IdempotencyKey, (actor.person_id, key))
    if row is None:
        return None
    made = db.session.get_one(Request, row.request_id)
    if row.digest != ask.digest:
        raise KeyReusedError(made.key)
    return made.key
