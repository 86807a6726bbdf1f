"""What the people of the demo lab have starred: what they book most."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import func, select

from ..db import db, transactional
from ..models import Booking, Favourite

MOST = 4


@transactional
def star() -> None:
    """Let everybody who books star what they book most; once, so that nobody's own choice is undone."""
    if db.session.scalar(select(func.count()).select_from(Favourite)):
        return
    booked: dict[int, Counter[int]] = defaultdict(Counter)
    rows = db.session.execute(
        select(Booking.person_id, Booking.resource_id, func.count(Booking.id))
        .group_by(Booking.person_id, Booking.resource_id)
        .order_by(Booking.person_id, Booking.resource_id)
    )
    for person_id, resource_id, count in rows:
        booked[person_id][resource_id] = count
    for person_id, counts in booked.items():
        db.session.add_all(Favourite(person_id=person_id, resource_id=one) for one, _ in counts.most_common(MOST))
