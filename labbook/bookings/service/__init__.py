"""The verbs of booking, each one transaction: lock, read again, judge, write, history, notices, commit."""

from ..wanted import Ask, Part
from .arriving import check_in
from .ask import look, look_ahead, request
from .awaiting import await_decision, restart_clock, stop_clock
from .calendar_entry import calendar_entry
from .changing import approve_change, decline_change, withdraw_change
from .clearing import clear, require_cleared
from .clock import tick
from .deadlines import is_by_staff
from .decide import approve, decline
from .elsewhere import Places, elsewhere, elsewhere_to_move
from .ending import cancel, withdraw
from .ends import ends_of
from .errors import (
    KeyReusedError,
    NotClearedError,
    NotNowError,
    OtherwiseError,
    RefusedError,
    StaleError,
    TooLateError,
    TooManyOpenError,
    UnfitSetError,
    WorseError,
    WrongRepeatError,
)
from .flagged import mend_flags, settle_flags
from .handing import NotForThemError, colleagues, hand_over, is_handed_over
from .linking import HeldAnew, LinkDraft, UnfitLinkError, link, unlink
from .looks import note_look, note_schedule_look
from .matters import matter_of, matter_of_booking, matter_of_change, matter_to_decide, matter_to_withdraw, place_of
from .moving import is_sent_twice, look_at_move, move
from .rearranging import NoRoomError, make_room, request_key_of
from .renewing import Following, ask_after, followings, follows_on, of_ones_own, renew, renewable
from .rivals import Rivals
from .signing import Signature, UnsignedError, is_signed, signing
from .waiving import AgainstApproval, WaiverNeededError, against_approval, against_change, what_is_left

__all__ = [
    "AgainstApproval",
    "Ask",
    "Following",
    "HeldAnew",
    "KeyReusedError",
    "LinkDraft",
    "NoRoomError",
    "NotClearedError",
    "NotForThemError",
    "NotNowError",
    "OtherwiseError",
    "Part",
    "Places",
    "RefusedError",
    "Rivals",
    "Signature",
    "StaleError",
    "TooLateError",
    "TooManyOpenError",
    "UnfitLinkError",
    "UnfitSetError",
    "UnsignedError",
    "WaiverNeededError",
    "WorseError",
    "WrongRepeatError",
    "against_approval",
    "against_change",
    "approve",
    "approve_change",
    "ask_after",
    "await_decision",
    "calendar_entry",
    "cancel",
    "check_in",
    "clear",
    "colleagues",
    "decline",
    "decline_change",
    "elsewhere",
    "elsewhere_to_move",
    "ends_of",
    "followings",
    "follows_on",
    "hand_over",
    "is_by_staff",
    "is_handed_over",
    "is_sent_twice",
    "is_signed",
    "link",
    "look",
    "look_ahead",
    "look_at_move",
    "make_room",
    "matter_of",
    "matter_of_booking",
    "matter_of_change",
    "matter_to_decide",
    "matter_to_withdraw",
    "mend_flags",
    "move",
    "note_look",
    "note_schedule_look",
    "of_ones_own",
    "place_of",
    "renew",
    "renewable",
    "request",
    "request_key_of",
    "require_cleared",
    "restart_clock",
    "settle_flags",
    "signing",
    "stop_clock",
    "tick",
    "unlink",
    "what_is_left",
    "withdraw",
    "withdraw_change",
]
