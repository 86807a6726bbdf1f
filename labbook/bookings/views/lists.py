"""My bookings, and lists of bookings with the steps that their reader may take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import render_template
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.disclosure import BookingRow, Full, shown_to
from ...core.lifecycle import OPEN, OVER, Action, is_possible
from ...core.permissions import Actor, Do, Matter, may
from ...waiting.queries import open_offers_of
from ...web import language, login_required, now, signed_in
from .. import pages, queries
from ..afterwards import NOTHING, with_besides
from ..besides import together_with
from . import Answer, bp
from .saying import afterwards_of

LOOK_BACK = timedelta(days=90)


@bp.get("/bookings")
@login_required
def mine() -> Answer:
    """The signed-in person's bookings: what is ahead, what waits, what is over."""
    actor, at = signed_in(), now()
    rows = [row for row in queries.rows_of_person(actor.person_id, at - LOOK_BACK) if _is_full(actor, row)]
    ahead = [row for row in rows if row.state not in OVER | OPEN and row.time.end > at]
    waiting = [row for row in rows if row.state in OPEN]
    over = sorted(
        (row for row in rows if row not in ahead and row not in waiting), key=lambda row: row.time, reverse=True
    )
    groups = [
        (gettext("Now and next"), lines_of(actor, ahead, language())),
        (gettext("Waiting for a decision"), lines_of(actor, waiting, language())),
        (gettext("Over"), lines_of(actor, over, language())),
    ]
    kept = len(open_offers_of(actor.person_id, at))
    return render_template("bookings/mine.html", groups=[group for group in groups if group[1]], kept=kept)


def _is_full(actor: Actor, row: BookingRow) -> bool:
    return isinstance(shown_to(actor, row), Full)


def lines_of(
    actor: Actor, rows: Sequence[BookingRow], words: str, *, says_counted: bool = False
) -> list[pages.BookingLine]:
    """Bookings of which the reader sees all, with what the reader may do with each.

    `says_counted` also says what still counts of those that were cancelled or given back.
    """
    place = catalogue.places(row.unit_id for row in rows)
    found = afterwards_of(actor, rows, place, words, says_counted=says_counted)
    besides = together_with((row.key for row in rows), catalogue.is_shown(actor))
    after = {row.key: with_besides(found.get(row.key, NOTHING), besides.get(row.key, ()), words) for row in rows}
    return [pages.booking_line(row, place[row.unit_id], words, _steps(actor, row), after[row.key]) for row in rows]


# The steps that a list offers: what permission they take, and what must be possible, one of several.
_OFFERED = (
    (Action.CANCEL, Do.CANCEL_BOOKING, (Action.CANCEL, Action.RELEASE)),
    (Action.MOVE, Do.MOVE_BOOKING, (Action.MOVE,)),
    (Action.EXTEND, Do.MOVE_BOOKING, (Action.ASK_CHANGE,)),  # of what is approved; what waits is just moved
    (Action.HAND_OVER, Do.HAND_OVER, (Action.HAND_OVER,)),
)


def _steps(actor: Actor, row: BookingRow) -> frozenset[Action]:
    matter = Matter(row.site_id, row.partner_id, frozenset({row.person_id}))
    return frozenset(
        step
        for step, do, actions in _OFFERED
        if any(is_possible(row.state, action) for action in actions) and may(actor, do, matter)
    )
