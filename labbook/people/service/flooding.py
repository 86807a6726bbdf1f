"""How many letters to strangers a partner's people may cause in a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from ...db import db
from ...models import Event

# The agreement's places count only who is there or invited now: inviting, revoking and inviting others would go on for
# ever. A large group comes in within a day or two; nobody needs more, and the lab's name stands on every letter.
MOST_A_DAY = 50
_SENDS = ("invitation-sent", "invitation-resent")


class EnoughTodayError(Exception):
    """As many invitations as one partner may send in a day have been sent."""

    def __init__(self) -> None:
        super().__init__("enough for today")
        self.most = MOST_A_DAY


def refuse_more(partner_id: int, now: datetime) -> None:
    """Raise EnoughTodayError when the partner's invitations of the last day are as many as may be."""
    sent = select(func.count(Event.id)).where(
        Event.partner_id == partner_id, Event.code.in_(_SENDS), Event.at > now - timedelta(days=1)
    )
    if (db.session.scalar(sent) or 0) >= MOST_A_DAY:
        raise EnoughTodayError
