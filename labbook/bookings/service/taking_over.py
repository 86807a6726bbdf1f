"""Taking over the dates of a calendar file: new ones are closed, others moved, and what it has no more is opened.

A newer file of the same calendar goes on with what was closed in one go before: no date is closed twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from ...catalogue.queries import site_by_slug
from ...core.closing import MOST_DATES, ClosureKind
from ...core.ical.events import Found
from ...core.language import in_its_language
from ...core.permissions import Actor
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Closure, Flag
from ..closed import Scope, bookings_under
from ..closings import closing_by_key, scope_of
from ..imported import Compared, compared, taken_over
from .closing_flags import flag_closed
from .closing_work import Done, OverError, Work, event_of, flags_on_list, require_closer, spelled
from .errors import StaleError
from .rebooking import Decision, lock_for
from .reopening import from_its_start, open_again, open_now


@dataclass(frozen=True, slots=True)
class Wanted:
    """A date of the file, and the version of the closure that it changes; 0 where it is new."""

    found: Found
    version: int = 0


@dataclass(frozen=True, slots=True)
class Intake:
    """What is to be taken over, as it was chosen: dates, and closures to open by their keys, with their versions."""

    batch: str  # the name of what is closed in one go, where the calendar was not read before
    place: str  # as `closings.scope_of` reads it
    kind: ClosureKind
    dates: tuple[Wanted, ...]
    gone: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """What has become of a file: how many dates are new, changed or opened again. None: it was taken over already."""

    done: Done
    new: int = 0
    changed: int = 0
    opened: int = 0


@transactional
def take_over(
    actor: Actor, site_slug: str, intake: Intake, decisions: Mapping[str, Decision], *, note: str = "", now: datetime
) -> Taken:
    """Close, move and open what was chosen, all of it or nothing; done twice, it is done once.

    Bookings under it are dealt with as by `close`, and each person is told once. Raises NotFoundError, ForbiddenError,
    OverError where all of it is over, StaleError when what is closed there has changed since the page was shown.
    """
    site = site_by_slug(actor, site_slug)
    scope = scope_of(site, intake.place)
    require_closer(actor, scope)
    take_locks([(Lock.SITE, site.id)])
    wanted = [one for one in intake.dates if one.found.time.end > now][:MOST_DATES]
    beside = compared(scope, [one.found for one in wanted], now)
    lost = _gone(scope, intake, beside, now)
    if not wanted and not lost:
        raise OverError
    _require_seen(beside, wanted)
    if not (beside.new or beside.changed or lost):
        return Taken(Done(beside.closing))
    waiting = _waiting(actor, [*(row for row, _ in beside.changed), *lost], now)
    before = [f"{row.starts_at.isoformat()}/{row.ends_at.isoformat()}" for row, _ in beside.changed]
    new = [_row(scope, intake, beside, one, now) for one in beside.new]
    changed = [_changed(row, one, now) for row, one in beside.changed]
    opened = spelled(lost)["dates"] if lost else []
    db.session.add_all(new)
    for row in lost:
        open_now(row, now)
    db.session.flush()
    rows = [*new, *changed, *lost]
    body = {**spelled([*new, *changed] or lost), "new": len(new), "changed": before, "opened": opened}
    event = event_of("closure-imported", rows, actor, now, body)
    work = Work(actor, rows, event, "changed" if changed or lost else "closed", now, note)
    again = open_again(waiting, event, now)
    flagged, anew = _flagged(actor, [*new, *changed], decisions, now)
    done = work.carry_out(flagged, anew, decisions, again)
    return Taken(_named(done, new, changed, beside), len(new), len(changed), len(lost))


def _gone(scope: Scope, intake: Intake, beside: Compared, now: datetime) -> list[Closure]:
    """What is to be opened; what somebody has opened already is not there any more."""
    met = {row.id for row, _ in beside.changed}
    rows = [one for one in taken_over(scope, now) if one.key in intake.gone and one.id not in met]
    if any(one.version != intake.gone[one.key] for one in rows):
        raise StaleError
    return rows


def _require_seen(beside: Compared, wanted: Iterable[Wanted]) -> None:
    """Raise StaleError where a date would change something else than was shown."""
    versions = {one.found.source: one.version for one in wanted}
    if any(row.version != versions[one.source] for row, one in beside.changed):
        raise StaleError
    if any(versions[one.source] for one in beside.new):
        raise StaleError


def _waiting(actor: Actor, rows: Sequence[Closure], now: datetime) -> list[tuple[Flag, Booking]]:
    """What is on the lists of what changes, before it does."""
    keys = sorted({one.closing for one in rows})
    found = [pair for key in keys for pair in flags_on_list(closing_by_key(actor, key), now)]
    return list({flag.id: (flag, booking) for flag, booking in found}.values())


def _row(scope: Scope, intake: Intake, beside: Compared, found: Found, now: datetime) -> Closure:
    return Closure(
        site_id=scope.site_id,
        area_id=scope.area_id,
        resource_id=scope.resource_id,
        unit_id=scope.unit_id,
        batch=beside.closing or intake.batch,
        kind=intake.kind,
        source=found.source,
        starts_at=found.time.start,
        ends_at=found.time.end,
        reason=in_its_language(found.name),
        made_at=now,
    )


def _changed(row: Closure, found: Found, now: datetime) -> Closure:
    """A closure as the file has it now. Words that staff have put into both languages stay while the title does."""
    time = from_its_start(found.time, row, now)
    row.starts_at, row.ends_at = time.start, time.end
    if found.name not in (row.reason.en, row.reason.ja):
        row.reason = in_its_language(found.name)
    row.version += 1
    row.made_at = now
    return row


def _flagged(
    actor: Actor, rows: Sequence[Closure], decisions: Mapping[str, Decision], now: datetime
) -> tuple[list[tuple[Flag, Booking]], set[int]]:
    """Suspend what lies under these closures, each for what was closed in one go with it."""

    def group(one: Closure) -> tuple[str, str]:
        return one.closing, str(one.kind)

    groups = [list(several) for _, several in groupby(sorted(rows, key=group), key=group)]
    under = [(one[0], bookings_under(Scope.of(one[0]), [row.time for row in one], now=now)) for one in groups]
    lock_for({one.id: one for _, several in under for one in several}.values(), decisions)
    found: dict[int, tuple[Flag, Booking]] = {}
    anew: set[int] = set()
    for first, several in under:
        flagged, new = flag_closed(several, first.closing, actor_id=actor.person_id, now=now)
        found.update((booking.id, (flag, booking)) for flag, booking in flagged)
        anew |= new
    return list(found.values()), anew


def _named(done: Done, new: Sequence[Closure], changed: Sequence[Closure], beside: Compared) -> Done:
    """Named by what is closed now; by nothing where all was opened."""
    key = next((one.closing for one in (*new, *changed)), beside.closing)
    return replace(done, key=key)
