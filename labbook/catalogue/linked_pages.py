"""What pages say of links between resources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from ..core.language import N_
from ..core.links import LinkKind, SeenLink
from ..web.prefix import at


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


def lines(found: Iterable[SeenLink], language: str) -> list[LinkLine]:
    """The links of a resource and those that lead to it, its own first, by their kind."""
    return [
        LinkLine(
            gettext(_SAID[one.kind, one.is_own]),
            one.name.text(language),
            _pieces(one) if one.is_own else "",
            at(f"/resources/{one.slug}"),
            one.slug,
            one.is_own,
        )
        for one in sorted(found, key=lambda one: _ORDER[one.kind, one.is_own])
    ]


def _pieces(link: SeenLink) -> str:
    """Of how many units; nothing where it is all of them, or one."""
    if link.kind is LinkKind.CONTAINS or link.pieces == 1:
        return ""
    return ngettext("%(num)s unit", "%(num)s units", link.pieces)
