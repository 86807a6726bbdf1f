"""What happens without anybody asking: bookings begin, end and expire, or are suspended; letters; the trail's seals."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from flask import current_app
from sqlalchemy import delete

from .agreements.service import flag_ended, tell_ends
from .bookings.service import mend_flags, tick
from .db import BusyError, db, present, transactional
from .models import IdempotencyKey
from .notices.service import Office, send_due
from .people.service.roles import flag_the_departed
from .reports.service import Keep, mail_seal, remove_daily, seal
from .trainings.service import watch_lapses

log = logging.getLogger(__name__)

EVERY_SECONDS = 15
ROUNDS_PER_WATCH = 20  # proofs end by the day, and all of them are looked at: five minutes are soon enough
KEYS_KEPT = timedelta(hours=48)


def once(now: datetime | None = None, *, watches: bool = True) -> None:
    """One round; with `watches` it also looks through all proofs of training. A busy database is left for the next."""
    at = now or present()
    try:
        tell_ends(now=at)
        flag_ended(now=at)
        flag_the_departed(now=at)
        if watches:
            watch_lapses(now=at)
        mend_flags(now=at)
        steps = tick(now=at)
        remove_daily(Keep.of(current_app.config), now=at)
        sealed = seal(now=at)
        mail_seal(now=at)
        sent = send_due(office(), now=at)
        forget_keys(now=at)
    except BusyError:
        log.warning("the database is busy or away; trying again in %s s", EVERY_SECONDS)
        return
    finally:
        db.session.remove()
    if steps or sealed or sent:
        log.info("%s bookings took a step, %s events were sealed, %s letters went out", steps, sealed, sent)


def office() -> Office:
    """Where letters go out, by settings."""
    config, folder = current_app.config, Path(current_app.jinja_loader.searchpath[0])  # type: ignore[union-attr]
    return Office(config["SMTP_URL"], config["MAIL_FROM"], config["BASE_URL"], folder / "mail")


@transactional
def forget_keys(*, now: datetime) -> None:
    """Remove idempotency keys that nobody will send again."""
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.made_at < now - KEYS_KEPT))


def forever(stop: threading.Event) -> None:
    """Round after round until `stop` is set."""
    rounds = count()
    while not stop.is_set():
        once(watches=next(rounds) % ROUNDS_PER_WATCH == 0)
        stop.wait(EVERY_SECONDS)
