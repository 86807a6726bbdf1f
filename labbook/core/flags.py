"""Flags: a booking has lost what it rests on. It keeps its time but does not begin until somebody settles it.

Or a rule that came later would not allow it: that is for staff to know, and it begins as booked.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from .language import N_
from .lifecycle import OPEN, State

SUSPENDS = frozenset({State.APPROVED, *OPEN})  # what is yet to begin; a running booking is left alone


class Lost(StrEnum):
    """What a booking has lost, or goes against. Stored; never rename."""

    AGREEMENT = "agreement-ended"
    TRAINING = "training-lapsed"
    PERSON = "person-left"
    RULE = "rule-changed"
    CLOSED = "closed"  # the place is shut over it


SUSPENDING = frozenset(Lost) - {Lost.RULE}  # what is booked is not changed by a rule that comes later


class Choice(StrEnum):
    """What became of a flag. Stored; never rename."""

    KEPT = "kept"  # staff let the booking begin nevertheless
    CANCELLED = "cancelled"
    MENDED = "mended"  # what was lost is there again
    MOVED = "moved"  # to a time or a place that is not closed


class FlagWords(NamedTuple):
    """What is said of a flag: to staff in a word, to everybody as a reason, and what to do."""

    label: str
    reason: str
    advice: str


WORDS: dict[Lost, FlagWords] = {
    Lost.AGREEMENT: FlagWords(
        N_("Agreement ended"),
        N_("Suspended: the partner's agreement with this site has ended."),
        N_("The booking begins only if the agreement is renewed or the site's staff keep it."),
    ),
    Lost.TRAINING: FlagWords(
        N_("Training lapsed"),
        N_("Suspended: a training that this resource demands has lapsed."),
        N_("Renew the training before the start; the booking is then released by itself."),
    ),
    Lost.PERSON: FlagWords(
        N_("Person left"),
        N_("Suspended: the person it is for no longer works for the partner, or their account is closed."),
        N_("The booking begins only if the person returns or the site's staff keep it."),
    ),
    Lost.RULE: FlagWords(
        N_("Against a changed rule"),
        N_("A rule that was changed after the booking would not allow it."),
        N_("It begins as booked. If the site's staff cancel it instead, they say why."),
    ),
    Lost.CLOSED: FlagWords(
        N_("Under a closure"),
        N_("Suspended: the place was closed over it."),
        N_("The site's staff decide whether to keep, move or cancel it. Moved to another time, it goes on at once."),
    ),
}

TOLD = {
    "booking-flagged": N_("Suspended"),
    "booking-against-rule": N_("Against a rule that was changed; it begins as booked"),
    "booking-closed-over": N_("The place was closed over it; staff decide"),
    "flag-kept": N_("Kept by staff: it begins as booked"),
    "flag-cancelled": N_("The suspension ended with the booking"),
    "flag-mended": N_("Released: what it lacked is there again"),
    "flag-keeps-rule": N_("It keeps all rules again"),
    "flag-moved": N_("Out of the closure: it goes on at its new time and place"),
    "flag-open-again": N_("Not under a closure any more: it goes on as booked"),
    "expired-suspended": N_("Expired: it was still suspended when it was to begin"),
}
"""What a booking's history says of its flags, by the codes of `told`."""


def told(code: str, body: Mapping[str, Any]) -> str:
    """The code under which a booking's history tells an event: of a settled flag, what was chosen."""
    if code == "flag-settled" and body.get("code") == Lost.RULE and body.get("choice") == Choice.MENDED:
        return "flag-keeps-rule"
    if code == "flag-settled" and body.get("code") == Lost.CLOSED and body.get("choice") == Choice.MENDED:
        return "flag-open-again"
    if code == "flag-settled":
        return f"flag-{body.get('choice', Choice.KEPT)}"
    return "expired-suspended" if code == "booking-expire" and body.get("before") == State.APPROVED else code
