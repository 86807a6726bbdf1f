"""What the pages about rules show: values whose labels are already in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext

from ..core.facts import Effect, Waives
from ..core.language import N_, Words, joined
from ..core.limits.limit import WHO_LABELS, Limit, Who
from ..web import sentences, times

LEVEL_LABELS = {
    0: N_("T0: induction"),
    1: N_("T1: online module"),
    2: N_("T2: signed off by staff"),
    3: N_("T3: run by staff"),
}
EFFECT_WORDS = {
    Effect.REFUSE: N_("Anything else is refused."),
    Effect.REVIEW: N_("Staff decide on anything else."),
    Effect.NOTE: N_("It is said, and anything else is possible too."),
}
SPEAK_FOR_THEMSELVES = {("decision", Effect.REVIEW), ("deadline", Effect.NOTE), ("no-show", Effect.NOTE)}
WAIVES_WORDS = {
    Waives.STAFF: N_("The site's staff may make an exception."),
    Waives.MANAGER: N_("Managers of the site may make an exception."),
    Waives.NOBODY: N_("There is no exception."),
}


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One limit in words."""

    id: str
    title: str
    sentence: str
    whom: str  # and for which work; empty: everybody, for everything
    effect: str
    waived: str
    is_confidential: bool
    partners: list[str]  # that it keeps apart; for staff alone


@dataclass(frozen=True, slots=True)
class SetLine:
    """One rule set in the list."""

    key: str
    name: str
    scope: list[str]
    days: str
    is_active: bool
    limits: list[LimitLine]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change of a rule set."""

    at: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule set is about, as words; what is empty does not narrow it."""

    resource: Words
    area: Words
    kind: str
    level: int | None
    group: Words
    partner: Words

    def parts(self, language: str) -> list[str]:
        """One phrase for each part that narrows it."""
        named = [
            (N_("Resource: %(name)s"), self.resource.text(language)),
            (N_("Area: %(name)s"), self.area.text(language)),
            (N_("Kind: %(name)s"), gettext(self.kind) if self.kind else ""),
            (
                N_("Training: %(name)s"),
                "" if self.level is None else gettext(LEVEL_LABELS.get(self.level, str(self.level))),
            ),
            (N_("Group: %(name)s"), self.group.text(language)),
            (N_("Partner: %(name)s"), self.partner.text(language)),
        ]
        return [gettext(label, name=name) for label, name in named if name] or [gettext("The whole site")]


def limit_line(
    number: str, limit: Limit, modes: Mapping[str, Words], partners: Mapping[str, Words], language: str
) -> LimitLine:
    """A limit as its reader reads it."""
    speaks = (limit.code, limit.effect) in SPEAK_FOR_THEMSELVES
    named = sorted(getattr(limit, "partners", ()))
    return LimitLine(
        number,
        gettext(limit.title),
        sentences.plain(limit.words(), language),
        _whom(limit, modes, language),
        "" if speaks else gettext(EFFECT_WORDS[limit.effect]),
        gettext(WAIVES_WORDS[limit.waives]) if limit.effect is Effect.REFUSE else "",
        limit.is_confidential,
        [partners[key].text(language) if key in partners else "–" for key in named],
    )


def _whom(limit: Limit, modes: Mapping[str, Words], language: str) -> str:
    works = joined((modes[one].text(language) if one in modes else one for one in sorted(limit.modes)), language)
    people = "" if limit.who is Who.EVERYBODY else gettext(WHO_LABELS[limit.who])
    return " · ".join(one for one in (people, works) if one)


def days_label(starts_on: date | None, ends_on: date | None, language: str) -> str:
    """From when to when it counts; empty for always."""
    if starts_on and ends_on:
        return gettext(
            "%(first)s to %(last)s", first=times.dated(starts_on, language), last=times.dated(ends_on, language)
        )
    if starts_on:
        return gettext("From %(first)s on", first=times.dated(starts_on, language))
    return gettext("Until %(last)s", last=times.dated(ends_on, language)) if ends_on else ""


def change_words(body: Mapping[str, object]) -> str:
    """What was changed of a rule set, as its history keeps it."""
    before, after = body.get("before"), body.get("after")
    if not isinstance(before, dict):
        return gettext("Made")
    if not isinstance(after, dict):
        return ""
    if before.get("on") != after.get("on"):
        return gettext("Switched on") if after.get("on") else gettext("Switched off")
    old, new = ({one["id"]: one for one in said.get("limits", [])} for said in (before, after))
    if new.keys() - old.keys():
        return gettext("Limit added")
    if old.keys() - new.keys():
        return gettext("Limit removed")
    return gettext("Limit changed") if old != new else gettext("Name, scope or validity changed")


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A booking that a limit would be against."""

    url: str
    partner: str
    person: str
    resource: str
    when: str
    zone_label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class TrialPage:
    """What a limit would change."""

    ahead: list[JudgedLine]
    past: list[JudgedLine]
    looked_at: int
    more_ahead: int
    more_past: int


@dataclass(frozen=True, slots=True)
class RulesIn:
    """Everything that holds for a resource, in one language; `labels` are the page's own words in it."""

    language: str
    name: str
    terms: list[str]
    sets: list[SetLine]
    labels: dict[str, str]
