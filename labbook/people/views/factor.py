"""The second factor: setting it up, taking it away, and being led to it where a role demands one."""

from __future__ import annotations

from typing import cast

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from ...core.language import N_
from ...web import SignedIn, actor_or_none, login_required, now, signed_in
from ...web.pictures import qr_code
from ...web.public import ALIKE
from .. import accounts
from ..forms.account import ConfirmFactorForm, RemoveFactorForm, RenewCodesForm
from ..service import factors
from ..service.passwords import WrongPasswordError
from ..service.refusing import Refused
from ..service.throttle import TooManyTriesError
from . import bp
from .entering import needs_factor, origin, vault, wait_headers, wait_said
from .refusals import note_refused

_ISSUER = "LabBook"
_LEFT_OPEN = {"people.factor", "people.confirm_factor", "people.sign_out", "people.language", *ALIKE, None}
_BAD_CODE = N_("This code is not good, or not any more. Take the one that is shown now.")


@bp.before_app_request
def lead_to_factor() -> ResponseReturnValue | None:
    """Whoever lacks the second factor that their role demands sets it up first: nothing else is done for them."""
    if not current_app.config["SECOND_FACTOR_FOR"] or request.endpoint in _LEFT_OPEN:
        return None
    actor = actor_or_none()
    if actor is None or not needs_factor(actor, cast(SignedIn, current_user).session.has_factor):
        return None
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("people.factor"), 303)
    abort(403)


@bp.get("/account/factor")
@login_required
def factor() -> ResponseReturnValue:
    """How it stands: a new one to be set up, or what there is."""
    if accounts.factor_of(signed_in().person_id).is_set:
        return _present(RemoveFactorForm(), RenewCodesForm())
    return _setting_up(ConfirmFactorForm(), None)


@bp.post("/account/factor")
@login_required
def confirm_factor() -> ResponseReturnValue:
    """Take the second factor once its code is right; the answer alone carries the recovery codes."""
    form, actor = ConfirmFactorForm(), signed_in()
    offer = factors.same_offer(actor, form.sealed.data or "", vault(), issuer=_ISSUER, now=now())
    if not form.validate():
        return _setting_up(form, offer), 422
    try:
        codes = factors.confirm(actor, form.sealed.data or "", form.code.data or "", vault(), now=now())
    except factors.AlreadySetError:
        abort(409)
    except factors.OfferOverError:
        note_refused(Refused.FACTOR, {"reason": "offer"})
        form.code.errors = [gettext("That took too long. Enter the new secret, please.")]
        return _setting_up(form, None), 422
    except factors.BadCodeError:
        note_refused(Refused.FACTOR, {"reason": "code"})
        form.code.errors = [gettext(_BAD_CODE)]
        return _setting_up(form, offer), 422
    return render_template("people/recovery.html", codes=codes), 201


@bp.post("/account/factor/remove")
@login_required
def remove_factor() -> ResponseReturnValue:
    """Take the second factor away, with password and code."""
    form, actor = RemoveFactorForm(), signed_in()
    if not accounts.factor_of(actor.person_id).has_password:
        form.password.validators = []
    if not form.validate():
        return _present(form, RenewCodesForm()), 422
    try:
        factors.remove(actor, form.password.data or "", form.code.data or "", vault(), origin(), now=now())
    except factors.AlreadySetError:
        abort(409)
    except WrongPasswordError:
        form.password.errors = [gettext("This is not your present password.")]
        return _present(form, RenewCodesForm()), 422
    except factors.BadCodeError:
        note_refused(Refused.FACTOR, {"reason": "code"})
        form.code.errors = [gettext(_BAD_CODE)]
        return _present(form, RenewCodesForm()), 422
    except TooManyTriesError as error:
        form.code.errors = [wait_said(error)]
        return _present(form, RenewCodesForm()), 429, wait_headers(error)
    flash(gettext("The second factor is removed. From now on your password alone is enough."), "done")
    return redirect(url_for(".account"), 303)


@bp.post("/account/factor/codes")
@login_required
def renew_codes() -> ResponseReturnValue:
    """New recovery codes, shown once; the old ones end."""
    form = RenewCodesForm()
    if not form.validate():
        return _present(RemoveFactorForm(), form), 422
    try:
        codes = factors.renew_codes(signed_in(), form.code.data or "", vault(), origin(), now=now())
    except factors.AlreadySetError:
        abort(409)
    except factors.BadCodeError:
        note_refused(Refused.FACTOR, {"reason": "code"})
        form.code.errors = [gettext(_BAD_CODE)]
        return _present(RemoveFactorForm(), form), 422
    except TooManyTriesError as error:
        form.code.errors = [wait_said(error)]
        return _present(RemoveFactorForm(), form), 429, wait_headers(error)
    return render_template("people/recovery.html", codes=codes), 201


def _setting_up(form: ConfirmFactorForm, offer: factors.Offer | None) -> str:
    actor = signed_in()
    shown = offer or factors.new_offer(actor, vault(), issuer=_ISSUER, now=now())
    form.sealed.data = shown.sealed
    return render_template(
        "people/factor_new.html",
        form=form,
        picture=qr_code(shown.address),
        secret=" ".join(shown.secret[at : at + 4] for at in range(0, len(shown.secret), 4)),
        is_demanded=needs_factor(actor, cast(SignedIn, current_user).session.has_factor),
    )


def _present(remove: RemoveFactorForm, renew: RenewCodesForm) -> str:
    found = accounts.factor_of(signed_in().person_id)
    return render_template("people/factor.html", remove=remove, renew=renew, factor=found)
