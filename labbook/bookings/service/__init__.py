"""The verbs of booking, each one transaction: lock, read again, judge, write, history, notices, commit."""

from .ask import Ask, look, request
from .change import cancel, look_at_move, move, note_look, note_schedule_look, withdraw
from .clock import tick
from .decide import approve, decline
from .errors import KeyReusedError, RefusedError, StaleError
from .matters import matter_of, matter_of_booking

__all__ = [
    "Ask",
    "KeyReusedError",
    "RefusedError",
    "StaleError",
    "approve",
    "cancel",
    "decline",
    "look",
    "look_at_move",
    "matter_of",
    "matter_of_booking",
    "move",
    "note_look",
    "note_schedule_look",
    "request",
    "tick",
    "withdraw",
]
