"""Partners that are kept apart: never in the same area at the same time. Only staff know who they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..facts import Facts, Said, Waives
from ..language import N_
from ..terms import Sentence
from . import kind
from .applied import Applied, Look
from .limit import WAIVES_LABELS, Limit, Place, Problem, Put, asked


@kind
@dataclass(frozen=True, kw_only=True)
class Apart(Limit):
    """None of these partners books while another of them holds something that the rule set is about."""

    code = "apart"
    title = N_("Partners kept apart")
    about = N_("These partners are never in the area at the same time. They are not told of each other.")
    is_confidential = True

    waives: Waives = asked(Put.CHOICE, N_("Who may waive it"), Waives.MANAGER, labels=WAIVES_LABELS)
    partners: frozenset[str] = asked(Put.PARTNERS, N_("Which partners"), frozenset(), N_("Two or more."))

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """Whether another of them holds something there at that time, buffers included."""
        record = facts.record
        assert record is not None  # noqa: S101 - `concerns` has seen to it
        if record.partner_key not in self.partners:
            return None
        is_kept = not any(one.overlaps(facts.held) for one in record.present.get(applied.key, ()))
        return Look(is_kept, lambda: _FREE if is_kept else _HELD)

    def words(self) -> Sentence:
        """For staff."""
        return Sentence(N_("%(count)s partners are kept apart here."), {"count": len(self.partners)})

    def problems(self, place: Place) -> Iterable[Problem]:
        """One alone is apart already."""
        if len(self.partners) < 2:
            yield Problem("partners", N_("Choose two partners or more."))


_HELD = Said(N_("Your organisation cannot be here at that time."), N_("Choose another time."))
_FREE = Said(N_("Nothing keeps your organisation from being here at that time."))
