"""Waiting with one click for a time that was declined."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from ...bookings import queries as bookings
from ...catalogue.queries import places
from ...core.interval import Interval
from ...core.permissions import NotFoundError
from ...waiting.service import FreeNowError, NeverError, PastError, TooManyWaitsError, wait_again
from ...web import language, login_required, now, sentences, signed_in
from . import Answer, bp


@bp.post("/bookings/<key>/wait")
@login_required
def wait(key: str) -> Answer:
    """Wait for its time; where that is free, to the form that books it."""
    actor = signed_in()
    try:
        wait_again(actor, key, now=now())
    except FreeNowError as free:
        return _free_now(key, free)
    except NeverError as never:
        said = [sentences.said(one.sentence, one.values, language()) for one in never.said]
        return _refused(key, " ".join([gettext("Waiting would not help."), *said])), 409
    except PastError:
        return _refused(key, gettext("It is over, or begins too soon to be offered to you.")), 409
    except TooManyWaitsError:
        said_ = gettext("You wait for as much as one may. Leave something before you wait for more.")
        return _refused(key, said_), 409
    flash(gettext("You are told as soon as it becomes free."), "message")
    return redirect(url_for("bookings.request_page", key=_request_key(key)) + "#wait", 303)


def _request_key(key: str) -> str:
    return bookings.booking_by_key(signed_in(), key).request.key


def _free_now(key: str, free: FreeNowError) -> Answer:
    booking = bookings.booking_by_key(signed_in(), key)
    place = places([booking.unit_id]).get(booking.unit_id)
    if place is None:
        raise NotFoundError
    time = Interval(booking.starts_at, booking.ends_at)
    start, end = (at.astimezone(place.zoneinfo).strftime("%Y-%m-%dT%H:%M") for at in (time.start, time.end))
    flash(gettext("It is free now: you need not wait. Send it anew."), "message")
    return redirect(f"{url_for('bookings.book', slug=free.slug)}?from={start}&to={end}&exact=1", 303)


def _refused(key: str, sentence: str) -> str:
    request_key = _request_key(key)
    title = bookings.booking_by_key(signed_in(), key).request.title
    return render_template("desk/no_wait.html", request_key=request_key, title=title, sentence=sentence)
