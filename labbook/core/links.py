"""How resources belong together, as values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from .language import Words


class LinkKind(StrEnum):
    """How a resource is tied to another one. Stored; never rename."""

    CONTAINS = "contains"  # all units of the other one are held with it, and it is taken while any of them is
    REQUIRES = "requires"  # so many units of the other one are held with it
    OFFERS = "offers"  # the same, for whoever wants it


class SeenLink(NamedTuple):
    """A link as it is seen from one of its ends: what is at the other one, and whether it was made at this one."""

    kind: LinkKind
    is_own: bool
    name: Words
    slug: str
    pieces: int


class Together(NamedTuple):
    """A resource that is held with a booking; the names of its units, none where all of them are."""

    name: Words
    units: tuple[str, ...]

    @classmethod
    def spelled(cls, said: Mapping[str, Any]) -> Together:
        """As history keeps it."""
        return cls(Words(said.get("en", ""), said.get("ja", "")), tuple(said.get("units", ())))

    def spell(self) -> dict[str, Any]:
        """The same for history."""
        return {"en": self.name.en, "ja": self.name.ja, "units": list(self.units)}

    def text(self, language: str) -> str:
        """Its name, and those of its units, in a language."""
        return f"{self.name.text(language)} {', '.join(self.units)}".strip()
