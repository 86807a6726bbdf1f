"""Which passwords are good enough: long, and not easily guessed; nothing else is asked of them (NIST SP 800-63B-4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from .language import N_, folded
from .terms import Sentence

LONGEST = 200
EASY_BELOW = 3  # of the scores 0 to 4 that zxcvbn gives
_TOLD_FROM = 4  # a shorter part of an address, or a shorter name, stands in many good passwords by chance
_LEFT_AT_LEAST = 8  # characters besides one's own names

Score = Callable[[str, Sequence[str]], int]

TOO_SHORT = N_("At least %(count)s characters, please. A few words that do not belong together are easy to remember.")
TOO_LONG = N_("At most %(count)s characters, please.")
HOLDS_ADDRESS = N_("It holds a part of your e-mail address. Choose one that nobody can read off it.")
HOLDS_NAME = N_("It is little more than your name. Choose one that nobody can read off it.")
TOO_EASY = N_("It is among the first that are guessed. Choose a few words that do not belong together.")


def normalized(password: str) -> str:
    """One spelling for what looks alike (NFKC): keyboards differ in how they send the same characters."""
    return unicodedata.normalize("NFKC", password)


def objection(password: str, *, shortest: int, email: str, names: Sequence[str], score: Score) -> Sentence | None:
    """Why a password cannot be chosen, or None. `score` says how hard it is to guess, 0 to 4, by what is told of one.

    Any characters will do, blanks and Japanese too. `shortest` counts characters.
    """
    if len(password) > LONGEST:  # before anything is done with it
        return Sentence(TOO_LONG, {"count": LONGEST})
    password = normalized(password)
    if len(password) < shortest:
        return Sentence(TOO_SHORT, {"count": shortest})
    mailbox = email.partition("@")[0]
    if len(mailbox) >= _TOLD_FROM and folded(mailbox) in folded(password):
        return Sentence(HOLDS_ADDRESS, {})
    told = [*names, mailbox, *re.split(r"[^\w]+|_", email), "labbook"]
    if _left(password, told) < _LEFT_AT_LEAST:
        return Sentence(HOLDS_NAME, {})
    return Sentence(TOO_EASY, {}) if score(password, list(filter(None, told))) < EASY_BELOW else None


def _left(password: str, told: Sequence[str]) -> int:
    """How many letters and digits are left when names are taken out."""
    rest = folded(password)
    for word in sorted({folded(one) for one in told} - {""}, key=len, reverse=True):
        rest = rest.replace(word, "") if len(word) > 1 or not word.isascii() else rest
    return len(re.sub(r"[\W_]", "", rest))
