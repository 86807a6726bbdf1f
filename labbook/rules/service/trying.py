"""Trying a limit before it is saved: what it would say of what is booked."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ...core.limits.applied import Applied
from ...core.limits.limit import Limit
from ...core.permissions import Actor, Do, Matter, require
from ..preview import Judged, seen_at
from ..queries import stands_at
from ..sets import set_by_key


class Trial(NamedTuple):
    """Which bookings do not keep a limit: those ahead, and those of the past month; and how many were looked at."""

    ahead: list[Judged]
    past: list[Judged]
    looked_at: int


def try_limit(actor: Actor, key: str, limit_id: str, limit: Limit, *, now: datetime) -> Trial:
    """Judge what is booked by a limit alone, as if it stood in the rule set. Raises NotFoundError, ForbiddenError."""
    found = set_by_key(actor, key)
    partner_id = found.partner.id if found.partner else None
    require(actor, Do.SET_RULES, Matter(found.site.id, partner_id))
    row = found.row
    about = frozenset(one.id for one in stands_at(found.site.id).values() if row.is_about(one))
    seen = seen_at(found.site, [Applied(limit, row.key, row.name, limit_id, about, row.bounds)], now)
    judged = seen.judge(Applied(limit, row.key, row.name, limit_id, about, row.bounds), partner_id)
    count = sum(partner_id in (None, one.partner_id) for one in seen.judgeable)
    return Trial([one for one in judged if one.is_ahead], [one for one in judged if not one.is_ahead], count)
