"""How one wants to hear of things."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from ...core.letters import TOPICS, Topic, concerning
from ...web import login_required, now, signed_in
from ..choice_forms import ChoicesForm
from ..chosen import Chosen, chosen_by
from ..service import choosing
from . import Answer, bp

_ALWAYS = (Topic.OTHERS, Topic.WAITING, Topic.ACCOUNT)  # what everybody may hear of, and cannot switch off


@bp.get("/account/letters")
@login_required
def choices() -> Answer:
    """What LabBook writes, and how one has chosen to hear of it."""
    actor = signed_in()
    chosen, form = chosen_by(actor.person_id), ChoicesForm(concerning(actor))
    form.show(chosen.ways, chosen.invitations, chosen.reminder_minutes)
    return _page(form, chosen)


@bp.post("/account/letters")
@login_required
def choose() -> Answer:
    """Keep what was chosen."""
    actor = signed_in()
    form = ChoicesForm(concerning(actor))
    if not form.validate():
        return _page(form, chosen_by(actor.person_id)), 422
    try:
        choosing.choose(
            actor,
            form.ways,
            invitations=form.invitations.data,
            reminder_minutes=form.minutes,
            version=form.version.data or 0,
            now=now(),
        )
    except choosing.StaleError:
        flash(gettext("Your account was changed meanwhile. Look at your choices again, then save them."), "problem")
        return _page(form, chosen_by(actor.person_id)), 409
    flash(gettext("Your choices are saved."), "done")
    return redirect(url_for(".choices"), 303)


def _page(form: ChoicesForm, chosen: Chosen) -> str:
    form.version.data = chosen.version
    always = [(gettext(TOPICS[topic].label), gettext(TOPICS[topic].about)) for topic in _ALWAYS]
    return render_template("notices/choices.html", form=form, follows=chosen.follows, always=always)
