"""What pages say of links between resources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext, ngettext

from ..core.language import N_
from ..models import Resource, ResourceLink
from ..models.resource import LinkKind


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link as it is said from one of its ends."""

    said: str  # what the other one is to this one
    name: str
    pieces: str  # of how many units, where that is said
    url: str
    slug: str
    is_own: bool  # made at this end


_SAID = {  # by the kind, and whether it was made at this end
    (LinkKind.CONTAINS, True): N_("Contains"),
    (LinkKind.REQUIRES, True): N_("Requires"),
    (LinkKind.OFFERS, True): N_("Offers"),
    (LinkKind.CONTAINS, False): N_("Is part of"),
    (LinkKind.REQUIRES, False): N_("Is required by"),
    (LinkKind.OFFERS, False): N_("Is offered by"),
}
_ORDER = {about: number for number, about in enumerate(_SAID)}


def lines(found: Iterable[tuple[ResourceLink, Resource]], resource_id: int, language: str) -> list[LinkLine]:
    """The links of a resource and those that lead to it, its own first, by their kind."""
    rows = [((link.kind, link.resource_id == resource_id), link, other) for link, other in found]
    rows.sort(key=lambda row: _ORDER[row[0]])
    return [
        LinkLine(
            gettext(_SAID[about]),
            other.name.text(language),
            _pieces(link) if about[1] else "",
            url_for("catalogue.resource", slug=other.slug),
            other.slug,
            about[1],
        )
        for about, link, other in rows
    ]


def _pieces(link: ResourceLink) -> str:
    """Of how many units; nothing where it is all of them, or one."""
    if link.kind is LinkKind.CONTAINS or link.pieces == 1:
        return ""
    return ngettext("%(num)s unit", "%(num)s units", link.pieces)
