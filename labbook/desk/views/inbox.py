"""The inbox: what waits for a decision, and what was decided lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import render_template

from ...bookings import changes, findings, pages, queries, service
from ...bookings.flags import flagged_count
from ...bookings.pending import changes_at
from ...catalogue import queries as catalogue
from ...core.disclosure import BookingRow, Full, shown_to
from ...core.lifecycle import State
from ...core.permissions import Actor, ForbiddenError
from ...web import language, login_required, now, signed_in, times
from . import Answer, bp

DECIDED_LATELY = timedelta(days=14)


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
        "desk/inbox.html",
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
