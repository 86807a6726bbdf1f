"""The reasons that a site gives often when it declines; each read is one statement."""

from __future__ import annotations

from sqlalchemy import select

from ...core.language import Words
from ...core.permissions import NotFoundError
from ...db import db
from ...models import CannedReason


def reasons_at(site_id: int) -> list[CannedReason]:
    """The list of a site, in its order."""
    found = select(CannedReason).where(CannedReason.site_id == site_id)
    return list(db.session.scalars(found.order_by(CannedReason.position, CannedReason.id)))


def reason_by_key(site_id: int, key: str) -> CannedReason:
    """One of them as it stands now. Raises NotFoundError."""
    found = select(CannedReason).where(CannedReason.site_id == site_id, CannedReason.key == key)
    reason = db.session.scalar(found.execution_options(populate_existing=True))
    if reason is None:
        raise NotFoundError
    return reason


def words_of_reason(site_id: int, key: str) -> Words | None:
    """The words of a reason that was chosen from the list; None where it is not on it, or not any more."""
    return db.session.scalar(select(CannedReason.words).where(CannedReason.site_id == site_id, CannedReason.key == key))
