"""The rules of the lab: what stands in the way of a booking, what staff must look at, what one should know.

Facts come in, findings go out. A rule is one small function that looks at the facts and says at most one thing; it
fetches nothing and knows no clock but `facts.now`. `judge` asks all of them, in the order in which they stand here.
"""

from __future__ import annotations

from .amount import Amount, Measure
from .contracts import first_uncovered_day
from .facts import Effect, Facts, Said
from .hours import is_midnight, is_open, minute_of_day
from .interval import merged
from .language import N_, listed
from .linked import missing
from .residency import is_whole
from .ruling import RULES, judge, rule
from .terms import Asks

__all__ = ["RULES", "judge", "rule"]


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
    """The partner's agreements with the site cover every day of the booking; a renewal may follow on."""
    uncovered = first_uncovered_day(facts.agreements, facts.first_on, facts.last_on)
    if uncovered is None:
        return None
    ends = max((one.ends_on for one in facts.agreements if one.ends_on), default=None)
    today = facts.now.astimezone(facts.zone).date()
    if ends is None or uncovered <= ends or ends < today:
        return Said(N_("Your organisation has no agreement with this site on %(day)s."), "", {"day": uncovered})
    return Said(
        N_("Your organisation's agreement with this site ends on %(ends)s."),
        N_("Choose days before that, or ask your coordinator about renewing it."),
        {"ends": ends},
    )


@rule("not-covered", Effect.REFUSE)
def covered_by_agreement(facts: Facts) -> Said | None:
    """An agreement may be for some areas and resources of the site only; those it leaves out stay visible."""
    covering = [one for one in facts.agreements if one.covers]
    day = first_uncovered_day(covering, facts.first_on, facts.last_on)
    if day is None or day == first_uncovered_day(facts.agreements, facts.first_on, facts.last_on):
        return None
    partner = next(one.partner for one in facts.agreements if not one.covers)
    return Said(
        N_("The agreement of %(partner)s with this site does not cover this resource."),
        N_("Choose a resource that it covers, or ask your coordinator to have it added."),
        {"partner": partner},
    )


@rule("conditions", Effect.REFUSE)
def conditions_accepted(facts: Facts) -> Said | None:
    """Everybody reads and accepts the site's conditions of use before the first booking, and each new edition."""
    if facts.has_accepted:
        return None
    return Said(N_("Accept the site's conditions of use first."), N_("Read them once; then this booking goes on."))


@rule("training", Effect.REFUSE)
def training_held(facts: Facts) -> Said | None:
    """Whoever operates an instrument has proof of training for it."""
    missing = [one.name for one in facts.trainings if not one.is_held]
    if not missing:
        return None
    return Said(
        N_("It needs training that you do not hold: %(training)s."),
        N_("Ask the site's staff for a training session."),
        {"training": listed(missing)},
    )


@rule("training-expired", Effect.REFUSE)
def training_not_expired(facts: Facts) -> Said | None:
    """The proof is still good on the day on which the booking starts."""
    lapsed = [one for one in facts.trainings if one.expires_on and one.expires_on < facts.first_on]
    if not lapsed:
        return None
    if all(one.unused_since for one in lapsed):  # no day: colleagues read it, and the last use may have been elsewhere
        return Said(
            N_("Your training ends because you have not used what it is for in time: %(training)s."),
            N_("Ask the site's staff to renew it, or choose an earlier day."),
            {"training": listed([one.name for one in lapsed])},
        )
    return Said(
        N_("Your training is not good on that day any more: %(training)s."),
        N_("Ask the site's staff to renew it, or choose an earlier day."),
        {"training": listed([one.name for one in lapsed])},
    )


@rule("training-lapses", Effect.NOTE)
def training_lasts(facts: Facts) -> Said | None:
    """During a long stay a training may lapse; that is said early."""
    lapsing = [one for one in facts.trainings if one.expires_on and facts.first_on <= one.expires_on < facts.last_on]
    if not lapsing:
        return None
    return Said(
        N_("A training lapses during this booking: %(training)s."),
        N_("Renew it in time with the site's staff."),
        {"training": listed([one.name for one in lapsing])},
    )


@rule("biosafety", Effect.REFUSE)
def fit_for_the_sample(facts: Facts) -> Said | None:
    """A sample comes only to places that are contained well enough for it."""
    if facts.biosafety is None or facts.sample <= facts.biosafety:
        return None
    return Said(
        N_("This place is fit for samples up to BSL-%(level)s."),
        N_("Choose a place of a higher level."),
        {"level": facts.biosafety},
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
    whole = next(one for one in merged(shut.time for shut in facts.shut) if one.overlaps(facts.wanted))
    return Said(
        N_("Closed until %(until)s: %(reason)s."),
        N_("Choose a time outside the closure."),
        {"until": whole.end.astimezone(facts.zone), "reason": closures[0].reason},
    )


@rule("taken", Effect.REFUSE)
def is_free(facts: Facts) -> Said | None:
    """Nobody else holds the unit, and the set-up and clean-down time around the booking is free as well."""
    held = facts.held
    if not any(held.overlaps(other) for other in facts.taken):
        return None
    return Said(
        N_("Someone else holds this time, or the buffer around it."),
        N_("Choose another time, or one of the free times shown."),
    )


@rule("linked", Effect.REFUSE)
def linked_is_free(facts: Facts) -> Said | None:
    """Whatever else is held with it is free then, and open where it has hours of its own."""
    absent = missing(facts.linked, facts.wanted, facts.terms, facts.zone)
    if absent is None:
        return None
    advice = N_("Choose another time, or one of the free times shown.")
    if not absent.name:
        return Said(N_("It needs something else, which is taken or closed then."), advice)
    return Said(N_("It needs %(name)s, which is taken or closed then."), advice, {"name": absent.name})


# --- does the time fit the resource? ----------------------------------------------------------------------------------


@rule("grid", Effect.REFUSE)
def on_the_grid(facts: Facts) -> Said | None:
    """Bookings start and end on the resource's grid, so that no useless slivers remain."""
    slot, zone = facts.terms.slot, facts.zone
    edges = (facts.wanted.start, facts.wanted.end)
    step = {Measure.MINUTE: slot.count, Measure.HALF_DAY: 720 * slot.count}.get(slot.measure, 1440)
    on_grid = all(is_midnight(edge, zone) or minute_of_day(edge, zone) % step == 0 for edge in edges)
    if on_grid and is_whole(facts.wanted, slot, zone):
        return None
    if slot.measure is Measure.MONTH:
        return Said(N_("It is booked by whole months."), N_("End a whole number of months later."))
    return Said(
        N_("Start and end must lie on a grid of %(slot)s."),
        N_("Move the start or the end to the next full step."),
        {"slot": slot},
    )


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
    """A booking may start in the slot that is running now, or today where it is booked by months."""
    if facts.terms.slot.measure is Measure.MONTH:
        is_past = facts.first_on < facts.now.astimezone(facts.zone).date()
    else:
        is_past = facts.terms.slot.after(facts.wanted.start, facts.zone) <= facts.now
    if not is_past:
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


@rule("first-booking", Effect.REVIEW)
def first_is_looked_at(facts: Facts) -> Said | None:
    """Where staff ask for it, they see everybody once before that person books without asking."""
    if facts.terms.asks is not Asks.FIRST or facts.has_booked:
        return None
    return Said(N_("Staff look at a person's first booking of this resource."))


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
