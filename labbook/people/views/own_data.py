"""Taking along everything about oneself; and erasing a person, for administrators."""

from __future__ import annotations

import json

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext

from ...core.language import person_name
from ...core.permissions import Do, Matter, require
from ...web import language, login_required, now, signed_in
from ..service.erasing import StillBookedError, erase, to_be_erased
from ..service.own_calendar import export_own_calendar
from ..service.own_data import export_own_data
from . import Answer, bp


@bp.get("/account/data")
@login_required
def own_data() -> Answer:
    """What can be taken along, and how."""
    actor = signed_in()
    require(actor, Do.EXPORT_OWN_DATA, Matter(person_ids=frozenset({actor.person_id})))
    return render_template("people/own_data.html")


@bp.get("/account/data/labbook.json")
@login_required
def own_data_json() -> Answer:
    """Everything about oneself; that it was taken is recorded."""
    told = json.dumps(export_own_data(signed_in(), now=now()), ensure_ascii=False, indent=1)
    return _file(told.encode(), "application/json", "labbook-my-data.json")


@bp.get("/account/data/labbook.ics")
@login_required
def own_data_ics() -> Answer:
    """One's own bookings as a calendar; that they were taken is recorded."""
    told = export_own_calendar(signed_in(), base_url=current_app.config["BASE_URL"], now=now())
    return _file(told, "text/calendar", "labbook-my-bookings.ics")


def _file(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, content_type=f"{mimetype}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/people/<key>/erase")
@login_required
def erasing(key: str) -> Answer:
    """What becomes of a person's data when they are erased, before it is done."""
    found = to_be_erased(signed_in(), key, now=now())
    return _erase_page(key, person_name(found.family_name, found.given_name, language()), found.erased_at is not None)


def _erase_page(key: str, name: str, is_done: bool, ahead: str = "") -> str:
    return render_template("people/erase.html", key=key, name=name, is_done=is_done, ahead=ahead)


@bp.post("/people/<key>/erase")
@login_required
def erase_person(key: str) -> Answer:
    """Erase a person's data for good."""
    found = to_be_erased(signed_in(), key, now=now())
    name = person_name(found.family_name, found.given_name, language())
    try:
        erase(signed_in(), key, now=now())
    except StillBookedError as error:
        ahead = ngettext(
            "%(num)s booking lies ahead. Cancel or withdraw it first, then erase the person.",
            "%(num)s bookings lie ahead. Cancel or withdraw them first, then erase the person.",
            error.count,
        )
        return _erase_page(key, name, False, ahead), 409
    flash(gettext("The person's data are erased. Bookings and the trail stay, without a name."), "message")
    return redirect(url_for(".erasing", key=key), 303)
