"""What each kind of limit stops, and the nearest case that it lets pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from labbook.core.actor import Role
from labbook.core.calendar import Calendar, Span
from labbook.core.facts import Facts
from labbook.core.hours import public_holidays
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.limits.ahead import Ahead
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.apart import Apart
from labbook.core.limits.applied import Applied
from labbook.core.limits.at_once import AtOnce
from labbook.core.limits.bookings import Bookings, Days
from labbook.core.limits.counting import Subject
from labbook.core.limits.deadline import Consequence, Deadline
from labbook.core.limits.decision import Decision
from labbook.core.limits.experience import Experience
from labbook.core.limits.hours import OnlyWithin, Which
from labbook.core.limits.in_a_row import InARow
from labbook.core.limits.length import Length
from labbook.core.limits.limit import Limit, Who
from labbook.core.record import Record
from labbook.core.usage import Ledger, Use, minute_of, minutes_of
from labbook.core.weekly import Stretch, When
from tests.core.cases import NEW_YORK, TOKYO, at, facts, span

ME, COLLEAGUE = 1, 2
HERE, BESIDE, ELSEWHERE = 10, 11, 12  # resources; the third is no part of the rule set
WEEKDAYS = frozenset(range(5))
PEAK = When((Stretch(WEEKDAYS, 9 * 60, 19 * 60),), name=Words("peak", "ピーク時間"))
NIGHT = When((Stretch(frozenset(range(7)), 19 * 60, 9 * 60),))
EVENING = When((Stretch(frozenset(range(7)), 19 * 60, 24 * 60),))
OFFICE = When((Stretch(WEEKDAYS, 9 * 60, 17 * 60),))
NOW = at("2026-11-24 08:00")  # Tuesday in Tsukuba; the Monday was a holiday


@dataclass(frozen=True)
class Case:
    """One limit before one wish: kept, not kept, or (None) it has nothing to say."""

    limit: Limit
    why: str
    is_kept: bool | None
    facts: Facts


def nov(start: str, end: str) -> Interval:
    """From one wall time of November 2026 in Tsukuba to another: "25 10:00"."""
    return span(f"2026-11-{start}", f"2026-11-{end}")


def used(time: Interval, person: int = ME, resource: int = HERE, **more: Any) -> Use:
    """A booking made long ago."""
    start, end = minutes_of(time)
    return Use(start, end, resource, person, **{"asked": start - 30 * 24 * 60, **more})


def wish(
    limit: Limit,
    time: Interval,
    uses: Iterable[Use] = (),
    *,
    now: datetime = NOW,
    zone: ZoneInfo = TOKYO,
    country: str = "JP",
    first_weekday: int = 0,
    **record: Any,
) -> Facts:
    """The wish for a time under one limit that counts HERE and BESIDE together."""
    days = frozenset(public_holidays(country, "", range(2025, 2029), "en"))
    calendar = Calendar(zone, first_weekday, days)
    rows = sorted(uses)

    def midnights() -> list[int]:
        return calendar.midnights(calendar.interval(rows[0].start, rows[-1].end)) if rows else []

    made = Record(calendar, HERE, ME, ledger=Ledger(rows, midnights), **record)
    applied = Applied(limit, "set", Words("Set", "規則"), "1", frozenset({HERE, BESIDE}))
    return facts(now=now, zone=zone, wanted=time, record=made, limits=(applied,), terms={"horizon": "365 d"})


def cases() -> Iterator[Case]:
    """All of them."""
    for kind in (allowance, sharing, spans, exemptions, numbers, rows, at_once, lengths, hours, ahead, others):
        yield from kind()


def allowance() -> Iterator[Case]:
    """3 h a day at peak."""
    limit = Allowance(most=180, span=Span.DAY, when=PEAK)
    for why, is_kept, time, uses in (
        ("nothing used", True, nov("25 10:00", "25 13:00"), ()),
        ("half an hour more", False, nov("25 10:00", "25 13:30"), ()),
        ("just filled up", True, nov("25 13:00", "25 14:00"), [("25 09:00", "25 11:00")]),
        ("a minute over", False, nov("25 13:00", "25 14:01"), [("25 09:00", "25 11:00")]),
        ("another day's does not count", True, nov("25 10:00", "25 13:00"), [("26 09:00", "26 12:00")]),
        ("only the part at peak counts", True, nov("25 16:00", "25 22:00"), ()),
        ("from before nine", True, nov("25 06:00", "25 12:00"), ()),
        ("from before nine and over", False, nov("25 06:00", "25 12:30"), ()),
        ("two days, each within", True, nov("25 16:00", "26 12:00"), ()),
        ("two days, the second over", False, nov("25 16:00", "26 12:01"), ()),
    ):  # fmt: skip
        yield Case(limit, why, is_kept, wish(limit, time, [used(nov(*one)) for one in uses]))
    for why, has_say, time in (
        ("a Saturday is off-peak", None, nov("28 09:00", "28 19:00")),
        ("the night is off-peak", None, nov("25 19:00", "26 09:00")),
        ("a minute of peak", True, nov("25 19:00", "26 09:01")),
        ("a Japanese holiday is off-peak", None, span("2026-12-31 19:00", "2027-01-01 19:00")),
    ):
        yield Case(limit, why, has_say, wish(limit, time))
    holiday = Allowance(most=180, span=Span.DAY, when=When(PEAK.stretches, on_holidays=True))
    new_year = span("2027-01-01 09:00", "2027-01-01 13:00")  # a Friday
    yield Case(holiday, "holidays counted as their weekdays", False, wish(holiday, new_year))
    off = Allowance(most=600, span=Span.DAY, when=When(PEAK.stretches, is_outside=True))
    yield Case(off, "off-peak on a holiday, too long", False, wish(off, span("2027-01-01 08:00", "2027-01-01 18:30")))
    yield Case(off, "off-peak of an ordinary day", None, wish(off, nov("25 09:00", "25 19:00")))


def sharing() -> Iterator[Case]:
    """Whose use counts: the person's, within a project, or the whole partner's; of which resources, for which work."""
    time = nov("25 13:00", "25 14:00")
    two = nov("25 09:00", "25 11:00")
    for subject, why, is_kept, use in (
        (Subject.PERSON, "a colleague's does not count", True, used(two, COLLEAGUE)),
        (Subject.PERSON, "one's own counts", False, used(two)),
        (Subject.PARTNER, "a colleague's counts", False, used(two, COLLEAGUE)),
        (Subject.PARTNER, "one's own counts too", False, used(two)),
        (Subject.PARTNER, "another resource of the set counts", False, used(two, COLLEAGUE, BESIDE)),
        (Subject.PARTNER, "a resource outside of the set does not", True, used(two, COLLEAGUE, ELSEWHERE)),
        (Subject.PROJECT, "of the same project", False, used(two, project_id=7)),
        (Subject.PROJECT, "of another project", True, used(two, project_id=8)),
        (Subject.PROJECT, "of no project", True, used(two)),
        (Subject.PROJECT, "a colleague's for the same project", True, used(two, COLLEAGUE, project_id=7)),
    ):
        limit = Allowance(most=150, span=Span.WEEK, subject=subject)
        yield Case(limit, why, is_kept, wish(limit, time, [use], project_id=7))
    alone = Allowance(most=150, each_alone=True)
    yield Case(alone, "each resource by itself", True, wish(alone, time, [used(two, resource=BESIDE)]))
    yield Case(alone, "the same resource", False, wish(alone, time, [used(two)]))
    fixed = Allowance(most=150, modes=frozenset({"fixed"}))
    yield Case(fixed, "for other work it says nothing", None, wish(fixed, time, [used(two)], mode="live"))
    live = used(two, mode="live")
    yield Case(fixed, "other work does not count", True, wish(fixed, time, [live], mode="fixed"))
    yield Case(fixed, "the same work counts", False, wish(fixed, time, [used(two, mode="fixed")], mode="fixed"))


def spans() -> Iterator[Case]:
    """The stretches of time over which it adds up, in the site's calendar."""
    is_kept: bool | None
    eight = [used(nov("23 08:00", "23 16:00"))]  # a Monday
    week = Allowance(most=10 * 60, span=Span.WEEK)
    for why, is_kept, time in (
        ("the Sunday of the same week", True, nov("29 10:00", "29 12:00")),
        ("the same Sunday, a minute over", False, nov("29 10:00", "29 12:01")),
        ("the Monday after", True, nov("30 10:00", "30 20:00")),
        ("over the end of the week", True, nov("29 22:00", "30 06:00")),
        ("over the end of the week, too much before it", False, nov("29 21:59", "30 06:00")),
        ("the Sunday before", True, nov("22 10:00", "22 20:00")),
    ):
        yield Case(week, why, is_kept, wish(week, time, eight, now=at("2026-11-20 08:00")))
    sunday = nov("22 10:00", "22 13:00")
    yield Case(week, "weeks from Sunday", False, wish(week, sunday, eight, first_weekday=6))
    month = Allowance(most=10 * 60, span=Span.MONTH)
    for why, is_kept, time in (
        ("the last of the month", False, nov("30 20:00", "30 23:00")),
        ("over the end of the month", True, span("2026-11-30 22:00", "2026-12-01 06:00")),
        ("the first of the next", True, span("2026-12-01 00:00", "2026-12-01 10:00")),
    ):
        yield Case(month, why, is_kept, wish(month, time, eight))
    rolling = Allowance(most=10 * 60, span=Span.DAYS, span_count=7)
    for why, is_kept, time in (
        ("the seventh day", False, nov("29 10:00", "29 13:00")),
        ("the eighth day", True, nov("30 10:00", "30 13:00")),
        ("seven days before", False, nov("17 10:00", "17 13:00")),
        ("eight days before", True, nov("16 10:00", "16 13:00")),
    ):
        yield Case(rolling, why, is_kept, wish(rolling, time, eight))
    ahead = Allowance(most=9 * 60, span=Span.AHEAD)
    held = [used(nov("24 06:00", "24 10:00")), used(span("2026-12-20 10:00", "2026-12-20 15:00"))]
    for why, is_kept, time in (
        ("what runs counts from now on", True, nov("25 10:00", "25 12:00")),
        ("a minute too much", False, nov("25 10:00", "25 12:01")),
        ("however far ahead", False, span("2027-01-25 10:00", "2027-01-25 13:00")),
    ):
        yield Case(ahead, why, is_kept, wish(ahead, time, held))
    soon = Allowance(most=3 * 60, span=Span.SOON, span_count=24)
    for why, is_kept, time in (
        ("within the next 24 h", False, nov("24 10:00", "24 14:00")),
        ("afterwards", None, nov("25 08:00", "25 14:00")),
        ("partly", True, nov("25 05:00", "25 14:00")),
    ):
        yield Case(soon, why, is_kept, wish(soon, time))
    yield from clocks()


def clocks() -> Iterator[Case]:
    """Weeks and days on which the clocks change in Cambridge: what counts is the time that really passes."""
    there: dict[str, Any] = {"zone": NEW_YORK, "country": "US", "now": at("2026-10-20 08:00", NEW_YORK)}
    night = Allowance(most=10 * 60, span=Span.DAY, when=When((Stretch(frozenset(range(7)), 0, 6 * 60),)))
    long, short = (
        span("2026-11-01 00:00", "2026-11-01 06:00", NEW_YORK),
        span("2026-10-31 00:00", "2026-10-31 06:00", NEW_YORK),
    )
    for most, why, is_kept, time in (
        (7 * 60, "seven hours up to six o'clock", True, long),
        (7 * 60 - 1, "seven hours, a minute over", False, long),
        (6 * 60, "six hours on the day before", True, short),
    ):  # fmt: skip
        limit = Allowance(most=most, span=Span.DAY, when=night.when)
        yield Case(limit, why, is_kept, wish(limit, time, **there))
    spring = span("2027-03-14 00:00", "2027-03-14 06:00", NEW_YORK)
    five = Allowance(most=5 * 60, span=Span.DAY)
    later = {**there, "now": at("2027-03-10 08:00", NEW_YORK)}
    yield Case(five, "five hours up to six o'clock in spring", True, wish(five, spring, **later))
    week = Allowance(most=169 * 60, span=Span.WEEK)
    whole = span("2026-10-26 00:00", "2026-11-02 00:00", NEW_YORK)
    yield Case(week, "a week of 169 hours", True, wish(week, whole, **there))
    over = Allowance(most=169 * 60 - 1, span=Span.WEEK)
    yield Case(over, "a week of 169 hours, a minute over", False, wish(over, whole, **there))


def exemptions() -> Iterator[Case]:
    """What does not count: what is still free shortly before, or booked on its own day."""
    limit = Allowance(most=60, span=Span.WEEK, free_hours=24)
    for why, is_kept, time in (
        ("exactly 24 h ahead", None, nov("25 08:00", "25 12:00")),
        ("a minute more than 24 h ahead", False, nov("25 08:01", "25 12:00")),
        ("an hour within", True, nov("25 09:00", "25 10:00")),
    ):
        yield Case(limit, why, is_kept, wish(limit, time))
    start = minute_of(at("2026-11-25 09:00"))
    four = nov("25 09:00", "25 13:00")
    later = nov("26 09:00", "26 10:00")
    for why, is_kept, asked in (
        ("what was asked for shortly before does not count", True, start - 24 * 60),
        ("what was asked for earlier counts", False, start - 24 * 60 - 1),
    ):
        yield Case(limit, why, is_kept, wish(limit, later, [used(four, asked=asked)]))
    same = Allowance(most=60, span=Span.WEEK, same_day_free=True)
    for why, is_kept, now in (
        ("on the day itself", None, at("2026-11-25 00:00")),
        ("a minute before midnight", False, at("2026-11-24 23:59")),
    ):
        yield Case(same, why, is_kept, wish(same, four, now=now))
    for why, is_kept, asked_at in (
        ("what was booked on its day does not count", True, at("2026-11-25 00:00")),
        ("what was booked the day before counts", False, at("2026-11-24 23:59")),
    ):
        yield Case(same, why, is_kept, wish(same, later, [used(four, asked=minute_of(asked_at))]))


def numbers() -> Iterator[Case]:
    """2 bookings a week on each system; two evenings a week."""
    is_kept: bool | None
    two = Bookings(most=2, span=Span.WEEK, each_alone=True)
    hour = nov("27 10:00", "27 11:00")
    monday, tuesday = nov("23 10:00", "23 11:00"), nov("24 10:00", "24 11:00")
    for why, is_kept, uses in (
        ("the first", True, []),
        ("the second", True, [used(monday)]),
        ("the third", False, [used(monday), used(tuesday)]),
        ("the third, but on another system", True, [used(monday), used(tuesday, resource=BESIDE)]),
        ("the third, but a week apart", True, [used(monday), used(nov("16 10:00", "16 11:00"))]),
        ("a long one counts once", True, [used(nov("23 10:00", "25 11:00"))]),
    ):
        yield Case(two, why, is_kept, wish(two, hour, uses))
    evenings = Days(most=2, span=Span.WEEK, when=EVENING)

    def late(day: int) -> Interval:
        return nov(f"{day} 20:00", f"{day} 21:00")

    both = [used(late(24)), used(late(25))]
    for why, is_kept, time, uses in (
        ("the second evening", True, late(27), [used(late(24))]),
        ("the third evening", False, late(27), both),
        ("again on an evening that has one", True, nov("25 22:00", "25 23:00"), both),
        ("in the daytime", None, hour, both),
        ("up to the evening", None, nov("27 10:00", "27 19:00"), both),
        ("a minute into the evening", False, nov("27 10:00", "27 19:01"), both),
    ):  # fmt: skip
        yield Case(evenings, why, is_kept, wish(evenings, time, uses))
    days = Days(most=2, span=Span.WEEK)
    yield Case(days, "over midnight are two days", True, wish(days, nov("25 22:00", "26 02:00")))
    yield Case(days, "a third day", False, wish(days, nov("25 22:00", "26 02:00"), [used(monday)]))


def rows() -> Iterator[Case]:
    """5 h in a row; a pause of half an hour is no break."""
    limit = InARow(most=300, pause=30)
    before = [used(nov("25 09:00", "25 12:00"))]
    for why, is_kept, time in (
        ("touching, just within", True, nov("25 12:00", "25 14:00")),
        ("touching, a minute over", False, nov("25 12:00", "25 14:01")),
        ("after a pause of half an hour", False, nov("25 12:30", "25 15:00")),
        ("after a longer pause", True, nov("25 12:31", "25 15:00")),
        ("before it", False, nov("25 06:30", "25 08:30")),
        ("alone", True, nov("26 09:00", "26 14:00")),
    ):
        yield Case(limit, why, is_kept, wish(limit, time, before))
    gap = [used(nov("25 09:00", "25 12:00")), used(nov("25 13:00", "25 15:00"))]
    between = nov("25 12:00", "25 13:00")
    yield Case(limit, "between two", False, wish(limit, between, gap))
    others = [used(nov("25 09:00", "25 12:00"), COLLEAGUE)]
    yield Case(limit, "after a colleague's", True, wish(limit, nov("25 12:00", "25 16:00"), others))
    peak = InARow(most=300, when=PEAK)
    yield Case(peak, "only the part at peak", True, wish(peak, nov("25 14:00", "25 23:00")))


def at_once() -> Iterator[Case]:
    """Never two of the group at once; two for the whole partner."""
    one = AtOnce(most=1)
    time = nov("25 10:00", "25 12:00")
    for why, is_kept, use in (
        ("the other at the same time", False, used(time, resource=BESIDE)),
        ("a minute of it", False, used(nov("25 11:59", "25 13:00"), resource=BESIDE)),
        ("one after the other", True, used(nov("25 12:00", "25 13:00"), resource=BESIDE)),
        ("one before the other", True, used(nov("25 09:00", "25 10:00"), resource=BESIDE)),
        ("a colleague has the other", True, used(time, COLLEAGUE, BESIDE)),
        ("one that is not of the group", True, used(time, resource=ELSEWHERE)),
    ):
        yield Case(one, why, is_kept, wish(one, time, [use]))
    two = AtOnce(most=2, subject=Subject.PARTNER)
    first, second = nov("25 10:00", "25 11:00"), nov("25 11:00", "25 12:00")
    apart = [used(first, COLLEAGUE, BESIDE), used(second, COLLEAGUE, BESIDE)]
    yield Case(two, "two that are not at the same time", True, wish(two, time, apart))
    together = [used(first, COLLEAGUE, BESIDE), used(first, COLLEAGUE, BESIDE)]
    yield Case(two, "two that are", False, wish(two, time, together))


def lengths() -> Iterator[Case]:
    """2 h in the daytime, 12 h at night, at least 1 h at night."""
    day = Length(longest=120, when=When((Stretch(frozenset(range(7)), 9 * 60, 19 * 60),), on_holidays=True))
    night = Length(shortest=60, longest=720, when=NIGHT)
    for limit, why, is_kept, time in (
        (day, "two hours", True, nov("25 10:00", "25 12:00")),
        (day, "a minute more", False, nov("25 10:00", "25 12:01")),
        (day, "into the night", True, nov("25 17:00", "26 05:00")),
        (day, "wholly in the night", None, nov("25 19:00", "26 09:00")),
        (night, "twelve hours over midnight", True, nov("25 20:00", "26 08:00")),
        (night, "a minute more", False, nov("25 19:59", "26 08:00")),
        (night, "half an hour at night", False, nov("25 20:00", "25 20:30")),
        (night, "half an hour by day", None, nov("25 10:00", "25 10:30")),
    ):
        yield Case(limit, why, is_kept, wish(limit, time))
    there: dict[str, Any] = {"zone": NEW_YORK, "country": "US", "now": at("2026-10-30 08:00", NEW_YORK)}
    fall = span("2026-10-31 20:00", "2026-11-01 07:00", NEW_YORK)  # twelve hours really pass
    yield Case(night, "over the night that has an hour more", True, wish(night, fall, **there))
    over = span("2026-10-31 20:00", "2026-11-01 08:00", NEW_YORK)
    yield Case(night, "thirteen hours that look like twelve", False, wish(night, over, **there))


def hours() -> Iterator[Case]:
    """Overnight only from 19:00 to 09:00; trainees only in office hours."""
    overnight = OnlyWithin(which=Which.OVERNIGHT, when=NIGHT)
    for why, is_kept, time in (
        ("exactly the night", True, nov("25 19:00", "26 09:00")),
        ("a minute early", False, nov("25 18:59", "26 09:00")),
        ("a minute late", False, nov("25 19:00", "26 09:01")),
        ("by day it does not matter", None, nov("25 10:00", "25 12:00")),
        ("up to midnight", None, nov("25 10:00", "26 00:00")),
        ("two nights", False, nov("25 19:00", "27 09:00")),
    ):
        yield Case(overnight, why, is_kept, wish(overnight, time))
    there: dict[str, Any] = {"zone": NEW_YORK, "country": "US", "now": at("2026-10-30 08:00", NEW_YORK)}
    night = span("2026-10-31 19:00", "2026-11-01 09:00", NEW_YORK)
    yield Case(overnight, "the night of 15 hours", True, wish(overnight, night, **there))
    trainee = OnlyWithin(when=OFFICE, who=Who.TRAINEES)
    for why, is_kept, time, is_trainee in (
        ("in office hours", True, nov("25 09:00", "25 17:00"), True),
        ("a minute longer", False, nov("25 09:00", "25 17:01"), True),
        ("longer, but on their own", None, nov("25 09:00", "25 18:00"), False),
        ("on New Year's Eve, which is no public holiday", True, span("2026-12-31 09:00", "2026-12-31 10:00"), True),
    ):
        yield Case(trainee, why, is_kept, wish(trainee, time, is_trainee=is_trainee))
    new_year = span("2027-01-01 09:00", "2027-01-01 10:00")
    yield Case(trainee, "on New Year's Day", False, wish(trainee, new_year, is_trainee=True))


def ahead() -> Iterator[Case]:
    """7 days ahead for scientists; 24 h of notice."""
    week = Ahead(days=7, who=Who.SCIENTISTS)
    scientist, coordinator = frozenset({Role.SCIENTIST}), frozenset({Role.SCIENTIST, Role.COORDINATOR})
    for why, is_kept, time, roles in (
        ("the seventh day, late", True, span("2026-12-01 22:00", "2026-12-01 23:00"), scientist),
        ("over the end of the seventh day", True, span("2026-12-01 23:00", "2026-12-02 03:00"), scientist),
        ("the eighth day", False, span("2026-12-02 00:00", "2026-12-02 01:00"), scientist),
        ("the eighth day for a coordinator", None, span("2026-12-02 00:00", "2026-12-02 01:00"), coordinator),
    ):
        yield Case(week, why, is_kept, wish(week, time, roles=roles))
    notice = Ahead(hours=24)
    yield Case(notice, "exactly a day", True, wish(notice, nov("25 08:00", "25 09:00")))
    yield Case(notice, "a minute less", False, wish(notice, nov("25 07:59", "25 09:00")))
    there: dict[str, Any] = {"zone": NEW_YORK, "country": "US", "now": at("2026-10-31 10:00", NEW_YORK)}
    fall = span("2026-11-01 09:00", "2026-11-01 10:00", NEW_YORK)
    yield Case(notice, "24 h over the change of clocks", True, wish(notice, fall, **there))


def others() -> Iterator[Case]:
    """Staff decide, experience, partners kept apart, deadlines."""
    live = Decision(longer_than=48 * 60, modes=frozenset({"live"}))
    long, just = nov("25 08:00", "27 08:01"), nov("25 08:00", "27 08:00")
    for limit, why, is_kept, time, mode in (
        (live, "48 h live", None, just, "live"),
        (live, "a minute more", False, long, "live"),
        (live, "fixed samples", None, long, "fixed"),
    ):
        yield Case(limit, why, is_kept, wish(limit, time, mode=mode))
    late = Decision(when=When(OFFICE.stretches, is_outside=True))
    yield Case(late, "within office hours", None, wish(late, nov("25 09:00", "25 17:00")))
    yield Case(late, "a minute outside", False, wish(late, nov("25 09:00", "25 17:01")))
    yield Case(late, "a holiday is outside", False, wish(late, span("2027-01-01 10:00", "2027-01-01 11:00")))
    skilled = Experience(least=1200)
    time = nov("25 10:00", "25 11:00")
    for why, is_kept, minutes in (("enough", True, 1200), ("a minute less", False, 1199), ("none", False, 0)):
        yield Case(skilled, why, is_kept, wish(skilled, time, minutes_used=minutes))
    apart = Apart(partners=frozenset({"us", "them"}))
    for why, is_kept, held in (
        ("they are there", False, nov("25 10:30", "25 12:00")),
        ("they come as we go", True, nov("25 11:00", "25 12:00")),
        ("a minute too early", False, nov("25 10:59", "25 12:00")),
    ):
        yield Case(apart, why, is_kept, wish(apart, time, partner_key="us", present={"set/1": (held,)}))
    yield Case(apart, "it is not about us", None, wish(apart, time, partner_key="others"))
    free = Deadline(hours=24, then=Consequence.COUNTED)
    day = nov("25 08:00", "25 09:00")
    yield Case(free, "still free to cancel", True, wish(free, day))
    yield Case(free, "already past its deadline", False, wish(free, day, now=NOW + timedelta(minutes=1)))
