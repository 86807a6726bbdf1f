"""What the panel says of an ask with several dates or parts: a line for each, and what will do in one breath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from ..core.facts import Effect, Verdict
from ..core.interval import Interval
from ..core.recurrence import NO_SUCH_TIME, wall_of
from ..web import sentences, times
from .planning import Piece, Planned
from .verdicts import DateLine, VerdictPanel

NO_TIME = Verdict((NO_SUCH_TIME,))


def dates_panel(planned: Sequence[Planned], zone: ZoneInfo, language: str, *, repeats: bool) -> VerdictPanel:
    """The panel of a series, a line for each date; or of a set, a line for each of its bookings."""
    possible = [one for one in planned if one.is_possible]
    reviews = any(one.needs_review for one in possible)
    outcome = "refused" if not possible else "review" if reviews else "approved"
    if repeats:
        lines = [_date_line(one, zone, language) for one in planned]
        return _panel(outcome, _series_headline(len(possible), len(planned), is_review=reviews), lines)
    lines = [_piece_line(piece, zone, language) for one in planned for piece in one.pieces]
    panel = _panel(outcome, _set_headline(outcome, lines), lines)
    return replace(panel, is_waivable=any(one.is_waivable for one in planned))


def _panel(outcome: str, headline: str, lines: list[DateLine]) -> VerdictPanel:
    """With the whole of it in one breath, which is read out when it changes."""
    reason = next((line for line in lines if line.effect == "refuse" and line.said), None)
    said = headline
    if outcome == "refused" and reason is not None:
        said = gettext(
            "%(headline)s. Reason: %(reason)s", headline=headline, reason=f"{reason.label}: {reason.said[0]}"
        )
    return VerdictPanel(outcome, headline, said, dates=lines)


def _series_headline(possible: int, dates: int, *, is_review: bool) -> str:
    if possible == 0:
        return gettext("None of these dates is possible")
    if possible < dates:
        return gettext("%(possible)s of %(dates)s dates are possible", possible=possible, dates=dates)
    if is_review:
        return ngettext("Possible: staff decide on %(num)s date", "Possible: staff decide on %(num)s dates", dates)
    return ngettext("%(num)s date, and it is free", "All %(num)s dates are free", dates)


def _set_headline(outcome: str, lines: Sequence[DateLine]) -> str:
    count = len(lines)
    if outcome == "refused":
        return gettext("Not possible together")
    if outcome == "review":
        return gettext("Possible together: staff decide on all of it")
    return ngettext("It is free", "All %(num)s are free together", count)


def _date_line(one: Planned, zone: ZoneInfo, language: str) -> DateLine:
    if not one.pieces:
        return DateLine("refuse", _wall_label(wall_of(one.date.names[0]), language), _reasons(NO_TIME, language))
    first = one.pieces[0]
    label = times.when(_asked(one), zone, language, by_day=first.facts.terms.by_day)
    if not one.is_possible:
        return DateLine("refuse", label, [said for piece in one.refused for said in _reasons(piece.verdict, language)])
    effect = "review" if one.needs_review else "kept"
    if one.was_moved:
        moved = times.when(first.time, zone, language, by_day=first.facts.terms.by_day)
        return DateLine(effect, label, [gettext("Moved to %(time)s", time=moved)])
    return DateLine(effect, label)


def _asked(one: Planned) -> Interval:
    return one.date.times[0]


def _piece_line(piece: Piece, zone: ZoneInfo, language: str) -> DateLine:
    when = times.when(piece.time, zone, language, by_day=piece.facts.terms.by_day)
    name = piece.place.resource.name.text(language)
    several = len(piece.place.units) > 1
    label = " · ".join((f"{name} {piece.unit.name}" if several else name, when))
    if piece.verdict.is_refused:
        return DateLine("refuse", label, _reasons(piece.verdict, language))
    effect = "review" if piece.verdict.needs_review else "kept"
    return DateLine(effect, label, _reasons(piece.verdict, language, Effect.REVIEW))


def _reasons(verdict: Verdict, language: str, effect: Effect = Effect.REFUSE) -> list[str]:
    found = (one.said for one in verdict.findings if one.effect is effect)
    return [sentences.said(one.sentence, one.values, language) for one in found]


def _wall_label(wall: datetime, language: str) -> str:
    return f"{times.dated(wall.date(), language)} {times.clock(wall)}"
