"""How an allowance stands now, without a wanted booking: for the pages of people and partners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..calendar import Span
from ..facts import Said, Value
from ..language import N_
from ..record import Record
from ..terms import Sentence
from ..usage import Use
from .applied import Applied, Meter

OVER_WORDS = {
    Span.DAY: N_("on that day"),
    Span.WEEK: N_("in that week"),
    Span.MONTH: N_("in that month"),
    Span.DAYS: N_("in %(count)s days"),
    Span.AHEAD: N_("from now on"),
    Span.SOON: N_("in the next %(count)s hours"),
}
NOW_WORDS = {
    Span.DAY: N_("today"),
    Span.WEEK: N_("this week"),
    Span.MONTH: N_("this month"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a limit is used in the present stretch of time."""

    applied: Applied
    meter: Meter
    said: Said
    is_shared: bool = False  # by all people of the partner
    resource_id: int | None = None  # where each resource counts by itself
    project_id: int | None = None  # where each project does

    @property
    def for_all(self) -> Said:
        """The same without saying what is whose."""
        return Said(ALONE, "", self.said.values)


def counted_apart(record: Record, applied: Applied, *, by_resource: bool, by_project: bool) -> list[Use]:
    """One use, to be counted with others, for each resource and project of the ledger that counts by itself.

    At least one: without a resource (0) or a project where nothing was used yet.
    """
    uses = [one for one in record.ledger.uses if one.resource_id in applied.resources]
    if by_project:
        uses = [one for one in uses if one.person_id == record.person_id]
    found = {(one.resource_id if by_resource else 0, one.project_id if by_project else None) for one in uses}
    return [
        Use(0, 1, resource_id, record.person_id, project_id)
        for resource_id, project_id in sorted(found or {(0, None)}, key=lambda one: (one[0], one[1] or 0))
    ]


def said(meter: Meter, values: dict[str, Value], *, is_shared: bool) -> Said:
    """So much of so much is used."""
    sentence = SHARED if is_shared else ALONE
    more: dict[str, Value] = {"when": Sentence(""), "used": meter.used, "most": meter.most, "you": meter.by_you}
    return Said(sentence, "", {**more, **values})


def shown(standings: Iterable[Standing]) -> list[Standing]:
    """Of those that count apart the ones with something used; one of them where nothing is."""
    each = list(standings)
    return [one for one in each if one.meter.used] or each[:1]


ALONE = N_("%(used)s of %(most)s used %(over)s%(when)s.")
SHARED = N_("%(used)s of %(most)s used %(over)s%(when)s, %(you)s of them by you.")
