"""The trainings of a site, for its staff: wishes, sessions, what lapses, and who holds what."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.eligibility import SOON
from ...core.interval import Interval
from ...core.language import has_control_characters, person_name
from ...core.permissions import Do, ForbiddenError, Matter, may, require
from ...core.proofs import Proof
from ...web import language, login_required, now, signed_in, times
from ...web.fields import choices
from .. import forms, pages, queries, service
from . import Answer, bp

LONGEST_QUERY = 100
SHOWN_PEOPLE = 12


@bp.get("/trainings")
@login_required
def trainings() -> Answer:
    """To the trainings of one's own site: where one works, for the lab the first."""
    actor = signed_in()
    sites = [one for one in catalogue.sites_for(actor) if may(actor, Do.SEE_TRAININGS, Matter(one.id))]
    if not sites:
        raise ForbiddenError("no site of theirs")
    sites.sort(key=lambda one: (one.id != actor.home_site_id, one.id))
    return redirect(url_for(".staff", site=sites[0].slug), 303)


@bp.get("/sites/<site>/trainings")
@login_required
def staff(site: str) -> Answer:
    """The page; with `q` the people whom it names, each with what they hold."""
    return _StaffPage(site).shown()


@bp.post("/sites/<site>/trainings/grant")
@login_required
def grant(site: str) -> Answer:
    """Sign one person off."""
    page = _StaffPage(site)
    require(signed_in(), Do.SCHEDULE_TRAINING, Matter(page.site_id))
    form = page.grant_form
    if not form.validate():
        return page.shown(), 422
    person, training, on = form.person.data or "", form.training.data or "", form.granted_on.data
    if on is None:
        return page.shown(), 422
    try:
        trainee = bool(form.as_trainee.data)
        service.grant(signed_in(), site, person, training, granted_on=on, as_trainee=trainee, now=now())
    except service.ClashError as clash:
        flash(gettext(clash.sentence), "error")
        return _StaffPage(site).shown(), 409
    flash(gettext("Signed off as a trainee.") if trainee else gettext("Signed off."))
    return redirect(url_for(".staff", site=site, q=page.query), 303)


@bp.post("/sites/<site>/trainings/revoke")
@login_required
def revoke(site: str) -> Answer:
    """Take a proof away."""
    page = _StaffPage(site)
    require(signed_in(), Do.SCHEDULE_TRAINING, Matter(page.site_id))
    form = page.revoke_form
    if not form.validate():
        return page.shown(), 422
    person, training = form.person.data or "", form.training.data or ""
    try:
        service.revoke(signed_in(), site, person, training, reason=form.reason.data or "", now=now())
    except service.ClashError as clash:
        flash(gettext(clash.sentence), "error")
        return _StaffPage(site).shown(), 409
    flash(gettext("The proof is revoked, and the bookings that rest on it are suspended."))
    return redirect(url_for(".staff", site=site, q=page.query), 303)


class _StaffPage:
    """Everything about the trainings of a site, for those who answer for them."""

    def __init__(self, slug: str) -> None:
        self.actor, self.at = signed_in(), now()
        site = catalogue.site_by_slug(self.actor, slug)
        require(self.actor, Do.SEE_TRAININGS, Matter(site.id))
        self.site: Any = site
        self.site_id, self.slug = site.id, site.slug
        self.today = self.at.astimezone(site.zoneinfo).date()
        given = request.values.get("q", "")[:LONGEST_QUERY]
        self.query = "" if has_control_characters(given) else given.strip()
        self.people = queries.people_at(site.id, self.today)
        self.trainings = {one.id: one for one in queries.trainings_at(site.id)}
        words = language()
        offered = [(one.slug, one.name.text(words)) for one in self.trainings.values()]
        people = [(row.person.key, self._name(row)) for row in self.people if row.person.id != self.actor.person_id]
        self.grant_form, self.revoke_form = forms.GrantForm(), forms.RevokeForm()
        for form in (self.grant_form, self.revoke_form):
            form.person.choices = choices([("", gettext("Choose a person")), *people])
            form.training.choices = choices([("", gettext("Choose a training")), *offered])
        if request.method == "GET":
            self.grant_form.person.data = request.args.get("person", "")
            self.grant_form.granted_on.data = self.today

    @staticmethod
    def _name(row: Any) -> str:
        return person_name(row.person.family_name, row.person.given_name, language())

    def shown(self) -> str:
        """The page."""
        words = language()
        proofs = queries.proofs_of(row.person.id for row in self.people)
        chosen = {row.person.id for row in queries.people_at(self.site_id, self.today, self.query)}
        found = [row for row in self.people if row.person.id in chosen] if self.query else []
        sessions = self._sessions()
        may_change = may(self.actor, Do.SCHEDULE_TRAINING, Matter(self.site_id))
        return render_template(
            "trainings/staff.html",
            site=self.slug,
            site_name=self.site.name.text(words),
            zone_label=times.zone_label(self.site.zoneinfo, self.at),
            wishes=[self._wish(one, sessions, words) for one in queries.wishes_at(self.site_id)],
            sessions=[self._session(one, words) for one in sessions],
            lapsing=self._lapsing(proofs, words),
            people=[self._person(row, proofs, words) for row in found[:SHOWN_PEOPLE]],
            more=max(0, len(found) - SHOWN_PEOPLE),
            query=self.query,
            grant_form=self.grant_form,
            revoke_form=self.revoke_form,
            may_change=may_change,
            may_import=may(self.actor, Do.IMPORT_TRAININGS, Matter(self.site_id)),
        )

    def _sessions(self) -> list[Any]:
        return queries.sessions_at(self.site_id, self.actor.person_id, self.at, unsettled=True)

    def _card_url(self, key: str) -> str:
        return url_for(".card_of", key=key, site=self.slug)

    def _wish(self, row: Any, sessions: list[Any], words: str) -> pages.WishView:
        """With the first session of it that has a place left: it need not be scheduled then."""
        taught = [one for one in sessions if one.training.id == row.training.id and one.session.starts_at > self.at]
        open_ = next((self._session(one, words) for one in taught if one.taken < one.session.places), None)
        return pages.WishView(
            self._name(row),
            self._card_url(row.person.key),
            row.partner.text(words),
            row.training.name.text(words),
            row.training.slug,
            row.wish.note,
            times.ago(row.wish.asked_at, self.at, words),
            open_,
        )

    def _session(self, row: Any, words: str) -> pages.StaffSession:
        one, zone = row.session, self.site.zoneinfo
        return pages.StaffSession(
            url_for(".session", key=one.key),
            row.training.name.text(words),
            times.when(Interval(one.starts_at, one.ends_at), zone, words, by_day=False),
            times.zone_label(zone, one.starts_at),
            person_name(row.family_name, row.given_name, words),
            gettext("%(taken)s of %(places)s places taken", taken=row.taken, places=one.places),
            one.starts_at <= self.at,
        )

    def _lapsing(self, proofs: dict[tuple[int, int], Proof], words: str) -> list[pages.ProofView]:
        """Proofs that end within the next days, the nearest first."""
        people = {row.person.id: row for row in self.people}
        found = []
        for (person_id, training_id), proof in proofs.items():
            until = proof.expires_on
            if until is None or not proof.is_held or training_id not in self.trainings:
                continue
            if self.today <= until <= self.today + SOON:
                found.append((until, people[person_id], self.trainings[training_id], proof))
        found.sort(key=lambda one: (one[0], one[1].person.id))
        return [
            pages.ProofView(
                self._name(row),
                self._card_url(row.person.key),
                row.partner_names(words),
                training.name.text(words),
                times.dated(until, words),
                gettext("by disuse") if proof.unused_since else "",
            )
            for until, row, training, proof in found
        ]

    def _person(self, row: Any, proofs: dict[tuple[int, int], Proof], words: str) -> pages.PersonView:
        held = [
            (training.slug, _held(training.name.text(words), is_trainee=proof.is_trainee))
            for training in self.trainings.values()
            if (proof := proofs.get((row.person.id, training.id))) is not None and proof.is_good(self.today)
        ]
        return pages.PersonView(
            row.person.key,
            self._name(row),
            self._card_url(row.person.key),
            row.person.email,
            row.partner_names(words),
            held,
            row.person.id == self.actor.person_id,
        )


def _held(training: str, *, is_trainee: bool) -> str:
    return gettext("%(training)s (trainee)", training=training) if is_trainee else training
