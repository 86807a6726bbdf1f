"""What a partner has been charged, as its agreement's page shows it."""

from __future__ import annotations

from flask_babel import gettext

from ...core.language import N_
from ...web import times
from .. import pages
from ..charges import Month, by_month, charges_of
from ..queries import AgreementRow

_FOR = {
    "late-cancel": N_("Cancelled late"),
    "late-change": N_("Changed late"),
}


def charges(row: AgreementRow, words: str) -> list[pages.ChargedMonth]:
    """Month by month; no person and no title, since those who look by duty read it too."""
    zone = row.site.zoneinfo
    return [
        _month(one, row, words) for one in by_month(charges_of(row.agreement.partner_id, row.agreement.site_id), zone)
    ]


def _month(month: Month, row: AgreementRow, words: str) -> pages.ChargedMonth:
    lines = [
        pages.ChargeLine(
            times.moment(one.made_at, row.site.zoneinfo, words),
            one.resource.text(words),
            gettext(_FOR.get(one.code, one.code)),
            str(one.money),
        )
        for one in month.rows
    ]
    return pages.ChargedMonth(times.month_label(month.first_on, words), ", ".join(map(str, month.sums)), lines)
