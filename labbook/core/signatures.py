"""What a signature under a decision can mean (21 CFR 11.50 (a)(3))."""

from __future__ import annotations

from enum import StrEnum

from .language import N_
from .lifecycle import Action


class Meaning(StrEnum):
    """Stored; never rename."""

    REVIEWED = "reviewed"
    SAFE = "safe"
    RESPONSIBLE = "responsible"
    NOT_FIT = "not-fit"
    NOT_SAFE = "not-safe"


MEANING_WORDS = {
    Meaning.REVIEWED: N_("I reviewed the request and approve it."),
    Meaning.SAFE: N_("I approve it for safety."),
    Meaning.RESPONSIBLE: N_("I approve it as the person responsible for the resource."),
    Meaning.NOT_FIT: N_("I reviewed the request and decline it."),
    Meaning.NOT_SAFE: N_("I decline it for safety."),
}

MEANINGS = {
    Action.CLEAR: (Meaning.SAFE, Meaning.REVIEWED),
    Action.APPROVE: (Meaning.REVIEWED, Meaning.SAFE, Meaning.RESPONSIBLE),
    Action.DECLINE: (Meaning.NOT_FIT, Meaning.NOT_SAFE),
    Action.PROPOSE: (Meaning.REVIEWED, Meaning.SAFE, Meaning.RESPONSIBLE),
    Action.GRANT_CHANGE: (Meaning.REVIEWED, Meaning.SAFE, Meaning.RESPONSIBLE),
    Action.DECLINE_CHANGE: (Meaning.NOT_FIT, Meaning.NOT_SAFE),
}
