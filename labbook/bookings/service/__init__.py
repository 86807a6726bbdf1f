"""The verbs of booking, each one transaction: lock, read again, judge, write, history, notices, commit."""

from .ask import Ask, look, request
from .change import cancel, look_at_move, move, note_look, note_schedule_look, withdraw
from .clock import tick
from .decide import approve, decline
from .elsewhere import Places, elsewhere, elsewhere_to_move
from .errors import KeyReusedError, RefusedError, StaleError
from .flagged import mend_flags, settle_flags
from .matters import matter_of, matter_of_booking
from .signing import Signature, UnsignedError, is_signed, signing

__all__ = [
    "Ask",
    "KeyReusedError",
    "Places",
    "RefusedError",
    "Signature",
    "StaleError",
    "UnsignedError",
    "approve",
    "cancel",
    "decline",
    "elsewhere",
    "elsewhere_to_move",
    "is_signed",
    "look",
    "look_at_move",
    "matter_of",
    "matter_of_booking",
    "mend_flags",
    "move",
    "note_look",
    "note_schedule_look",
    "request",
    "settle_flags",
    "signing",
    "tick",
    "withdraw",
]
