"""The kinds of work that a resource is booked for, where it makes a difference which: fixed samples, live imaging."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .language import Words, folded

MOST_MODES = 6
SLUG_LENGTH = 30


@dataclass(frozen=True, slots=True)
class Mode:
    """A kind of work to choose from. Bookings and limits keep its slug, which never changes once it is made."""

    slug: str
    name: Words

    def spelled(self) -> dict[str, str]:
        """As the resource keeps it."""
        return {"slug": self.slug, "en": self.name.en, "ja": self.name.ja}


def modes_of(plain: Iterable[dict[str, str]] | None) -> tuple[Mode, ...]:
    """Back from what the resource keeps."""
    return tuple(Mode(one["slug"], Words(one["en"], one["ja"])) for one in plain or ())


def slug_from(name: str, taken: Collection[str], longest: int = SLUG_LENGTH) -> str:
    """A slug from an English name, unlike those that are taken; empty where the name has neither letter nor digit."""
    stem = re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")
    slug, number = stem[:longest].strip("-"), 1
    while slug in taken:
        number += 1
        slug = f"{stem[: longest - 4].strip('-')}-{number}"
    return slug
