"""What is closed at a site, and one closing with the bookings under it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from ...catalogue import queries as catalogue
from ...core.language import joined
from ...core.permissions import Do, Matter, may, require
from ...web import language, login_required, now, signed_in
from .. import closing_pages as pages
from ..closed import CONCERNED
from ..closing_forms import Decided, LiftForm, NoteForm
from ..closings import Closing, closing_by_key, closings_at, named_place, waiting_by_closing
from ..service.closing import decide
from ..service.closing_work import Done, OverError, flags_on_list, require_closer
from ..service.errors import StaleError
from ..service.rebooking import Outcome
from ..service.reopening import lift
from . import Answer, bp
from .affected import affected_lines, decisions_in

LOOK_BACK = timedelta(days=30)


@bp.get("/sites/<site>/closures")
@login_required
def closures(site: str) -> Answer:
    """What is closed now and later, and what was in the last weeks."""
    actor, words, at = signed_in(), language(), now()
    found = catalogue.site_by_slug(actor, site)
    require(actor, Do.CLOSE_PART, Matter(found.id))
    waiting = waiting_by_closing(found.id)
    several = closings_at(found.id, at - LOOK_BACK)
    lines = [
        (
            bool(one.ahead(at)),
            pages.closing_line(one, url_for(".closing", key=one.key), waiting.get(one.key, 0), at, words),
        )
        for one in several
    ]
    return render_template(
        "bookings/closures.html",
        site_slug=site,
        site_name=found.name.text(words),
        ahead=[line for is_ahead, line in lines if is_ahead],
        over=[line for is_ahead, line in lines if not is_ahead][::-1],
        may_close_site=may(actor, Do.CLOSE_SITE, Matter(found.id)),
    )


@bp.get("/closures/<key>")
@login_required
def closing(key: str) -> Answer:
    """A closing: its dates, and the bookings under it."""
    return _page(_closing(key), NoteForm())


@bp.post("/closures/<key>")
@login_required
def decide_closing(key: str) -> Answer:
    """Decide on bookings under it; what is not decided stays on the list."""
    found, form = _closing(key), NoteForm()
    bookings = [one for _, one in flags_on_list(found, now())]
    decided, decisions = decisions_in(bookings, found.site.zoneinfo)
    if not form.validate() or decided.errors or not decisions:
        if not decisions and not decided.errors:
            flash(gettext("Choose for at least one booking what becomes of it."), "error")
        return _page(found, form, decided), 422
    try:
        done = decide(signed_in(), found.key, decisions, note=form.note.data or "", now=now())
    except StaleError:
        flash(gettext("Somebody else has decided meanwhile. Look at what is left."), "error")
        return _page(_closing(key), form, decided), 409
    say(done)
    if done.outcome.problems:
        return _page(_closing(key), form, decided, done.outcome), 409
    return redirect(url_for(".closing", key=found.key), 303)


@bp.post("/closures/<key>/lift")
@login_required
def lift_closing(key: str) -> Answer:
    """Open it again, all that is not over, or only one date."""
    found, form = _closing(key), LiftForm()
    require_closer(signed_in(), found.scope)
    if not form.validate():
        return _page(found, NoteForm()), 422
    try:
        done = lift(signed_in(), key, version=form.version.data or 0, only=bool(form.only.data), now=now())
    except StaleError:
        flash(gettext("It was changed meanwhile. Look at how it stands now, then decide again."), "error")
        return _page(_closing(key), NoteForm()), 409
    except OverError:
        flash(gettext("It is over already."), "error")
        return _page(_closing(key), NoteForm()), 409
    flash(
        ngettext(
            "Open again. %(num)s person was told that their bookings go on.",
            "Open again. %(num)s people were told that their bookings go on.",
            done.told,
        )
        if done.told
        else gettext("Open again.")
    )
    if done.key:
        return redirect(url_for(".closing", key=done.key), 303)
    return redirect(url_for(".closures", site=found.site.slug), 303)


def say(done: Done) -> None:
    """Say what has become of bookings, and how many people were told."""
    outcome, parts = done.outcome, []
    if outcome.kept:
        parts.append(ngettext("%(num)s kept", "%(num)s kept", len(outcome.kept)))
    if outcome.moved:
        parts.append(ngettext("%(num)s moved", "%(num)s moved", len(outcome.moved)))
    if outcome.cancelled:
        parts.append(ngettext("%(num)s cancelled", "%(num)s cancelled", len(outcome.cancelled)))
    if done.open:
        parts.append(ngettext("%(num)s to be decided", "%(num)s to be decided", done.open))
    if parts:
        told = ngettext("%(num)s person was told.", "%(num)s people were told.", done.told)
        flash(gettext("Bookings: %(what)s.", what=joined(parts, language())) + " " + told)
    if outcome.problems:
        flash(
            ngettext(
                "%(num)s booking could not be dealt with like this. It is still on the list.",
                "%(num)s bookings could not be dealt with like this. They are still on the list.",
                len(outcome.problems),
            ),
            "error",
        )


def _closing(key: str) -> Closing:
    found = closing_by_key(signed_in(), key)
    return found if found.key == key else closing_by_key(signed_in(), found.key)


def _page(found: Closing, form: NoteForm, decided: Decided | None = None, outcome: Outcome | None = None) -> str:
    actor, words, at, zone = signed_in(), language(), now(), found.site.zoneinfo
    flagged = flags_on_list(found, at)
    lines = affected_lines(
        actor,
        [one for _, one in flagged],
        outcomes=_outcomes(flagged),
        decided=decided,
        outcome=outcome,
    )
    may_close = Do.CLOSE_SITE if found.scope.is_whole_site else Do.CLOSE_PART
    page = pages.ClosingPage(
        found.key,
        pages.place_name(found, words),
        found.site.name.text(words),
        found.site.slug,
        str(found.first.kind),
        pages.kind_label(found.first.kind),
        pages.icon_of(found.first.kind),
        found.first.reason,
        [pages.date_line(one, zone, at, words) for one in found.dates],
        lines,
        pages.counted(lines),
        found.version,
        found.first.kind == "fault",
        may(actor, may_close, Matter(found.site.id)),
        any(one.source for one in found.dates),
    )
    place = named_place(found.scope)
    return render_template(
        "bookings/closing.html",
        closing=page,
        form=form,
        place=place,
        chosen_for_all=request.form.get("fate_of_all", ""),
    )


def _outcomes(flagged: Sequence[tuple[Any, Any]]) -> dict[int, str]:
    """What has become of those on which nothing is left to decide, by the booking's id."""
    return {
        booking.id: str(flag.choice) if flag.choice else "open"
        for flag, booking in flagged
        if flag.settled_at is not None or booking.state not in CONCERNED
    }
