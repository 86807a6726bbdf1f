"""Who acts, and on what: values, as far as permission and disclosure depend on them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
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
    force on the site's local date; `projects` the joint projects that one of those partners takes part in, and
    `project_sites` the sites at which these open bookings to the person; None: at all of them.
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
    project_sites: frozenset[int] | None = None

    @property
    def partner_ids(self) -> frozenset[int]:
        """The partners that this person works for."""
        return frozenset(partner for partner, _ in self.partners)

    def shares(self, project_id: int | None, site_id: int) -> bool:
        """Whether what a joint project does at a site is this person's business too."""
        is_open = self.project_sites is None or site_id in self.project_sites
        return project_id is not None and project_id in self.projects and is_open

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

    site_id: int | None = None
    partner_id: int | None = None
    person_ids: frozenset[int] = frozenset()  # whose it is: the person it is for and the one who asked
    _: KW_ONLY
    partner_sites: frozenset[int] = frozenset()  # with which its agreement is in force or still to begin
    approver_ids: frozenset[int] = frozenset()  # named approvers of the resource; none: the site's staff decide
    cleared_by: frozenset[int] = frozenset()  # who took the first of two steps: somebody else takes the second
