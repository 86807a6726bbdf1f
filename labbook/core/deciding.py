"""Until when staff decide on a request, counted in the hours in which they are there, and who hears of it first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .hours import Opening, days_of, open_intervals
from .interval import Interval, gaps, local_day
from .language import Words

OFFICE_HOURS = tuple(Opening(day, 9 * 60, 18 * 60) for day in range(5))  # of a site that has named no other ones
LEAD = timedelta(hours=1)  # before it starts: so that whoever asked can still set out
LEAST_LEFT = 60  # working minutes, once a question is answered: the answer is to be read first
MOST_HOURS = 200  # of work: about five weeks
_AT_MOST = timedelta(weeks=26)  # of looking for working hours
_A_WEEK = timedelta(weeks=1)


class AtDeadline(StrEnum):
    """What becomes of a request on which nobody has decided in time. Stored; never rename."""

    STAY = "stay"
    APPROVE = "approve"
    DECLINE = "decline"


UNDECIDED = "undecided"  # the code that history keeps with a step of the clock, beside these words
REASONS: dict[AtDeadline, Words] = {
    AtDeadline.APPROVE: Words(
        "Nobody decided by the deadline; it is approved by itself, since no rule is against it.",
        "期限までに判断がなく、規則に反する点もないため、自動的に承認されました。",
    ),
    AtDeadline.DECLINE: Words(
        "Nobody decided by the deadline; requests for this are then declined. You can ask again.",
        "期限までに判断がなかったため、この設備の規定により自動的に却下されました。改めて申請できます。",
    ),
}


def at_the_deadline(fates: Iterable[AtDeadline], *, is_certain: bool) -> AtDeadline:
    """What becomes of a request whose parts would each become one of these: what only some would, none does.

    To approve it nothing must be left to decide: no rule to waive, no signature, nobody else's step (`is_certain`).
    """
    [fate, *others] = set(fates) or {AtDeadline.STAY}
    if others or (fate is AtDeadline.APPROVE and not is_certain):
        return AtDeadline.STAY
    return fate


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When the staff of a site are at work: in its weekly hours, but on public holidays and while it is shut."""

    zone: ZoneInfo
    hours: tuple[Opening, ...] = OFFICE_HOURS
    holidays: Collection[date] = frozenset()
    shut: tuple[Interval, ...] = ()

    def within(self, window: Interval) -> list[Interval]:
        """When they are at work in `window`, in order."""
        off = [local_day(on, self.zone) for on in days_of(window, self.zone) if on in self.holidays]
        away = sorted([*off, *self.shut], key=lambda one: one.start)
        hours = open_intervals(self.hours or OFFICE_HOURS, window, self.zone)
        return [part for one in hours for part in gaps(one, away)]

    def is_at_work(self, at: datetime) -> bool:
        """Whether somebody is there at this moment."""
        return bool(self.within(Interval(at, at + timedelta(minutes=1))))

    def minutes(self, start: datetime, end: datetime) -> int:
        """How many working minutes lie between two moments; none when the second is not the later one."""
        if end <= start:
            return 0
        return sum(int(one.length.total_seconds()) for one in self.within(Interval(start, end))) // 60

    def after(self, start: datetime, minutes: int) -> datetime:
        """When so many working minutes have passed since `start`; of a site where nobody works, half a year later."""
        left = timedelta(minutes=minutes)
        for one in self._from(start):
            if left <= one.length:
                return one.start + left
            left -= one.length
        return start + _AT_MOST

    def _from(self, start: datetime) -> Iterator[Interval]:
        week = start
        while week < start + _AT_MOST:
            yield from self.within(Interval(week, week + _A_WEEK))
            week += _A_WEEK


class Deadline(NamedTuple):
    """Until when to decide, when those who do are reminded, and whether it starts before their hours had passed."""

    decide_by: datetime
    remind_at: datetime
    is_urgent: bool


def deadline(work: WorkingTime, minutes: int, *, now: datetime, starts_at: datetime) -> Deadline:
    """The deadline of what is asked for now, given so many working minutes to decide; the reminder at half of them.

    What starts before that is urgent: it is decided an hour before the start, or when half of the time until then
    has passed, by the clock on the wall.
    """
    by = work.after(now, minutes)
    latest = max(starts_at - LEAD, now + (starts_at - now) / 2)
    if latest >= by:
        return Deadline(by, work.after(now, minutes // 2), is_urgent=False)
    latest = max(latest, now)
    return Deadline(latest, now + (latest - now) / 2, is_urgent=True)


def minutes_left(work: WorkingTime, decide_by: datetime, now: datetime) -> int:
    """What is left of the time to decide when the clock is stopped; somewhat in any case."""
    return max(work.minutes(now, decide_by), LEAST_LEFT)


def first_to_hear(
    deciders: Collection[int], homes: Mapping[int, WorkingTime], *, is_urgent: bool, now: datetime
) -> frozenset[int]:
    """Which of those who decide hear of a request at once: all of them, but of an urgent one those who are at work.

    `homes` says when each is at work, by their home site. Where nobody is, all hear of it; the others hear when they
    are reminded.
    """
    everybody = frozenset(deciders)
    if not is_urgent:
        return everybody
    awake = frozenset(one for one in everybody if one in homes and homes[one].is_at_work(now))
    return awake or everybody
