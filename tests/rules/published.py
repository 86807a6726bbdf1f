"""The booking rules that real facilities publish, as a lab writes them down, and what they must answer.

Each facility is set up in Tsukuba and in Cambridge alike; its cases are wall times of 2026 at the one or the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labbook.core.calendar import Span
from labbook.core.facts import Effect
from labbook.core.language import Words
from labbook.core.limits.ahead import Ahead
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.at_once import AtOnce
from labbook.core.limits.bookings import Bookings, Days
from labbook.core.limits.deadline import Consequence, Deadline, Step
from labbook.core.limits.hours import OnlyWithin, Which
from labbook.core.limits.in_a_row import InARow
from labbook.core.limits.limit import Limit
from labbook.core.limits.no_show import NoShow
from labbook.core.weekly import Stretch, When

WEEKDAYS, EVERY_DAY = frozenset(range(5)), frozenset(range(7))
PEAK = When((Stretch(WEEKDAYS, 9 * 60, 19 * 60),), name=Words("peak", "ピーク時間"))
NIGHT = When((Stretch(EVERY_DAY, 19 * 60, 9 * 60),), name=Words("night", "夜間"), on_holidays=True)
EVENING = When((Stretch(EVERY_DAY, 19 * 60, 24 * 60),), name=Words("evening", "夕方"), on_holidays=True)

YES, STAFF = frozenset[str](), frozenset({"staff"})


def no(*codes: str) -> frozenset[str]:
    """Refused for these reasons, and for no others."""
    return frozenset(codes)


@dataclass(frozen=True)
class Had:
    """A booking from before: of whom, where, when, and how many hours ahead it was asked for."""

    start: str
    end: str
    person: str = "hana"
    system: int = 0
    hours_ahead: float = 240
    mode: str = ""


@dataclass(frozen=True)
class Wish:
    """What Hana asks for, and the answer."""

    why: str
    start: str
    end: str
    answer: frozenset[str]
    had: Sequence[Had] = ()
    now: str = "11-24 08:00"  # a Tuesday
    site: str = "tsukuba"
    mode: str = ""


@dataclass(frozen=True)
class Facility:
    """Terms as its managers type them, its kinds of work, its rule sets, and the cases."""

    name: str
    terms: dict[str, str]
    limits: Sequence[Limit]
    wishes: Sequence[Wish]
    modes: Sequence[tuple[str, str]] = ()
    is_for_group: bool = False  # the rule set is about both systems together, else about each


def away(
    why: str,
    start: str,
    end: str,
    answer: frozenset[str],
    had: Sequence[Had] = (),
    now: str = "10-27 08:00",
    mode: str = "",
) -> Wish:
    """The same in Cambridge, in the days around the night on which its clocks go back."""
    return Wish(why, start, end, answer, had, now, "cambridge", mode)


ZOOLOGY = Facility(
    "3 h a day and 12 h a week at peak, 10 days ahead; same-day bookings do not count; overnight only 19:00 to 09:00",
    {"slot": "30 min", "shortest": "30 min", "longest": "15 h", "horizon": "10 d", "cover": "none"},
    [
        Allowance(most=3 * 60, span=Span.DAY, when=PEAK, same_day_free=True),
        Allowance(most=12 * 60, span=Span.WEEK, when=PEAK, same_day_free=True),
        OnlyWithin(which=Which.OVERNIGHT, when=NIGHT),
    ],
    [
        Wish("three hours at peak", "11-25 09:00", "11-25 12:00", YES),
        Wish("half an hour more", "11-25 09:00", "11-25 12:30", no("allowance")),
        Wish(
            "the twelfth hour of the week",
            "11-27 10:00",
            "11-27 13:00",
            YES,
            [Had(f"11-{day} 09:00", f"11-{day} 12:00") for day in (24, 25, 26)],
        ),
        Wish(
            "the twelfth hour and a half",
            "11-27 10:00",
            "11-27 13:00",
            no("allowance"),
            [
                *(Had(f"11-{day} 09:00", f"11-{day} 12:00") for day in (24, 25)),
                Had("11-26 09:00", "11-26 12:30"),
            ],
        ),
        Wish("on the day itself it does not count", "11-24 09:00", "11-24 15:00", YES),
        Wish(
            "what was booked on its own day does not count",
            "11-26 09:00",
            "11-26 12:00",
            YES,
            [Had(f"11-{day} 09:00", f"11-{day} 15:00", hours_ahead=1) for day in (23, 24, 25)],
        ),
        Wish("the tenth day", "12-04 09:00", "12-04 12:00", YES),
        Wish("the eleventh day", "12-05 09:00", "12-05 12:00", no("horizon")),
        Wish("exactly the night", "11-25 19:00", "11-26 09:00", YES),
        Wish("half an hour too early", "11-25 18:30", "11-26 09:00", no("only-within")),
        Wish("half an hour too late", "11-25 19:00", "11-26 09:30", no("only-within")),
        Wish("a whole Saturday is off-peak", "11-28 09:00", "11-28 19:00", YES),
        Wish("a Monday that is a holiday", "11-23 09:00", "11-23 19:00", YES, now="11-20 08:00"),
        Wish("the Tuesday after it", "11-24 09:00", "11-24 19:00", no("allowance"), now="11-20 08:00"),
        away("the night of 15 hours", "10-31 19:00", "11-01 09:00", YES),
        away("an hour more, by the clock", "10-31 19:00", "11-01 10:00", no("only-within", "too-long")),
        away("peak on the Monday after", "11-02 09:00", "11-02 12:00", YES),
    ],
)

CONFOCAL = Facility(
    "10 h peak per week, 5 consecutive, two evenings, 14 days ahead; what is still free in the next 24 h is outside",
    {"slot": "30 min", "shortest": "30 min", "longest": "12 h", "horizon": "14 d", "cover": "none"},
    [
        Allowance(most=10 * 60, span=Span.WEEK, when=PEAK, free_hours=24),
        InARow(most=5 * 60),
        Days(most=2, span=Span.WEEK, when=EVENING, free_hours=24),
    ],
    [
        Wish("five hours in a row", "11-26 09:00", "11-26 14:00", YES),
        Wish("half an hour more", "11-26 09:00", "11-26 14:30", no("in-a-row")),
        Wish(
            "the sixth hour, after a short pause",
            "11-26 14:30",
            "11-26 15:30",
            no("in-a-row"),
            [Had("11-26 09:00", "11-26 14:00")],
        ),
        Wish(
            "after a longer pause",
            "11-26 15:00",
            "11-26 16:00",
            YES,
            [Had("11-26 09:00", "11-26 14:00")],
        ),
        Wish(
            "the tenth hour",
            "11-27 09:00",
            "11-27 12:00",
            YES,
            [Had("11-26 09:00", "11-26 13:00"), Had("11-24 09:00", "11-24 12:00")],
        ),
        Wish(
            "half an hour over ten",
            "11-27 09:00",
            "11-27 12:00",
            no("allowance"),
            [Had("11-26 09:00", "11-26 13:30"), Had("11-24 09:00", "11-24 12:00")],
        ),
        Wish(
            "still free 24 h before: outside",
            "11-25 08:00",
            "11-25 12:00",
            YES,
            [Had("11-26 09:00", "11-26 14:00"), Had("11-27 09:00", "11-27 14:00")],
        ),
        Wish(
            "half an hour more than 24 h before: inside",
            "11-25 08:30",
            "11-25 12:00",
            no("allowance"),
            [Had("11-26 09:00", "11-26 14:00"), Had("11-27 09:00", "11-27 14:00")],
        ),
        Wish(
            "the second evening",
            "11-27 20:00",
            "11-27 22:00",
            YES,
            [Had("11-26 20:00", "11-26 22:00")],
        ),
        Wish(
            "the third evening",
            "11-28 20:00",
            "11-28 22:00",
            no("days"),
            [Had("11-26 20:00", "11-26 22:00"), Had("11-27 20:00", "11-27 22:00")],
        ),
        Wish("the fourteenth day", "12-08 09:00", "12-08 12:00", YES),
        Wish("the fifteenth day", "12-09 09:00", "12-09 12:00", no("horizon")),
        Wish(
            "a holiday at peak hours is outside",
            "11-23 09:00",
            "11-23 12:00",
            YES,
            [Had("11-26 09:00", "11-26 14:00"), Had("11-27 09:00", "11-27 14:00")],
            now="11-20 08:00",
        ),
        away("five hours that look like four", "11-01 00:00", "11-01 04:00", YES),
        away("five and a half that look less", "11-01 00:00", "11-01 04:30", no("in-a-row")),
    ],
)

LIGHT = Facility(
    "3 h peak limit for fixed samples only, none for live imaging; 7 days ahead, 14 on request; holidays are off-peak",
    {"slot": "30 min", "shortest": "30 min", "longest": "24 h", "horizon": "14 d", "cover": "none"},
    [
        Allowance(most=3 * 60, span=Span.DAY, when=PEAK, modes=frozenset({"fixed-samples"})),
        Ahead(days=7, effect=Effect.REVIEW),
    ],
    [
        Wish("fixed, three hours", "11-25 09:00", "11-25 12:00", YES, mode="fixed-samples"),
        Wish("fixed, more", "11-25 09:00", "11-25 12:30", no("allowance"), mode="fixed-samples"),
        Wish("live, the whole day", "11-25 09:00", "11-25 19:00", YES, mode="live-imaging"),
        Wish(
            "fixed, beside live work of the same day",
            "11-25 15:00",
            "11-25 18:00",
            YES,
            [Had("11-25 09:00", "11-25 14:00", mode="live-imaging")],
            mode="fixed-samples",
        ),
        Wish("the seventh day", "12-01 09:00", "12-01 12:00", YES, mode="fixed-samples"),
        Wish("the eighth day, on request", "12-02 09:00", "12-02 12:00", STAFF, mode="fixed-samples"),
        Wish("the fourteenth, on request", "12-08 09:00", "12-08 12:00", STAFF, mode="live-imaging"),
        Wish("the fifteenth", "12-09 09:00", "12-09 12:00", no("horizon"), mode="live-imaging"),
        Wish(
            "fixed, on a holiday",
            "11-23 09:00",
            "11-23 19:00",
            YES,
            now="11-20 08:00",
            mode="fixed-samples",
        ),
        away("fixed, the Monday after the clocks went back", "11-02 09:00", "11-02 12:00", YES, mode="fixed-samples"),
        away("the seventh day over the change", "11-03 23:00", "11-04 01:00", YES, mode="fixed-samples"),
        away("the eighth day over the change", "11-04 00:00", "11-04 01:00", STAFF, mode="fixed-samples"),
    ],
    modes=[("Fixed samples", "固定サンプル"), ("Live imaging", "ライブイメージング")],
)

LIFE_SCIENCE = Facility(
    "2 bookings per system per week, never two systems at once; a 30 min no-show frees the slot",
    {"slot": "30 min", "shortest": "30 min", "longest": "8 h", "horizon": "30 d", "cover": "none"},
    [Bookings(most=2, span=Span.WEEK, each_alone=True), AtOnce(most=1), NoShow(grace=30)],
    [
        Wish("the first", "11-27 10:00", "11-27 12:00", YES),
        Wish("the second", "11-27 10:00", "11-27 12:00", YES, [Had("11-25 10:00", "11-25 12:00")]),
        Wish(
            "the third",
            "11-27 10:00",
            "11-27 12:00",
            no("bookings"),
            [Had("11-25 10:00", "11-25 12:00"), Had("11-26 10:00", "11-26 12:00")],
        ),
        Wish(
            "the third, of which one on the other system",
            "11-27 10:00",
            "11-27 12:00",
            YES,
            [Had("11-25 10:00", "11-25 12:00"), Had("11-26 10:00", "11-26 12:00", system=1)],
        ),
        Wish(
            "the third, but on Monday of the next week",
            "11-30 10:00",
            "11-30 12:00",
            YES,
            [Had("11-25 10:00", "11-25 12:00"), Had("11-26 10:00", "11-26 12:00")],
        ),
        Wish(
            "both systems for a minute",
            "11-27 10:00",
            "11-27 12:00",
            no("at-once"),
            [Had("11-27 11:30", "11-27 13:00", system=1)],
        ),
        Wish(
            "one system after the other",
            "11-27 10:00",
            "11-27 12:00",
            YES,
            [Had("11-27 12:00", "11-27 13:00", system=1)],
        ),
        Wish(
            "a colleague has the other",
            "11-27 10:00",
            "11-27 12:00",
            YES,
            [Had("11-27 10:00", "11-27 12:00", person="alan", system=1)],
        ),
        away(
            "a week in which the clocks change ends on its Sunday",
            "11-01 22:00",
            "11-01 23:30",
            no("bookings"),
            [Had("10-28 10:00", "10-28 12:00"), Had("10-29 10:00", "10-29 12:00")],
        ),
        Wish(
            "a booking on a holiday counts",
            "11-27 10:00",
            "11-27 12:00",
            no("bookings"),
            [Had("11-23 10:00", "11-23 12:00"), Had("11-26 10:00", "11-26 12:00")],
        ),
    ],
    is_for_group=True,
)

MEDICINE = Facility(
    "4 h slots, 9 h held per system at a time, start within 30 min, changes more than 1 h before",
    {"slot": "4 h", "shortest": "4 h", "longest": "8 h", "horizon": "60 d", "cover": "none"},
    [
        Allowance(most=9 * 60, span=Span.AHEAD, each_alone=True),
        NoShow(grace=30),
        Deadline(step=Step.CHANGE, hours=1, then=Consequence.REFUSED),
    ],
    [
        Wish("one slot", "11-26 08:00", "11-26 12:00", YES),
        Wish("not on the grid", "11-26 09:00", "11-26 13:00", no("grid")),
        Wish("half a slot", "11-26 08:00", "11-26 10:00", no("grid", "too-short")),
        Wish("the second slot", "11-26 08:00", "11-26 12:00", YES, [Had("12-10 08:00", "12-10 12:00")]),
        Wish(
            "the third slot",
            "11-26 08:00",
            "11-26 12:00",
            no("allowance"),
            [Had("12-10 08:00", "12-10 12:00"), Had("12-11 08:00", "12-11 12:00")],
        ),
        Wish(
            "the third, of which one on the other system",
            "11-26 08:00",
            "11-26 12:00",
            YES,
            [Had("12-10 08:00", "12-10 12:00"), Had("12-11 08:00", "12-11 12:00", system=1)],
        ),
        Wish(
            "the third, when the first is over",
            "11-26 08:00",
            "11-26 12:00",
            YES,
            [Had("11-24 04:00", "11-24 08:00"), Had("12-11 08:00", "12-11 12:00")],
        ),
        Wish(
            "the third, when the first has an hour to run",
            "11-26 08:00",
            "11-26 12:00",
            YES,
            [Had("11-24 05:00", "11-24 09:00"), Had("12-11 08:00", "12-11 12:00")],
        ),
        Wish(
            "the third, when the first has an hour and a half to run",
            "11-26 08:00",
            "11-26 12:00",
            no("allowance"),
            [Had("11-24 05:30", "11-24 09:30"), Had("12-11 08:00", "12-11 12:00")],
        ),
        away("a slot of five hours in autumn", "11-01 00:00", "11-01 04:00", YES),
        away("five hours and four are nine", "11-01 00:00", "11-01 04:00", YES, [Had("11-10 08:00", "11-10 12:00")]),
        Wish("on a holiday as on any day", "12-23 08:00", "12-23 12:00", YES),
    ],
)

SORTERS = Facility(
    "sorters: staff book from a request at least 24 h ahead; free cancellation until 48 h, then a charge",
    {
        "slot": "1 h",
        "shortest": "1 h",
        "longest": "6 h",
        "horizon": "28 d",
        "notice": "24 h",
        "asks": "form",
        "cover": "none",
    },
    [Deadline(hours=48, then=Consequence.CHARGED, amount=5000, currency="JPY")],
    [
        Wish("staff choose", "11-27 10:00", "11-27 12:00", STAFF),
        Wish("exactly a day ahead", "11-25 08:00", "11-25 10:00", STAFF),
        Wish("an hour less", "11-25 07:00", "11-25 09:00", no("notice")),
        Wish("the last day", "12-22 10:00", "12-22 12:00", STAFF),
        Wish("the day after the last", "12-23 10:00", "12-23 12:00", no("horizon")),
        Wish("seven hours", "11-27 10:00", "11-27 17:00", no("too-long")),
        Wish("a holiday", "11-23 10:00", "11-23 12:00", STAFF, now="11-20 08:00"),
        away("24 h that are 23 by the clock", "11-01 07:00", "11-01 09:00", STAFF, now="10-31 08:00"),
        away("an hour less again", "11-01 06:00", "11-01 08:00", no("notice"), now="10-31 08:00"),
    ],
)

ANALYSERS = Facility(
    "analysers: self-service; free cancellation until 24 h, then a charge",
    {"slot": "30 min", "shortest": "30 min", "longest": "4 h", "horizon": "14 d", "cover": "none"},
    [Deadline(hours=24, then=Consequence.CHARGED, amount=2000, currency="JPY")],
    [
        Wish("at once", "11-24 09:00", "11-24 11:00", YES),
        Wish("tomorrow", "11-25 09:00", "11-25 13:00", YES),
        Wish("too long", "11-25 09:00", "11-25 13:30", no("too-long")),
        Wish("the last day", "12-08 23:00", "12-09 01:00", YES),
        Wish("the day after the last", "12-09 00:00", "12-09 01:00", no("horizon")),
        Wish("on a holiday", "11-23 09:00", "11-23 11:00", YES, now="11-20 08:00"),
        away("four hours that look like three", "11-01 00:00", "11-01 03:00", YES),
        away("five that look like four", "11-01 00:00", "11-01 04:00", no("too-long")),
    ],
)

ASSISTED = Facility(
    "assisted booking: staff accept by their own availability; another colour until then",
    {"slot": "30 min", "shortest": "30 min", "longest": "4 h", "horizon": "28 d", "asks": "always", "cover": "none"},
    [],
    [
        Wish("waits for staff", "11-25 09:00", "11-25 11:00", STAFF),
        Wish("the longest", "11-25 09:00", "11-25 13:00", STAFF),
        Wish("longer", "11-25 09:00", "11-25 13:30", no("too-long")),
        Wish("the last day", "12-22 09:00", "12-22 11:00", STAFF),
        Wish("the day after the last", "12-23 09:00", "12-23 11:00", no("horizon")),
        Wish("a holiday", "11-23 09:00", "11-23 11:00", STAFF, now="11-20 08:00"),
        Wish(
            "while another waits",
            "11-25 09:00",
            "11-25 11:00",
            no("taken"),
            [Had("11-25 10:00", "11-25 12:00", person="alan")],
        ),
        away("over the change of clocks", "11-01 00:00", "11-01 03:00", STAFF),
    ],
)

FACILITIES = (ZOOLOGY, CONFOCAL, LIGHT, LIFE_SCIENCE, MEDICINE, SORTERS, ANALYSERS, ASSISTED)
