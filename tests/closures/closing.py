"""Closing things as staff do: through the pages' own forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.db import db
from labbook.models import Booking, Flag, Letter
from tests.browsing import Visitor, form_of, times


def at(wall: str) -> datetime:
    """An instant by the clock of Tsukuba."""
    return datetime.fromisoformat(f"{wall}+09:00").astimezone(UTC)


def look(visitor: Visitor, place: str, start: str, end: str, **fields: str) -> TestResponse:
    """The page that shows what would lie under a closure."""
    page = visitor.get("/sites/tsukuba/closures/new")
    wanted = {"place": place, "reason_en": "Floor", "reason_ja": "床工事", **times(start, end), **fields}
    return visitor.submit(page, "/closures/new", **wanted)


def close(visitor: Visitor, place: str, start: str, end: str, **fields: str) -> str:
    """Close it, with decisions where `fields` has some; returns the address of the closing."""
    answer = visitor.submit(look(visitor, place, start, end), "/closures/new", stage="save", **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def report(visitor: Visitor, place: str, until: str, **fields: str) -> str:
    """Report a fault; returns the address of the closing."""
    page = visitor.get("/sites/tsukuba/faults/new")
    on, _, clock = until.partition("T")
    wanted = {"place": place, "until_on": on, "until_at": clock, "reason_en": "Laser is dead", **fields}
    answer = visitor.submit(page, "/faults/new", **wanted)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def decide(visitor: Visitor, page: TestResponse, path: str, keys: list[str], fate: str, **fields: str) -> TestResponse:
    """Choose the same for these bookings, on the page of a closing."""
    chosen = {**form_of(page, path).fields} if f'action="{path}"' in page.text else {}
    token = chosen.get("csrf_token") or visitor.good_token()
    sent = {"csrf_token": token, "booking": keys, **{f"fate-{key}": fate for key in keys}, **fields}
    for key in keys if fate == "move" and not fields else ():
        sent[f"to-{key}"] = chosen[f"to-{key}"]
    return visitor.open(path, method="POST", data=sent)


def listed(text: str) -> list[str]:
    """The keys of the bookings that a page asks a decision for."""
    return re.findall(r'name="booking" value="([0-9a-f]{24})"', text)


def states() -> list[str]:
    """The states of all bookings, oldest first."""
    db.session.remove()
    return [str(one) for one in db.session.scalars(select(Booking.state).order_by(Booking.id))]


def choices() -> list[str | None]:
    """What became of all flags, by booking."""
    db.session.remove()
    return list(db.session.scalars(select(Flag.choice).order_by(Flag.booking_id)))


def closing_letters() -> list[Letter]:
    """The letters about closures, in order."""
    db.session.remove()
    return list(db.session.scalars(select(Letter).where(Letter.kind == "closing").order_by(Letter.id)))
