"""What is suspended, and what staff choose to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext

from ...catalogue import queries as catalogue
from ...core.disclosure import BookingRow, Full, shown_to
from ...core.flags import SUSPENDING, WORDS, Choice, Lost
from ...core.language import person_name
from ...core.permissions import ForbiddenError
from ...core.place import Place
from ...web import language, login_required, now, signed_in, times
from .. import queries, service
from ..flag_forms import SettleForm
from ..flags import flags_at, flags_of_request
from . import Answer, bp


@dataclass(frozen=True, slots=True)
class FlagLine:
    """One flag in the list."""

    key: str
    url: str
    title: str
    partner: str
    person: str
    resource: str
    when: str
    zone_label: str
    label: str
    since: str
    starts_in: str
    is_own: bool
    closing_url: str  # of the closure that it lies under


@dataclass(frozen=True, slots=True)
class Suspension:
    """Why a booking of a request is suspended or flagged, and what to do."""

    resource: str
    when: str
    zone_label: str
    reason: str
    advice: str
    suspends: bool


@bp.get("/flags")
@login_required
def flags() -> Answer:
    """What is suspended at the sites where the signed-in person works."""
    return _page(SettleForm())


@bp.post("/flags")
@login_required
def settle_flags() -> Answer:
    """Keep or cancel the chosen ones, all of them or none."""
    form = SettleForm()
    _require_staff()
    if not form.validate():
        return _page(form), 422
    choice, keys = Choice(form.choice.data), form.flags.data or []
    try:
        count = service.settle_flags(signed_in(), keys, choice, reason=form.reason.data or "", now=now())
    except service.StaleError:
        flash(gettext("Somebody else has decided meanwhile. Look at what is left."), "error")
        return _page(form), 409
    except service.UnsignedError:
        said = gettext(
            "One of these still waits for a decision that has to be signed. Decline it on its request's page."
        )
        flash(said, "error")
        return _page(form), 409
    if choice is Choice.KEPT:
        flash(ngettext("Kept: %(num)s booking begins as booked.", "Kept: %(num)s bookings begin as booked.", count))
    else:
        flash(ngettext("Cancelled: %(num)s booking.", "Cancelled: %(num)s bookings.", count))
    return redirect(url_for(".flags"), 303)


def _require_staff() -> None:
    if not signed_in().is_staff:
        raise ForbiddenError


def _page(form: SettleForm) -> str:
    _require_staff()
    actor, words = signed_in(), language()
    found = flags_at(actor.staffed_sites)
    rows = queries.rows_of([one.booking_id for one in found])
    places = catalogue.places(row.unit_id for row in rows.values())
    lines = [
        _line(one, rows[one.booking_key], places[rows[one.booking_key].unit_id], words)
        for one in found
        if isinstance(shown_to(actor, rows[one.booking_key]), Full)
    ]
    return render_template("bookings/flags.html", form=form, lines=lines, chosen=set(form.flags.data or ()))


def _line(flag: Any, row: BookingRow, place: Place, words: str) -> FlagLine:
    at = now()
    return FlagLine(
        flag.key,
        url_for(".request_page", key=row.request_key),
        row.title,
        row.partner_name.text(words),
        person_name(row.family_name, row.given_name, words),
        f"{place.resource.text(words)} {place.unit}".strip(),
        times.when(row.time, place.zoneinfo, words, by_day=row.by_day),
        times.zone_label(place.zoneinfo, row.time.start),
        gettext(WORDS[Lost(flag.code)].label),
        times.moment(flag.raised_at, place.zoneinfo, words),
        times.ahead(row.time.start, at, words),
        row.person_id == signed_in().person_id,
        url_for(".closing", key=flag.closing) if flag.closing else "",
    )


def suspensions(request_id: int, rows: list[BookingRow], words: str) -> list[Suspension]:
    """Why bookings of a request are suspended or flagged, in words for its reader."""
    found = flags_of_request(request_id)
    if not found:
        return []
    by_key = {row.key: row for row in rows}
    places = catalogue.places(row.unit_id for row in rows)
    lines = []
    for one in found:
        row, said = by_key[one.booking_key], WORDS[Lost(one.code)]
        place = places[row.unit_id]
        lines.append(
            Suspension(
                f"{place.resource.text(words)} {place.unit}".strip(),
                times.when(row.time, place.zoneinfo, words, by_day=row.by_day),
                times.zone_label(place.zoneinfo, row.time.start),
                gettext(said.reason),
                gettext(said.advice),
                one.code in SUSPENDING,
            )
        )
    return lines
