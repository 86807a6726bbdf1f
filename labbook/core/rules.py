"""The rules of the lab: what stands in the way of a booking, what staff must look at, what one should know.

Facts come in, findings go out. A rule is one small function that looks at the facts and says at most one thing; it
fetches nothing and knows no clock but `facts.now`. `judge` asks all of them, in the order in which they stand here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from .amount import Amount, Measure, months_between
from .facts import Effect, Facts, Finding, Said, Verdict
from .hours import is_open
from .language import N_
from .terms import Asks

Rule = Callable[[Facts], Said | None]
RULES: dict[str, tuple[Effect, Rule]] = {}


def rule(code: str, effect: Effect) -> Callable[[Rule], Rule]:
    """Enter a function in the lab's rules under a stable code."""

    def enter(function: Rule) -> Rule:
        RULES[code] = (effect, function)
        return function

    return enter


def judge(facts: Facts) -> Verdict:
    """Ask every rule."""
    return Verdict(tuple(Finding(c, e, said) for c, (e, rule_) in RULES.items() if (said := rule_(facts)) is not None))


# --- may this person book this at all? --------------------------------------------------------------------------------


@rule("hidden", Effect.REFUSE)
def is_visible(facts: Facts) -> Said | None:
    """Some resources are not for every partner."""
    return None if facts.is_visible else Said(N_("This resource is not available to your organisation."))


@rule("role", Effect.REFUSE)
def books_for_partner(facts: Facts) -> Said | None:
    """Only people of a partner book for it."""
    if facts.books_for_partner:
        return None
    return Said(N_("You do not book for this organisation."), N_("Ask its coordinator to add you."))


@rule("agreement", Effect.REFUSE)
def agreement_in_force(facts: Facts) -> Said | None:
    """The partner's agreement with the site covers every day of the booking."""
    for one in facts.agreements:
        if one.starts_on <= facts.first_on and (one.ends_on is None or facts.last_on <= one.ends_on):
            return None
    ends = max((one.ends_on for one in facts.agreements if one.ends_on), default=None)
    if ends is None:
        return Said(N_("Your organisation has no agreement with this site on that day."))
    return Said(
        N_("Your organisation's agreement with this site ends on %(ends)s."),
        N_("Choose days before that, or ask your coordinator about renewing it."),
        {"ends": ends},
    )


@rule("training", Effect.REFUSE)
def training_held(facts: Facts) -> Said | None:
    """Whoever operates an instrument has proof of training that is still good on the day."""
    missing = [one for one in facts.trainings if not one.is_held]
    if missing:
        return Said(
            N_("It needs a training that you do not hold: %(training)s."),
            N_("Ask the site's staff for a training session."),
            {"training": missing[0].name},
        )
    lapsed = [one for one in facts.trainings if one.expires_on and one.expires_on < facts.first_on]
    if not lapsed:
        return None
    return Said(
        N_("Your training expires before that day: %(training)s (until %(expires)s)."),
        N_("Ask the site's staff to renew it."),
        {"training": lapsed[0].name, "expires": lapsed[0].expires_on or facts.first_on},
    )


# --- is the place open and the unit free? -----------------------------------------------------------------------------


@rule("hours", Effect.REFUSE)
def within_opening_hours(facts: Facts) -> Said | None:
    """Opening hours cover all of the booking, its two ends, or none of it, as the resource demands."""
    if is_open(facts.openings, facts.wanted, facts.terms.cover, facts.zone):
        return None
    return Said(N_("It is not open at that time."), N_("Choose a time within its opening hours."))


@rule("closed", Effect.REFUSE)
def not_closed(facts: Facts) -> Said | None:
    """A holiday, a closure or maintenance of the site, the area or the resource."""
    closures = [one for one in facts.shut if one.time.overlaps(facts.wanted)]
    if not closures:
        return None
    return Said(
        N_("Closed until %(until)s: %(reason)s."),
        N_("Choose a time outside the closure."),
        {"until": closures[0].time.end.astimezone(facts.zone), "reason": closures[0].reason},
    )


@rule("taken", Effect.REFUSE)
def is_free(facts: Facts) -> Said | None:
    """Nobody else holds the unit, and the set-up and clean-down time around the booking is free as well."""
    if not any(facts.held.overlaps(other) for other in facts.taken):
        return None
    return Said(
        N_("Someone else holds this time, or the buffer around it."),
        N_("Choose another time, or one of the free times shown."),
    )


# --- does the time fit the resource? ----------------------------------------------------------------------------------


@rule("grid", Effect.REFUSE)
def on_the_grid(facts: Facts) -> Said | None:
    """Bookings start and end on the resource's grid, so that no useless slivers remain."""
    slot = facts.terms.slot
    start, end = facts.wanted.start.astimezone(facts.zone), facts.wanted.end.astimezone(facts.zone)
    if slot.measure is Measure.MONTH:
        fits = _is_midnight(start) and _is_midnight(end) and bool(months_between(start.date(), end.date()))
        return None if fits else Said(N_("It is booked by whole months."), N_("End a whole number of months later."))
    step = {Measure.MINUTE: 1, Measure.HALF_DAY: 720, Measure.DAY: 1440}[slot.measure] * slot.count
    if _minute(start) % step == 0 and _minute(end) % step == 0:
        return None
    return Said(
        N_("Start and end must lie on a grid of %(slot)s."),
        N_("Move the start or the end to the next full step."),
        {"slot": slot},
    )


def _minute(local: datetime) -> float:
    return local.hour * 60 + local.minute + local.second / 60 + local.microsecond / 60_000_000


def _is_midnight(local: datetime) -> bool:
    return _minute(local) == 0


@rule("too-short", Effect.REFUSE)
def long_enough(facts: Facts) -> Said | None:
    """The shortest booking that the resource allows."""
    shortest = facts.terms.shortest
    if shortest.after(facts.wanted.start, facts.zone) <= facts.wanted.end:
        return None
    return Said(N_("The shortest booking is %(shortest)s."), N_("Choose a later end."), {"shortest": shortest})


@rule("too-long", Effect.REFUSE)
def short_enough(facts: Facts) -> Said | None:
    """The longest booking that the resource allows."""
    longest = facts.terms.longest
    if longest.after(facts.wanted.start, facts.zone) >= facts.wanted.end:
        return None
    return Said(N_("The longest booking is %(longest)s."), N_("Choose an earlier end."), {"longest": longest})


# --- is it asked for at the right moment? -----------------------------------------------------------------------------


@rule("past", Effect.REFUSE)
def not_past(facts: Facts) -> Said | None:
    """A booking may start in the slot that is running now, not before it."""
    if facts.terms.slot.after(facts.wanted.start, facts.zone) > facts.now:
        return None
    return Said(N_("This time is already past."), N_("Choose a start from now on."))


@rule("notice", Effect.REFUSE)
def asked_early_enough(facts: Facts) -> Said | None:
    """Some resources have to be asked for ahead of time."""
    notice = facts.terms.notice
    if not notice or notice.after(facts.now, facts.zone) <= facts.wanted.start:
        return None
    return Said(N_("Ask at least %(notice)s ahead."), N_("Choose a later start."), {"notice": notice})


@rule("horizon", Effect.REFUSE)
def within_the_horizon(facts: Facts) -> Said | None:
    """Nobody books further ahead than the resource allows; the last day counts in full."""
    last_on = facts.terms.horizon.after(facts.now, facts.zone).astimezone(facts.zone).date()
    if facts.first_on <= last_on:
        return None
    return Said(
        N_("It can be booked at most %(horizon)s ahead, up to %(last)s."),
        N_("Choose an earlier day."),
        {"horizon": facts.terms.horizon, "last": last_on},
    )


# --- who decides, and what is worth knowing? --------------------------------------------------------------------------


@rule("ask-staff", Effect.REVIEW)
def staff_decide(facts: Facts) -> Said | None:
    """For some resources staff decide on every booking."""
    if facts.terms.asks is Asks.FORM:
        return Said(N_("Staff run this resource and choose the time from the requests."))
    return Said(N_("Staff decide on every booking of this resource.")) if facts.terms.always_asks else None


@rule("clock-change", Effect.NOTE)
def clocks_change(facts: Facts) -> Said | None:
    """When the clocks change during a booking, it lasts longer or shorter than the wall clock says."""
    start, end = facts.wanted.start.astimezone(facts.zone), facts.wanted.end.astimezone(facts.zone)
    if start.utcoffset() == end.utcoffset() or facts.terms.by_day:
        return None
    minutes = int(facts.wanted.length.total_seconds() // 60)
    return Said(
        N_("The clocks change in between: it really lasts %(length)s."), "", {"length": Amount(minutes, Measure.MINUTE)}
    )
