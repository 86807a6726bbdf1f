"""What happened to the reader's bookings since they were last here."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import cast

from flask import session, url_for
from flask_babel import gettext
from flask_login import current_user

from ...bookings.timeline import HISTORY_WORDS
from ...catalogue import queries as catalogue
from ...core.happenings import HAPPENINGS
from ...core.interval import Interval
from ...core.permissions import Actor
from ...core.place import Place
from ...web import SignedIn, language, times
from ...web.preview import worn
from .. import pages, reading

LOOK_BACK = timedelta(days=14)
MOST, MOST_EVENTS = 8, 200
A_VISIT = timedelta(hours=1)  # looks that are no further apart than this are one visit
_KEY = "visits"


def changes(actor: Actor, at: datetime) -> list[pages.ChangeLine]:
    """What others did with the reader's bookings within two weeks, the latest first; marked what is new."""
    words, since = language(), last_visit(actor, at)
    rows = reading.happened_since(actor, at - LOOK_BACK, MOST_EVENTS)
    several = [list(same) for _, same in groupby(rows, key=lambda one: (one.request_key, one.code, one.at))][:MOST]
    place = catalogue.places(same[0].unit_id for same in several)
    return [_line(same, place[same[0].unit_id], since, at, words) for same in several]


def _line(same: list[reading.Happened], place: Place, since: datetime, at: datetime, words: str) -> pages.ChangeLine:
    one = same[0]
    zone = place.zoneinfo
    return pages.ChangeLine(
        times.ago(one.at, at, words),
        times.moment(one.at, zone, words),
        gettext(HISTORY_WORDS.get(one.code) or HAPPENINGS[one.code][1]),
        one.title,
        url_for("bookings.request_page", key=one.request_key),
        place.resource.text(words),
        times.when(Interval(one.starts_at, one.ends_at), zone, words, by_day=one.by_day),
        times.zone_label(zone, one.starts_at),
        len(same) - 1,
        one.at > since,
    )


def last_visit(actor: Actor, at: datetime) -> datetime:
    """When the reader was last here before this visit: by this browser's cookie, else by their other sessions."""
    if worn() is not None:
        return at
    before, latest = _noted()
    if latest is None:
        before = reading.last_seen(actor.person_id, cast(SignedIn, current_user).session.sign_in_id)
    elif at - latest > A_VISIT:
        before = latest
    if latest is None or at - latest > A_VISIT / 6:
        session[_KEY] = [before.isoformat() if before else "", at.isoformat()]
    return before or at - LOOK_BACK


def _noted() -> tuple[datetime | None, datetime | None]:
    """The last look of the visit before, and the last one of this visit."""
    before, latest = session.get(_KEY) or ("", "")
    return (datetime.fromisoformat(before) if before else None), (datetime.fromisoformat(latest) if latest else None)
