"""Seeing the lab as a partner's people see it. The cookie says which partner and since when; rights are judged anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from flask import g, session

from ..core.permissions import Actor

LASTS = timedelta(minutes=30)
_KEY = "preview"

# What there is to see as a partner. Whatever is not named here, pages that are yet to be built too, is somebody's own.
SHOWN = frozenset(
    {
        "home.home",
        "bookings.day",
        "bookings.week",
        "bookings.residencies",
        "bookings.book",
        "bookings.mine",
        "bookings.request_page",
        "catalogue.resources",
        "catalogue.resource",
        "pocket.now",
        "pocket.here",
    }
)


class Running(NamedTuple):
    """A preview that was begun in this browser."""

    partner_key: str
    since: datetime

    def is_over(self, now: datetime) -> bool:
        """True when it has lasted as long as it may; one that begins later than now was not begun here."""
        return not timedelta(0) <= now - self.since < LASTS


class Seen(NamedTuple):
    """Who looks, and as whom."""

    previewer: Actor
    actor: Actor
    partner: str


def begin(partner_key: str, now: datetime) -> None:
    """Begin a preview in this browser."""
    session[_KEY] = {"partner": partner_key, "since": now.isoformat()}


def end() -> None:
    """End it."""
    session.pop(_KEY, None)
    g.pop(_KEY, None)


def running() -> Running | None:
    """The preview that was begun in this browser, if there is one."""
    kept: Any = session.get(_KEY)
    return Running(kept["partner"], datetime.fromisoformat(kept["since"])) if kept else None


def wear(seen: Seen) -> None:
    """From now on this request is answered as a partner's scientist would be."""
    setattr(g, _KEY, seen)


def worn() -> Seen | None:
    """As whom this request is answered, if as somebody else than who sends it."""
    return cast(Seen | None, g.get(_KEY))


def previewer() -> Actor | None:
    """Who really looks, while it is a preview: looks are recorded under their name."""
    seen = worn()
    return seen.previewer if seen else None
