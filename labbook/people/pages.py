"""What the pages about people show."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext

from ..core.actor import Role
from ..core.language import N_

ROLE_WORDS = {
    Role.SCIENTIST: N_("Scientist"),
    Role.COORDINATOR: N_("Coordinator"),
    Role.STAFF: N_("Staff"),
    Role.MANAGER: N_("Manager"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.AUDITOR: N_("Auditor"),
}


def role_label(role: Role) -> str:
    """A role in the reader's language."""
    return gettext(ROLE_WORDS[role])


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role that somebody has, where, and since and until when."""

    role: str  # code
    label: str
    place: str
    place_key: str
    since: str
    until: str
    may_end: bool = False


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody in a list of people."""

    key: str
    name: str
    reading: str
    email: str
    roles: list[RoleLine]
    trainings: int
    is_active: bool
    is_reader: bool


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """An invitation that was neither used nor revoked."""

    key: str
    email: str
    role_label: str
    until: str
    is_open: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A partner or a site whose people may be looked at."""

    name: str
    url: str
    about: str
    places: str = ""
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class PlacePage:
    """The people of a partner or a site."""

    name: str
    about: str
    places: str
    is_full: bool
    people: list[PersonLine]
    invitations: list[InvitationLine]
    invite_url: str
    who_invites: str  # for whom has no form for it
    joining_url: str = ""
    approvers_url: str = ""
    settings_url: str = ""
    rules_url: str = ""


@dataclass(frozen=True, slots=True)
class RemovalLine:
    """A partner from which the reader may remove somebody."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Somebody with the roles that the reader may know of."""

    person: PersonLine
    removals: list[RemovalLine] = field(default_factory=list)
    card_url: str = ""
    may_close: bool = False
    may_reopen: bool = False
    may_remove_factor: bool = False
    may_erase: bool = False


@dataclass(frozen=True, slots=True)
class JoinLine:
    """Somebody who asks to join."""

    key: str
    name: str
    email: str
    organisation: str
    message: str
    when: str
    partner: str
    may_assign: bool
    may_accept: bool
    may_decline: bool


@dataclass(frozen=True, slots=True)
class ApproverLine:
    """Somebody who decides for an area or a resource."""

    place: str
    place_name: str
    person_key: str
    name: str
    is_active: bool
    for_safety: bool


@dataclass(frozen=True, slots=True)
class StandInLine:
    """Somebody is away, and somebody else decides."""

    key: str
    absent: str
    stand_in: str
    days: str
    is_now: bool
    may_end: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class StepLine:
    """One of the next steps of a newcomer."""

    heading: str
    sentence: str
    url: str
    action: str
    is_done: bool


def places_label(used: int, most: int | None) -> str:
    """7 of 10 places; 7 people where there is no limit."""
    if most is None:
        return gettext("%(used)s people, no limit", used=used)
    return gettext("%(used)s of %(most)s places", used=used, most=most)
