"""My bookings, and the staff's inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import render_template
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.disclosure import BookingRow, Full, shown_to
from ...core.lifecycle import OPEN, OVER, Action, State, is_possible
from ...core.permissions import Actor, Do, ForbiddenError, Matter, may
from ...waiting.queries import open_offers_of
from ...web import language, login_required, now, signed_in, times
from .. import changes, findings, pages, queries, service
from ..afterwards import NOTHING, with_besides
from ..besides import together_with
from ..flags import flagged_count
from ..pending import changes_at
from . import Answer, bp
from .saying import afterwards_of

LOOK_BACK = timedelta(days=90)
DECIDED_LATELY = timedelta(days=14)


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


@bp.get("/inbox")
@login_required
def inbox() -> Answer:
    """What waits for a decision at the sites where the signed-in person works, and what was decided lately."""
    actor = signed_in()
    if not actor.is_staff:
        raise ForbiddenError
    sites = sorted(actor.staffed_sites)
    waiting = [row for row in queries.waiting_rows(sites) if _is_full(actor, row)]
    decided = [row for row in queries.decided_rows(sites, now() - DECIDED_LATELY) if _is_full(actor, row)]
    names = [site.name.text(language()) for site in catalogue.sites_for(actor) if site.id in actor.staffed_sites]
    return render_template(
        "bookings/inbox.html",
        lines=[*_inbox_lines(waiting), *_change_lines(actor, sites)],
        decided=_inbox_lines(decided[-30:][::-1]),
        sites=names,
        suspended=flagged_count(sites),
    )


def _is_full(actor: Actor, row: BookingRow) -> bool:
    return isinstance(shown_to(actor, row), Full)


def _inbox_lines(rows: Sequence[BookingRow]) -> list[pages.InboxLine]:
    """One line a request."""
    words, at = language(), now()
    place = catalogue.places(row.unit_id for row in rows)
    said = queries.said_of([row.request_key for row in rows])
    signed = service.signing(((row.partner_id, row.site_id) for row in rows), at)
    lines: dict[str, pages.InboxLine] = {}
    for row in rows:
        stored, version = said[row.request_key]
        lines.setdefault(
            row.request_key,
            pages.inbox_line(
                row,
                place[row.unit_id],
                found=findings.restored(stored),
                rivals=_rivals(row, rows),
                version=version,
                is_signed=(row.partner_id, row.site_id) in signed,
                now=at,
                language=words,
            ),
        )
    return list(lines.values())


def _change_lines(actor: Actor, sites: Sequence[int]) -> list[pages.InboxLine]:
    """One line a change."""
    waits, words, at = changes_at(sites), language(), now()
    rows = queries.rows_of(one.booking.id for one in waits)
    place = catalogue.places([*(row.unit_id for row in rows.values()), *(one.change.unit_id for one in waits)])
    signed = service.signing(((row.partner_id, row.site_id) for row in rows.values()), at)
    lines = []
    for change, booking in waits:
        row = rows[booking.key]
        if not _is_full(actor, row):
            continue
        line = pages.inbox_line(
            row,
            place[row.unit_id],
            found=findings.restored(change.findings),
            rivals=0,
            version=booking.version,
            is_signed=(row.partner_id, row.site_id) in signed,
            now=at,
            language=words,
        )
        to = changes.placed(change.time, place[change.unit_id], words, by_day=row.by_day)
        age, starts_in = times.ago(change.asked_at, at, words), times.ahead(change.starts_at, at, words)
        lines.append(pages.change_line(line, to, age=age, starts_in=starts_in))
    return lines


def _rivals(row: BookingRow, rows: Sequence[BookingRow]) -> int:
    """Other wishes for the same unit and time."""
    if row.state is not State.WISHED:
        return 0
    return sum(
        1
        for other in rows
        if other.state is State.WISHED
        and other.unit_id == row.unit_id
        and other.request_key != row.request_key
        and other.time.overlaps(row.time)
    )


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
