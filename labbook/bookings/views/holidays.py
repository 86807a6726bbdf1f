"""Public holidays of a site: proposed by the year, and closed only where somebody says so."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for

from ...core.closing import ClosureKind
from ...core.holiday_names import holiday_names
from ...core.interval import local_day
from ...core.language import Words
from ...web import language, login_required, now, times
from ...web.fields import choices
from ..closing_forms import HolidaysForm, new_batch
from ..closings import closed_days
from ..service.closing import Date, Draft
from . import Answer, bp
from .closing_anew import look_or_close, place_choices, site_to_close


@bp.get("/sites/<site>/holidays")
@login_required
def holidays(site: str) -> Answer:
    """The public holidays of a year that are still to come; what is closed on them already is said."""
    found, year = site_to_close(site), _year()
    if year is None:
        return redirect(url_for(".holidays", site=site), 303)
    form = _form(found, year)
    form.days.data = []
    return _page(form, found, year)


@bp.post("/sites/<site>/holidays")
@login_required
def close_holidays(site: str) -> Answer:
    """Show what the ticked ones would close; from that page, close it."""
    found, year = site_to_close(site), _year()
    if year is None:
        return redirect(url_for(".holidays", site=site), 303)
    form = _form(found, year)
    if not form.validate():
        return _page(form, found, year), 422
    names = _names(found, year)
    days = [date.fromisoformat(one) for one in form.days.data or ()]
    dates = tuple(Date(local_day(on, found.zoneinfo), names[on]) for on in sorted(days))
    draft = Draft(form.batch.data or "", form.place.data, ClosureKind.HOLIDAY, dates)
    return look_or_close(found, draft, form, url_for(".close_holidays", site=site, year=year))


def _year() -> int | None:
    """The year that is asked for, else this one; None for one that is not near."""
    this = now().year
    try:
        year = int(request.args.get("year", this))
    except ValueError:
        return None
    return year if this <= year <= this + 2 else None


def _names(found: Any, year: int) -> dict[date, Words]:
    today = now().astimezone(found.zoneinfo).date()
    return {on: name for on, name in holiday_names(found.country, found.subdivision, year).items() if on >= today}


def _form(found: Any, year: int) -> HolidaysForm:
    form, words = HolidaysForm(), language()
    form.place.choices = choices(place_choices(found))
    form.days.choices = choices(
        (on.isoformat(), f"{times.dated(on, words)}  {name.text(words)}") for on, name in _names(found, year).items()
    )
    form.batch.data = form.batch.data or new_batch()
    return form


def _page(form: HolidaysForm, found: Any, year: int) -> str:
    words, this = language(), now().year
    shut = closed_days(found.id, [local_day(on, found.zoneinfo) for on in _names(found, year)])
    return render_template(
        "bookings/holidays.html",
        form=form,
        year=year,
        years=range(this, this + 3),
        shut={on.isoformat() for on in _names(found, year) if local_day(on, found.zoneinfo) in shut},
        site_slug=found.slug,
        site_name=found.name.text(words),
    )
