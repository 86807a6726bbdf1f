"""Whose looks at what is another partner's are recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...core.disclosure import BookingRow, Full, Relation, shown_to
from ...core.permissions import Actor
from ...web import now, preview
from .. import service

_LOGGED = (Relation.STAFF, Relation.DUTY)


def note_look(actor: Actor, found: Any, rows: Iterable[BookingRow]) -> bool:
    """Record the look that shows these bookings of a request, where one is recorded; False: it shows none of them."""
    shown = [one for row in rows if isinstance(one := shown_to(actor, row), Full)]
    if not shown:
        return False
    looker = preview.previewer() or (actor if shown[0].relation in _LOGGED else None)
    if looker is not None:
        service.note_look(looker, found, shown[0].relation, now=now())
    return True
