"""The verbs of booking, each one transaction: lock, read again, judge, write, history, notices, commit."""

from .arriving import check_in
from .ask import Ask, look, request
from .clock import tick
from .deadlines import is_by_staff
from .decide import approve, decline
from .elsewhere import Places, elsewhere, elsewhere_to_move
from .ending import cancel, withdraw
from .errors import KeyReusedError, NotNowError, RefusedError, StaleError, TooLateError, TooManyOpenError, WorseError
from .flagged import mend_flags, settle_flags
from .looks import note_look, note_schedule_look
from .matters import matter_of, matter_of_booking
from .moving import look_at_move, move
from .signing import Signature, UnsignedError, is_signed, signing
from .waiving import AgainstApproval, WaiverNeededError, against_approval, what_is_left

__all__ = [
    "AgainstApproval",
    "Ask",
    "KeyReusedError",
    "NotNowError",
    "Places",
    "RefusedError",
    "Signature",
    "StaleError",
    "TooLateError",
    "TooManyOpenError",
    "UnsignedError",
    "WaiverNeededError",
    "WorseError",
    "against_approval",
    "approve",
    "cancel",
    "check_in",
    "decline",
    "elsewhere",
    "elsewhere_to_move",
    "is_by_staff",
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
    "what_is_left",
    "withdraw",
]
