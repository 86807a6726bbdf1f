"""The verbs about rule sets, each one transaction."""

from .errors import ContradictoryError, StaleError
from .keeping import Draft, change, make, place_for, put_limit, remove_limit, switch
from .marking import Outcome, mend
from .trying import Trial, try_limit

__all__ = [
    "ContradictoryError",
    "Draft",
    "Outcome",
    "StaleError",
    "Trial",
    "change",
    "make",
    "mend",
    "place_for",
    "put_limit",
    "remove_limit",
    "switch",
    "try_limit",
]
