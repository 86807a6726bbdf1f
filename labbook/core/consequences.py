"""What follows when a booking is cancelled or moved after the deadline that a rule sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .interval import Interval
from .language import N_, Words
from .limits.deadline import Consequence, Deadline, Step
from .money import Money, highest
from .terms import Sentence


class Due(NamedTuple):
    """A deadline that binds a booking, and the name of the rule set that says so."""

    limit: Deadline
    source: Words

    def until(self, start: datetime) -> datetime:
        """The last instant at which the step is free."""
        return start - timedelta(hours=self.limit.hours)


@dataclass(frozen=True, slots=True)
class Follows:
    """What follows of a step taken now. Without a deadline, or before it, nothing does."""

    step: Step
    until: datetime | None = None  # free, or possible at all, until then, included
    is_refused: bool = False
    counts: bool = False
    charges: tuple[Money, ...] = ()
    ends_possible: bool = False  # what comes at `until` is a refusal
    sources: tuple[Words, ...] = ()  # whose rules these are

    @property
    def is_free(self) -> bool:
        """Nothing follows."""
        return not (self.is_refused or self.counts or self.charges)

    @property
    def seen(self) -> str:
        """What a form sends back of what it has shown, as in `counted,charged:3000 JPY`."""
        return ",".join([*(["counted"] if self.counts else []), *(f"charged:{one}" for one in self.charges)])

    def is_worse_than(self, seen: str) -> bool:
        """Whether more follows than somebody was shown. What cannot be read was not shown."""
        parts = set(seen.split(","))
        known = {money.currency: money.amount for money in map(_charge, parts) if money is not None}
        costs_more = any(one.amount > known.get(one.currency, 0) for one in self.charges)
        return costs_more or (self.counts and "counted" not in parts)

    def says(self, zone: ZoneInfo) -> Sentence | None:
        """The same in one sentence, with times at the site; None where there is no deadline."""
        if self.until is None:
            return None
        values = {"until": self.until.astimezone(zone), "amount": " + ".join(map(str, self.charges))}
        return Sentence(_SAID[self.step, self._code], values)

    @property
    def _code(self) -> str:
        if self.is_refused:
            return "refused"
        if self.is_free:
            return "possible" if self.ends_possible else "free"
        return "+".join([*(["counted"] if self.counts else []), *(["charged"] if self.charges else [])])


def _charge(part: str) -> Money | None:
    code, _, price = part.partition(":")
    try:
        return Money.read(price) if code == "charged" else None
    except ValueError:
        return None


def follows(dues: Iterable[Due], step: Step, start: datetime, now: datetime) -> Follows:
    """What follows of a step with a booking that starts then. Of several deadlines, the strictest counts.

    A refusal outweighs all; the highest charge (of each currency) and that the time counts go together.
    """
    several = [one for one in dues if one.limit.step is step and _means_something(one.limit)]
    if not several:
        return Follows(step)
    late = [one for one in several if one.limit.is_late(start, now)]
    refusing = [one for one in late if one.limit.then is Consequence.REFUSED]
    told = refusing or late
    first = min(refusing or several, key=lambda one: (one.until(start), one.limit.then is not Consequence.REFUSED))
    return Follows(
        step,
        first.until(start),
        bool(refusing),
        not refusing and any(one.limit.then is Consequence.COUNTED for one in late),
        () if refusing else highest(one.limit.money for one in late if one.limit.then is Consequence.CHARGED),
        first.limit.then is Consequence.REFUSED,
        tuple(dict.fromkeys(one.source for one in told or [first])),
    )


def follows_move(dues: Iterable[Due], before: Interval, wanted: Interval, now: datetime, *, same_unit: bool) -> Follows:
    """What follows of a move. To give back part of the time is free, unless a deadline that has passed is escaped."""
    several = list(dues)
    is_shorter = same_unit and before.start <= wanted.start and wanted.end <= before.end
    escapes = any(one.limit.is_late(before.start, now) and not one.limit.is_late(wanted.start, now) for one in several)
    return follows([] if is_shorter and not escapes else several, Step.CHANGE, before.start, now)


def _means_something(limit: Deadline) -> bool:
    """That the old time counts after a change is not among what can be said; `problems` refuses it on saving."""
    return (limit.step, limit.then) != (Step.CHANGE, Consequence.COUNTED)


_SAID = {
    (Step.CANCEL, "free"): N_("Cancelling is free until %(until)s."),
    (Step.CANCEL, "possible"): N_("Cancelling is possible until %(until)s."),
    (Step.CANCEL, "refused"): N_("Cancelling was possible until %(until)s. It is not possible any more."),
    (Step.CANCEL, "counted"): N_("Cancelling was free until %(until)s. Cancelled now, the time counts as used."),
    (Step.CANCEL, "charged"): N_("Cancelling was free until %(until)s. Cancelled now, %(amount)s is charged."),
    (Step.CANCEL, "counted+charged"): N_(
        "Cancelling was free until %(until)s. Cancelled now, the time counts as used and %(amount)s is charged."
    ),
    (Step.CHANGE, "free"): N_("Moving is free until %(until)s."),
    (Step.CHANGE, "possible"): N_("Moving is possible until %(until)s."),
    (Step.CHANGE, "refused"): N_("Moving was possible until %(until)s. Only giving part of the time back still is."),
    (Step.CHANGE, "charged"): N_(
        "Moving was free until %(until)s. Moved now, %(amount)s is charged; giving part of the time back is free."
    ),
}
