"""What a person may follow at this moment: the choices of a new feed, and which of their feeds are still theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..catalogue.groups import groups_for
from ..catalogue.queries import resources_for, sites_for
from ..core.feeds import Scope
from ..core.language import Words
from ..core.permissions import Actor, Do, Matter, may
from ..models import Area, Feed, Resource, Site
from ..people.queries import partners_by_id

_NO_WORDS = Words()


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that a feed can be about.

    `slug` is what pages and links call it, and `id` what the feed keeps; both are empty where the scope says all.
    `site_ids` are where its resources stand: staff of all of them may follow set-up and clean-up too.
    """

    scope: Scope
    do: Do
    matter: Matter
    slug: str = ""
    id: int | None = None
    name: Words = _NO_WORDS
    site: Words = _NO_WORDS
    site_ids: frozenset[int] = frozenset()

    @property
    def code(self) -> str:
        """How forms and links name it, as in `resource:confocal-1`."""
        return f"{self.scope}:{self.slug}" if self.slug else str(self.scope)


_COLUMNS = {
    Scope.PARTNER: "partner_id",
    Scope.RESOURCE: "resource_id",
    Scope.GROUP: "group_id",
    Scope.AREA: "area_id",
    Scope.SITE: "site_id",
}


def columns(offer: Offer) -> dict[str, int | None]:
    """What a feed about this keeps, by column."""
    column = _COLUMNS.get(offer.scope)
    return {column: offer.id} if column else {}


class Followed(NamedTuple):
    """A feed and what it is about; None: its owner may not follow that any more."""

    feed: Feed
    offer: Offer | None


def followed(feeds: Iterable[Feed], found: Iterable[Offer]) -> list[Followed]:
    """Which of somebody's feeds are about something that they may follow now."""
    by_subject = {(one.scope, one.id): one for one in found}
    return [Followed(feed, by_subject.get(_subject_of(feed))) for feed in feeds]


def _subject_of(feed: Feed) -> tuple[Scope, int | None]:
    column = _COLUMNS.get(feed.scope)
    return feed.scope, getattr(feed, column) if column else None


def offers(actor: Actor) -> list[Offer]:
    """All that somebody may follow, in the order in which a page lists it; a fixed number of statements."""
    return [one for one in in_sight(actor) if may(actor, one.do, one.matter)]


def in_sight(actor: Actor) -> Iterator[Offer]:
    """All that somebody sees and that feeds could be about, whether or not they may follow it."""
    if actor.agreements or actor.sites or actor.lab:
        yield Offer(Scope.MINE, Do.FOLLOW_OWN, Matter(person_ids=frozenset({actor.person_id})))
    yield Offer(Scope.WAITING, Do.FOLLOW_WAITING, Matter())
    for partner in partners_by_id(actor.partner_ids).values():
        about = Matter(partner_id=partner.id)
        yield Offer(Scope.PARTNER, Do.FOLLOW_PARTNER, about, partner.key, partner.id, partner.name)
    for site in sites_for(actor):
        about = Matter(site.id)
        yield Offer(Scope.SITE, Do.FOLLOW_SITE, about, site.slug, site.id, site.name, site_ids=frozenset({site.id}))
    yield from _groups(actor)
    yield from _areas_and_resources(actor)


def _groups(actor: Actor) -> Iterator[Offer]:
    do = Do.FOLLOW_RESOURCE
    for group, members in groups_for(actor):
        sites = sorted({one.site.id for one in members if may(actor, do, Matter(one.site.id))})
        if sites:
            about = Matter(sites[0])
            yield Offer(Scope.GROUP, do, about, group.slug, group.id, group.name, site_ids=frozenset(sites))


def _areas_and_resources(actor: Actor) -> Iterator[Offer]:
    rows = resources_for(actor)
    areas = {area.id: (area, site) for _, area, site in rows}
    for area, site in areas.values():
        yield _at(site, Scope.AREA, f"{site.slug}/{area.slug}", area)
    for resource, _, site in rows:
        yield _at(site, Scope.RESOURCE, resource.slug, resource)


def _at(site: Site, scope: Scope, slug: str, found: Area | Resource) -> Offer:
    only = frozenset({site.id})
    return Offer(scope, Do.FOLLOW_RESOURCE, Matter(site.id), slug, found.id, found.name, site.name, only)
