"""Letters as lists and pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask_babel import gettext

from ..core.language import N_, Words, person_name
from ..core.letters import Topic, topics_of
from ..web import times

ABOUT = {  # the topics, in the words of somebody who is not the reader
    Topic.ANSWERS: N_("Answer to a request"),
    Topic.OTHERS: N_("What others did with a booking"),
    Topic.WAITING: N_("Something to answer"),
    Topic.REMINDERS: N_("Reminder before a booking"),
    Topic.DESK: N_("Request to decide on"),
    Topic.OVERDUE: N_("Request that nobody decided on in time"),
    Topic.MESSAGES: N_("Message about a time on the schedule"),
    Topic.TRAININGS: N_("Training"),
    Topic.PEOPLE: N_("Somebody who joins"),
    Topic.AGREEMENTS: N_("Agreement that ends soon"),
    Topic.ACCOUNT: N_("Account"),
    Topic.EVIDENCE: N_("Seal of the trail"),
}
FATE_WORDS = {
    "sent": N_("Sent"),
    "waiting": N_("Waiting"),
    "undelivered": N_("Not delivered"),
    "not-mailed": N_("Not mailed on its own"),
    "": N_("Taken back"),
}
ICONS = {"sent": "check", "waiting": "hourglass", "undelivered": "warning", "not-mailed": "info", "": "leave"}
METHOD_WORDS = {
    "REQUEST": N_("It brings an entry for the reader's calendar."),
    "CANCEL": N_("It takes an entry out of the reader's calendar."),
}


class Line(Protocol):
    """A letter as it was read; see notices.queries."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def values(self) -> dict[str, Any]: ...
    @property
    def address(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def family_name(self) -> str | None: ...
    @property
    def given_name(self) -> str | None: ...
    @property
    def site(self) -> Words | None: ...
    @property
    def zone(self) -> str | None: ...
    @property
    def fate(self) -> str | None: ...
    @property
    def made_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def sent_at(self) -> datetime | None: ...
    @property
    def given_up_at(self) -> datetime | None: ...
    @property
    def tries(self) -> int: ...
    @property
    def fault(self) -> str: ...


@dataclass(frozen=True, slots=True)
class LetterView:
    """One letter, without what it says."""

    key: str
    about: str
    name: str
    address: str
    language: str
    site: str
    fate: str
    fate_words: str
    icon: str
    made: str
    then: str  # when it went out, was given up, or is tried next
    tries: int
    fault: str


def letter_view(line: Line, words: str, zone: str) -> LetterView:
    """A letter for a list; times are those of its site, or of `zone` where it has none."""
    place, fate = ZoneInfo(line.zone or zone), line.fate or ""
    topics = [gettext(ABOUT[topic]) for topic in topics_of(line.kind, line.values)]
    return LetterView(
        line.key,
        " · ".join(dict.fromkeys(topics)),
        person_name(line.family_name, line.given_name or "", words) if line.family_name else "",
        line.address,
        line.language,
        line.site.text(words) if line.site else "",
        fate,
        gettext(FATE_WORDS[fate]),
        ICONS[fate],
        times.moment(line.made_at, place, words),
        _then(line, fate, place, words),
        line.tries,
        line.fault,
    )


def _then(line: Line, fate: str, place: ZoneInfo, words: str) -> str:
    if fate == "sent" and line.sent_at is not None:
        return gettext("sent %(when)s", when=times.moment(line.sent_at, place, words))
    if fate == "undelivered" and line.given_up_at is not None:
        return gettext("given up %(when)s", when=times.moment(line.given_up_at, place, words))
    if fate == "waiting" and line.tries:
        return gettext("next try %(when)s", when=times.moment(line.due_at, place, words))
    return ""


@dataclass(frozen=True, slots=True)
class LetterText:
    """What a letter says."""

    subject: str
    text: str
    calendar: str  # what its calendar part does, in words


def letter_text(mail: EmailMessage | None, method: str) -> LetterText | None:
    """What stands in a mail; None when it cannot be written."""
    if mail is None:
        return None
    part = mail.get_body(("plain",))
    text = part.get_content().replace("\r\n", "\n") if part is not None else ""
    return LetterText(str(mail["Subject"]), text, gettext(METHOD_WORDS[method]) if method else "")
