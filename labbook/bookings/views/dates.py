"""The dates of a request on its page: what repeats, and which dates can be decided on by themselves."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import request, url_for

from ...core.lifecycle import OPEN
from ...core.place import Place
from ...web import times
from ..series import of_one_date, repeated_of
from ..series_pages import rule_label


class SeriesLink(NamedTuple):
    """What repeats in a request, and how many of its dates were skipped."""

    url: str
    rule: str
    skipped: int


class Choice(NamedTuple):
    """A date that can be decided on by itself; its bookings are decided on together."""

    key: str  # of one of them
    label: str
    is_ticked: bool


def series_links(found: Any, words: str) -> list[SeriesLink]:
    """The series of a request; of those that go together the first."""
    if not any(one.series_id for one in found.bookings):
        return []
    return [
        SeriesLink(
            url_for(".series_page", key=one.rows[0].key),
            rule_label(one.rows[0], words),
            sum(bool(day.skipped) for day in one.days),
        )
        for one in repeated_of(found.id)
        if one.days
    ]


def dates_to_decide(found: Any, place: Place, words: str) -> list[Choice]:
    """The dates of a series that wait for a decision, where there are several."""
    if not any(one.series_id for one in found.bookings):
        return []
    dates = of_one_date((one for one in found.bookings if one.state in OPEN), found.id)
    ticked = request.form.getlist("only")
    return [_choice(date, place, words, ticked) for date in dates] if len(dates) > 1 else []


def _choice(date: list[Any], place: Place, words: str, ticked: list[str]) -> Choice:
    first = date[0]
    when = times.when(first.time, place.zoneinfo, words, by_day=first.by_day)
    return Choice(first.key, when, first.key in ticked)
