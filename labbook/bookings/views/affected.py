"""Bookings under a closure, with what could become of each; for the page of a closure and before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for

from ...catalogue import queries as catalogue
from ...core.disclosure import Full, shown_to
from ...core.interval import Interval
from ...core.permissions import Actor
from ...web import language, now, sentences
from .. import closing_pages as pages
from .. import queries
from ..closing_forms import Decided, decided_in, spelled
from ..closings import unit_keys
from ..proposing import Closing, Spot, proposals
from ..service.rebooking import Decision, Fate, Outcome, Target, decides

MOST_PROPOSED = 60  # bookings that times are looked for at once; the next come when these are decided


def decisions_in(bookings: Sequence[Any], zone: ZoneInfo) -> tuple[Decided, dict[str, Decision]]:
    """The decisions in the form that was sent, about these bookings alone; and the same as the service takes them."""
    units = unit_keys(one.unit_id for one in bookings)
    present: Mapping[str, tuple[Interval, str, bool]] = {
        one.key: (one.time, units[one.unit_id], one.by_day) for one in bookings
    }
    decided = decided_in(request.form, present, zone)
    return decided, {
        key: Decision(Fate(wish.fate), Target(wish.unit, wish.time) if wish.time else None)
        for key, wish in decided.wishes.items()
    }


def affected_lines(
    actor: Actor,
    bookings: Sequence[Any],
    *,
    outcomes: Mapping[int, str] | None = None,
    closing: Closing | None = None,
    decided: Decided | None = None,
    outcome: Outcome | None = None,
) -> list[pages.AffectedLine]:
    """One line for each booking that the actor may see in full; `outcomes` is by id, and what is not in it is open.

    Times are proposed for what is open; `closing` is what the facts do not know yet.
    """
    words, known, asked = language(), outcomes or {}, decided or Decided()
    open_ = [one for one in bookings if one.id not in known]
    spots = _spots(actor, open_[:MOST_PROPOSED], closing)
    rows = queries.rows_of(one.id for one in bookings)
    places = catalogue.places(
        [*(one.unit_id for one in bookings), *(s.unit.id for all_ in spots.values() for s in all_)]
    )
    lines = []
    for one in bookings:
        row = rows[one.key]
        if not isinstance(shown_to(actor, row), Full):
            continue
        is_own = actor.person_id in {one.person_id, one.request.person_id, one.request.asked_by_id}
        lines.append(
            pages.affected_line(
                row,
                places[row.unit_id],
                words,
                urls=(url_for(".request_page", key=row.request_key), url_for(".move", key=row.key)),
                outcome=known.get(one.id, "open"),
                to_decide=one.id not in known,
                is_own=is_own,
                options=[
                    (spelled(s.unit.key, s.time), pages.spot_label(s, one, places[s.unit.id], words))
                    for s in spots.get(one.id, ())
                ],
                chosen=asked.chosen.get(one.key, ""),
                problem=asked.errors.get(one.key, "") or _problem(outcome, one.key, words),
            )
        )
    return lines


def _spots(actor: Actor, bookings: Sequence[Any], closing: Closing | None) -> dict[int, list[Spot]]:
    known: dict[tuple[int, int], bool] = {}

    def may_move_to(booking: Any, resource: Any) -> bool:
        """Worked out once for each request and resource."""
        about = (booking.request_id, resource.id)
        if about not in known:
            known[about] = decides(actor, booking, resource, now()) or not resource.terms.always_asks
        return known[about]

    return proposals(bookings, now=now(), decides=may_move_to, closing=closing)


def _problem(outcome: Outcome | None, key: str, words: str) -> str:
    said = outcome.problems.get(key) if outcome else None
    return sentences.plain(said, words) if said else ""
