"""Where a booking is: what a page, a feed or a letter says of its resource."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .amount import Amount
from .hours import Cover
from .language import Words
from .terms import ResourceKind


@dataclass(frozen=True, slots=True)
class Bookable:
    """One unit with what a schedule says of its resource."""

    resource_id: int
    area_id: int
    slug: str
    name: Words
    icon: str
    kind: ResourceKind
    by_day: bool
    cover: Cover
    shares_buffers: bool
    unit_id: int
    unit_key: str
    unit: str
    slot: Amount


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
    shares_buffers: bool

    @property
    def zoneinfo(self) -> ZoneInfo:
        """The site's zone."""
        return ZoneInfo(self.zone)

    def text(self, language: str) -> str:
        """What it is and where, as in "Hood 2, Tsukuba"."""
        return f"{self.what(language)}, {self.site.text(language)}"

    def what(self, language: str) -> str:
        """The resource and its unit alone."""
        return f"{self.resource.text(language)} {self.unit}".strip()
