"""What of a board somebody asks to see: some kinds, some words, one area. Pure; no tables, no request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from ..core.language import has_control_characters
from ..core.searching import sought
from ..core.terms import ResourceKind

LONGEST_TEXT = 80


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What of a site's resources is to be shown; by itself all of them."""

    kinds: tuple[str, ...] = ()
    text: str = ""  # as it was typed
    area: str = ""  # a slug

    def __bool__(self) -> bool:
        return bool(self.kinds or self.text or self.area)

    @property
    def words(self) -> tuple[str, ...]:
        """The folded words that a resource has to be found by."""
        return sought(self.text)

    def query(self, on: date | None = None) -> str:
        """All of it as the end of an address, on a day if one is given."""
        parts = [
            *([("on", on.isoformat())] if on else []),
            *(("kind", kind) for kind in self.kinds),
            *([("q", self.text)] if self.text else []),
            *([("area", self.area)] if self.area else []),
        ]
        return f"?{urlencode(parts)}" if parts else ""

    def everywhere(self) -> Narrowing:
        """The same at all sites: areas belong to one."""
        return replace(self, area="")


def known_kinds(asked: Collection[str]) -> list[str]:
    """Of the kinds asked for, those that exist, each once."""
    return [str(kind) for kind in ResourceKind if str(kind) in asked]


def narrowing(kinds: list[str], text: str, area: str) -> Narrowing:
    """What was asked for, without kinds that do not exist and an area that no database can be asked for."""
    place = "" if has_control_characters(area) else area[:LONGEST_TEXT]
    return Narrowing(tuple(known_kinds(kinds)), text.strip()[:LONGEST_TEXT], place)
