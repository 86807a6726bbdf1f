"""The verbs of training, each one transaction."""

from .asking import ask
from .errors import ClashError
from .importing import PlannedLine, UnfitError, UnreadableError, decoded, import_records, look
from .lapses import watch_lapses
from .sessions import cancel, give_back, schedule, take
from .signing_off import grant, revoke, sign_off

__all__ = [
    "ClashError",
    "PlannedLine",
    "UnfitError",
    "UnreadableError",
    "ask",
    "cancel",
    "decoded",
    "give_back",
    "grant",
    "import_records",
    "look",
    "revoke",
    "schedule",
    "sign_off",
    "take",
    "watch_lapses",
]
