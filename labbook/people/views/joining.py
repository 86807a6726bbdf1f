"""Coming in: the page behind an invitation's link, and the first steps afterwards."""

from __future__ import annotations

from flask import Response, current_app, redirect, render_template, request, session, url_for
from flask_babel import refresh

from ...core.language import listed, person_name
from ...core.tokens import token_hash
from ...web import actor_or_none, errors, language, now
from ...web.fields import choices
from ...web.sentences import plain
from .. import invitations, pages
from ..forms.joining import NewcomerForm
from ..invitations import Door
from ..service import joining as service
from ..service import throttle
from ..service.joining import GoneError, HasAccountError, Newcomer, OtherAccountError
from ..service.passwords import objection
from ..service.refusing import Refused
from . import Answer, bp
from .entering import go_on, origin, wait_headers, wait_said
from .refusals import note_refused


@bp.after_request
def hide_token(response: Response) -> Response:
    """The address of an invitation is a secret: where a link on its page leads, nobody is told of it."""
    if request.path.startswith("/invitations/"):
        response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/invitations/<token>")
def invitation(token: str) -> Answer:
    """Who invites to what, and the way in. Opening it uses nothing up: mail programs open links too."""
    door = invitations.door_by_token(token_hash(token), now())
    if door is None or door.fault:
        return _gone(token, door)
    if "language" not in session:  # as the letter was written, until somebody says otherwise
        session["language"] = door.invitation.language
        refresh()
    if _is_for_another(door):
        return _for_another(token, door)
    return _shown(token, door, _form(door))


@bp.post("/invitations/<token>")
def accept_invitation(token: str) -> Answer:
    """Come in: with the account that one has, or with one made now. Only links that never were are counted.

    So whoever tries many keeps nobody waiting who comes from the same address with a link of their own.
    """
    door = invitations.door_by_token(token_hash(token), now())
    if door is None:
        try:
            throttle.admit(throttle.Door.INVITATION, "", origin().address, now=now())
        except throttle.TooManyTriesError as error:
            answer = errors.page(429, wait_said(error))
            answer.headers.update(wait_headers(error))
            return answer
    if door is None or door.fault:
        return _gone(token, door)
    if _is_for_another(door):
        return _for_another(token, door)
    try:
        return _accept(token) if door.account is not None else _come_in(token, door)
    except (GoneError, OtherAccountError):  # somebody was faster
        return _gone(token, invitations.door_by_token(token_hash(token), now()))
    except HasAccountError:
        return redirect(url_for(".invitation", token=token), 303)


def _accept(token: str) -> Answer:
    actor = actor_or_none()
    if actor is None:
        return redirect(url_for(".sign_in", next=url_for(".invitation", token=token)), 303)
    service.accept(actor, token, now=now())
    return redirect(url_for(".welcome"), 303)


def _come_in(token: str, door: Door) -> Answer:
    form = _form(door)
    fits = form.validate()
    if fits and (sentence := _objection(form, door)):
        form.refuse_password(sentence)
        fits = False
    if not fits:
        return _shown(token, door, form), 422
    newcomer = Newcomer(
        form.family_name.data or "",
        form.given_name.data or "",
        form.reading.data or "",
        form.language.data,
        form.home_site.data or "",
        form.password.data or "",
    )
    return go_on(service.accept_as_newcomer(token, newcomer, origin(), now=now()), url_for(".welcome"))


def _objection(form: NewcomerForm, door: Door) -> str:
    """Why this password will not do; empty when it will."""
    names = [form.family_name.data or "", form.given_name.data or "", *(form.reading.data or "").split()]
    found = objection(
        form.password.data or "",
        email=door.invitation.email,
        names=names,
        shortest=current_app.config["PASSWORD_LENGTH"],
    )
    return plain(found, language()) if found else ""


def _form(door: Door) -> NewcomerForm:
    form, words = NewcomerForm(), language()
    sites = service.sites_behind(door)
    form.home_site.choices = choices((site.slug, site.name.text(words)) for site in sites)
    form.home_site.validate_choice = bool(sites)
    if request.method == "GET":
        form.language.data = words
    return form


def _shown(token: str, door: Door, form: NewcomerForm) -> str:
    words, actor = language(), actor_or_none()
    return render_template(
        "people/invitation.html",
        form=form,
        token=token,
        email=door.invitation.email,
        inviter=person_name(door.inviter.family_name, door.inviter.given_name, words),
        place=door.place.text(words),
        sites=listed([one.name for one in service.sites_behind(door)]).text(words),
        role_label=pages.role_label(door.invitation.role),
        is_partner=door.partner is not None,
        has_account=door.account is not None,
        is_reader=actor is not None,
        sign_in_url=url_for(".sign_in", next=url_for(".invitation", token=token)),
        shortest=current_app.config["PASSWORD_LENGTH"],
    )


def _is_for_another(door: Door) -> bool:
    actor = actor_or_none()
    return actor is not None and (door.account is None or door.account.id != actor.person_id)


def _for_another(token: str, door: Door) -> Answer:
    actor = actor_or_none()
    email = actor.email if actor else ""
    service.note_refusal(token, "other-account", actor_id=actor.person_id if actor else None, now=now())
    return render_template("people/invitation_other.html", email=email), 403


def _gone(token: str, door: Door | None) -> Answer:
    """The same page for every link that opens nothing: expired, used, revoked, replaced, altered or made up."""
    actor = actor_or_none()
    if door is not None:
        reason = door.fault or "used"
        service.note_refusal(token, reason, actor_id=actor.person_id if actor else None, now=now())
    else:
        note_refused(Refused.INVITATION, {"reason": "unknown"}, subject="invitation")
    return render_template("people/invitation_gone.html"), 404
