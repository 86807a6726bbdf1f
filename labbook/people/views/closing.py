"""What administrators do with somebody's account: close it, open it again, take a lost second factor away."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext, ngettext
from werkzeug.exceptions import Conflict

from ...web import login_required, now, signed_in
from ..forms.closing import CloseForm
from ..forms.roles import GiveRoleForm
from ..service import closing, lost_factors
from ..service.inviting import AnsweredError, NoPlaceLeftError
from ..service.roles import LastAdministratorError
from . import Answer, bp
from .inviting import no_place_left
from .people import person_page


@bp.post("/people/<key>/close")
@login_required
def close_account(key: str) -> Answer:
    """Close somebody's account; it takes effect with their very next click."""
    actor, form = signed_in(), CloseForm()
    closing.to_be_closed(actor, key, now=now())
    if not form.validate():
        return person_page(actor, key, GiveRoleForm(), form), 422
    try:
        count = closing.close_account(actor, key, reason=form.reason.data or "", now=now())
    except AnsweredError:
        raise Conflict from None
    except LastAdministratorError:
        flash(gettext("The lab needs an administrator. Give the role to somebody else first."), "error")
        return person_page(actor, key, GiveRoleForm(), form), 409
    said = gettext("The account is closed. A letter says so.")
    if count:
        said += " " + ngettext(
            "%(num)s booking that lies ahead is suspended until staff have decided on it.",
            "%(num)s bookings that lie ahead are suspended until staff have decided on them.",
            count,
        )
    flash(said, "message")
    return redirect(url_for(".person", key=key), 303)


@bp.post("/people/<key>/reopen")
@login_required
def reopen_account(key: str) -> Answer:
    """Open somebody's account again."""
    try:
        closing.reopen_account(signed_in(), key, now=now())
    except AnsweredError:
        raise Conflict from None
    except NoPlaceLeftError as full:
        flash(no_place_left(full), "error")
        return person_page(signed_in(), key, GiveRoleForm()), 409
    flash(gettext("The account is open again. A letter says so."), "message")
    return redirect(url_for(".person", key=key), 303)


@bp.post("/people/<key>/remove-factor")
@login_required
def remove_factor_of(key: str) -> Answer:
    """Take somebody's second factor away; they are signed out everywhere."""
    try:
        lost_factors.remove_factor(signed_in(), key, now=now())
    except AnsweredError:
        raise Conflict from None
    flash(gettext("The second factor is removed. A letter says so."), "message")
    return redirect(url_for(".person", key=key), 303)
