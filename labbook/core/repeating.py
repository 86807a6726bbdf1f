"""How rules that repeat are named: what they count in, weekdays, and the rule in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from .facts import Value
from .language import N_, Words
from .terms import Sentence

LAST = -1
WEEKDAYS = tuple(
    Words(*names)
    for names in (
        ("Monday", "月曜日"),
        ("Tuesday", "火曜日"),
        ("Wednesday", "水曜日"),
        ("Thursday", "木曜日"),
        ("Friday", "金曜日"),
        ("Saturday", "土曜日"),
        ("Sunday", "日曜日"),
    )
)
NTHS = {
    1: Words("first", "第1"),
    2: Words("second", "第2"),
    3: Words("third", "第3"),
    4: Words("fourth", "第4"),
    5: Words("fifth", "第5"),
    LAST: Words("last", "最終"),
}


class Every(StrEnum):
    """What a rule counts in. Part of forms and programs' requests; never rename."""

    DAY = "day"
    WEEK = "week"
    DATE = "month-date"  # the 15th of the month
    WEEKDAY = "month-weekday"  # its second Tuesday


_PATTERNS = {  # every so many, every one
    Every.DAY: (N_("Every %(step)s days"), N_("Every day")),
    Every.WEEK: (N_("Every %(step)s weeks on %(days)s"), N_("Every week on %(days)s")),
    Every.DATE: (N_("Every %(step)s months on day %(day)s"), N_("Every month on day %(day)s")),
    Every.WEEKDAY: (N_("Every %(step)s months on the %(nth)s %(days)s"), N_("Every month on the %(nth)s %(days)s")),
}


def said(every: Every, gaps: Mapping[str, Value], until: date | None, count: int | None) -> Sentence:
    """A rule in plain words: every so many, on which days, and until when."""
    several, single = _PATTERNS[every]
    shown = single if gaps["step"] == 1 else several
    pattern = Sentence(shown, {name: value for name, value in gaps.items() if f"%({name})s" in shown})
    if until is not None:
        return Sentence(N_("%(pattern)s, until %(until)s"), {"pattern": pattern, "until": until})
    if count is None:
        return pattern
    if count == 1:
        return Sentence(N_("%(pattern)s, once"), {"pattern": pattern})
    return Sentence(N_("%(pattern)s, %(count)s times"), {"pattern": pattern, "count": count})
