"""What entitles somebody: the words of which the rows of ALLOWED are made."""

from __future__ import annotations

from collections.abc import Callable

from .actor import Actor, Matter, Role

Clause = Callable[[Actor, Matter], bool]


def is_signed_in(actor: Actor, matter: Matter) -> bool:
    """Anyone with an active account."""
    return True


def is_oneself(actor: Actor, matter: Matter) -> bool:
    """It is about nobody but this person."""
    return matter.person_ids == {actor.person_id}


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


def works_with_partner(actor: Actor, matter: Matter) -> bool:
    """Is staff or manager of a site with which the partner has an agreement."""
    return bool(matter.partner_sites & actor.staffed_sites)


def away_from_here(actor: Actor, matter: Matter) -> bool:
    """Is staff or manager of this site and names somebody for their own absence."""
    return is_oneself(actor, matter) and works_here(actor, matter)


def manages_here(actor: Actor, matter: Matter) -> bool:
    """Is manager of this site."""
    return (matter.site_id, Role.MANAGER) in actor.sites


def manages_partner(actor: Actor, matter: Matter) -> bool:
    """Is manager of a site with which the partner has an agreement."""
    return any((site, Role.MANAGER) in actor.sites for site in matter.partner_sites)


def manages_all_of_partner(actor: Actor, matter: Matter) -> bool:
    """Is manager of every site with which the partner has an agreement."""
    return bool(matter.partner_sites) and all((site, Role.MANAGER) in actor.sites for site in matter.partner_sites)


def administers(actor: Actor, matter: Matter) -> bool:
    """Is administrator of the whole lab."""
    return Role.ADMINISTRATOR in actor.lab


def looks_at_everything(actor: Actor, matter: Matter) -> bool:
    """Is administrator or auditor."""
    return actor.looks_at_everything


def owns(actor: Actor, matter: Matter) -> bool:
    """It is this person's own, for a partner whose agreement is in force."""
    return actor.person_id in matter.person_ids and has_agreement(actor, matter)


def asked_here(actor: Actor, matter: Matter) -> bool:
    """Works at this site, and it is this person's own or was asked for by them."""
    return actor.person_id in matter.person_ids and works_here(actor, matter)


def coordinates(actor: Actor, matter: Matter) -> bool:
    """Coordinates the partner whose it is, at a site with which its agreement is in force."""
    return (matter.partner_id, Role.COORDINATOR) in actor.partners and has_agreement(actor, matter)


def belongs(actor: Actor, matter: Matter) -> bool:
    """Works for the partner, some agreement of which is in force."""
    return any(partner == matter.partner_id for partner, _ in actor.agreements)


def leads(actor: Actor, matter: Matter) -> bool:
    """Coordinates the partner, and some agreement of it is in force."""
    in_force = any(partner == matter.partner_id for partner, _ in actor.agreements)
    return (matter.partner_id, Role.COORDINATOR) in actor.partners and in_force


def approves_here(actor: Actor, matter: Matter) -> bool:
    """Works at this site and is among those who decide here, and it is neither their own nor cleared by them."""
    others = matter.person_ids | matter.cleared_by
    if actor.person_id in others or not works_here(actor, matter):
        return False
    named = matter.approver_ids - others  # when only the requester is named, the site's staff decide
    return actor.person_id in named if named else True


def approves_as_manager(actor: Actor, matter: Matter) -> bool:
    """Is manager of this site and among those who decide here, and it is not this person's own request."""
    return manages_here(actor, matter) and approves_here(actor, matter)


def for_another(clause: Clause) -> Clause:
    """The clause, but never for oneself: nobody raises their own role or signs off their own training."""

    def holds(actor: Actor, matter: Matter) -> bool:
        return actor.person_id not in matter.person_ids and clause(actor, matter)

    holds.__name__, holds.__doc__ = clause.__name__, f"{clause.__doc__} Never for oneself."
    return holds


def for_other_partners(clause: Clause) -> Clause:
    """The clause, but never for a partner that one works for: nobody grants their own organisation more."""

    def holds(actor: Actor, matter: Matter) -> bool:
        return matter.partner_id not in actor.partner_ids and clause(actor, matter)

    holds.__name__, holds.__doc__ = clause.__name__, f"{clause.__doc__} Never for one's own organisation."
    return holds
