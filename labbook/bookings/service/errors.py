"""Why a verb was not carried out."""

from __future__ import annotations

from ...core.consequences import Follows
from ...core.facts import Facts, Verdict
from ...core.interval import Interval
from ...core.recurrence import Wrong
from ...core.terms import Sentence


class RefusedError(Exception):
    """The rules refuse it; carries all findings, and the facts about a window of time, in which to look for others.

    That is done after the transaction, when nobody waits for locks.
    """

    def __init__(self, verdict: Verdict, facts: Facts, window: Interval) -> None:
        super().__init__("refused")
        self.verdict, self.facts, self.window = verdict, facts, window


class WrongRepeatError(Exception):
    """The repeat rule is not one that can be asked for; carries why, or nothing where none of its dates has a time."""

    def __init__(self, wrong: Wrong | None) -> None:
        super().__init__("wrong repeat rule")
        self.wrong = wrong


class UnfitSetError(Exception):
    """The parts of a set do not fit together: `too-many`, `sites`, `units` (more than there are) or `clash`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StaleError(Exception):
    """The page that this change was made from is out of date."""


class NotClearedError(StaleError):
    """It cannot be approved yet: whoever answers for safety has still to say that they have no objection."""


class TooManyOpenError(Exception):
    """Too many wishes of this person wait already for one more exception to be asked for."""


class KeyReusedError(Exception):
    """The same idempotency key was sent with other content; carries the key of the request made with it."""

    def __init__(self, request_key: str) -> None:
        super().__init__("key reused")
        self.request_key = request_key


class NotNowError(Exception):
    """It is too early or too late for this; carries a sentence that names the time, with its zone."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.text)
        self.sentence = sentence


class TooLateError(Exception):
    """The deadline for this step has passed; carries what follows."""

    def __init__(self, follows: Follows) -> None:
        super().__init__("too late")
        self.follows = follows


class WorseError(TooLateError):
    """More would follow than the page had shown to whoever confirmed it."""


class OtherwiseError(Exception):
    """Something else would become of some dates than the page has shown; or nothing would become of any."""
