"""Why a verb was not carried out."""

from __future__ import annotations

from ...core.facts import Facts, Verdict
from ...core.interval import Interval


class RefusedError(Exception):
    """The rules refuse it; carries all findings, and the facts about a window of time, in which to look for others.

    That is done after the transaction, when nobody waits for locks.
    """

    def __init__(self, verdict: Verdict, facts: Facts, window: Interval) -> None:
        super().__init__("refused")
        self.verdict, self.facts, self.window = verdict, facts, window


class StaleError(Exception):
    """The page that this change was made from is out of date."""


class KeyReusedError(Exception):
    """The same idempotency key was sent with other content; carries the key of the request made with it."""

    def __init__(self, request_key: str) -> None:
        super().__init__("key reused")
        self.request_key = request_key
