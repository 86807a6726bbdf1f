"""Labels with QR codes for instruments, on sheets as they are sold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ...core.language import Words
from ...web.pictures import qr_code
from ...web.prefix import outside


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of sheet: its paper, and how many labels it has across and down."""

    code: str
    paper: str
    across: int
    down: int

    @property
    def places(self) -> int:
        """How many labels it has."""
        return self.across * self.down


SHEETS = {one.code: one for one in (Sheet("a4", "A4", 3, 8), Sheet("letter", "Letter", 3, 10))}
USUAL = "a4"


@dataclass(frozen=True, slots=True)
class Label:
    """One label."""

    slug: str
    name: Words
    model: str
    area: Words
    picture: Markup


def labels_of(resources: Iterable[tuple[Any, Any]]) -> list[Label]:
    """The labels of resources, each with its area; their codes lead to what is so now, and to booking it."""
    return [
        Label(
            resource.slug, resource.name, resource.model, area.name, qr_code(outside(f"/resources/{resource.slug}/now"))
        )
        for resource, area in resources
    ]


def on_sheets(labels: Sequence[Label], sheet: Sheet, first: int) -> list[list[Label | None]]:
    """The labels sheet by sheet; on the first one those before the place `first` (from 1) are gone already."""
    places: list[Label | None] = [*([None] * (first - 1)), *labels]
    starts = range(0, len(places) if labels else 0, sheet.places)
    return [places[start : start + sheet.places] for start in starts]
