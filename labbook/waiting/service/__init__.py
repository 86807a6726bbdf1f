"""The verbs of the waiting list; each is one transaction."""

from __future__ import annotations

from .again import wait_again
from .answering import accept, leave, refuse
from .errors import FreeNowError, GoneError, NeverError, PastError, TooManyWaitsError
from .joining import Wanted, join
from .offering import serve
from .targets import Target, target

__all__ = [
    "FreeNowError",
    "GoneError",
    "NeverError",
    "PastError",
    "Target",
    "TooManyWaitsError",
    "Wanted",
    "accept",
    "join",
    "leave",
    "refuse",
    "serve",
    "target",
    "wait_again",
]
