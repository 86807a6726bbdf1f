"""Rule sets and limits as values for pages; all that they name is read once for a site."""

from __future__ import annotations

from ...catalogue.pages import KIND_LABELS
from ...core import limits
from ...core.language import Words
from .. import pages
from ..sets import SetOf, partners_at, resources_at


class Names:
    """What limits of a site name by their keys: kinds of work, and partners."""

    def __init__(self, site_id: int, *, partners: bool = True) -> None:
        modes = [mode for one in resources_at(site_id) for mode in one.modes or ()]
        self.modes = {one["slug"]: Words(one.get("en", ""), one.get("ja", "")) for one in modes}
        self.partners = {one.key: one.name for one in partners_at(site_id)} if partners else {}


def scope_of(found: SetOf) -> pages.Scope:
    """What a rule set is about."""
    empty = Words()
    return pages.Scope(
        found.resource.name if found.resource else empty,
        found.area.name if found.area else empty,
        KIND_LABELS[str(found.rules.kind)] if found.rules.kind else "",
        found.rules.level,
        found.group.name if found.group else empty,
        found.partner.name if found.partner else empty,
    )


def limit_lines(found: SetOf, names: Names, language: str, *, for_staff: bool = True) -> list[pages.LimitLine]:
    """The limits of a rule set; what is confidential is for staff alone."""
    several = [(str(one["id"]), limits.read(one)) for one in found.rules.limits]
    return [
        pages.limit_line(number, limit, names.modes, names.partners, language)
        for number, limit in several
        if for_staff or not limit.is_confidential
    ]


def set_line(found: SetOf, names: Names, language: str, *, for_staff: bool = True) -> pages.SetLine:
    """A rule set with its limits."""
    return pages.SetLine(
        found.rules.key,
        found.rules.name.text(language),
        scope_of(found).parts(language),
        pages.days_label(found.rules.starts_on, found.rules.ends_on, language),
        found.rules.is_active,
        limit_lines(found, names, language, for_staff=for_staff),
    )
