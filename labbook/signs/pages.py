"""What the page of a site's signs shows of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One sign in the list of its site."""

    key: str
    name: str
    language: str
    about: str
    is_area: bool
    seen: str  # when its tablet last asked; empty: never by its present link
    is_on: bool  # it asks regularly
    is_blank: bool
    ended: str  # since when; empty: it is up
