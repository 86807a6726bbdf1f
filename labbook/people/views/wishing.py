"""Asking to join, and answering who asks; the first steps of those who have come in."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.exceptions import Conflict

from ...agreements.queries import has_accepted
from ...catalogue import queries as catalogue
from ...core.language import person_name
from ...core.permissions import Actor, Do, ForbiddenError, may
from ...web import actor_or_none, language, login_required, now, signed_in, times
from ...web.fields import choices
from .. import directory, invitations, pages
from ..forms.joining import AssignForm, DeclineJoinForm, JoinForm, StrangerJoinForm
from ..service import throttle
from ..service import wishing as service
from ..service.flooding import EnoughTodayError
from ..service.inviting import AnsweredError, NoPlaceLeftError
from ..service.refusing import Refused
from . import Answer, bp
from .entering import origin, wait_headers, wait_said
from .inviting import lasts, no_letter
from .refusals import note_addresses, note_forged, tells


@bp.get("/join")
def join() -> Answer:
    """The form of whoever has no invitation yet."""
    return render_template("people/join.html", form=_form())


@bp.post("/join")
def send_join() -> Answer:
    """Ask. The answer is the same whoever is known here."""
    form, actor = _form(), actor_or_none()
    if not form.validate():
        note_addresses(form.coordinator, *([form.email] if isinstance(form, StrangerJoinForm) else []))
        return render_template("people/join.html", form=form), 422
    said = (form.organisation.data or "", form.coordinator.data or "", form.message.data or "", language())
    if isinstance(form, StrangerJoinForm):
        who = (form.email.data or "", form.family_name.data or "", form.given_name.data or "")
    else:
        assert actor is not None  # noqa: S101 - _form gives this form to nobody else
        who = (actor.email, actor.family_name, actor.given_name)
    try:
        throttle.admit(throttle.Door.JOIN, who[0], origin().address, now=now())
    except throttle.TooManyTriesError as error:
        form.form_errors = [wait_said(error)]
        return render_template("people/join.html", form=form), 429, wait_headers(error)
    service.ask_to_join(service.Wish(*who, *said), now=now())
    return redirect(url_for(".join_sent"), 303)


@bp.get("/join/sent")
def join_sent() -> Answer:
    """What happens next; the same for everybody."""
    return render_template("people/join_sent.html")


def _form() -> JoinForm:
    return StrangerJoinForm() if actor_or_none() is None else JoinForm()


@bp.get("/joining")
@login_required
def joining() -> Answer:
    """Who waits for an answer."""
    actor = signed_in()
    if not (actor.is_staff or directory.led_by(actor)):
        raise ForbiddenError
    return _page(actor)


def _page(actor: Actor, declined: str = "", form: DeclineJoinForm | None = None) -> str:
    """The list, with a refusal as it was filled in beside its request."""
    words = language()
    waiting = invitations.joining_for(actor, now())
    partners = directory.partners_for(actor, now()) if actor.is_staff else []
    matters = invitations.matters_of_joining([one for one, _ in waiting], now())
    assign = AssignForm()
    assign.partner.choices = choices((one.key, one.name.text(words)) for one in partners)
    lines = [
        pages.JoinLine(
            key=one.key,
            name=person_name(one.family_name, one.given_name, words),
            email=one.email,
            organisation=one.organisation,
            message=one.message,
            when=times.ago(one.asked_at, now(), words),
            partner=partner.name.text(words) if partner else "",
            may_assign=partner is None and bool(partners),
            may_accept=partner is not None
            and may(actor, Do.ANSWER_JOINING, matters[one.id])
            and may(actor, Do.INVITE_SCIENTIST, matters[one.id]),
            may_decline=may(actor, Do.ANSWER_JOINING, matters[one.id]),
        )
        for one, partner in waiting
    ]
    return render_template(
        "people/joining.html", lines=lines, assign=assign, form=form or DeclineJoinForm(), declined=declined
    )


@bp.post("/joining/<key>/assign")
@login_required
@tells(Refused.INVITING)
def assign_joining(key: str) -> Answer:
    """Say which partner somebody means."""
    actor, form = signed_in(), AssignForm()
    invitations.join_by_key(actor, key, now())
    partners = directory.partners_for(actor, now()) if actor.is_staff else []
    form.partner.choices = choices((one.key, one.name.text(language())) for one in partners)
    if not actor.is_staff:
        raise ForbiddenError
    if not form.validate():
        note_forged(Refused.INVITING, form.partner)
        return _page(actor), 422
    try:
        service.assign(actor, key, form.partner.data, now=now())
    except AnsweredError:
        raise Conflict from None
    flash(gettext("The partner's coordinators see the request now."), "message")
    return redirect(url_for(".joining"), 303)


@bp.post("/joining/<key>/accept")
@login_required
@tells(Refused.INVITING)
def accept_joining(key: str) -> Answer:
    """Invite who asked, as a scientist."""
    try:
        service.let_join(signed_in(), key, now=now(), lasts=lasts())
    except AnsweredError:
        raise Conflict from None
    except (NoPlaceLeftError, EnoughTodayError) as full:
        flash(no_letter(full), "error")
        return redirect(url_for(".joining"), 303)
    flash(gettext("Accepted. The invitation is on its way."), "message")
    return redirect(url_for(".joining"), 303)


@bp.post("/joining/<key>/decline")
@login_required
@tells(Refused.INVITING)
def decline_joining(key: str) -> Answer:
    """Say no, and why."""
    actor, form = signed_in(), DeclineJoinForm()
    invitations.join_by_key(actor, key, now())
    if not form.validate():
        return _page(actor, key, form), 422
    try:
        service.decline(actor, key, reason=form.reason.data or "", now=now())
    except AnsweredError:
        raise Conflict from None
    flash(gettext("Declined. The letter with your reason is on its way."), "message")
    return redirect(url_for(".joining"), 303)


# --- the first steps --------------------------------------------------------------------------------------------------


@bp.get("/welcome")
@login_required
def welcome() -> Answer:
    """What to do before the first booking, step by step."""
    actor, words = signed_in(), language()
    own = {site for _, site in actor.agreements}
    sites = [site for site in catalogue.sites_for(actor) if site.id in own]
    sites.sort(key=lambda site: site.id != actor.home_site_id)  # at home one books first
    steps = [
        pages.StepLine(
            gettext("Accept the conditions of %(site)s", site=site.name.text(words)),
            gettext("Everybody reads and accepts them once before booking there."),
            url_for("agreements.conditions", site=site.slug, next=url_for(".welcome")),
            gettext("Read the conditions"),
            has_accepted(actor.person_id, site.id, directory.local_day(site.zone, now())),
        )
        for site in sites
    ]
    if sites:
        steps.append(
            pages.StepLine(
                gettext("Trainings and inductions"),
                gettext("Your card says what you may use now, and what to ask for next."),
                url_for("trainings.card"),
                gettext("Open your card"),
                False,
            )
        )
        steps.append(
            pages.StepLine(
                gettext("Book for the first time"),
                gettext("Choose what you need. The form says at once whether the time is free."),
                url_for("catalogue.resources"),
                gettext("Choose a resource"),
                False,
            )
        )
    return render_template("people/welcome.html", steps=steps, is_staff=actor.is_staff)
