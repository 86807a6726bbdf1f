"""Who may do what. The table ALLOWED is the whole policy; `require` is the only door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What somebody is: for a partner (first two), at a site (next two), or everywhere. Stored; never rename."""

    SCIENTIST = "scientist"
    COORDINATOR = "coordinator"
    STAFF = "staff"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


PARTNER_ROLES = frozenset({Role.SCIENTIST, Role.COORDINATOR})
SITE_ROLES = frozenset({Role.STAFF, Role.MANAGER})
LAB_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as one request sees them: only rights that are in force at this moment.

    `partners` holds (partner, role); `sites` (site, role); `agreements` the (partner, site) pairs whose contract is in
    force on the site's local date; `projects` the joint projects that one of those partners takes part in.
    """

    person_id: int
    key: str
    email: str
    family_name: str
    given_name: str
    language: str
    home_site_id: int | None
    partners: frozenset[tuple[int, Role]] = field(default_factory=frozenset)
    sites: frozenset[tuple[int, Role]] = field(default_factory=frozenset)
    lab: frozenset[Role] = field(default_factory=frozenset)
    agreements: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    projects: frozenset[int] = field(default_factory=frozenset)

    @property
    def partner_ids(self) -> frozenset[int]:
        """The partners that this person works for."""
        return frozenset(partner for partner, _ in self.partners)

    @property
    def staffed_sites(self) -> frozenset[int]:
        """The sites at which this person is staff or manager."""
        return frozenset(site for site, _ in self.sites)

    @property
    def is_staff(self) -> bool:
        """Staff or manager of any site."""
        return bool(self.sites)

    @property
    def looks_at_everything(self) -> bool:
        """Administrators and auditors see all; each look is recorded."""
        return bool(self.lab)


@dataclass(frozen=True, slots=True)
class Matter:
    """What an action is about, as far as permission depends on it."""

    site_id: int
    partner_id: int | None = None
    person_ids: frozenset[int] = frozenset()  # whose it is: the person it is for and the one who asked
    approver_ids: frozenset[int] = frozenset()  # named approvers of the resource; none: the site's staff decide


class Do(StrEnum):
    """Everything that permission is asked for."""

    SEE_SITE = "see-site"
    REQUEST_BOOKING = "request-booking"
    DECIDE_REQUEST = "decide-request"
    WITHDRAW_REQUEST = "withdraw-request"
    CANCEL_BOOKING = "cancel-booking"
    MOVE_BOOKING = "move-booking"
    SEE_INBOX = "see-inbox"
    FOLLOW_OWN = "follow-own"
    FOLLOW_RESOURCE = "follow-resource"
    FOLLOW_SITE = "follow-site"
    CLOSE_SITE = "close-site"


Clause = Callable[[Actor, Matter], bool]


def is_signed_in(actor: Actor, matter: Matter) -> bool:
    """Anyone with an active account."""
    return True


def has_agreement(actor: Actor, matter: Matter) -> bool:
    """Works for a partner whose agreement with this site is in force."""
    partners = actor.partner_ids if matter.partner_id is None else actor.partner_ids & {matter.partner_id}
    return any((partner, matter.site_id) in actor.agreements for partner in partners)


def works_here(actor: Actor, matter: Matter) -> bool:
    """Is staff or manager of this site."""
    return matter.site_id in actor.staffed_sites


def works_anywhere(actor: Actor, matter: Matter) -> bool:
    """Is staff or manager of some site; sees the others as busy or free."""
    return actor.is_staff


def manages_here(actor: Actor, matter: Matter) -> bool:
    """Is manager of this site."""
    return (matter.site_id, Role.MANAGER) in actor.sites


def looks_at_everything(actor: Actor, matter: Matter) -> bool:
    """Is administrator or auditor."""
    return actor.looks_at_everything


def owns(actor: Actor, matter: Matter) -> bool:
    """It is this person's own, for a partner whose agreement is in force."""
    return actor.person_id in matter.person_ids and has_agreement(actor, matter)


def coordinates(actor: Actor, matter: Matter) -> bool:
    """Coordinates the partner whose it is."""
    return (matter.partner_id, Role.COORDINATOR) in actor.partners and has_agreement(actor, matter)


def approves_here(actor: Actor, matter: Matter) -> bool:
    """Is among those who decide here, and it is not this person's own request."""
    if actor.person_id in matter.person_ids:
        return False
    named = matter.approver_ids - matter.person_ids  # when only the requester is named, the site's staff decide
    return actor.person_id in named if named else works_here(actor, matter)


ALLOWED: dict[Do, tuple[Clause, ...]] = {  # any clause in the row will do
    Do.SEE_SITE: (has_agreement, works_anywhere, looks_at_everything),
    Do.REQUEST_BOOKING: (has_agreement,),
    Do.DECIDE_REQUEST: (approves_here,),
    Do.WITHDRAW_REQUEST: (owns, coordinates),
    Do.CANCEL_BOOKING: (owns, coordinates, works_here),
    Do.MOVE_BOOKING: (owns, coordinates, works_here),
    Do.SEE_INBOX: (works_here,),
    Do.FOLLOW_OWN: (is_signed_in,),
    Do.FOLLOW_RESOURCE: (has_agreement, works_anywhere, looks_at_everything),
    Do.FOLLOW_SITE: (works_here,),
    Do.CLOSE_SITE: (manages_here,),
}


class NotFoundError(Exception):
    """It does not exist, or this viewer may not know that it does: one and the same."""


class ForbiddenError(Exception):
    """The matter is known to this person, but the action is not theirs."""


def may(actor: Actor, do: Do, matter: Matter) -> bool:
    """True when any clause of the action's row in ALLOWED holds."""
    return any(clause(actor, matter) for clause in ALLOWED[do])


def require(actor: Actor, do: Do, matter: Matter) -> None:
    """Raise ForbiddenError unless `actor` may do this."""
    if not may(actor, do, matter):
        raise ForbiddenError(f"{do} is not for this person")
