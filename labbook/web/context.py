"""What every template may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, request, session

from ..catalogue.queries import sites_for
from ..core.language import joined
from ..core.permissions import Do, Matter, may
from ..messages.queries import unread_count
from ..people.queries import partners_by_id
from . import actor_or_none, language, name_of
from .turns import waiting_count


@dataclass(frozen=True)
class Reader:
    """The signed-in person, as the page's head shows them."""

    name: str
    email: str
    language: str
    partners: list[str]
    is_staff: bool
    is_auditor: bool
    leads: bool  # coordinates a partner with an agreement in force
    administers: bool


@dataclass(frozen=True)
class NavSite:
    """A site to go to."""

    slug: str
    name: str


def install(app: Flask) -> None:
    """Offer the values of the page's head to every template."""
    app.context_processor(_values)
    app.add_template_global(colon)
    app.add_template_global(comma)


def colon() -> str:
    """What stands between a word and what it is said of, as the reader's language writes it."""
    return "：" if language() == "ja" else ": "


def comma() -> str:
    """What stands between the parts of a list, likewise."""
    return joined(("", ""), language())


def _values() -> dict[str, Any]:
    actor, reader_language = actor_or_none(), language()
    empty: dict[str, Any] = {
        "language": reader_language,
        "actor": None,
        "nav_sites": [],
        "nav_site": None,
        "work_site": None,
        "waiting_count": 0,
        "unread_count": 0,
    }
    if actor is None:
        return empty
    partners = partners_by_id(actor.partner_ids) if actor.partner_ids else {}
    reader = Reader(
        name_of(actor),
        actor.email,
        actor.language,
        [one.name.text(reader_language) for one in partners.values()],
        actor.is_staff,
        actor.looks_at_everything,
        any(may(actor, Do.SEE_PARTNER_TRAIL, Matter(partner_id=one)) for one in actor.partner_ids),
        may(actor, Do.ERASE_PERSON, Matter()),
    )
    seen = sites_for(actor)
    sites = [NavSite(site.slug, site.name.text(reader_language)) for site in seen]
    slugs, works = {site.slug for site in sites}, [site.slug for site in seen if site.id in actor.staffed_sites]
    here = (request.view_args or {}).get("site") or session.get("site")
    return {
        "language": reader_language,
        "actor": reader,
        "nav_sites": sites,
        "nav_site": here if here in slugs else None,
        "work_site": here if here in works else next(iter(works), None),  # where the reader is staff
        "waiting_count": waiting_count(actor),
        "unread_count": unread_count(actor),
    }
