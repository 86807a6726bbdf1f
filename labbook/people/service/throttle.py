"""Tries at the doors are counted in the database, so for all processes: many failures make the next one wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from sqlalchemy import ColumnElement, delete, func, select, update

from ...core.tokens import token_hash
from ...db import Lock, db, take_locks, transactional
from ...models import Try
from .origin import MARKED

WINDOW = timedelta(minutes=15)
PER_ACCOUNT, PER_ADDRESS = 10, 100
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), WINDOW
KNOWN_FOR = timedelta(days=30)


class Door(StrEnum):
    """What is tried. Stored; never rename."""

    SIGN_IN = "sign-in"
    CODE = "code"  # of the second factor
    PRESENT = "present"  # one's present password, signed in already
    RESET = "reset"  # asking for a link
    LINK = "link"  # opening a link for a new password
    INVITATION = "invitation"
    JOIN = "join"  # asking to join
    OPENID = "openid"


class TooManyTriesError(Exception):
    """There were too many failures; `wait` says for how long no further try is looked at."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"too many tries: wait {wait}")
        self.wait = wait

    @property
    def minutes(self) -> int:
        """To be said: whole minutes, at least one."""
        return max(1, ceil(self.wait / timedelta(minutes=1)))


@transactional
def admit(door: Door, account: str, address: str, *, now: datetime) -> int:
    """Count a try before it is looked at, as a failure until `opened` says otherwise; returns its number.

    `account` is a mail address, known or not, or empty where a door has none; it is kept as a hash. `address` is the
    network's, or the mark of a browser that was let in before. Where an account was opened lately, only failures from
    there count for it, so that nobody else can keep its owner waiting: not even from the same address, for a browser
    with a mark. Raises TooManyTriesError.
    """
    named = account_hash(account)
    take_locks([(Lock.TRIES, lock_id(named)), (Lock.TRIES, lock_id(address))])  # many at once are counted one by one
    last_good = db.session.scalar(
        select(func.max(Try.id)).where(
            Try.door.in_((Door.SIGN_IN, door)),
            Try.account_hash == named,
            Try.address == address,
            Try.is_good,
            Try.at > now - KNOWN_FOR,
        )
    )
    is_known = bool(account) and (address.startswith(MARKED) or last_good is not None)
    own = (Try.address == address, Try.id > (last_good or 0)) if is_known else ()
    until = [
        _shut_until(door, now, Try.account_hash == named, *own, limit=PER_ACCOUNT) if account else None,
        _shut_until(door, now, Try.address == address, limit=PER_ADDRESS),
    ]
    latest = max(filter(None, until[:1] if is_known else until), default=now)
    if latest > now:
        raise TooManyTriesError(latest - now)
    tried = Try(door=door, account_hash=named, address=address, at=now, is_good=False)
    db.session.add(tried)
    db.session.flush()
    return tried.id


def _shut_until(door: Door, now: datetime, *those: ColumnElement[bool], limit: int) -> datetime | None:
    """Until when the latest of these failures keep the door shut: each beyond the limit doubles the pause."""
    lately = (Try.door == door, ~Try.is_good, Try.at > now - WINDOW)
    failures = select(func.count(), func.max(Try.at)).where(*lately, *those)
    count, last = db.session.execute(failures).one()
    if count < limit:
        return None
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(count - limit, 10), LONGEST_PAUSE)
    return last + pause


@transactional
def opened(tried: int) -> None:
    """The try was a good one."""
    db.session.execute(update(Try).where(Try.id == tried).values(is_good=True))


@transactional
def uncounted(tried: int) -> None:
    """The try was neither good nor a failure: something else decides."""
    db.session.execute(delete(Try).where(Try.id == tried))


def account_hash(account: str) -> str:
    """How an account is named here; empty when there is none."""
    return token_hash(account) if account else ""


def lock_id(name: str) -> int:
    """PostgreSQL's advisory locks have 32-bit numbers; two names with one number wait for each other, no more."""
    return int(token_hash(name)[:7], 16)
