"""The verbs about agreements and conditions of use, each one transaction."""

from .conditions import accept, publish
from .contracts import Draft, NewPartner, change, end, make
from .ending import flag_ended, tell_ends
from .errors import EditionTakenError, EndedError, StaleError

__all__ = [
    "Draft",
    "EditionTakenError",
    "EndedError",
    "NewPartner",
    "StaleError",
    "accept",
    "change",
    "end",
    "flag_ended",
    "make",
    "publish",
    "tell_ends",
]
