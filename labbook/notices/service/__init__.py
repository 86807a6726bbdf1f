"""From notices to letters, and their sending."""

from .composing import compose
from .digesting import digest
from .links import RESET_LASTS
from .reminding import remind
from .sending import FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES, Office, send_due

__all__ = [
    "FIRST_PAUSE",
    "LONGEST_PAUSE",
    "MOST_TRIES",
    "RESET_LASTS",
    "Office",
    "compose",
    "digest",
    "remind",
    "send_due",
]
