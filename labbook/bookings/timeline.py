"""What became of a request, line by line, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from flask_babel import gettext

from ..core.flags import TOLD
from ..core.interval import Interval
from ..core.language import N_, joined
from ..core.links import Together
from ..core.place import Place
from ..web import times
from .afterwards import besides_note

HISTORY_WORDS = {
    "booking-ask": N_("Asked for"),
    "booking-approve": N_("Approved"),
    "booking-decline": N_("Declined"),
    "booking-withdraw": N_("Withdrawn"),
    "booking-cancel": N_("Cancelled"),
    "booking-move": N_("Moved"),
    "booking-extend": N_("Extended"),
    "booking-shorten": N_("Shortened"),
    "booking-hand-over": N_("Handed over"),
    "booking-ask-change": N_("A change was asked for; until it is decided everything stands as it was"),
    "booking-grant-change": N_("The change was approved"),
    "booking-decline-change": N_("The change was declined; everything stays as it was"),
    "booking-withdraw-change": N_("The change was withdrawn"),
    "booking-end-change": N_("The change ended undecided; the booking stays as it was"),
    "booking-clear": N_("Safety had no objection"),
    "booking-propose": N_("Another time was proposed, and is kept until it is answered"),
    "booking-accept-proposal": N_("The proposed time was taken: approved"),
    "booking-refuse-proposal": N_("The proposed time was not taken; staff decide on what was asked for"),
    "booking-end-proposal": N_("The proposal ended; what was asked for waits"),
    "booking-undo": N_("The decision was undone; it waits again"),
    "booking-undo-wish": N_("The decision was undone; it waits again"),
    "request-assigned": N_("Given to somebody to decide on"),
    "booking-start": N_("Began"),
    "booking-finish": N_("Ended"),
    "booking-expire": N_("Expired: nobody decided in time"),
    "booking-release": N_("The rest of the time was given back"),
    "booking-no-show": N_("Not used: the rest of the time was freed"),
    "booking-checked-in": N_("Checked in"),
    "booking-charged": N_("Charged"),
    "booking-reminded": N_("Reminded that it begins soon"),
    "request-looked-at": N_("Opened by staff"),
    "request-signed": N_("Signed"),
    "rule-waived": N_("A rule was waived"),
    "booking-renewed": N_("Renewed by the request that follows it"),
    "booking-renews": N_("Renews the one before it"),
    **TOLD,
}
COUNTED_WORDS = {  # where the whole time counts all the same
    "booking-cancel": N_("Cancelled; the time still counts as used"),
    "booking-no-show": N_("Not used: the rest of the time was freed, but all of it counts as used"),
}


def moved_words(body: Mapping[str, Any], place: Place, language: str) -> str:
    """From where to where a step has moved a booking, or is to; nothing where it says no time."""
    was = body.get("old")
    stays = isinstance(was, Mapping) and was.get("unit") == body.get("unit")
    old, new = _place(was, place, language, stays=stays), _place(body, place, language, stays=stays)
    return f"{old} → {new}" if old and new else new


def _place(said: Any, place: Place, language: str, *, stays: bool) -> str:
    """A time as history keeps it, with the unit unless it `stays` there."""
    if not isinstance(said, Mapping) or "starts" not in said or "ends" not in said:
        return ""
    time = Interval(datetime.fromisoformat(said["starts"]), datetime.fromisoformat(said["ends"]))
    when = times.when(time, place.zoneinfo, language, by_day=False)
    return joined((said["unit"], when), language) if said.get("unit") and place.unit and not stays else when


def besides_words(body: Mapping[str, Any], language: str) -> str:
    """What of linked resources is held since a step; nothing where it says nothing of that."""
    return besides_note([Together.spelled(one) for one in body.get("besides", ())], language)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened."""

    at: str
    who: str
    what: str
    reason: str
    moved: str = ""  # from where to where
    besides: str = ""  # what else is held since then
    count: int = 1  # of how many bookings the same is said


def history_line(
    code: str, at: datetime, who: str, reason: str, place: Place, language: str, *, counts: bool
) -> HistoryLine:
    """One event of a request; `counts` says that the time counts as used all the same."""
    words = COUNTED_WORDS.get(code) if counts else None
    what = gettext(words or HISTORY_WORDS.get(code, code))
    return HistoryLine(times.moment(at, place.zoneinfo, language), who, what, reason)


def folded(lines: Sequence[HistoryLine]) -> list[HistoryLine]:
    """The same said of several bookings in a row, as of a series, is said once."""
    return [replace(line, count=len(list(alike))) for line, alike in groupby(lines)]
