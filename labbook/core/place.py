"""Where a booking is: what a page, a feed or a letter says of its resource."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .language import Words


@dataclass(frozen=True, slots=True)
class Place:
    """One unit of a resource at a site."""

    resource: Words
    slug: str
    kind: str
    icon: str
    unit: str  # its name; empty when the resource has one unit only
    site: Words
    site_slug: str
    address: Words
    zone: str
    geo: tuple[float, float] | None

    @property
    def zoneinfo(self) -> ZoneInfo:
        """The site's zone."""
        return ZoneInfo(self.zone)
