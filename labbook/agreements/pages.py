"""What the pages about agreements show: values whose labels are already in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from ..core.language import N_, Words
from ..web import times
from ..web.meters import AllowanceLine

KIND_LABELS = {
    "biotech": N_("Biotech company"),
    "university": N_("University"),
    "hospital": N_("Hospital"),
    "host": N_("Host"),
    "investor": N_("Investor"),
    "other": N_("Other organisation"),
}

HISTORY_WORDS = {
    "agreement-made": N_("Agreement made"),
    "agreement-changed": N_("Agreement changed"),
    "agreement-ended": N_("Agreement ended early"),
}

CHANGED_WORDS = {
    "starts": N_("first day"),
    "ends": N_("last day"),
    "places": N_("number of people"),
    "signs": N_("signed approvals"),
    "entitlements": N_("entitlements"),
    "areas": N_("areas"),
    "resources": N_("resources"),
}

ENDS_SOON_DAYS = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """How an agreement stands today: a code for its looks, and words."""

    code: str  # current, soon, ahead, over
    label: str


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One agreement in a list."""

    url: str
    partner: str
    kind: str
    site: str
    days: str
    standing: Standing
    people: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to it."""

    at: str
    who: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One charge: when, on which resource, for what, how much."""

    when: str
    resource: str
    what: str
    price: str


@dataclass(frozen=True, slots=True)
class ChargedMonth:
    """A month's charges with their sums."""

    month: str
    sums: str
    lines: list[ChargeLine]


@dataclass(frozen=True, slots=True)
class Entitlement:
    """An allowance that the agreement grants, as it stands now."""

    rule: str
    whose: str
    lines: list[AllowanceLine]  # for all together; each person's own have none
    used: str  # by all, where each person has their own
    shares: list[tuple[str, str]]  # who has used how much; for the coordinator only


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """An agreement with all that its reader may know and do."""

    key: str
    partner: str
    kind: str
    site: str
    days: str
    standing: Standing
    people: str
    is_full: bool
    signs: bool
    entitlements: list[tuple[str, str]]
    allowances: list[Entitlement]
    charges: list[ChargedMonth]
    areas: list[str]
    resources: list[tuple[str, str]]
    history: list[HistoryLine]
    may_change: bool
    is_left_to_others: bool
    version: int


@dataclass(frozen=True, slots=True)
class EditionLine:
    """One edition of a site's conditions."""

    name: str
    counts_from: str
    text: Words
    is_current: bool
    is_ahead: bool
    accepted: str


def standing(starts_on: date, ends_on: date | None, ended_on: date | None, today: date, words: str) -> Standing:
    """How an agreement with these days stands today."""
    if ended_on is not None:
        return Standing("over", gettext("Ended early on %(date)s", date=times.dated(ended_on, words)))
    if today < starts_on:
        return Standing("ahead", gettext("Begins on %(date)s", date=times.dated(starts_on, words)))
    left = (ends_on - today).days if ends_on else ENDS_SOON_DAYS + 1
    if left < 0:
        return Standing("over", gettext("Ended"))
    if left > ENDS_SOON_DAYS:
        return Standing("current", gettext("In force"))
    last_day = gettext("Today is its last day")
    return Standing("soon", ngettext("Ends in %(num)s day", "Ends in %(num)s days", left) if left else last_day)


def days_label(starts_on: date, ends_on: date | None, words: str) -> str:
    """From when to when."""
    first = times.dated(starts_on, words)
    if ends_on is None:
        return gettext("From %(first)s, open-ended", first=first)
    return gettext("%(first)s to %(last)s", first=first, last=times.dated(ends_on, words))


def people_label(people: int, places: int | None) -> str:
    """How many people the partner has, of how many that the agreement allows."""
    if places is None:
        return ngettext("%(num)s person", "%(num)s people", people)
    return gettext("%(people)s of %(places)s people", people=people, places=places)


def pairs_for(entitlements: Mapping[str, Any] | None, words: str) -> list[tuple[str, str]]:
    """The entitlements in the reader's language, or in the other one where they are written in that alone."""
    known = entitlements or {}
    other = "en" if words == "ja" else "ja"
    return [(str(pair[0]), str(pair[1])) for pair in known.get(words) or known.get(other) or []]


def history_line(at: datetime, code: str, body: Mapping[str, Any], who: str, zone: ZoneInfo, words: str) -> HistoryLine:
    """One event of an agreement; of a change, what was changed."""
    what = gettext(HISTORY_WORDS.get(code, code))
    before, after = body.get("before"), body.get("after")
    reason = str(body.get("reason", ""))
    if isinstance(before, dict) and isinstance(after, dict):
        reason = _changed(before, after)
    return HistoryLine(times.moment(at, zone, words), who, what, reason)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    names: Sequence[str] = [name for name in CHANGED_WORDS if before.get(name) != after.get(name)]
    said = [
        f"{gettext(CHANGED_WORDS[name])}: {before[name] or '–'} → {after[name] or '–'}"
        if name in ("starts", "ends", "places")
        else gettext(CHANGED_WORDS[name])
        for name in names
    ]
    return "; ".join(said)
