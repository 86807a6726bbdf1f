"""Closing something: first a look at what is booked there, then it is closed; reporting a fault; changing a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.closing import ClosureKind
from ...core.interval import Interval
from ...core.language import Words
from ...core.permissions import Do, Matter, may, require
from ...web import language, login_required, now, signed_in, times
from ...web.fields import choices
from .. import closing_pages as pages
from ..closed import Scope, bookings_under
from ..closing_forms import ChangeForm, ClosingForm, FaultForm, NoteForm, new_batch
from ..closings import SITE, closing_by_key, place_of_scope, places_to_close, scope_of
from ..proposing import Closing
from ..service.closing import Date, Draft, close
from ..service.closing_work import OverError, require_closer
from ..service.errors import StaleError
from ..service.rebooking import Decision
from ..service.reopening import change
from . import Answer, bp
from .affected import affected_lines, decisions_in
from .closures import say

KINDS = ("closure", "maintenance")
ALL_KINDS = ("closure", "maintenance", "holiday", "fault")
USUAL = timedelta(hours=4)


@bp.get("/sites/<site>/closures/new")
@login_required
def new_closing(site: str) -> Answer:
    """The form, filled as far as a link says."""
    found, form = site_to_close(site), ClosingForm()
    _offer(form, found)
    form.place.data = request.args.get("place") or form.place.data
    start = (now() + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    form.propose(Interval(start, start + USUAL), found.zoneinfo, by_day=False)
    return _form_page(form, found)


@bp.post("/sites/<site>/closures/new")
@login_required
def make_closing(site: str) -> Answer:
    """Show what it would mean; sent from that page, close it, and do with the bookings what was chosen there."""
    found, form = site_to_close(site), ClosingForm()
    _offer(form, found)
    is_fit = form.validate()
    dates = form.times_in(found.zoneinfo, language()) if is_fit else None
    if not form.has_reason() or not dates:
        return _form_page(form, found), 422
    if dates[-1].end <= now():
        form.end_on.errors = [gettext("This time is already past.")]
        return _form_page(form, found), 422
    draft = Draft(
        form.batch.data or "",
        form.place.data,
        ClosureKind(form.kind.data),
        tuple(Date(one, form.reason) for one in dates),
    )
    return look_or_close(found, draft, form, url_for(".make_closing", site=site))


def look_or_close(
    found: Any,
    draft: Draft,
    form: Any,
    url: str,
    *,
    do: Callable[[Mapping[str, Decision], str], Answer] | None = None,
    opened: Sequence[tuple[str, Words]] = (),
) -> Answer:
    """What every way of closing ends with: a look at the bookings, and closing from there.

    `do` carries it out, where it is more than to close; `opened` is what it opens again: when, and what it was for.
    """
    scope = scope_of(found, draft.place)
    require_closer(signed_in(), scope)
    note, closed = NoteForm(), tuple(one.time for one in draft.dates)
    bookings = bookings_under(replace(scope, kind=draft.kind), closed, now=now())
    decided, decisions = decisions_in(bookings, found.zoneinfo)
    fits = note.validate() and not decided.errors
    if request.form.get("stage") == "save" and fits:
        return do(decisions, note.note.data or "") if do else _closed(found, draft, decisions, note.note.data or "")
    words, zone = language(), found.zoneinfo
    place, unit, _ = place_of_scope(scope)
    page = render_template(
        "bookings/closing_preview.html",
        site_slug=found.slug,
        site_name=found.name.text(words),
        place=f"{place.text(words)} {unit}".strip(),
        kind_label=pages.kind_label(draft.kind),
        dates=[(pages.closed_when(one.time, zone, words), one.reason) for one in draft.dates],
        opened=opened,
        is_import=do is not None,
        zone_label=times.zone_label(zone, draft.dates[0].time.start if draft.dates else now()),
        lines=affected_lines(signed_in(), bookings, closing=Closing(scope, closed), decided=decided),
        chosen_for_all=request.form.get("fate_of_all", ""),
        hidden=_hidden(form),
        form=note,
        url=url,
    )
    return page if fits else (page, 422)


def _closed(found: Any, draft: Draft, decisions: Mapping[str, Decision], note: str) -> Answer:
    done = close(signed_in(), found.slug, draft, decisions, note=note, now=now())
    flash(gettext("Closed."))
    say(done)
    return redirect(url_for(".closing", key=done.key), 303)


def _hidden(form: Any) -> list[tuple[str, str]]:
    """What was typed, as the page after it sends it once more."""
    skipped = ("csrf_token", "stage")
    return [(name, value) for name in form._fields if name not in skipped for value in request.form.getlist(name)]


@bp.get("/sites/<site>/faults/new")
@login_required
def new_fault(site: str) -> Answer:
    """What is out of order, and probably until when."""
    found, form = site_to_close(site), FaultForm()
    _offer_faults(form, found)
    form.place.data = request.args.get("place") or form.place.data
    until = (now() + timedelta(hours=24)).astimezone(found.zoneinfo).replace(minute=0)
    form.until_on.data, form.until_at.data = until.date(), until.time()
    return _fault_page(form, found)


@bp.post("/sites/<site>/faults/new")
@login_required
def report_fault(site: str) -> Answer:
    """Take it down at once; whoever has booked it is told, and decisions come afterwards."""
    found, form = site_to_close(site), FaultForm()
    _offer_faults(form, found)
    is_fit = form.validate()
    time = form.time(found.zoneinfo, now())
    if not form.has_reason() or not is_fit or time is None:
        return _fault_page(form, found), 422
    draft = Draft(form.batch.data or "", form.place.data, ClosureKind.FAULT, (Date(time, form.reason),))
    done = close(signed_in(), site, draft, {}, now=now())
    flash(gettext("Out of order from now on."))
    say(done)
    return redirect(url_for(".closing", key=done.key), 303)


@bp.get("/closures/<key>/change")
@login_required
def change_closing(key: str) -> Answer:
    """One date of a closing, as a form."""
    closing, row, form = _date(key)
    form.propose(row.time, closing.site.zoneinfo, by_day=False)
    form.kind.data, form.reason_en.data, form.reason_ja.data = str(row.kind), row.reason.en, row.reason.ja
    form.version.data = row.version
    return _change_page(closing, row, form)


@bp.post("/closures/<key>/change")
@login_required
def set_closing(key: str) -> Answer:
    """Change it; bookings that come under it are suspended, and those that do not lie under it any more go on."""
    closing, row, form = _date(key)
    is_fit = form.validate()
    time = form.wanted(closing.site.zoneinfo, by_day=False)
    if not form.has_reason() or not is_fit or time is None:
        return _change_page(closing, row, form), 422
    wanted, kind, version = Date(time, form.reason), ClosureKind(form.kind.data), form.version.data or 0
    try:
        done = change(signed_in(), row.key, wanted, kind, version=version, whole=bool(form.whole.data), now=now())
    except StaleError:
        form.version.data = _date(key)[1].version
        flash(gettext("It was changed meanwhile. Look at how it stands now, then send this again."), "error")
        return _change_page(closing, row, form), 409
    except OverError:
        form.end_at.errors = [gettext("Choose an end to come. To open it at once, open it again on its page.")]
        return _change_page(closing, row, form), 409
    flash(gettext("Saved."))
    say(done)
    return redirect(url_for(".closing", key=done.key), 303)


def site_to_close(slug: str) -> Any:
    """A site where the signed-in person may close something. Raises NotFoundError, ForbiddenError."""
    found = catalogue.site_by_slug(signed_in(), slug)
    require(signed_in(), Do.CLOSE_PART, Matter(found.id))
    return found


def _offer(form: ClosingForm, found: Any) -> None:
    places = place_choices(found)
    form.offer(places, KINDS)
    form.kind.data = form.kind.data if form.kind.data in KINDS else KINDS[0]


def place_choices(found: Any) -> list[tuple[str, str]]:
    """What can be closed there by the signed-in person: the site itself by its managers."""
    words = language()
    whole = [(SITE, gettext("The whole site"))] if may(signed_in(), Do.CLOSE_SITE, Matter(found.id)) else []
    return [*whole, *pages.place_labels(places_to_close(found.id), words)]


def _offer_faults(form: FaultForm, found: Any) -> None:
    """A fault is one of something: neither of a site nor of an area."""
    named = [one for one in places_to_close(found.id) if one.depth]
    form.place.choices = choices(pages.place_labels(named, language()))
    form.batch.data = form.batch.data or new_batch()


def _date(key: str) -> tuple[Any, Any, ChangeForm]:
    """The date that the key names, else the next one of what was closed in one go."""
    closing = closing_by_key(signed_in(), key)
    require_closer(signed_in(), Scope.of(closing.first))
    form = ChangeForm()
    form.offer(ALL_KINDS)
    return closing, (closing.ahead(now()) or list(closing.dates))[0], form


def _form_page(form: ClosingForm, found: Any) -> str:
    return render_template(
        "bookings/closing_form.html",
        form=form,
        site_slug=found.slug,
        site_name=found.name.text(language()),
        zone_label=times.zone_label(found.zoneinfo, now()),
    )


def _fault_page(form: FaultForm, found: Any) -> str:
    return render_template(
        "bookings/fault_form.html",
        form=form,
        site_slug=found.slug,
        site_name=found.name.text(language()),
        zone_label=times.zone_label(found.zoneinfo, now()),
    )


def _change_page(closing: Any, row: Any, form: ChangeForm) -> str:
    words, zone = language(), closing.site.zoneinfo
    return render_template(
        "bookings/closing_change.html",
        form=form,
        key=row.key,
        closing_key=row.closing,
        place=pages.place_name(closing, words),
        when=pages.closed_when(row.time, zone, words),
        zone_label=times.zone_label(zone, row.starts_at),
        has_begun=row.starts_at <= now(),
        has_more=row.batch is not None and len(closing_by_key(signed_in(), row.closing).ahead(now())) > 1,
    )
