"""What pages show of exceptions: which rules refuse, whose they are, who may waive them, and who has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from flask_babel import gettext, ngettext

from ..core.facts import Effect, Finding, Waives
from ..core.language import N_, person_name
from ..core.limits import KINDS
from ..core.place import Place
from ..core.waivers import Named, named
from ..web import sentences, times
from . import verdicts


class Waived(Protocol):
    """A waiver as it is read."""

    @property
    def rule(self) -> Named: ...
    @property
    def at(self) -> datetime: ...
    @property
    def family_name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """What one rule said of a request, whose rule it is, and what became of it."""

    code: str
    effect: str
    sentence: str
    whose: str
    waived_by: str  # who may
    waived: str = ""  # by whom it was, and when
    reason: str = ""


class Against(NamedTuple):
    """What stands in the way of an approval: what its reader may waive, giving a reason, and what they may not."""

    to_waive: list[JudgedLine]
    beyond: list[JudgedLine]
    field: Any
    is_for_others: bool = False  # on the staff; else for nobody at all
    is_own_organisation: bool = False
    is_taken: bool = False  # which other units could mend

    @property
    def is_in_the_way(self) -> bool:
        """Something is."""
        return bool(self.to_waive or self.beyond)


class Sees(NamedTuple):
    """How much a reader gets: numbers are the partner's own and for the site's staff, waivers not for its allies."""

    numbers: bool
    waivers: bool


RULE_NAMES = {
    "hours": N_("Opening hours"),
    "grid": N_("Grid of times"),
    "too-short": N_("Shortest booking"),
    "too-long": N_("Longest booking"),
    "notice": N_("Notice"),
    "horizon": N_("Horizon"),
}


def rule_name(code: str, *, for_staff: bool) -> str:
    """A rule in a word or two; one that only staff read is just a rule to others."""
    if code in KINDS and (for_staff or not KINDS[code].is_confidential):
        return gettext(KINDS[code].title)
    return gettext(RULE_NAMES.get(code, N_("A rule of the site")))


def judged_lines(
    found: Iterable[Finding], waivers: Sequence[Waived], sees: Sees, place: Place, language: str
) -> list[JudgedLine]:
    """What the rules said, what refuses first; without the findings of limits for whom numbers are not."""
    order, by_rule = list(Effect), {one.rule: one for one in waivers} if sees.waivers else {}
    shown = [one for one in found if sees.numbers or not one.limit_key]
    return [
        _line(one, by_rule.get(named(one)), place, language)
        for one in sorted(shown, key=lambda one: order.index(one.effect))
    ]


def _line(one: Finding, waiver: Waived | None, place: Place, language: str) -> JudgedLine:
    is_refusal = one.effect is Effect.REFUSE
    return JudgedLine(
        verdicts.shown_code(one.code),
        str(one.effect),
        sentences.said(one.said.sentence, one.said.values, language),
        verdicts.whose(one.source, one.code, language) if is_refusal or one.limit_key else "",
        _waived_by(one) if is_refusal and waiver is None else "",
        _waived(waiver, place, language) if waiver else "",
        waiver.reason if waiver else "",
    )


def _waived_by(one: Finding) -> str:
    """Who may; that nobody may is said of limits alone, of which others may be waived."""
    return gettext(verdicts.WAIVED_BY[one.waives]) if one.limit_key or one.waives is not Waives.NOBODY else ""


def _waived(waiver: Waived, place: Place, language: str) -> str:
    name = person_name(waiver.family_name, waiver.given_name, language)
    return gettext("Waived by %(name)s on %(when)s", name=name, when=times.moment(waiver.at, place.zoneinfo, language))


def refusals(found: Iterable[Finding]) -> int:
    """How many rules a request goes against."""
    return sum(one.effect is Effect.REFUSE for one in found)


def exception_label(found: Collection[Finding]) -> str:
    """That a request is an exception, and of how many rules; nothing when it is none."""
    count = refusals(found)
    return ngettext("Exception: %(num)s rule", "Exception: %(num)s rules", count) if count else ""


def waived_words(body: Mapping[str, Any], *, for_staff: bool) -> str:
    """What the history says of a waiver."""
    return gettext("Waived: %(rule)s", rule=rule_name(str(body.get("code", "")), for_staff=for_staff))


def beyond_words(found: Collection[Finding], language: str, *, is_own: bool) -> str:
    """Why an approval was refused: each rule that this person may not waive, and who may."""
    said = []
    for one in found:
        said.append(sentences.said(one.said.sentence, one.said.values, language))
        said.append(_waived_by(one))
    if is_own and any(one.waives is not Waives.NOBODY for one in found):
        said.append(gettext("You work for this organisation: somebody else on the staff may waive it."))
    return " ".join(dict.fromkeys(filter(None, said)))
