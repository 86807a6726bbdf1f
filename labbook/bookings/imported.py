"""What a calendar file has beside what was taken over from that calendar before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ..core.ical.events import Found
from ..db import db
from ..models import Closure
from .closed import Scope


@dataclass(frozen=True, slots=True)
class Compared:
    """A file beside what is closed: what is new in it, has changed, stands there already, or is not in it any more.

    `closing` is what was closed in one go and goes on with this file; empty where nothing was taken from it before.
    """

    new: tuple[Found, ...]
    changed: tuple[tuple[Closure, Found], ...]
    same: tuple[Found, ...]
    gone: tuple[Closure, ...]
    closing: str


def taken_over(scope: Scope, now: datetime) -> list[Closure]:
    """What was read from calendar files, closes exactly this place and is not over, by start."""
    rows = db.session.scalars(
        select(Closure)
        .where(
            Closure.source.is_not(None),
            Closure.ends_at > now,
            Closure.site_id == scope.site_id,
            Closure.area_id.is_not_distinct_from(scope.area_id),
            Closure.resource_id.is_not_distinct_from(scope.resource_id),
            Closure.unit_id.is_not_distinct_from(scope.unit_id),
        )
        .order_by(Closure.starts_at, Closure.id)
        .execution_options(populate_existing=True)
    )
    return list(rows)


def compared(scope: Scope, found: Sequence[Found], now: datetime) -> Compared:
    """The dates of a file beside what this place is closed for. What has begun and is put off is new, and gone."""
    rows = taken_over(scope, now)
    known = {one.source: one for one in rows}
    new, changed, same, closings, met = [], [], [], Counter[str](), set()
    for one in found:
        row = known.get(one.source)
        if row is None or row.starts_at <= now < one.time.start:
            new.append(one)
            continue
        met.add(row.id)
        closings[row.closing] += 1
        if _says(row, one, now):
            same.append(one)
        else:
            changed.append((row, one))
    gone = [one for one in rows if one.id not in met and one.closing in closings]
    closing = closings.most_common(1)[0][0] if closings else ""
    return Compared(tuple(new), tuple(changed), tuple(same), tuple(gone), closing)


def _says(row: Closure, found: Found, now: datetime) -> bool:
    """Whether a closure is what the file says; what has begun keeps its start, and staff may have translated it."""
    begins = row.starts_at == found.time.start or row.starts_at <= now
    return begins and row.ends_at == found.time.end and found.name in (row.reason.en, row.reason.ja)
