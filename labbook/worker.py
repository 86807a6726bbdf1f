"""What happens without anybody asking: bookings begin, end and expire, or are suspended; letters; the trail's seals."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from flask import current_app
from sqlalchemy import delete

from .agreements.service import flag_ended, tell_ends
from .bookings.service import mend_flags, tick
from .db import BusyError, db, present, transactional
from .desk.service.deadlines import watch_deadlines
from .feeds.service.ahead import prepare
from .feeds.service.holding import Base
from .feeds.service.pruning import prune
from .models import IdempotencyKey
from .notices.service import Office, compose, digest, remind, send_due
from .people.service.roles import flag_the_departed
from .people.service.telling import tell_of_wishes
from .reports.service import Keep, mail_seal, remove_daily, seal
from .rules.service import mend as mend_against_rules
from .trainings.service import watch_lapses
from .waiting.service import serve as serve_the_waiting

log = logging.getLogger(__name__)

EVERY_SECONDS = 15
ROUNDS_PER_WATCH = 20  # proofs end by the day, and all of them are looked at: five minutes are soon enough
KEYS_KEPT = timedelta(hours=48)


def once(now: datetime | None = None, *, watches: bool = True) -> None:
    """One round; with `watches` it also looks through all proofs of training. A busy database is left for the next.

    A duty that fails keeps no other from being done; when all are through, the first failure is raised.
    """
    at = now or present()
    failures: list[Exception] = []
    for name, duty in _duties(watches):
        try:
            if count := duty(at):
                log.info("%s: %s", name, count)
        except BusyError:
            log.warning("the database is busy or away; trying again in %s s", EVERY_SECONDS)
            break
        except Exception as error:  # whatever it is, the trail is to be sealed and the letters are to go out
            log.exception("%s failed", name)
            failures.append(error)
        finally:
            db.session.remove()
    if failures:
        raise failures[0]


def _duties(watches: bool) -> list[tuple[str, Callable[[datetime], int | None]]]:
    """In this order: what has lost what it rests on is suspended before the clock would let it begin."""
    keep, out = Keep.of(current_app.config), office()
    longest = timedelta(hours=current_app.config["OFFER_HOURS"])
    return [
        ("ends told", lambda at: tell_ends(now=at)),
        ("wishes to join told", lambda at: tell_of_wishes(now=at)),
        ("bookings of ended agreements suspended", lambda at: flag_ended(now=at)),
        ("bookings of the departed suspended", lambda at: flag_the_departed(now=at)),
        *([("lapses watched", lambda at: watch_lapses(now=at))] if watches else []),
        ("bookings mended", lambda at: mend_flags(now=at)),
        *([("bookings keep the rules again", lambda at: mend_against_rules(now=at))] if watches else []),
        ("bookings took a step", lambda at: tick(now=at)),
        ("deadlines watched", lambda at: watch_deadlines(now=at)),
        ("waits served", lambda at: serve_the_waiting(longest=longest, now=at)),
        ("old things removed", lambda at: sum(remove_daily(keep, now=at).values())),
        *([("texts of calendars removed", prune_texts)] if watches else []),
        ("events sealed", lambda at: seal(now=at)),
        ("seal mailed", lambda at: mail_seal(now=at)),
        ("reminded of bookings", lambda at: remind(now=at)),
        ("letters written", lambda at: compose(now=at)),
        ("daily letters written", lambda at: digest(now=at)),
        ("letters went out", lambda at: send_due(out, now=at)),
        ("idempotency keys forgotten", lambda at: forget_keys(now=at)),
        ("new calendars prepared", prepare_feeds),
    ]


def office() -> Office:
    """Where letters go out, by settings."""
    folder = Path(current_app.jinja_loader.searchpath[0])  # type: ignore[union-attr]
    return Office.of(current_app.config, folder / "mail")


def prune_texts(now: datetime) -> int:
    """Remove stored texts that no calendar gets any more."""
    return prune(current_app.config["BASE_URL"], now=now)


def prepare_feeds(now: datetime) -> int:
    """Put new feeds together before anybody fetches them."""
    config = current_app.config
    return prepare(Base(config["BASE_URL"], config["SECRET_KEY"].encode()), now=now)


@transactional
def forget_keys(*, now: datetime) -> None:
    """Remove idempotency keys that nobody will send again."""
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.made_at < now - KEYS_KEPT))


def forever(stop: threading.Event) -> None:
    """Round after round until `stop` is set."""
    rounds = count()
    while not stop.is_set():
        with suppress(Exception):  # it is in the log, and the next round tries again
            once(watches=next(rounds) % ROUNDS_PER_WATCH == 0)
        stop.wait(EVERY_SECONDS)
