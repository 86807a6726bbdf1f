"""One training: how it stands with me, asking for it, and its sessions."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.eligibility import Standing, card_of
from ...core.language import has_control_characters
from ...core.permissions import Do, Matter, NotFoundError, may, require
from ...people import queries as people
from ...web import language, login_required, now, signed_in
from ...web.fields import choices
from ...web.undo import flash_undoable
from .. import drawing, forms, pages, queries, service, standing
from . import Answer, bp
from .cards import chosen_site


@bp.get("/trainings/<slug>")
@login_required
def training(slug: str) -> Answer:
    """The page of a training at a site."""
    return _TrainingPage(slug).shown()


@bp.post("/trainings/<slug>/ask")
@login_required
def ask(slug: str) -> Answer:
    """Ask the site's staff for it: 303 back, or the page again with what is wrong."""
    page = _TrainingPage(slug)
    require(signed_in(), Do.ASK_FOR_TRAINING, Matter(page.site.id))
    if not page.form.validate():
        return page.shown(), 422
    note = page.form.note.data or ""
    try:
        service.ask(signed_in(), page.site_slug, page.slug, partner_id=page.partner_id(), note=note, now=now())
    except service.ClashError as clash:
        flash(gettext(clash.sentence), "error")
        return _TrainingPage(slug).shown(), 409
    flash(gettext("The site's staff have your wish."))
    return redirect(url_for(".training", slug=page.slug, site=page.site_slug), 303)


@bp.post("/training-sessions/<key>/take")
@login_required
def take(key: str) -> Answer:
    """Take a place in a session."""
    return _session_step(key, service.take, gettext("The place is yours."), back=".give_back")


@bp.post("/training-sessions/<key>/give-back")
@login_required
def give_back(key: str) -> Answer:
    """Give one's place back."""
    return _session_step(key, service.give_back, gettext("You have given your place back."), back=".take")


def _session_step(key: str, step: Any, done: str, *, back: str) -> Answer:
    if has_control_characters(key):
        raise NotFoundError
    actor = signed_in()
    row = queries.session_by_key(actor, key, catalogue.is_shown(actor))
    slug, site = row.training.slug, row.site.slug
    try:
        step(actor, key, now=now())
    except service.ClashError as clash:
        flash(gettext(clash.sentence), "error")
        return _TrainingPage(slug, site).shown(), 409
    flash_undoable(done, url_for(back, key=key))
    return redirect(url_for(".training", slug=slug, site=site), 303)


class _TrainingPage:
    """A training at a site for one person, with the form to ask for it."""

    def __init__(self, slug: str, site: str = "") -> None:
        self.actor = signed_in()
        if has_control_characters(slug):
            raise NotFoundError
        self.site: Any = catalogue.site_by_slug(self.actor, site) if site else chosen_site(self.actor)
        self.found = queries.training_by_slug(slug, self.site.id, catalogue.is_shown(self.actor))
        # Taken out of the rows now: a service begins by forgetting what was read before it.
        self.slug, self.site_slug = slug, self.site.slug
        partners = people.partners_by_id(catalogue.partners_at(self.actor, self.site.id))
        self.partner_ids = {one.key: one.id for one in partners.values()}
        self.form = forms.AskForm()
        self.form.partner.choices = choices((one.key, one.name.text(language())) for one in partners.values())
        if not self.form.partner.data and self.partner_ids:
            self.form.partner.data = next(iter(self.partner_ids))

    def partner_id(self) -> int | None:
        """The partner for which it is asked; none: the service takes the first, or refuses."""
        return self.partner_ids.get(self.form.partner.data or "")

    def shown(self) -> str:
        """The page."""
        actor, words, at = self.actor, language(), now()
        site, found = self.site, self.found
        under = standing.under_way(actor.person_id, site, at)
        demand = under.demand(found, site)
        line = card_of(Standing(at.astimezone(site.zoneinfo).date(), (), "", (demand,))).lines[-1]
        view = drawing.line_view(line, site.slug, words, is_own=False)
        matter = Matter(site.id)
        ahead = [row for row in queries.sessions_at(site.id, actor.person_id, at) if row.training.id == found.id]
        shown = {one.id for one, _, _ in catalogue.resources_for(actor)}
        page = pages.TrainingPage(
            found.slug,
            site.slug,
            site.name.text(words),
            found.name,
            gettext(pages.LEVELS[found.level]),
            found.description,
            view if self.partner_ids else None,
            [drawing.session_view(row, words) for row in ahead],
            [
                (one.name.text(words), url_for("catalogue.resource", slug=one.slug))
                for one in queries.demanding(found.id)
                if one.id in shown and one.site_id == site.id
            ],
            may(actor, Do.ASK_FOR_TRAINING, matter),
            may(actor, Do.TAKE_TRAINING_PLACE, matter),
            demand.is_asked,
        )
        note_url = url_for(".ask", slug=found.slug, site=site.slug)
        return render_template("trainings/training.html", page=page, form=self.form, ask_url=note_url)
