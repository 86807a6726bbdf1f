"""What the panel beside a form shows: what the rules say to the wanted time, and what would do instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from flask_babel import gettext, ngettext

from ..core.explaining import Explanation, Line, Outcome
from ..core.facts import Facts, Verdict, Waives
from ..core.interval import Interval
from ..core.language import N_, Words
from ..core.limits import KINDS
from ..web import meters, sentences, times
from .board import Bar
from .window import Mark, Window


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What one rule says, and what may be done about it."""

    code: str
    effect: str
    sentence: str
    help: str = ""
    whose: str = ""  # the rule set, or the resource's own terms
    waived_by: str = ""
    bar: meters.Bar | None = None
    link: str = ""  # to where something can be done about it
    link_label: str = ""


@dataclass(frozen=True, slots=True)
class DateLine:
    """One date, or one part of a set: what becomes of it, and why."""

    effect: str  # kept, review, refuse
    label: str
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that would do, one step away."""

    label: str
    url: str
    icon: str = "clock"


@dataclass(frozen=True, slots=True)
class Strip:
    """The day around the wanted time, drawn small."""

    bars: list[Bar]
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class VerdictPanel:
    """What the rules say to the wanted time. `said` is the whole of it in one breath, read out as it changes."""

    outcome: str
    headline: str
    said: str = ""
    findings: list[RuleLine] = field(default_factory=list)
    instead: list[Offer] = field(default_factory=list)  # the same time elsewhere, or a shorter one
    free: list[Offer] = field(default_factory=list)  # the nearest times
    meters: list[RuleLine] = field(default_factory=list)  # allowances that are kept
    passed: list[RuleLine] = field(default_factory=list)
    passed_label: str = ""
    dates: list[DateLine] = field(default_factory=list)  # of a series, or the parts of a set
    is_waivable: bool = False  # staff may say "nevertheless" to all that stands in the way
    when: str = ""
    day: Strip | None = None
    want_left: float = 0
    want_width: float = 0


@dataclass(frozen=True, slots=True)
class Links:
    """Where the panel's links lead: the form itself, and what the offers' keys and slugs are called."""

    form: str
    unit_key: str
    conditions: str = ""  # one comes back from there to the form with this time
    wait: str = ""  # where one says that one waits for it
    room: str = ""  # where staff let others change unit
    units: dict[str, str] = field(default_factory=dict)  # names by key
    others: dict[str, Other] = field(default_factory=dict)  # by slug
    card: str = ""  # where one asks for a training that one lacks


@dataclass(frozen=True, slots=True)
class Other:
    """A resource like the wanted one: its name, its form, and its facts for the time on its clock."""

    name: str
    form: str
    facts: Facts


_HEADLINES = {
    "review": N_("Possible: staff will decide"),
    "wished": N_("Possible as a wish: staff choose the time"),
    "approved": N_("Free: it is yours when you send it"),
}
WAIVED_BY = {
    Waives.NOBODY: N_("Nobody may make an exception."),
    Waives.STAFF: N_("Staff who decide on the request may make an exception."),
    Waives.MANAGER: N_("A manager of the site may make an exception."),
}
_MAY_BECOME_FREE = {"taken", "linked"}
_OF_THE_RESOURCE = ("hours", "grid", "too-short", "too-long", "notice", "horizon", "ask-staff")


def verdict_panel(said: Explanation, links: Links, language: str) -> VerdictPanel:
    """The panel beside the form."""
    facts, verdict = said.facts, said.verdict
    if not {one.code for one in verdict.refusals} <= _MAY_BECOME_FREE:
        links = replace(links, wait="")  # that it becomes free would not help
    outcome, said_first = headline(facts, verdict)
    free = [
        Offer(_span(one, facts, language), time_link(one, facts, links.form, links.unit_key))
        for one in said.offers.free
    ]
    instead = _instead(said, links, language)
    passed = [_rule_line(one, language) for one in said.of(Outcome.KEPT)]
    return VerdictPanel(
        outcome,
        said_first,
        _in_one_breath(said_first, said, instead, language),
        [_with_link(_rule_line(one, language), facts, links) for one in said.lines if one.outcome is not Outcome.KEPT],
        instead,
        free,
        [one for one in passed if one.bar],
        passed,
        ngettext("%(num)s rule passed", "%(num)s rules passed", len(passed)),
        is_waivable=verdict.is_waivable,
        when=_when(facts, language),
    )


def time_panel(errors: Sequence[str]) -> VerdictPanel | None:
    """The panel while the times themselves are wrong; that is said before anything else."""
    if not errors:
        return None
    headline = gettext("Not possible like this")
    return VerdictPanel("refused", headline, errors[0], [RuleLine("time", "refuse", errors[0])])


def with_day(panel: VerdictPanel, window: Window, drawn: list[Bar], wanted: Interval) -> VerdictPanel:
    """The panel with the day drawn around the wanted time."""
    left = window.left(wanted.start)
    width = round(window.left(wanted.end) - left, 3)
    return replace(panel, day=Strip(drawn, window.hours()), want_left=left, want_width=width)


def headline(facts: Facts, verdict: Verdict) -> tuple[str, str]:
    """What becomes of the wish, as a code (refused, review, approved) and in words."""
    outcome = "refused" if verdict.is_refused else "review" if verdict.needs_review else "approved"
    words = _refused(len(verdict.refusals)) if verdict.is_refused else gettext(_HEADLINES[_kind(outcome, facts)])
    return outcome, words


def _refused(count: int) -> str:
    return ngettext(
        "Not possible: %(num)s rule stands in the way", "Not possible: %(num)s rules stand in the way", count
    )


def _kind(outcome: str, facts: Facts) -> str:
    return "wished" if outcome == "review" and not facts.terms.holds_on_request else outcome


def _in_one_breath(headline: str, said: Explanation, instead: Sequence[Offer], language: str) -> str:
    """The headline, and what comes nearest to the wish."""
    if said.offers.free:
        facts = said.facts
        nearest = min(said.offers.free, key=lambda one: abs(one.start - facts.wanted.start))
        return gettext("%(headline)s. Nearest time: %(time)s.", headline=headline, time=_span(nearest, facts, language))
    if instead:
        return gettext("%(headline)s. This would do: %(offer)s.", headline=headline, offer=instead[0].label)
    return headline


def shown_code(code: str) -> str:
    """A finding's code as it stands in a page's source, which says no more than the page does."""
    return "rule" if code in KINDS and KINDS[code].is_confidential else code


def _rule_line(line: Line, language: str) -> RuleLine:
    is_refusal = line.outcome is Outcome.REFUSE
    return RuleLine(
        shown_code(line.code),
        str(line.outcome),
        sentences.said(line.said.sentence, line.said.values, language),
        sentences.said(line.said.advice, line.said.values, language),
        whose(line.source, line.code, language) if line.outcome is not Outcome.KEPT or line.limit_key else "",
        gettext(WAIVED_BY[line.waives]) if is_refusal and (line.limit_key or line.waives is not Waives.NOBODY) else "",
        meters.bar(line.meter) if line.meter else None,
    )


def whose(source: Words, code: str, language: str) -> str:
    """Whose rule it is: that of a rule set, or one of the resource itself; empty for what is the lab's."""
    if source:
        return gettext("Rule: %(name)s", name=source.text(language))
    return gettext("The resource's own terms") if code in _OF_THE_RESOURCE else ""


def _with_link(line: RuleLine, facts: Facts, links: Links) -> RuleLine:
    if line.code == "taken" and links.room:
        room = time_link(facts.wanted, facts, links.room, "")
        return replace(line, link=room, link_label=gettext("Let others change unit"))
    if line.code in _MAY_BECOME_FREE and links.wait:
        wait = time_link(facts.wanted, facts, links.wait, "")
        return replace(line, link=wait, link_label=gettext("Tell me when it becomes free"))
    if line.code == "training" and links.card:
        return replace(line, link=links.card, link_label=gettext("Open your card"))
    if line.code != "conditions" or not links.conditions:
        return line
    back = quote(time_link(facts.wanted, facts, links.form, links.unit_key), safe="")
    return replace(line, link=f"{links.conditions}?next={back}", link_label=gettext("Read and accept them"))


def _instead(said: Explanation, links: Links, language: str) -> list[Offer]:
    facts, offers, found = said.facts, said.offers, []
    if offers.unit in links.units:
        label = gettext("%(name)s, at the same time", name=links.units[offers.unit])
        found.append(Offer(label, time_link(facts.wanted, facts, links.form, offers.unit), "pin"))
    for other in (links.others[slug] for slug in offers.resources if slug in links.others):
        label = gettext("%(name)s, at the same time", name=other.name)
        found.append(Offer(label, time_link(facts.wanted, other.facts, other.form, ""), "pin"))
    if offers.shorter:
        label = gettext("Shorter: %(time)s", time=_long(offers.shorter, facts, language))
        found.append(Offer(label, time_link(offers.shorter, facts, links.form, links.unit_key)))
    return found


def _when(facts: Facts, language: str) -> str:
    return _long(facts.wanted, facts, language)


def _long(time: Interval, facts: Facts, language: str) -> str:
    """The time, and how long it is unless that shows."""
    span = _span(time, facts, language)
    return span if facts.terms.by_day else f"{span} ({times.length_label(time)})"


def _span(time: Interval, facts: Facts, language: str) -> str:
    label = times.when(time, facts.zone, language, by_day=facts.terms.by_day)
    start, end = (times.zone_label(facts.zone, at).partition(",")[0] for at in (time.start, time.end))
    return f"{label} {start}" if start == end or facts.terms.by_day else label


def time_link(time: Interval, facts: Facts, form: str, unit_key: str) -> str:
    """Where the form at the address `form` stands filled with a time."""
    start, end = time.start.astimezone(facts.zone), time.end.astimezone(facts.zone)
    folds = ("&from_fold=1" if start.fold else "") + ("&to_fold=1" if end.fold else "")
    unit = f"&unit={unit_key}" if unit_key else ""
    first = "&" if "?" in form else "?"
    return f"{form}{first}from={start:%Y-%m-%dT%H:%M}&to={end:%Y-%m-%dT%H:%M}{folds}{unit}&exact=1"
