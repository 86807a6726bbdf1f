"""Every letter: who hears of what, and whether they may choose how. Read this table to know what LabBook mails.

Letters of one topic are chosen together: at once, in one letter a day, or not at all. Nobody can choose not to hear
at once of what others did with their bookings, of what waits for their answer, and of their own account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from .actor import Actor, Role
from .hearing import Audience
from .language import N_


class Way(StrEnum):
    """How somebody hears. Stored; never rename."""

    NOW = "now"
    DAILY = "daily"  # in one letter a day, in the morning
    NONE = "none"


_THREAD = re.compile(r"request-(\d+)-\d+")
_STRONGEST_FIRST = (Way.NOW, Way.DAILY, Way.NONE)


class Topic(StrEnum):
    """What letters are about. Stored; never rename."""

    ANSWERS = "answers"
    OTHERS = "others"
    WAITING = "waiting"
    REMINDERS = "reminders"
    DESK = "desk"
    OVERDUE = "overdue"
    MESSAGES = "messages"
    TRAININGS = "trainings"
    PEOPLE = "people"
    AGREEMENTS = "agreements"
    ACCOUNT = "account"
    EVIDENCE = "evidence"


class TopicRow(NamedTuple):
    """A topic in words, and whether people choose how they hear of it."""

    label: str
    about: str
    is_choosable: bool


TOPICS: dict[Topic, TopicRow] = {
    Topic.ANSWERS: TopicRow(
        N_("Answers to my requests"), N_("approved, a change decided on, booked for me by somebody else"), True
    ),
    Topic.OTHERS: TopicRow(
        N_("What others did with my bookings"),
        N_("declined, cancelled, moved, suspended, expired, handed over, closed over"),
        False,
    ),
    Topic.WAITING: TopicRow(
        N_("What waits for my answer"), N_("questions about my requests, proposed times, offers of free time"), False
    ),
    Topic.REMINDERS: TopicRow(N_("Reminders before my bookings"), N_("as long before as I choose below"), False),
    Topic.DESK: TopicRow(
        N_("Requests that I decide on"), N_("asked for, changed, answered, given to me, reminders"), True
    ),
    Topic.OVERDUE: TopicRow(N_("Requests that nobody decided on in time"), N_("to managers"), False),
    Topic.MESSAGES: TopicRow(N_("Messages about a time on the schedule"), N_("between people of two partners"), True),
    Topic.TRAININGS: TopicRow(N_("Trainings"), N_("asked for, signed off, places, about to lapse"), True),
    Topic.PEOPLE: TopicRow(N_("People who join"), N_("requests to join, accepted invitations, new colleagues"), True),
    Topic.AGREEMENTS: TopicRow(N_("Agreements that end soon"), N_("to coordinators, staff and managers"), True),
    Topic.ACCOUNT: TopicRow(N_("My account"), N_("invitations, passwords, second factors, roles"), False),
    Topic.EVIDENCE: TopicRow(N_("Seals of the trail"), N_("to every auditor, once a day"), False),
}

CHOOSABLE = tuple(topic for topic, row in TOPICS.items() if row.is_choosable)

INVITATIONS = ("auto", "yes", "no")
"""Whether bookings reach one's calendar by mail; auto: as long as it subscribes to no feed of them. Stored."""

REMINDERS = (None, 60, 24 * 60, 48 * 60)
"""How many minutes before a booking one can be reminded."""


def concerning(actor: Actor) -> list[Topic]:
    """The topics of which somebody may hear by what they are, as far as they choose how."""
    is_leading = actor.is_staff or any(role is Role.COORDINATOR for _, role in actor.partners)
    left_out = set() if actor.is_staff else {Topic.DESK}
    left_out |= set() if actor.partners else {Topic.ANSWERS, Topic.MESSAGES}
    left_out |= set() if is_leading else {Topic.PEOPLE, Topic.AGREEMENTS}
    return [topic for topic in CHOOSABLE if topic not in left_out]


_PERSON, _DECIDERS = Audience.PERSON, Audience.DECIDERS

EVENTS: dict[str, dict[Audience, Topic]] = {
    # of whoever it is for, and of those who decide on it; whoever did it never hears of it
    "booking-ask": {_PERSON: Topic.ANSWERS, _DECIDERS: Topic.DESK},  # to the person: booked by somebody else
    "booking-approve": {_PERSON: Topic.ANSWERS},
    "booking-decline": {_PERSON: Topic.OTHERS},
    "booking-withdraw": {_PERSON: Topic.OTHERS},
    "booking-cancel": {_PERSON: Topic.OTHERS},
    "booking-move": {_PERSON: Topic.OTHERS, _DECIDERS: Topic.DESK},
    "booking-extend": {_PERSON: Topic.OTHERS, _DECIDERS: Topic.DESK},
    "booking-shorten": {_PERSON: Topic.OTHERS, _DECIDERS: Topic.DESK},
    "booking-hand-over": {_PERSON: Topic.OTHERS},  # and whose it was: the letter handed-over
    "booking-ask-change": {_PERSON: Topic.OTHERS, _DECIDERS: Topic.DESK},
    "booking-grant-change": {_PERSON: Topic.ANSWERS},
    "booking-decline-change": {_PERSON: Topic.ANSWERS},
    "booking-withdraw-change": {_PERSON: Topic.ANSWERS},
    "booking-end-change": {_PERSON: Topic.ANSWERS},
    "booking-clear": {_DECIDERS: Topic.DESK},  # those who decide after safety
    "booking-propose": {_PERSON: Topic.WAITING},
    "booking-accept-proposal": {_DECIDERS: Topic.DESK},  # whoever proposed it
    "booking-refuse-proposal": {_DECIDERS: Topic.DESK},
    "booking-end-proposal": {_PERSON: Topic.ANSWERS, _DECIDERS: Topic.DESK},
    "booking-expire": {_PERSON: Topic.OTHERS},
    "booking-release": {_PERSON: Topic.OTHERS},
    "booking-no-show": {_PERSON: Topic.OTHERS},
    "booking-reminded": {_PERSON: Topic.REMINDERS},
    "booking-flagged": {_PERSON: Topic.OTHERS, _DECIDERS: Topic.DESK},
    "booking-against-rule": {_PERSON: Topic.OTHERS, _DECIDERS: Topic.DESK},
    "request-questioned": {_PERSON: Topic.WAITING},  # and whoever asked on their behalf
    "request-remarked": {_PERSON: Topic.ANSWERS, _DECIDERS: Topic.DESK},
    "request-answered": {_DECIDERS: Topic.DESK},
    "request-assigned": {_DECIDERS: Topic.DESK},  # to whom it was given
    "request-reminded": {_DECIDERS: Topic.DESK},
    "request-escalated": {_DECIDERS: Topic.OVERDUE},  # the site's managers
}
"""Events of bookings and requests of which somebody hears. Steps that are not here are told to nobody by mail."""

FLAGS = frozenset({"booking-flagged", "booking-against-rule"})
"""Events after which staff choose whether bookings are kept."""

LISTED_AT_ONCE = FLAGS | {"request-reminded", "request-escalated"}
"""Events that happen to many bookings or requests at once: of those of a site one hears in one letter."""

KINDS: dict[str, tuple[str, Topic]] = {
    # other letters, by their folder in templates/mail, and by what they say where that makes a difference
    "closing": (N_("whose bookings are under a closure"), Topic.OTHERS),
    "flag-settled": (N_("whose suspended bookings were decided on"), Topic.OTHERS),
    "handed-over": (N_("whose booking it was, and whose it is now"), Topic.OTHERS),
    "no-show": (N_("who did not come"), Topic.OTHERS),
    "offer": (N_("who waits for free time"), Topic.WAITING),
    "offer-lapsed": (N_("who waits for free time"), Topic.OTHERS),
    "taken-for-you": (N_("who asked for free time to be taken for them"), Topic.ANSWERS),
    "calendar": (N_("who has invitations mailed to their calendar"), Topic.OTHERS),
    "digest": (N_("who chose one letter a day"), Topic.ACCOUNT),
    "message": (N_("the other side of a conversation"), Topic.MESSAGES),
    "training-asked": (N_("the site's staff"), Topic.TRAININGS),
    "training-session": (N_("who asked for the training or has a place"), Topic.TRAININGS),
    "training-session cancelled": (N_("who has a place"), Topic.OTHERS),
    "training-passed": (N_("who was trained"), Topic.TRAININGS),
    "training-lapses": (N_("whose proof is about to lapse"), Topic.TRAININGS),
    "training-lapses revoked": (N_("whose proof was revoked"), Topic.OTHERS),
    "agreement-ends": (N_("the partner's coordinators and the site's managers"), Topic.AGREEMENTS),
    "join-asked": (N_("who answers requests to join"), Topic.PEOPLE),
    "joined": (N_("who invited"), Topic.PEOPLE),
    "brought-in": (N_("the partner's coordinators"), Topic.PEOPLE),
    "join-answered": (N_("who asked to join"), Topic.ACCOUNT),
    "invitation": (N_("who is invited"), Topic.ACCOUNT),
    "role-changed": (N_("whose role it is"), Topic.ACCOUNT),
    "account": (N_("whose account it is"), Topic.ACCOUNT),
    "factor-changed": (N_("whose account it is"), Topic.ACCOUNT),
    "password-changed": (N_("whose account it is"), Topic.ACCOUNT),
    "reset": (N_("whose account it is"), Topic.ACCOUNT),
    "seal": (N_("every auditor"), Topic.EVIDENCE),
}


def thread_of(request_id: int, person_id: int) -> str:
    """What letters to somebody about a request have in common: they go in order, and hang together. Stored."""
    return f"request-{request_id}-{person_id}"


def request_of(thread: str | None) -> int | None:
    """The request that a thread is about; None: about none."""
    found = _THREAD.fullmatch(thread or "")
    return int(found[1]) if found else None


def side_of(code: str, *, is_theirs: bool) -> Audience:
    """As whom somebody hears of an event: as whose booking it is, or as one of those who decide."""
    sides = EVENTS[code]
    wanted = _PERSON if is_theirs else _DECIDERS
    return wanted if wanted in sides else next(iter(sides))


def topics_of(kind: str, values: Mapping[str, Any]) -> list[Topic]:
    """What a letter is about. A letter of events names its topics itself; what nobody has named is one's account."""
    if "topics" in values:
        return [Topic(one) for one in values["topics"]]
    row = KINDS.get(f"{kind} {values.get('step', '')}") or KINDS.get(kind)
    return [row[1]] if row else [Topic.ACCOUNT]


def way_of(topics: Iterable[Topic], chosen: Mapping[str, str]) -> Way:
    """How a letter goes to somebody who has chosen so for some topics: the soonest that any of its topics asks for."""
    ways = {Way(chosen.get(topic, Way.NOW)) if TOPICS[topic].is_choosable else Way.NOW for topic in topics}
    return min(ways or {Way.NOW}, key=_STRONGEST_FIRST.index)
