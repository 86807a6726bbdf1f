"""Every rule at its edge: the last booking that it stops and the first that it lets pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from labbook.core.facts import AgreementFact, Facts, Shut, TrainingFact
from labbook.core.hours import Cover, Opening
from labbook.core.interval import Interval, local_day, local_days
from labbook.core.language import Words
from labbook.core.linked import Linked, LinkedUnit
from labbook.core.terms import Asks
from tests.core.cases import BY_DAY, FACTS, LORD_HOWE, NEW_YORK, TERMS, TOKYO, amount, at, facts, span

WEEKDAYS = tuple(Opening(weekday, 9 * 60, 18 * 60) for weekday in range(5))
LASER, BIOSAFETY = Words("Laser safety", "レーザー安全"), Words("Biosafety", "バイオセーフティ")
OLD = date(2026, 5, 28)
HOLIDAY = Words("Labor Thanksgiving Day", "勤労感謝の日")
MONTHLY = replace(
    BY_DAY, slot=amount("1 mo"), shortest=amount("1 mo"), longest=amount("12 mo"), horizon=amount("180 d")
)
OPERATOR = Words("Operator", "オペレーター")
SHARED = {"after": "15 min", "shares_buffers": True}
HALF_DAYS = replace(TERMS, slot=amount("1 half-day"), shortest=amount("1 half-day"), longest=amount("5 d"))
IN_NEW_YORK: dict[str, Any] = {"zone": NEW_YORK, "now": at("2026-10-25 09:00", NEW_YORK)}


def until(year: int, month: int, day: int) -> AgreementFact:
    """An agreement from the first day of 2026 through the given one."""
    return AgreementFact(date(2026, 1, 1), date(year, month, day))


def operators(*busy: str, pieces: int | None = 1, **more: Any) -> Linked:
    """An operator for each of these busy times of that Tuesday; none is busy at an empty one."""
    units = tuple(LinkedUnit(number, _that_tuesday(time)) for number, time in enumerate(busy))
    known = span("2026-11-20 00:00", "2026-12-20 00:00")
    return Linked(7, OPERATOR, **{"terms": TERMS, "pieces": pieces, "units": units, "known": known, **more})


def _that_tuesday(time: str) -> tuple[Interval, ...]:
    start, _, end = time.partition("-")
    return (span(f"2026-11-24 {start}", f"2026-11-24 {end}"),) if time else ()


class Case(NamedTuple):
    """One booking and what a rule makes of it."""

    code: str
    why: str
    stops: bool
    facts: Facts


def cases() -> Iterator[Case]:
    """The cases of every rule, in the order of the file."""
    wanted = FACTS.wanted
    for name, stops, changed in (
        ("is hidden from the partner", True, facts(is_visible=False)),
        ("is shown to the partner", False, FACTS),
    ):
        yield Case("hidden", name, stops, changed)
    yield Case("role", "does not book for the partner", True, facts(books_for_partner=False))
    yield Case("role", "books for the partner", False, FACTS)

    for why, stops, agreements in (
        ("no agreement at all", True, ()),
        ("ended the day before", True, (until(2026, 11, 23),)),
        ("ends on that very day", False, (until(2026, 11, 24),)),
        ("begins the day after", True, (AgreementFact(date(2026, 11, 25), None),)),
        ("begins on that very day", False, (AgreementFact(date(2026, 11, 24), None),)),
        ("an old one and one in force", False, (until(2026, 3, 31), AgreementFact(date(2026, 10, 1), None))),
        (
            "two that leave the day between them out",
            True,
            (until(2026, 11, 23), AgreementFact(date(2026, 11, 25), None)),
        ),
        ("two side by side, one of them ended", False, (until(2026, 12, 31), until(2026, 11, 1))),
    ):
        yield Case("agreement", why, stops, facts(agreements=agreements))
    stay: dict[str, Any] = {"terms": BY_DAY, "wanted": span("2026-11-30", "2026-12-02")}
    renewed = (AgreementFact(date(2026, 12, 1), None), until(2026, 11, 30))
    yield Case("agreement", "renewed during the stay", False, facts(**stay, agreements=renewed))
    again = (until(2026, 11, 30), AgreementFact(date(2026, 12, 1), date(2026, 12, 1)))
    yield Case("agreement", "renewed for the rest of the stay", False, facts(**stay, agreements=again))
    late = (until(2026, 11, 29), AgreementFact(date(2026, 12, 1), None))
    yield Case("agreement", "renewed a day late", True, facts(**stay, agreements=late))
    night = span("2026-11-24 22:00", "2026-11-25 02:00")
    yield Case("agreement", "ends during the night", True, facts(wanted=night, agreements=(until(2026, 11, 24),)))
    to_midnight = span("2026-11-24 22:00", "2026-11-25 00:00")
    yield Case("agreement", "ends at midnight", False, facts(wanted=to_midnight, agreements=(until(2026, 11, 24),)))
    evening = span("2026-11-24 20:00", "2026-11-24 22:00", NEW_YORK)  # the 25th in UTC
    here = facts(zone=NEW_YORK, wanted=evening, agreements=(until(2026, 11, 24),))
    yield Case("agreement", "days are the site's", False, here)

    yield from coverage_cases()
    yield Case("conditions", "not accepted", True, facts(has_accepted=False))
    yield Case("conditions", "accepted", False, FACTS)
    yield from training_cases()
    for why, stops, level, sample in (
        ("no sample, no level", False, None, 0),
        ("no sample", False, 1, 0),
        ("a sample of its level", False, 2, 2),
        ("a sample of a lower level", False, 2, 1),
        ("a sample one level above", True, 1, 2),
        ("a sample two levels above", True, 1, 3),
        ("a level that does not matter", False, None, 3),
    ):
        yield Case("biosafety", why, stops, facts(biosafety=level, sample=sample))

    for why, stops, cover, time in (
        ("ends after closing", True, Cover.ALL, span("2026-11-24 17:00", "2026-11-24 18:30")),
        ("ends as it closes", False, Cover.ALL, span("2026-11-24 17:00", "2026-11-24 18:00")),
        ("a Saturday", True, Cover.ALL, span("2026-11-28 10:00", "2026-11-28 12:00")),
        ("overnight, all covered", True, Cover.ALL, span("2026-11-24 17:00", "2026-11-25 10:00")),
        ("overnight, ends covered", False, Cover.ENDS, span("2026-11-24 17:00", "2026-11-25 10:00")),
        ("ends before opening", True, Cover.ENDS, span("2026-11-24 17:00", "2026-11-25 08:30")),
        ("at night, nothing covered", False, Cover.NONE, span("2026-11-24 20:00", "2026-11-24 22:00")),
    ):
        yield Case("hours", why, stops, facts(terms={"cover": cover}, openings=WEEKDAYS, wanted=time))

    for why, stops, shut in (
        ("a closure in the middle", True, span("2026-11-24 11:00", "2026-11-24 11:30")),
        ("a closure of the day", True, local_day(date(2026, 11, 24), TOKYO)),
        ("a closure that ends as it starts", False, span("2026-11-24 08:00", "2026-11-24 10:00")),
        ("a closure that starts as it ends", False, span("2026-11-24 12:00", "2026-11-24 18:00")),
        ("a closure of another day", False, local_day(date(2026, 11, 23), TOKYO)),
    ):
        yield Case("closed", why, stops, facts(shut=(Shut(shut, HOLIDAY),)))

    buffered = {"before": "15 min", "after": "30 min"}
    for why, stops, terms, other in (
        ("the same time", True, {}, wanted),
        ("a minute of it", True, {}, span("2026-11-24 11:59", "2026-11-24 13:00")),
        ("touching", False, {}, span("2026-11-24 12:00", "2026-11-24 13:00")),
        ("within the clean-down", True, buffered, span("2026-11-24 12:29", "2026-11-24 14:00")),
        ("after the clean-down", False, buffered, span("2026-11-24 12:30", "2026-11-24 14:00")),
        ("within the set-up", True, buffered, span("2026-11-24 08:00", "2026-11-24 09:46")),
        ("before the set-up", False, buffered, span("2026-11-24 08:00", "2026-11-24 09:45")),
    ):
        yield Case("taken", why, stops, facts(terms=terms, taken=(span("2026-11-20 00:00", "2026-11-21 00:00"), other)))

    yield from linked_cases()
    buffers = {"before": "30 min", "after": "30 min", "shares_buffers": True}
    before, after = span("2026-11-24 08:00", "2026-11-24 10:00"), span("2026-11-24 12:00", "2026-11-24 13:00")
    for why, stops, taken, own in (
        ("one's own bookings right before and after it", False, (before, after), (before, after)),
        ("a colleague's booking right before it", True, (before,), ()),
        ("the end of one's own booking", True, (span("2026-11-24 08:00", "2026-11-24 10:01"),), True),
        (
            "what another holds behind one's own",
            False,
            (span("2026-11-24 07:00", "2026-11-24 08:00"), before),
            (before,),
        ),
        ("what another holds within the buffer after it", True, (before, after), (before,)),
    ):
        beside = taken if own is True else own
        yield Case("taken", why, stops, facts(terms=buffers, taken=taken, own=beside))

    yield from grid_cases()
    yield from length_cases()
    yield from moment_cases()

    for asks, stops in ((Asks.ALWAYS, True), (Asks.FORM, True), (Asks.NEVER, False)):
        yield Case("ask-staff", f"staff are asked: {asks}", stops, facts(terms={"asks": asks}))
    for asks, stops, has_booked in ((Asks.FIRST, True, False), (Asks.FIRST, False, True), (Asks.NEVER, False, False)):
        first = facts(terms={"asks": asks}, has_booked=has_booked)
        yield Case("first-booking", f"staff are asked: {asks}; booked before: {has_booked}", stops, first)

    for why, stops, time in (
        ("over the night on which they go back", True, span("2026-11-01 00:00", "2026-11-01 04:00", NEW_YORK)),
        ("from the first to the second half past one", True, repeated_hour()),
        ("after they went back", False, span("2026-11-01 02:00", "2026-11-01 04:00", NEW_YORK)),
        ("until the first one o'clock", False, span("2026-10-31 23:00", "2026-11-01 01:00", NEW_YORK)),
        ("over the night before", False, span("2026-10-31 00:00", "2026-10-31 04:00", NEW_YORK)),
    ):
        yield Case("clock-change", why, stops, facts(**IN_NEW_YORK, wanted=time))
    half = facts(
        zone=LORD_HOWE,
        now=at("2026-10-01 09:00", LORD_HOWE),
        wanted=span("2026-10-04 00:00", "2026-10-04 04:00", LORD_HOWE),
    )
    yield Case("clock-change", "by half an hour", True, half)
    day = facts(**IN_NEW_YORK, terms=BY_DAY, wanted=local_day(date(2026, 11, 1), NEW_YORK))
    yield Case("clock-change", "a day is a day", False, day)
    yield Case("clock-change", "never in Tokyo", False, facts(wanted=span("2026-11-01 00:00", "2026-11-01 04:00")))


def repeated_hour() -> Interval:
    """An hour that begins and ends at the same time on the wall."""
    return Interval(at("2026-11-01 01:30", NEW_YORK, 0), at("2026-11-01 01:30", NEW_YORK, 1))


def coverage_cases() -> Iterator[Case]:
    """An agreement that leaves the resource out, beside others that may not."""
    aoba = Words("Aoba Bio", "アオババイオ")
    without = AgreementFact(date(2026, 1, 1), None, covers=False, partner=aoba)
    whole, over = AgreementFact(date(2026, 1, 1), None), until(2026, 11, 23)
    for why, stops, agreements in (
        ("left out", True, (without,)),
        ("left out by one, covered by another", False, (without, whole)),
        ("covered by one that is over", True, (without, over)),
        ("no agreement at all", False, ()),
        ("left out by one that is over", False, (replace(without, ends_on=date(2026, 11, 23)),)),
    ):
        yield Case("not-covered", why, stops, facts(agreements=agreements))


def training_cases() -> Iterator[Case]:
    """Proof of training: not held, no longer good, good for a part of a stay, good."""
    good, missing = TrainingFact(BIOSAFETY, True), TrainingFact(LASER, False)
    for code, why, stops, trainings in (
        ("training", "nothing demanded", False, ()),
        ("training", "not held", True, (missing,)),
        ("training", "held for good", False, (good,)),
        ("training", "one of two not held", True, (good, missing)),
        ("training", "held once, no longer good", False, (TrainingFact(LASER, True, date(2026, 1, 1)),)),
        ("training-expired", "expired the day before", True, (TrainingFact(LASER, True, date(2026, 11, 23)),)),
        ("training-expired", "expires on that very day", False, (TrainingFact(LASER, True, date(2026, 11, 24)),)),
        ("training-expired", "one of two expired", True, (good, TrainingFact(LASER, True, date(2026, 11, 1)))),
        ("training-expired", "never held", False, (missing,)),
        ("training-expired", "not used for long", True, (TrainingFact(LASER, True, date(2026, 11, 23), OLD),)),
        ("training-expired", "used long ago, still good", False, (TrainingFact(LASER, True, date(2026, 11, 24), OLD),)),
    ):
        yield Case(code, why, stops, facts(trainings=trainings))
    stay: dict[str, Any] = {"terms": BY_DAY, "wanted": local_days(date(2026, 11, 24), date(2026, 12, 3), TOKYO)}
    for why, stops, expires in (
        ("before the stay begins", False, date(2026, 11, 23)),
        ("on the first day of the stay", True, date(2026, 11, 24)),
        ("the day before the last", True, date(2026, 12, 2)),
        ("on the last day of the stay", False, date(2026, 12, 3)),
        ("never", False, None),
    ):
        yield Case("training-lapses", why, stops, facts(**stay, trainings=(TrainingFact(LASER, True, expires),)))


def grid_cases() -> Iterator[Case]:
    """Starts and ends on the grid, and just off it."""
    for why, stops, terms, start, end in (
        ("on the half hours", False, TERMS, "2026-11-24 10:30", "2026-11-24 12:00"),
        ("start off by ten minutes", True, TERMS, "2026-11-24 10:10", "2026-11-24 12:00"),
        ("end off by ten minutes", True, TERMS, "2026-11-24 10:00", "2026-11-24 11:40"),
        ("off by a second", True, TERMS, "2026-11-24 10:00:01", "2026-11-24 12:00"),
        ("off by a microsecond", True, TERMS, "2026-11-24 10:00", "2026-11-24 12:00:00.000001"),
        ("half days, at noon", False, HALF_DAYS, "2026-11-24 12:00", "2026-11-25 00:00"),
        ("half days, at eleven", True, HALF_DAYS, "2026-11-24 11:00", "2026-11-25 00:00"),
        ("days, at midnight", False, BY_DAY, "2026-11-24", "2026-11-26"),
        ("days, at noon", True, BY_DAY, "2026-11-24 12:00", "2026-11-25 12:00"),
        ("two weeks from a Tuesday", False, replace(BY_DAY, slot=amount("1 wk")), "2026-11-24", "2026-12-08"),
        ("two weeks and a day", True, replace(BY_DAY, slot=amount("1 wk")), "2026-11-24", "2026-12-09"),
        ("a month from the 31st", False, MONTHLY, "2027-01-31", "2027-02-28"),
        ("a month from a leap day", False, MONTHLY, "2028-02-29", "2028-03-29"),
        ("a month from the first", False, MONTHLY, "2027-01-01", "2027-02-01"),
        ("a month from the 15th", False, MONTHLY, "2027-01-15", "2027-02-15"),
        ("a month less a day", True, MONTHLY, "2027-01-01", "2027-01-31"),
        ("a month from noon", True, MONTHLY, "2027-01-01 12:00", "2027-02-01 12:00"),
        ("a month to noon", True, MONTHLY, "2027-01-01", "2027-02-01 12:00"),
        ("six months by quarters", False, replace(MONTHLY, slot=amount("3 mo")), "2027-01-01", "2027-07-01"),
        ("four months by quarters", True, replace(MONTHLY, slot=amount("3 mo")), "2027-01-01", "2027-05-01"),
    ):
        yield Case("grid", why, stops, facts(terms=terms, wanted=span(start, end)))
    cycles = {"slot": "90 min"}
    for why, stops, start, end in (
        ("of 90 minutes from midnight", False, "2026-11-24 10:30", "2026-11-24 12:00"),
        ("of 90 minutes, at eleven", True, "2026-11-24 10:30", "2026-11-24 11:00"),
    ):
        yield Case("grid", why, stops, facts(terms=cycles, wanted=span(start, end)))
    for why, stops, start, end in (
        ("the day on which clocks go back", False, "2026-11-01", "2026-11-02"),
        ("the night on which clocks go back", False, "2026-10-31 22:00", "2026-11-01 04:00"),
    ):
        terms = replace(BY_DAY, slot=amount("1 half-day")) if len(start) == 10 else replace(TERMS, slot=amount("2 h"))
        yield Case("grid", why, stops, facts(**IN_NEW_YORK, terms=terms, wanted=span(start, end, NEW_YORK)))


def length_cases() -> Iterator[Case]:
    """The shortest and the longest booking."""
    for code, why, stops, terms, start, end in (
        ("too-short", "as short as may be", False, {"shortest": "2 h"}, "2026-11-24 10:00", "2026-11-24 12:00"),
        ("too-short", "shorter by a minute", True, {"shortest": "2 h"}, "2026-11-24 10:00", "2026-11-24 11:59"),
        ("too-short", "half a day", False, HALF_DAYS, "2026-11-24 00:00", "2026-11-24 12:00"),
        ("too-short", "less than half a day", True, HALF_DAYS, "2026-11-24 00:00", "2026-11-24 11:30"),
        ("too-short", "a February", False, MONTHLY, "2027-02-01", "2027-03-01"),
        ("too-short", "four weeks of March", True, MONTHLY, "2027-03-01", "2027-03-29"),
        ("too-long", "as long as may be", False, {"longest": "2 h"}, "2026-11-24 10:00", "2026-11-24 12:00"),
        ("too-long", "longer by a minute", True, {"longest": "2 h"}, "2026-11-24 10:00", "2026-11-24 12:01"),
        ("too-long", "a year of months", False, MONTHLY, "2027-02-01", "2028-02-01"),
        ("too-long", "a year and a month", True, MONTHLY, "2027-02-01", "2028-03-01"),
        ("too-long", "sixty days", False, BY_DAY, "2026-11-24", "2027-01-23"),
        ("too-long", "sixty-one days", True, BY_DAY, "2026-11-24", "2027-01-24"),
    ):
        yield Case(code, why, stops, facts(terms=terms, wanted=span(start, end)))
    back, forward = ("2026-11-01 00:00", "2026-11-01 04:00"), ("2027-03-14 00:00", "2027-03-14 04:00")
    spring = {"zone": NEW_YORK, "now": at("2027-03-10 09:00", NEW_YORK)}
    for code, why, stops, where, terms, (start, end) in (
        ("too-long", "five hours that look like four", True, IN_NEW_YORK, {"longest": "4 h"}, back),
        ("too-long", "five hours where five may be", False, IN_NEW_YORK, {"longest": "5 h"}, back),
        ("too-short", "three hours that look like four", True, spring, {"shortest": "4 h"}, forward),
        ("too-short", "three hours where three may be", False, spring, {"shortest": "3 h"}, forward),
        ("too-short", "a day of 23 hours is a day", False, spring, BY_DAY, ("2027-03-14", "2027-03-15")),
        (
            "too-long",
            "a day of 25 hours is a day",
            False,
            IN_NEW_YORK,
            {"longest": "1 d"},
            ("2026-11-01", "2026-11-02"),
        ),
    ):
        yield Case(code, why, stops, facts(**where, terms=terms, wanted=span(start, end, NEW_YORK)))


def linked_cases() -> Iterator[Case]:
    """What else is held with it: enough of it is free, and open where it has hours."""
    clean_down = replace(TERMS, after=amount("30 min"))
    daily = replace(TERMS, cover=Cover.ALL)
    lunch = (LinkedUnit(0, (), (span("2026-11-24 11:59", "2026-11-24 13:00"),)),)
    for why, stops, linked, terms in (
        ("nobody is there at all", True, operators(), {}),
        ("the only one is busy", True, operators("11:30-13:00"), {}),
        ("one of two is busy", False, operators("11:30-13:00", ""), {}),
        ("one of two is busy, and both are needed", True, operators("11:30-13:00", "", pieces=2), {}),
        ("a part of the whole is busy", True, operators("11:30-13:00", "", pieces=None), {}),
        ("the whole is free", False, operators("12:00-13:00", "09:00-10:00", pieces=None), {}),
        ("its own clean-down reaches into it", True, operators("12:00-13:00", terms=clean_down), {}),
        ("busy during the clean-down of what is booked", True, operators("12:00-13:00"), {"after": "15 min"}),
        ("where buffers are shared they do not count for it", False, operators("12:00-13:00"), SHARED),
        ("within its hours", False, operators("", openings=WEEKDAYS, terms=daily), {}),
        ("on a day on which it has none", True, operators("", openings=WEEKDAYS[:1], terms=daily), {}),
        ("shut for a minute of it", True, operators("", units=lunch), {}),
        ("that a part is shut closes not the whole", False, operators("", units=lunch, pieces=None), {}),
    ):
        unnamed = replace(linked, name=Words())
        yield Case("linked", why, stops, facts(linked=(linked,), terms=terms))
        yield Case("linked", f"{why}, without a name", stops, facts(linked=(operators(""), unnamed), terms=terms))


def moment_cases() -> Iterator[Case]:
    """Asked for too late, too early, or in time."""
    for why, stops, now in (
        ("the slot before", True, "2026-11-24 10:30"),
        ("the running slot", False, "2026-11-24 10:29:59"),
        ("the slot to come", False, "2026-11-24 10:00"),
    ):
        yield Case("past", why, stops, facts(now=at(now)))
    today, yesterday = span("2026-11-24", "2026-11-25"), span("2026-11-23", "2026-11-25")
    yield Case("past", "a day that has begun", False, facts(terms=BY_DAY, now=at("2026-11-24 23:59"), wanted=today))
    yield Case("past", "a day that is over", True, facts(terms=BY_DAY, now=at("2026-11-24 00:00"), wanted=yesterday))
    morning: dict[str, Any] = {"terms": HALF_DAYS, "wanted": span("2026-11-24 00:00", "2026-11-24 12:00")}
    yield Case("past", "a morning that is running", False, facts(**morning, now=at("2026-11-24 11:59")))
    yield Case("past", "a morning that is over", True, facts(**morning, now=at("2026-11-24 12:00")))
    month: dict[str, Any] = {"terms": MONTHLY, "wanted": span("2026-11-01", "2026-12-01")}
    yield Case("past", "a month from today", False, facts(**month, now=at("2026-11-01 18:00")))
    yield Case("past", "a month from yesterday", True, facts(**month, now=at("2026-11-02 00:00")))

    for why, stops, notice, now in (
        ("two hours ahead to the second", False, "2 h", "2026-11-24 08:00"),
        ("two hours less a second", True, "2 h", "2026-11-24 08:00:01"),
        ("none demanded", False, "0 min", "2026-11-24 10:20"),
        ("the same time a day before", False, "1 d", "2026-11-23 10:00"),
        ("a minute less than a day", True, "1 d", "2026-11-23 10:01"),
    ):
        yield Case("notice", why, stops, facts(terms={"notice": notice}, now=at(now)))
    sunday = span("2026-11-01 10:00", "2026-11-01 12:00", NEW_YORK)
    late = facts(zone=NEW_YORK, terms={"notice": "24 h"}, now=at("2026-10-31 11:01", NEW_YORK), wanted=sunday)
    yield Case("notice", "24 hours over a long night", True, late)
    yield Case("notice", "24 hours to the second", False, replace(late, now=at("2026-10-31 11:00", NEW_YORK)))

    for why, stops, now in (
        ("on the last day, late", False, "2026-10-25 00:00"),
        ("on the last day, early", False, "2026-10-25 23:59"),
        ("a day too early", True, "2026-10-24 23:59"),
    ):
        yield Case("horizon", why, stops, facts(now=at(now)))
    half_year = facts(terms={"horizon": "6 mo"}, now=at("2026-05-24 09:00"))
    yield Case("horizon", "six months ahead", False, half_year)
    yield Case("horizon", "six months and a day ahead", True, replace(half_year, now=at("2026-05-23 09:00")))
