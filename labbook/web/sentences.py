"""Sentences of the core, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from ..core.amount import Amount
from ..core.facts import Value
from ..core.language import N_, Words
from ..core.lifecycle import State
from ..core.terms import Sentence
from . import times

STATE_WORDS = {
    State.WAITING: N_("Waiting for staff"),
    State.WISHED: N_("Wished"),
    State.APPROVED: N_("Approved"),
    State.RUNNING: N_("Running"),
    State.FINISHED: N_("Finished"),
    State.DECLINED: N_("Declined"),
    State.WITHDRAWN: N_("Withdrawn"),
    State.CANCELLED: N_("Cancelled"),
    State.EXPIRED: N_("Expired"),
    State.RELEASED: N_("Released"),
}


def said(text: str, values: Mapping[str, Value], language: str) -> str:
    """A marked sentence with its gaps filled."""
    if not text:
        return ""
    return gettext(text, **{name: value_label(value, language) for name, value in values.items()})


def plain(sentence: Sentence, language: str) -> str:
    """A sentence about a resource's terms."""
    return said(sentence.text, sentence.params, language)


def state_label(state: State) -> str:
    """A state in the reader's language."""
    return gettext(STATE_WORDS[state])


def value_label(value: Value, language: str) -> str:
    """One value as it stands in a sentence."""
    if isinstance(value, Amount):
        return times.amount_label(value)
    if isinstance(value, Words):
        return value.text(language)
    if isinstance(value, Sentence):
        return plain(value, language)
    if isinstance(value, datetime):
        return times.moment(value, value.tzinfo, language) if isinstance(value.tzinfo, ZoneInfo) else str(value)
    return times.dated(value, language) if isinstance(value, date) else str(value)


HIGHEST_LEVEL = 4  # of biosafety


def sample_levels() -> list[tuple[str, str]]:
    """The biosafety levels that a sample may have, none of them first."""
    return [("0", gettext("No biological material")), *((str(n), f"BSL-{n}") for n in range(1, HIGHEST_LEVEL + 1))]
