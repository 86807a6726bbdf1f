"""Closing by a calendar file: what was read of it, what was not, then the same look and closing as otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from ...core.closing import MOST_DATES, ClosureKind
from ...core.ical.events import LONGEST_NAME, Found, Read, read_events
from ...core.ical.uploaded import MOST_BYTES, UnreadableError
from ...core.interval import Interval
from ...core.language import has_control_characters, in_its_language
from ...web import language, login_required, now, sentences, times
from ...web.fields import choices
from .. import closing_pages as pages
from ..closing_forms import EventsForm, ImportForm, new_batch
from ..service.closing import Date, Draft
from . import Answer, bp
from .closing_anew import ALL_KINDS, look_or_close, place_choices, site_to_close

AHEAD = timedelta(days=3 * 366)


@bp.get("/sites/<site>/closures/import")
@login_required
def import_closures(site: str) -> Answer:
    """The form for a file."""
    found = site_to_close(site)
    return _file_page(_import_form(found), found)


@bp.post("/sites/<site>/closures/import")
@login_required
def read_closures(site: str) -> Answer:
    """What the file says; nothing is closed yet."""
    found = site_to_close(site)
    form = _import_form(found)
    fits = form.validate()
    upload = request.files.get("file")
    data = upload.read(MOST_BYTES + 1) if upload is not None else b""
    if not data:
        form.file.errors = [gettext("Choose a calendar file.")]
    if not fits or not data:
        return _file_page(form, found), 422
    at = now()
    try:
        read = read_events(data, found.zoneinfo, Interval(at, at + AHEAD), most=MOST_DATES)
    except UnreadableError as error:
        form.file.errors = [sentences.plain(error.sentence, language())]
        return _file_page(form, found), 422
    events = EventsForm()
    _offer(events, found)
    events.place.data, events.kind.data = form.place.data, form.kind.data
    events.dates.choices = choices((_spelled(one), _label(one, found)) for one in read.found)
    events.dates.data = [_spelled(one) for one in read.found]
    return _events_page(events, found, read)


@bp.post("/sites/<site>/closures/import/close")
@login_required
def close_events(site: str) -> Answer:
    """Show what is booked under the ticked dates; from that page, close them."""
    found, form = site_to_close(site), EventsForm()
    _offer(form, found)
    several = [_read(one) for one in (form.dates.data or [])[:MOST_DATES]]
    dates = [one for one in several if one is not None and one.time.end > now()]
    form.dates.choices = choices((_spelled(one), _label(one, found)) for one in dates)
    if not form.validate() or not dates:
        form.dates.errors = [gettext("Tick at least one date that is not over.")] if not dates else []
        return _events_page(form, found, Read(tuple(dates))), 422
    draft = Draft(
        form.batch.data or "",
        form.place.data,
        ClosureKind(form.kind.data),
        tuple(Date(one.time, in_its_language(one.name)) for one in sorted(dates)),
    )
    return look_or_close(found, draft, form, url_for(".close_events", site=site))


def _import_form(found: Any) -> ImportForm:
    form = ImportForm()
    form.place.choices = choices(place_choices(found))
    form.kind.choices = choices((one, pages.kind_label(one)) for one in ALL_KINDS[:3])
    return form


def _offer(form: EventsForm, found: Any) -> None:
    form.place.choices = choices(place_choices(found))
    form.kind.choices = choices((one, pages.kind_label(one)) for one in ALL_KINDS[:3])
    form.batch.data = form.batch.data or new_batch()


def _spelled(one: Found) -> str:
    """A date as the page sends it back."""
    return f"{one.time.start.isoformat()}|{one.time.end.isoformat()}|{one.name}"


def _read(value: str) -> Found | None:
    """The same read again; None for anything else."""
    try:
        start, end, name = value.split("|", 2)
        time = Interval(datetime.fromisoformat(start), datetime.fromisoformat(end))
    except ValueError:
        return None
    is_fit = len(name) <= LONGEST_NAME and not has_control_characters(name) and name.strip()
    return Found(time, name) if is_fit else None


def _label(one: Found, found: Any) -> str:
    return f"{pages.closed_when(one.time, found.zoneinfo, language())}  {one.name}"


def _file_page(form: ImportForm, found: Any) -> str:
    return render_template(
        "bookings/closures_import.html",
        form=form,
        most_kb=MOST_BYTES // 1024,
        site_slug=found.slug,
        site_name=found.name.text(language()),
    )


def _events_page(form: EventsForm, found: Any, read: Read) -> str:
    return render_template(
        "bookings/closures_read.html",
        form=form,
        unread=[sentences.plain(one, language()) for one in read.unread],
        ticked=set(form.dates.data or ()),
        site_slug=found.slug,
        site_name=found.name.text(language()),
        zone_label=times.zone_label(found.zoneinfo, now()),
    )
