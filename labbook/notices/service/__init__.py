"""From notices to letters, and their sending."""

from .composing import compose
from .links import RESET_LASTS
from .sending import FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES, Office, send_due

__all__ = ["FIRST_PAUSE", "LONGEST_PAUSE", "MOST_TRIES", "RESET_LASTS", "Office", "compose", "send_due"]
