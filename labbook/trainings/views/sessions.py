"""Sessions as staff see them: naming one, who takes part, signing off, cancelling."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from ...catalogue import queries as catalogue
from ...core.interval import Interval
from ...core.language import has_control_characters, person_name
from ...core.permissions import Actor, Do, Matter, NotFoundError, may, require
from ...web import language, login_required, now, signed_in, times
from ...web.fields import choices
from .. import forms, pages, queries, service
from . import Answer, bp


@bp.get("/sites/<site>/trainings/schedule")
@login_required
def schedule(site: str) -> Answer:
    """The form that names a session."""
    page = _SchedulePage(signed_in(), site)
    page.fill()
    return page.shown()


@bp.post("/sites/<site>/trainings/schedule")
@login_required
def scheduled(site: str) -> Answer:
    """Name the session: 303 to it, or the form again."""
    page = _SchedulePage(signed_in(), site)
    fits, time = page.form.validate(), page.form.time(page.zone, now())
    if not fits or time is None:
        return page.shown(), 422
    form = page.form
    try:
        key = service.schedule(
            signed_in(),
            site,
            form.training.data or "",
            time=time,
            places=form.places.data or 1,
            trainer=form.trainer.data or "",
            now=now(),
        )
    except service.ClashError as clash:
        flash(gettext(clash.sentence), "error")
        return _SchedulePage(signed_in(), site).shown(), 409
    flash(gettext("The session is announced to everybody who wishes for it."))
    return redirect(url_for(".session", key=key), 303)


class _SchedulePage:
    """The form of a session at a site."""

    def __init__(self, actor: Actor, slug: str) -> None:
        site = catalogue.site_by_slug(actor, slug)
        require(actor, Do.SCHEDULE_TRAINING, Matter(site.id))
        self.actor, self.slug, self.zone = actor, site.slug, site.zoneinfo
        words = language()
        self.site_name = site.name.text(words)
        self.form = forms.SessionForm()
        self.trainings = [(one.slug, one.name.text(words)) for one in queries.trainings_at(site.id)]
        self.form.training.choices = choices(self.trainings)
        staff = queries.staff_at(site.id, now().astimezone(self.zone).date())
        self.form.trainer.choices = choices(
            (one.key, person_name(one.family_name, one.given_name, words)) for one in staff
        )

    def fill(self) -> None:
        """What a link names, and the reader as the trainer."""
        asked = request.args.get("training", "")
        if asked in {slug for slug, _ in self.trainings}:
            self.form.training.data = asked
        self.form.trainer.data = self.actor.key

    def shown(self) -> str:
        """The page."""
        return render_template(
            "trainings/schedule.html",
            form=self.form,
            site=self.slug,
            site_name=self.site_name,
            zone_label=times.zone_label(self.zone, now()),
        )


@bp.get("/training-sessions/<key>")
@login_required
def session(key: str) -> Answer:
    """A session with its people, for staff of its site and for the lab."""
    return _SessionPage(key).shown()


@bp.post("/training-sessions/<key>/sign-off")
@login_required
def sign_off(key: str) -> Answer:
    """Sign off many people at once."""
    page = _SessionPage(key)
    require(signed_in(), Do.SCHEDULE_TRAINING, Matter(page.site_id))  # whose place it is, the service asks
    if not page.form.validate():
        return page.shown(), 422
    passed, absent = page.form.passed.data or [], page.form.absent.data or []
    try:
        trainees = bool(page.form.as_trainee.data)
        count = service.sign_off(signed_in(), key, passed=passed, absent=absent, as_trainees=trainees, now=now())
    except service.ClashError as clash:
        flash(gettext(clash.sentence), "error")
        return _SessionPage(key).shown(), 409
    flash(ngettext("%(num)s person is signed off.", "%(num)s people are signed off.", count))
    return redirect(url_for(".session", key=key), 303)


@bp.post("/training-sessions/<key>/cancel")
@login_required
def cancel(key: str) -> Answer:
    """Cancel a session; its people are told."""
    page = _SessionPage(key)
    require(signed_in(), Do.SCHEDULE_TRAINING, Matter(page.site_id))
    form = page.cancel_form
    if not form.validate():
        return page.shown(), 422
    try:
        site = service.cancel(signed_in(), key, reason=form.reason.data or "", now=now())
    except service.ClashError as clash:
        flash(gettext(clash.sentence), "error")
        return _SessionPage(key).shown(), 409
    flash(gettext("The session is cancelled, and its people are told."))
    return redirect(url_for(".staff", site=site), 303)


class _SessionPage:
    """A session with everybody who takes part: never for a partner's people."""

    def __init__(self, key: str) -> None:
        if has_control_characters(key):
            raise NotFoundError
        actor = signed_in()
        self.row = queries.session_by_key(actor, key, catalogue.is_shown(actor))
        require(actor, Do.SEE_TRAININGS, Matter(self.row.site.id))
        self.actor, self.site_id = actor, self.row.site.id
        self.places = queries.places_of(self.row.session.id)
        self.form, self.cancel_form = forms.OutcomeForm(), forms.CancelForm()
        self.form.offer(one.person.key for one in self.places if one.place.outcome == "open")

    def shown(self) -> str:
        """The page."""
        row, words, at = self.row, language(), now()
        zone, one = row.site.zoneinfo, row.session
        known = queries.people_at(row.site.id, at.astimezone(zone).date())
        partners = {person.person.id: person.partner_names(words) for person in known}
        return render_template(
            "trainings/session.html",
            key=one.key,
            training=row.training.name,
            site=row.site.slug,
            site_name=row.site.name.text(words),
            session_when=times.when(Interval(one.starts_at, one.ends_at), zone, words, by_day=False),
            zone_label=times.zone_label(zone, one.starts_at),
            trainer=person_name(row.family_name, row.given_name, words),
            taken=row.taken,
            places=one.places,
            people=[self._place(place, partners, words) for place in self.places],
            form=self.form,
            cancel_form=self.cancel_form,
            is_cancelled=one.cancelled_at is not None,
            has_begun=one.starts_at <= at,
            may_change=may(self.actor, Do.SCHEDULE_TRAINING, Matter(row.site.id)),
        )

    def _place(self, found: Any, partners: dict[int, str], words: str) -> pages.PlaceView:
        person, outcome = found.person, str(found.place.outcome)
        return pages.PlaceView(
            person.key,
            person_name(person.family_name, person.given_name, words),
            partners.get(person.id, ""),
            outcome,
            outcome == "open",
            person.id == self.actor.person_id,
        )
