"""Inviting to a partner or a site, sending again, taking back."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.exceptions import Conflict

from ...core.permissions import Actor, Do, ForbiddenError, Matter, Role, may
from ...web import login_required, now, signed_in
from .. import directory
from ..forms.joining import InviteForm
from ..service import inviting
from ..service.flooding import EnoughTodayError
from ..service.refusing import Refused
from . import Answer, bp
from .people import offer_roles, partner_page, site_page
from .refusals import note_addresses, note_forged, tells


def lasts() -> timedelta:
    """How long an invitation can be accepted."""
    return timedelta(days=current_app.config["INVITATION_DAYS"])


@bp.post("/people/partners/<key>/invite")
@login_required
@tells(Refused.INVITING)
def invite_to_partner(key: str) -> Answer:
    """Invite somebody to a partner; which one is in the address, and nothing in the form can say otherwise."""
    actor, form = signed_in(), InviteForm()
    matter = directory.matter_of_partner(directory.partner_by_key(actor, key, now()).id, now=now())
    _refuse(actor, matter, (Do.INVITE_SCIENTIST, Do.INVITE_COORDINATOR))
    offer_roles(form, actor, matter, (Role.SCIENTIST, Role.COORDINATOR))
    if not form.validate():
        note_addresses(form.email)
        note_forged(Refused.INVITING, form.role)
        return partner_page(actor, key, form), 422
    email, role, words = form.email.data or "", Role(form.role.data), form.language.data
    try:
        inviting.invite_to_partner(actor, key, email, role, words, now=now(), lasts=lasts())
    except (inviting.NoPlaceLeftError, EnoughTodayError) as full:
        form.form_errors = [no_letter(full)]
        return partner_page(actor, key, form), 409
    except inviting.AlreadyThereError:
        form.email.errors = [gettext("This person has that role here already.")]
        return partner_page(actor, key, form), 409
    flash(gettext("The invitation to %(email)s is on its way.", email=email), "message")
    return redirect(url_for(".partner_people", key=key), 303)


@bp.post("/people/sites/<site>/invite")
@login_required
@tells(Refused.INVITING)
def invite_to_site(site: str) -> Answer:
    """Invite somebody to the staff of a site."""
    actor, form = signed_in(), InviteForm()
    matter = Matter(directory.site_with_people(actor, site).id)
    _refuse(actor, matter, (Do.INVITE_STAFF, Do.INVITE_MANAGER))
    offer_roles(form, actor, matter, (Role.STAFF, Role.MANAGER))
    if not form.validate():
        note_addresses(form.email)
        note_forged(Refused.INVITING, form.role)
        return site_page(actor, site, form), 422
    email, role, words = form.email.data or "", Role(form.role.data), form.language.data
    try:
        inviting.invite_to_site(actor, site, email, role, words, now=now(), lasts=lasts())
    except inviting.AlreadyThereError:
        form.email.errors = [gettext("This person has that role here already.")]
        return site_page(actor, site, form), 409
    flash(gettext("The invitation to %(email)s is on its way.", email=email), "message")
    return redirect(url_for(".site_people", site=site), 303)


def _refuse(actor: Actor, matter: Matter, ways: tuple[Do, ...]) -> None:
    """Before anything is read from the form: whoever may invite nobody here gets no answer about fields."""
    if not any(may(actor, way, matter) for way in ways):
        raise ForbiddenError


def no_letter(refused: inviting.NoPlaceLeftError | EnoughTodayError) -> str:
    """Why no invitation goes out, and what to do."""
    if isinstance(refused, EnoughTodayError):
        return gettext(
            "Today's invitations for this organisation are used up: at most %(most)s letters go out in a day. "
            "Try again tomorrow.",
            most=refused.most,
        )
    return no_place_left(refused)


def no_place_left(full: inviting.NoPlaceLeftError) -> str:
    """Why nobody more can be invited, and what to do."""
    if not full.places.most:
        return gettext("No agreement is in force that allows people. Ask the lab's staff.")
    return gettext(
        "All %(most)s places are taken. Revoke an invitation, remove somebody, or ask the lab's staff for more.",
        most=full.places.most,
    )


@bp.post("/invitations/<key>/resend")
@login_required
@tells(Refused.INVITING)
def resend_invitation(key: str) -> Answer:
    """Send a new link; the older ones end."""
    try:
        place = inviting.resend(signed_in(), key, now=now(), lasts=lasts())
    except inviting.AnsweredError:
        raise Conflict from None
    except (inviting.NoPlaceLeftError, EnoughTodayError) as full:
        flash(no_letter(full), "error")
        return redirect(url_for(".people"), 303)
    flash(gettext("A new link is on its way. The older ones open nothing any more."), "message")
    return _back_to(place)


@bp.post("/invitations/<key>/revoke")
@login_required
@tells(Refused.INVITING)
def revoke_invitation(key: str) -> Answer:
    """Take an invitation back."""
    try:
        place = inviting.revoke(signed_in(), key, now=now())
    except inviting.AnsweredError:
        raise Conflict from None
    flash(gettext("The invitation is revoked. Its link opens nothing any more."), "message")
    return _back_to(place)


def _back_to(place: tuple[str, str]) -> Answer:
    partner_key, site_slug = place
    if partner_key:
        return redirect(url_for(".partner_people", key=partner_key), 303)
    return redirect(url_for(".site_people", site=site_slug), 303)
