"""What an agreement grants, and how much of it is used, as its page shows it."""

from __future__ import annotations

from ...bookings import standings
from ...bookings.standings import Granted
from ...core.language import Words, person_name
from ...core.permissions import Actor
from ...people.queries import names_by_id
from ...web import meters, now
from .. import pages
from ..queries import AgreementRow, led_partners


def entitlements(actor: Actor, row: AgreementRow, words: str) -> list[pages.Entitlement]:
    """Each allowance of the agreement's rule sets; who has used how much is for the partner's coordinator only."""
    granted = standings.of_agreement(row.agreement, row.site, now())
    resources = standings.names_of(standing for one in granted for standing in one.together)
    leads = row.agreement.partner_id in led_partners(actor)
    people = names_by_id({person for one in granted for person in one.shares}) if leads else {}
    names = {key: person_name(family, given, words) for key, (family, given) in people.items()}
    return [_entitlement(one, resources, names, words) for one in granted]


def _entitlement(one: Granted, resources: dict[int, Words], names: dict[int, str], words: str) -> pages.Entitlement:
    lines = [
        meters.allowance_line(
            standing,
            words,
            where=resources[standing.resource_id].text(words) if standing.resource_id in resources else "",
            for_all=True,
        )
        for standing in one.together
    ]
    shares = sorted(one.shares.items(), key=lambda share: -share[1])
    return pages.Entitlement(
        meters.rule_of(one.applied, words),
        one.applied.set_name.text(words),
        lines,
        meters.quantity(one.used, is_minutes=one.is_minutes),
        [(names[key], meters.quantity(used, is_minutes=one.is_minutes)) for key, used in shares if key in names],
    )
