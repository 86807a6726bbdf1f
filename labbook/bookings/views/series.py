"""A series: its page, another time from one date on, the end of some dates, another try for what was skipped."""

from __future__ import annotations

from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from ...catalogue import queries as catalogue
from ...core.disclosure import Relation, relation
from ...core.interval import Interval
from ...core.permissions import Do, ForbiddenError, NotFoundError
from ...core.recurrence import wall_of
from ...web import language, login_required, now, sentences, signed_in
from .. import forms, queries, series_pages, service
from ..dates import wall_of as wall_at
from ..series_forms import EndDatesForm, RetryForm, ShiftForm
from ..service import retrying, series, series_ends
from . import Answer, bp
from .looking import note_look


@bp.get("/series/<key>")
@login_required
def series_page(key: str) -> Answer:
    """Its rule, its dates, those that were skipped. A look at another partner's series is recorded first."""
    return _page(key)


class _Sight(NamedTuple):
    """A series as its reader sees it: what a partner has used is not for its allies."""

    opened: series.Opened
    numbers: bool


def _seen(key: str) -> _Sight:
    """The series, a look at it recorded. Raises NotFoundError."""
    actor = signed_in()
    opened = series.open_series(actor, key)
    rows = queries.rows_of_request(opened.request.id)
    if not note_look(actor, opened.request, rows):
        raise NotFoundError
    return _Sight(opened, relation(actor, rows[0]) in (Relation.OWN, Relation.PARTNER, Relation.STAFF))


def _page(key: str) -> str:
    actor, words, at = signed_in(), language(), now()
    opened, numbers = _seen(key)
    place = catalogue.places(one.unit_id for one in opened.repeated.bookings)
    lines = [series_pages.date_line(opened, day, at, words, numbers=numbers) for day in opened.repeated.days]
    dates, skipped = [one for one in lines if one.state], [one for one in lines if not one.state]
    ahead = [one for one in opened.repeated.days if one.is_ahead(at)]
    others = series.related(opened)
    page = series_pages.SeriesPage(
        key=opened.series.key,
        title=opened.request.title,
        request_url=url_for(".request_page", key=opened.request.key),
        rule=series_pages.rule_label(opened.series, words),
        resources=series_pages.resource_labels(opened, place, words),
        when=series_pages.when_label(opened.series, words),
        zone_label=lines[0].zone_label if lines else "",
        dates=dates,
        skipped=skipped,
        may_change=bool(ahead) and opened.may(actor, Do.MOVE_BOOKING),
        may_end=bool(ahead) and (opened.may(actor, Do.CANCEL_BOOKING) or opened.may(actor, Do.WITHDRAW_REQUEST)),
        may_retry=any(one.is_to_come for one in skipped) and retrying.may_retry(actor, opened),
        version=opened.request.version,
        before=others.before,
        after=others.after,
    )
    return render_template("bookings/series.html", series=page)


# --- another time from one date on ------------------------------------------------------------------------------------


@bp.get("/series/<key>/change")
@login_required
def change_series(key: str) -> Answer:
    """The form, filled with the date's time by the rule."""
    return _ShiftPage(key).proposed()


@bp.post("/series/<key>/change")
@login_required
def send_change_series(key: str) -> Answer:
    """Show what becomes of each date; once that was shown, do it."""
    if (done := _done_before(key)) is not None:
        return redirect(url_for(".series_page", key=done), 303)
    page = _ShiftPage(key)
    wanted = page.wanted()
    if wanted is None:
        return page.shown(None), 422
    try:
        return page.sent(wanted)
    except service.WrongRepeatError as wrong:
        return page.complained(wrong), 422
    except service.OtherwiseError:
        return page.again(wanted, gettext("Something else would become of it now. Look at the dates again.")), 409
    except service.StaleError:
        return page.again(wanted, gettext("It was changed meanwhile. Look at how it stands now.")), 409


def _done_before(key: str) -> str | None:
    """The series in which it was done already, where the form is sent twice."""
    form = ShiftForm()
    opened = series.open_series(signed_in(), key)
    if not form.seen.data or form.version.data == opened.request.version:
        return None
    return series.begun_at(opened, f"{form.start_on.data}T{str(form.start_at.data or '00:00')[:5]}")


class _ShiftPage:
    """The form of a change from one date on, and what becomes of each date."""

    def __init__(self, key: str) -> None:
        actor = signed_in()
        self.opened = opened = _seen(key).opened
        if not opened.may(actor, Do.MOVE_BOOKING):
            raise ForbiddenError
        units = catalogue.units_of(opened.series.resource_id)
        self.place = catalogue.places([units[0].id])[units[0].id]
        self.resource, _ = catalogue.resource_by_slug(actor, self.place.slug)
        self.form = ShiftForm()
        if request.method == "GET":
            self.form.since.data = request.args.get("since", "")
        at = opened.first_to_come(self.form.since.data or "", now())
        self.name = self.form.since.data or opened.repeated.days[at].names[opened.number]
        self.form.offer((one.key, one.name) for one in units if len(units) > 1)
        self.form.count_half_days(self.resource.terms)

    def proposed(self) -> str:
        """The form as it is at first: with the time that the rule gives the date."""
        start = wall_of(self.name)
        zone, length = self.opened.site.zoneinfo, self.opened.repeated.length(self.opened.number)
        first, last = (at.replace(tzinfo=zone) for at in (start, start + length))
        self.form.propose(Interval(first, last), zone, by_day=self.resource.by_day)
        self.form.version.data = self.opened.request.version
        return self.shown(None)

    def wanted(self) -> series.Wanted | None:
        """What was typed, or None where something is wrong with it."""
        fits, zone = self.form.validate(), self.opened.site.zoneinfo
        time = self.form.wanted(zone, by_day=self.resource.by_day)
        if not fits or time is None:
            return None
        start, end = wall_at(time.start, zone), wall_at(time.end, zone)
        return series.Wanted(self.form.since.data or "", start, end, self.form.unit.data or "")

    def sent(self, wanted: series.Wanted) -> Answer:
        """What becomes of each date; once that was shown, it is done."""
        actor, key, form = signed_in(), self.opened.series.key, self.form
        if not form.seen.data:
            plan = series.look_at_series(actor, key, wanted, now=now())
            return self.shown(series_pages.shift_panel(plan, self.opened, language()))
        version = form.version.data or 0
        new = series.change_series(actor, key, wanted, version=version, seen=form.seen.data, now=now())
        flash(gettext("The series was changed."), "message")
        return redirect(url_for(".series_page", key=new), 303)

    def complained(self, wrong: service.WrongRepeatError) -> str:
        """The form with what is not right with the rule that would follow."""
        said = sentences.plain(wrong.wrong.sentence, language()) if wrong.wrong else ""
        self.form.form_errors = [said]
        return self.shown(None)

    def again(self, wanted: series.Wanted, complaint: str) -> str:
        """The form with how it stands now."""
        self.opened = series.open_series(signed_in(), self.opened.series.key)
        plan = series.look_at_series(signed_in(), self.opened.series.key, wanted, now=now())
        self.form.form_errors = [complaint]
        return self.shown(series_pages.shift_panel(plan, self.opened, language()))

    def shown(self, panel: series_pages.ShiftPanel | None) -> str:
        """The page."""
        words, opened = language(), self.opened
        return render_template(
            "bookings/series_change.html",
            form=self.form,
            panel=panel,
            series_key=opened.series.key,
            title=opened.request.title,
            rule=series_pages.rule_label(opened.series, words),
            since=series_pages.name_label(self.name, words),
            is_all=not self.form.since.data,
            version=opened.request.version,
            resource=forms.FormResource.of(self.resource.terms, self.place, words, now()),
            zone_label=series_pages.zone_of(self.name, opened.site.zoneinfo),
            ask_start_fold=self.form.ask_start_fold,
            ask_end_fold=self.form.ask_end_fold,
        )


# --- the end of some dates --------------------------------------------------------------------------------------------


@bp.get("/series/<key>/end")
@login_required
def end_series(key: str) -> Answer:
    """The dates that can end, all of them ticked."""
    return _end_page(key, request.args.get("since", ""))


@bp.post("/series/<key>/end")
@login_required
def send_end_series(key: str) -> Answer:
    """Cancel or take back the ticked dates."""
    form = EndDatesForm()
    since, names = form.since.data or "", form.dates.data or []
    if not form.validate():
        return _end_page(key, since, names), 422
    if not names:
        return _end_page(key, since, names, gettext("Tick at least one date.")), 422
    try:
        count = series_ends.end_dates(
            signed_in(),
            key,
            since,
            names,
            reason=form.reason.data or "",
            version=form.version.data or 0,
            seen=form.seen.data or "",
            now=now(),
        )
    except (service.OtherwiseError, service.StaleError):
        if series_ends.are_over(series.open_series(signed_in(), key), names, now()):
            return redirect(url_for(".series_page", key=key), 303)  # sent twice
        said = gettext("It was changed meanwhile. Look at how it stands now.")
        return _end_page(key, since, names, said), 409
    flash(ngettext("%(num)s date has ended.", "%(num)s dates have ended.", count), "message")
    return redirect(url_for(".series_page", key=key), 303)


def _end_page(key: str, since: str, ticked: list[str] | None = None, complaint: str = "") -> str:
    """The page; `ticked` are those that were ticked before it came back."""
    words, opened = language(), _seen(key).opened
    found = series_ends.look_at_ends(signed_in(), key, since, now=now())
    lines = series_pages.end_lines(found, opened, words)
    return render_template(
        "bookings/series_end.html",
        form=EndDatesForm(),
        series_key=key,
        title=opened.request.title,
        rule=series_pages.rule_label(opened.series, words),
        lines=lines,
        ticked={one.name for one in lines if ticked is None or one.name in ticked},
        since=since,
        seen=series_ends.seen_of(found),
        version=opened.request.version,
        complaint=complaint,
    )


# --- another try ------------------------------------------------------------------------------------------------------


@bp.post("/series/<key>/retry")
@login_required
def retry_series(key: str) -> Answer:
    """Ask again for skipped dates; those that are still refused keep their reasons of now."""
    form = RetryForm()
    if not form.validate():
        return _page(key), 422
    names = form.dates.data or []
    if retrying.are_tried(series.open_series(signed_in(), key), names):
        return redirect(url_for(".series_page", key=key), 303)  # sent twice
    try:
        made, refused = retrying.retry(signed_in(), key, names, version=form.version.data or 0, now=now())
    except (service.OtherwiseError, service.StaleError):
        flash(gettext("It was changed meanwhile. Look at how it stands now."), "error")
        return _page(key), 409
    if made:
        flash(ngettext("%(num)s skipped date is booked now.", "%(num)s skipped dates are booked now.", made), "message")
    if refused:
        said = ngettext("%(num)s date is still not possible.", "%(num)s dates are still not possible.", refused)
        flash(said, "error")
    return redirect(url_for(".series_page", key=key), 303)
