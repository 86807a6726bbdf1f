"""Asking and answering about a request, and the files with it: taken in with care, given out as nothing but files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from ...bookings.queries import request_by_key, rows_of_request
from ...bookings.service import matter_of, matter_to_withdraw, note_look
from ...core.attaching import TOO_LARGE, UnfitError, cleaned_name, encoding_of, fit
from ...core.disclosure import Relation, relation
from ...core.lifecycle import OPEN
from ...core.permissions import Actor, Do, require
from ...web import actor_or_none, login_required, now, preview, signed_in
from .. import remark_forms as forms
from ..queries.remarks import apart_from_projects, file_of
from ..service import remarks as service
from . import Answer, bp

Form = forms.AskForm | forms.AnswerForm

MEGABYTE = 1024 * 1024
LONGEST_SHOWN = 60  # of a refused file's name
_TAKE_FILES = frozenset({"desk.ask_about", "desk.answer"})
_RECORDED = (Relation.STAFF, Relation.DUTY)


@bp.url_value_preprocessor
def _let_files_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the limit of what is read for these two addresses alone, and only for somebody who is signed in.

    It must be done before the form is read, which the check of its CSRF token does.
    """
    if endpoint in _TAKE_FILES and request.method == "POST" and actor_or_none() and not preview.running():
        ordinary = current_app.config["MAX_CONTENT_LENGTH"]
        request.max_content_length = ordinary + service.MOST_FILES * current_app.config["ATTACHMENT_MB"] * MEGABYTE


@bp.post("/requests/<key>/ask")
@login_required
def ask_about(key: str) -> Answer:
    """A question of staff, or a note of theirs."""
    actor = signed_in()
    found = request_by_key(apart_from_projects(actor), key)
    require(actor, Do.DECIDE_REQUEST, matter_of(found, now()))
    form = forms.AskForm()
    files, errors = _files()
    if not _is_fit(form, errors):
        return _again(found, form), 422
    is_question = bool(form.asks.data)

    def write() -> None:
        service.ask_about(actor, key, form.text.data or "", files, is_question=is_question, now=now())

    said = gettext("Asked. The deadline stands still until it is answered.") if is_question else gettext("Added.")
    return _written(found, form, write, said)


@bp.post("/requests/<key>/answer")
@login_required
def answer(key: str) -> Answer:
    """An answer to what staff asked, or something that is added."""
    actor = signed_in()
    found = request_by_key(apart_from_projects(actor), key)
    require(actor, Do.ANSWER_QUESTION, matter_to_withdraw(found))
    form = forms.AnswerForm()
    files, errors = _files()
    if not _is_fit(form, errors):
        return _again(found, form), 422

    def write() -> None:
        service.answer(actor, key, form.text.data or "", files, now=now())

    return _written(found, form, write, gettext("Sent. Those who decide hear of it."))


@bp.get("/requests/<key>/files/<file>")
@login_required
def attachment(key: str, file: str) -> Answer:
    """A file, to be saved: a browser neither shows it nor guesses what else it might be. Staff's looks are recorded."""
    actor = signed_in()
    found = request_by_key(apart_from_projects(actor), key)
    kept = file_of(found.id, file)
    _note_look(actor, found)
    media_type = kept.media_type
    if media_type.startswith("text/"):
        media_type = f"{media_type}; charset={encoding_of(kept.content) or 'utf-8'}"
    response = Response(kept.content, content_type=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}"  # RFC 6266
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _note_look(actor: Actor, found: Any) -> None:
    """Record it as a look at the request; written before the file is given out."""
    why = relation(actor, rows_of_request(found.id)[0])
    if why in _RECORDED:
        note_look(actor, found, why, now=now())


def _files() -> tuple[list[service.File], list[str]]:
    """The files that came along, each found fit, and what is to be said of those that are not."""
    uploads = [one for one in request.files.getlist("files") if one.filename]
    found, errors = [], []
    if len(uploads) > service.MOST_FILES:
        errors.append(gettext("At most %(count)d files at once, please.", count=service.MOST_FILES))
    for one in uploads[: service.MOST_FILES]:
        try:
            found.append(_taken(one))
        except UnfitError as error:
            name = cleaned_name(one.filename or "")[:LONGEST_SHOWN]
            errors.append(f"{name}: {gettext(error.sentence)}" if name else gettext(error.sentence))
    return found, errors


def _taken(upload: FileStorage) -> service.File:
    """A file as it will be kept. No more of it is read than may be. Raises UnfitError."""
    limit = current_app.config["ATTACHMENT_MB"] * MEGABYTE
    content = upload.stream.read(limit + 1)
    if len(content) > limit:
        raise UnfitError(TOO_LARGE)
    kept = fit(upload.filename or "", content)
    return service.File(kept.name, kept.media_type, content)


def _is_fit(form: Form, errors: list[str]) -> bool:
    is_valid = form.validate()
    form.files.errors = errors
    return is_valid and not errors


def _written(found: Any, form: Form, write: Callable[[], None], said: str) -> Answer:
    """Do it, and back to the request; or what stands in the way."""
    try:
        write()
    except service.ClosedError:
        flash(gettext("It was decided meanwhile, or is over. Look at how it stands now."), "error")
        return _again(found, form), 409
    except service.TooMuchError:
        flash(gettext("That is as much as may be written or kept here. Try again tomorrow, or call."), "error")
        return _again(found, form), 429
    flash(said, "message")
    return redirect(url_for("bookings.request_page", key=found.key) + "#remarks", 303)


def _again(found: Any, form: Form) -> str:
    """A page of its own, with what was typed; files have to be chosen again."""
    return render_template(
        "desk/remark.html",
        form=form,
        is_asking=isinstance(form, forms.AskForm),
        may_stop=any(one.state in OPEN for one in found.bookings),
        key=found.key,
        title=found.title,
        most_mb=current_app.config["ATTACHMENT_MB"],
        most_files=service.MOST_FILES,
        lost_files=bool(request.files),
    )
