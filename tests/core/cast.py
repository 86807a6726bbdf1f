"""Who may look and act: actors in every role, without a database."""

from __future__ import annotations

from dataclasses import replace

from labbook.core.permissions import Actor, Role

TSUKUBA, CAMBRIDGE = 1, 2
AOBA, BIRCH, CEDAR = 11, 12, 13  # Birch is Aoba's rival; Cedar runs the project Aurora with Aoba
AURORA, BOREAL = 21, 22
SOMEBODY = 99  # whoever else it is

NOBODY = Actor(
    person_id=1,
    key="p1",
    email="p1@lab.example",
    family_name="Sato",
    given_name="Hana",
    language="en",
    home_site_id=TSUKUBA,
)


def of_partner(role: Role, partner: int, *sites: int, projects: tuple[int, ...] = ()) -> Actor:
    """Somebody with a role for a partner whose agreements with these sites are in force."""
    return replace(
        NOBODY,
        partners=frozenset({(partner, role)}),
        agreements=frozenset((partner, site) for site in sites),
        projects=frozenset(projects),
    )


def of_site(role: Role, site: int) -> Actor:
    """Somebody who works at a site."""
    return replace(NOBODY, sites=frozenset({(site, role)}))


def of_lab(role: Role) -> Actor:
    """An administrator or auditor."""
    return replace(NOBODY, lab=frozenset({role}))


def both(one: Actor, other: Actor) -> Actor:
    """The same person with the rights of both."""
    return replace(
        one,
        partners=one.partners | other.partners,
        sites=one.sites | other.sites,
        lab=one.lab | other.lab,
        agreements=one.agreements | other.agreements,
        projects=one.projects | other.projects,
    )


ACTORS = {
    "scientist": of_partner(Role.SCIENTIST, AOBA, TSUKUBA, CAMBRIDGE, projects=(AURORA,)),
    "coordinator": of_partner(Role.COORDINATOR, AOBA, TSUKUBA, CAMBRIDGE, projects=(AURORA,)),
    "scientist-elsewhere": of_partner(Role.SCIENTIST, AOBA, CAMBRIDGE),
    "scientist-ended": of_partner(Role.SCIENTIST, AOBA),
    "coordinator-ended": of_partner(Role.COORDINATOR, AOBA),
    "rival": of_partner(Role.SCIENTIST, BIRCH, TSUKUBA, CAMBRIDGE, projects=(BOREAL,)),
    "rival-coordinator": of_partner(Role.COORDINATOR, BIRCH, TSUKUBA, CAMBRIDGE),
    "ally": of_partner(Role.SCIENTIST, CEDAR, TSUKUBA, projects=(AURORA,)),
    "staff": of_site(Role.STAFF, TSUKUBA),
    "manager": of_site(Role.MANAGER, TSUKUBA),
    "staff-elsewhere": of_site(Role.STAFF, CAMBRIDGE),
    "manager-elsewhere": of_site(Role.MANAGER, CAMBRIDGE),
    "manager-scientist": both(of_site(Role.MANAGER, TSUKUBA), of_partner(Role.SCIENTIST, AOBA, TSUKUBA)),
    "administrator": of_lab(Role.ADMINISTRATOR),
    "auditor": of_lab(Role.AUDITOR),
    "nobody": NOBODY,
}
