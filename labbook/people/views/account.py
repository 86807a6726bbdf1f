"""One's own account: the password and the sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from ...catalogue.queries import sites_for
from ...core.permissions import Actor
from ...notices.queries import refuses_since
from ...web import SignedIn, language, login_required, now, signed_in, times
from ...web.sentences import plain
from .. import accounts, service
from ..forms.account import ChangePasswordForm, ClockForm, ReadingForm
from ..queries import readings_by_id
from ..service import passwords, sessions
from ..service.throttle import TooManyTriesError
from . import bp
from .entering import origin, wait_headers, wait_said


@dataclass(frozen=True)
class SessionLine:
    """A session as its owner sees it."""

    key: str
    browser: str
    address: str
    started: str
    seen: str
    is_this: bool


@bp.get("/account")
@login_required
def account() -> ResponseReturnValue:
    """The page of one's own account."""
    return _page(ChangePasswordForm())


@bp.post("/account/password")
@login_required
def change_password() -> ResponseReturnValue:
    """Choose another password; all other sessions end."""
    form = ChangePasswordForm()
    if not form.validate():
        return _page(form), 422
    try:
        passwords.change(
            signed_in(),
            form.old.data or "",
            form.new.data or "",
            origin(),
            keep=_this_session(),
            shortest=current_app.config["PASSWORD_LENGTH"],
            now=now(),
        )
    except passwords.WrongPasswordError:
        form.old.errors = [gettext("This is not your present password.")]
        return _page(form), 422
    except passwords.UnfitPasswordError as error:
        form.new.errors = [plain(error.sentence, language())]
        return _page(form), 422
    except TooManyTriesError as error:
        form.old.errors = [wait_said(error)]
        return _page(form), 429, wait_headers(error)
    flash(gettext("Your password is changed. Everywhere else you are signed out."), "done")
    return redirect(url_for(".account"), 303)


@bp.post("/account/reading")
@login_required
def choose_reading() -> ResponseReturnValue:
    """Say how one's own name is read."""
    form = ReadingForm()
    if not form.validate():
        return _page(ChangePasswordForm(), form), 422
    service.choose_reading(signed_in(), form.reading.data or "")
    flash(gettext("The reading of your name is saved."), "done")
    return redirect(url_for(".account"), 303)


@bp.post("/account/clock")
@login_required
def choose_clock() -> ResponseReturnValue:
    """Say where one's own clock is."""
    form = ClockForm()
    if not form.validate():
        return _page(ChangePasswordForm(), clock=form), 422
    service.choose_zone(signed_in(), form.zone.data or "")
    flash(gettext("Your clock is saved."), "done")
    return redirect(url_for(".account"), 303)


@bp.post("/account/sessions/<key>/end")
@login_required
def end_session(key: str) -> ResponseReturnValue:
    """End one of one's own sessions."""
    sessions.end_one(signed_in(), key, now=now())
    flash(gettext("That session has ended."), "done")
    return redirect(url_for(".account"), 303)


@bp.post("/account/sessions/end-others")
@login_required
def end_other_sessions() -> ResponseReturnValue:
    """Sign out everywhere else."""
    count = sessions.end_others(signed_in(), keep=_this_session(), now=now())
    flash(ngettext("%(num)s other session has ended.", "%(num)s other sessions have ended.", count), "done")
    return redirect(url_for(".account"), 303)


def _reading(actor: Actor) -> ReadingForm:
    form = ReadingForm()
    form.reading.data = readings_by_id([actor.person_id])[actor.person_id][2]
    return form


def _clock(actor: Actor) -> ClockForm:
    form = ClockForm()
    form.zone.data = accounts.chosen_zone(actor.person_id)
    return form


def _this_session() -> int:
    return cast(SignedIn, current_user).session.sign_in_id


def _page(form: ChangePasswordForm, reading: ReadingForm | None = None, clock: ClockForm | None = None) -> str:
    actor, at, words, config = signed_in(), now(), language(), current_app.config
    sites = sites_for(actor)
    home = next((site.zone for site in sites if site.id == actor.home_site_id), sites[0].zone if sites else "Etc/UTC")
    refused_at = refuses_since(actor.person_id)
    lines = [
        SessionLine(
            accounts.session_key(one),
            one.browser,
            one.address,
            times.moment(one.started_at, ZoneInfo(home), words),
            times.ago(one.seen_at, at, words),
            one.id == _this_session(),
        )
        for one in accounts.live_sessions(
            actor.person_id,
            started_after=at - timedelta(days=config["SESSION_DAYS"]),
            seen_after=at - timedelta(hours=config["SESSION_IDLE_HOURS"]),
        )
    ]
    return render_template(
        "people/account.html",
        form=form,
        reading=reading or _reading(actor),
        clock=clock or _clock(actor),
        sessions=lines,
        factor=accounts.factor_of(actor.person_id),
        shortest=config["PASSWORD_LENGTH"],
        mail_refused=times.moment(refused_at, ZoneInfo(home), words) if refused_at else "",
    )
