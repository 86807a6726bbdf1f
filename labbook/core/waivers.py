"""Who may say "nevertheless" to which standing rule, and which refusals count once more when staff approve.

What is not in WAIVED_BY, nobody waives; limits say it themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from .facts import Effect, Facts, Finding, Waives
from .permissions import Do

WAIVED_BY: dict[str, Waives] = {
    "hours": Waives.STAFF,
    "grid": Waives.STAFF,
    "too-short": Waives.STAFF,
    "too-long": Waives.STAFF,
    "notice": Waives.STAFF,
    "horizon": Waives.STAFF,
}

WAIVING: dict[Waives, Do] = {Waives.STAFF: Do.WAIVE_RULE, Waives.MANAGER: Do.WAIVE_STRICT_RULE}
"""What permission is asked for; for Waives.NOBODY there is none."""

Named = tuple[str, str]
"""A rule as waivers name it: its code, and the limit's key where it is one."""


def waives(code: str) -> Waives:
    """Who may waive a standing rule."""
    return WAIVED_BY.get(code, Waives.NOBODY)


class Again(StrEnum):
    """When a refusal that is found at approval counts."""

    ALWAYS = "always"
    WISHES = "wishes"  # of what was only wished for: whatever keeps its time was judged when it got it
    AS_ASKED = "as-asked"  # where it stood in the way before: else the clock alone has moved on while it waited
    NEVER = "never"  # flags see to it: what has lost what it rests on does not begin until that is settled


AT_APPROVAL: dict[str, Again] = {  # of the standing rules; those that are not here count always
    "taken": Again.WISHES,
    "closed": Again.WISHES,
    "linked": Again.WISHES,
    "past": Again.AS_ASKED,
    "notice": Again.AS_ASKED,
    "horizon": Again.AS_ASKED,
    "hidden": Again.NEVER,
    "role": Again.NEVER,
    "agreement": Again.NEVER,
    "not-covered": Again.NEVER,
    "training": Again.NEVER,
    "training-expired": Again.NEVER,
}


def named(finding: Finding) -> Named:
    """The rule that a finding is about."""
    return finding.code, finding.limit_key


def refusals_at_approval(
    found: Collection[Finding], facts: Facts, *, asked: Collection[Finding], holds_time: bool
) -> list[Finding]:
    """Those of the refusals found now that count when an open booking is approved; `asked` was found when it was asked.

    An approval is not held up by what merely became of the clock, nor by what is somebody else's to settle.
    """
    before = {named(one) for one in asked if one.effect is Effect.REFUSE}
    limits = _limits(facts)

    def counts(one: Finding) -> bool:
        again = _again(one, limits)
        if again is Again.NEVER or one.effect is not Effect.REFUSE:
            return False
        if again is Again.AS_ASKED:
            return named(one) in before
        return again is Again.ALWAYS or not holds_time

    return [one for one in found if counts(one)]


def needs_a_look(found: Iterable[Finding], facts: Facts) -> bool:
    """Whether a refusal found now wants somebody to look before it is approved; not that time has passed meanwhile."""
    limits = _limits(facts)
    return any(one.effect is Effect.REFUSE and _again(one, limits) is not Again.AS_ASKED for one in found)


def _limits(facts: Facts) -> dict[str, Again]:
    return {one.key: one.limit.at_approval for one in facts.limits}


def _again(one: Finding, limits: Mapping[str, Again]) -> Again:
    return limits.get(one.limit_key, Again.ALWAYS) if one.limit_key else AT_APPROVAL.get(one.code, Again.ALWAYS)


GETS_WORSE = frozenset({"too-short", "length"})
"""What a shorter time can break more than before: a waiver of it does not cover a booking that becomes shorter."""
