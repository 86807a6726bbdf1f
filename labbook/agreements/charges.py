"""What a partner owes a site by its rules, month by month."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ..core.language import Words
from ..core.money import Money, summed
from ..db import db
from ..models import Booking, Charge, Resource

MOST = 500  # the newest


class ChargeRow(NamedTuple):
    """One charge: when it was made, for what, how much, and on which resource."""

    made_at: datetime
    code: str
    amount: int
    currency: str
    resource: Words

    @property
    def money(self) -> Money:
        """How much."""
        return Money(self.amount, self.currency)


class Month(NamedTuple):
    """The charges of one month at the site, with a sum for each currency."""

    first_on: date
    sums: tuple[Money, ...]
    rows: list[ChargeRow]


def charges_of(partner_id: int, site_id: int) -> list[ChargeRow]:
    """What a partner has been charged at a site, the newest first; one statement."""
    rows = db.session.execute(
        select(Charge.made_at, Charge.code, Charge.amount, Charge.currency, Resource.name)
        .join(Booking, Booking.id == Charge.booking_id)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(Charge.partner_id == partner_id, Charge.site_id == site_id)
        .order_by(Charge.made_at.desc(), Charge.id.desc())
        .limit(MOST)
    )
    return [ChargeRow(*row) for row in rows]


def by_month(rows: list[ChargeRow], zone: ZoneInfo) -> list[Month]:
    """The same by months of the site's calendar, the newest first."""
    months: dict[date, list[ChargeRow]] = {}
    for row in rows:
        months.setdefault(row.made_at.astimezone(zone).date().replace(day=1), []).append(row)
    return [Month(first_on, summed(one.money for one in those), those) for first_on, those in months.items()]
