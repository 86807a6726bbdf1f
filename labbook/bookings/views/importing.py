"""Closing by a calendar file: what was read of it beside what is closed, then a look at the bookings, then closing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...core.closing import MOST_DATES, ClosureKind
from ...core.ical.events import Read, read_events
from ...core.ical.uploaded import MOST_BYTES, UnreadableError
from ...core.interval import Interval
from ...core.language import in_its_language
from ...web import language, login_required, now, sentences, signed_in, times
from ...web.fields import choices
from .. import closing_pages as pages
from .. import import_pages
from ..closing_forms import EventsForm, ImportForm, new_batch
from ..closings import scope_of
from ..imported import compared, taken_over
from ..service.closing import Date, Draft
from ..service.closing_work import OverError, require_closer
from ..service.errors import StaleError
from ..service.rebooking import Decision
from ..service.taking_over import Intake, take_over
from . import Answer, bp
from .closing_anew import ALL_KINDS, look_or_close, place_choices, site_to_close
from .closures import say

AHEAD = timedelta(days=3 * 366)


@bp.get("/sites/<site>/closures/import")
@login_required
def import_closures(site: str) -> Answer:
    """The form for a file; a link may have said what it closes."""
    found = site_to_close(site)
    form = _offered(ImportForm(), found)
    form.place.data = request.args.get("place") or form.place.data
    return _file_page(form, found)


@bp.post("/sites/<site>/closures/import")
@login_required
def read_closures(site: str) -> Answer:
    """What the file says; nothing is closed yet."""
    found = site_to_close(site)
    form = _offered(ImportForm(), found)
    fits = form.validate()
    upload = request.files.get("file")
    data = upload.read(MOST_BYTES + 1) if upload is not None else b""
    if not data:
        form.file.errors = [gettext("Choose a calendar file.")]
    if not fits or not data:
        return _file_page(form, found), 422
    scope = scope_of(found, form.place.data)
    require_closer(signed_in(), scope)
    at = now()
    try:
        read = read_events(data, found.zoneinfo, Interval(at, at + AHEAD), most=MOST_DATES)
    except UnreadableError as error:
        form.file.errors = [sentences.plain(error.sentence, language())]
        return _file_page(form, found), 422
    return _events_page(form, found, read)


@bp.post("/sites/<site>/closures/import/close")
@login_required
def close_events(site: str) -> Answer:
    """Show what is booked under the chosen dates; from that page, take them over."""
    found, form, at = site_to_close(site), EventsForm(), now()
    _offered(form, found)
    wanted = [one for one in import_pages.read((form.dates.data or [])[:MOST_DATES]) if one.found.time.end > at]
    gone = import_pages.read_gone(form.gone.data or [])
    if not form.validate() or not (wanted or gone):
        return _again(found, gettext("Choose at least one date that is not over. Then choose the file again."), 422)
    kind = ClosureKind(form.kind.data)
    intake = Intake(form.batch.data or "", form.place.data, kind, tuple(wanted), gone)
    dates = tuple(Date(one.found.time, in_its_language(one.found.name)) for one in sorted(wanted, key=_by_time))
    opened = [one for one in taken_over(scope_of(found, intake.place), at) if one.key in gone]
    zone, words = found.zoneinfo, language()

    def do(decisions: Mapping[str, Decision], note: str) -> Answer:
        try:
            taken = take_over(signed_in(), site, intake, decisions, note=note, now=now())
        except (StaleError, OverError):
            said = gettext("What is closed there has changed meanwhile. Nothing was taken over: choose the file again.")
            return _again(found, said, 409)
        flash(import_pages.report(taken, words))
        say(taken.done)
        to = url_for(".closing", key=taken.done.key) if taken.done.key else url_for(".closures", site=site)
        return redirect(to, 303)

    return look_or_close(
        found,
        Draft(intake.batch, intake.place, kind, dates),
        form,
        url_for(".close_events", site=site),
        do=do,
        opened=[(pages.closed_when(one.time, zone, words), one.reason) for one in opened],
    )


def _by_time(one: Any) -> Any:
    return one.found.time, one.found.name


def _offered(form: Any, found: Any) -> Any:
    form.place.choices = choices(place_choices(found))
    form.kind.choices = choices((one, pages.kind_label(one)) for one in ALL_KINDS[:3])
    return form


def _again(found: Any, said: str, status: int) -> Answer:
    """The form for a file once more, with what was chosen."""
    form = _offered(ImportForm(), found)
    form.file.errors = [said]
    return _file_page(form, found), status


def _file_page(form: ImportForm, found: Any) -> str:
    return render_template(
        "bookings/closures_import.html",
        form=form,
        most_kb=MOST_BYTES // 1024,
        site_slug=found.slug,
        site_name=found.name.text(language()),
    )


def _events_page(form: ImportForm, found: Any, read: Read) -> str:
    words, place = language(), form.place.data
    beside = compared(scope_of(found, place), read.found, now())
    return render_template(
        "bookings/closures_read.html",
        lines=import_pages.event_lines(beside, found.zoneinfo, words, is_whole=read.is_whole),
        unread=[sentences.plain(one, words) for one in read.unread],
        place=place,
        place_name=dict(place_choices(found))[place].strip(),
        kind=form.kind.data,
        kind_label=pages.kind_label(form.kind.data),
        batch=new_batch(),
        site_slug=found.slug,
        site_name=found.name.text(words),
        zone_label=times.zone_label(found.zoneinfo, now()),
    )
