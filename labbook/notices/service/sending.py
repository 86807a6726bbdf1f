"""Sending letters: each is claimed, worked out, handed over and marked; none is lost, none knowingly doubled.

A letter can go out twice in one case alone: the server has taken it, and the worker ends before it writes that down.
Both then have the same Message-ID, by which mail programs know that they are one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import aliased

from ...db import BusyError, UnknownOutcomeError, db, transactional
from ...models import Letter, Person
from ..invitations import calendar_for
from ..post import LETTER_SECONDS, LostError, Post, PostError, RefusedError, opened
from ..rendering import Sheet, written
from .links import link_of
from .readying import readied

log = logging.getLogger(__name__)

CLAIMED_FOR = timedelta(seconds=2 * LETTER_SECONDS)  # longer than handing it over can take: nobody else sends it
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
MOST_TRIES = 14  # about two days
ROUND_SECONDS = 30.0  # then the worker's other duties have their turn, however slow the mail server is
FAULT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Office:
    """Where letters go out, who they are from, where their links lead, and how often each is tried."""

    url: str
    sender: str
    base_url: str
    templates: Path
    tries: int = MOST_TRIES

    @classmethod
    def of(cls, config: Mapping[str, Any], templates: Path) -> Office:
        """By the application's configuration."""
        return cls(config["SMTP_URL"], config["MAIL_FROM"], config["BASE_URL"], templates, config["MAIL_TRIES"])

    @property
    def letterhead(self) -> dict[str, Any]:
        """What every letter is written with."""
        return {"folder": self.templates, "sender": self.sender, "base_url": self.base_url}


class Claimed(NamedTuple):
    """A letter that this process is about to send, and everything that it is made from."""

    number: int
    person_id: int | None
    sheet: Sheet


def send_due(office: Office, *, now: datetime) -> int:
    """Send what is due; returns how many letters went out. A server that is away leaves all of them for later."""
    if not office.url or not _is_any_due(now):
        return 0
    began, sent = monotonic(), 0

    def present() -> datetime:  # a round may be long, and a claim counts from when it is made
        return now + timedelta(seconds=monotonic() - began)

    try:
        with opened(office.url) as post:
            while present() - now < timedelta(seconds=ROUND_SECONDS):
                number = _claim(now=present())
                if number is None:
                    break
                try:
                    sent += _went(number, post, office, present)
                except LostError as error:
                    _failed(number, str(error), office, now=present())
                    log.warning("the way out for letters is cut: %s", error)
                    break
    except PostError as error:
        log.warning("there is no way out for letters now: %s", error)
    return sent


def _went(number: int, post: Post, office: Office, present: Callable[[], datetime]) -> bool:
    """Whether a claimed letter went out. One that cannot be written, or is not taken, holds up no other.

    Raises LostError, BusyError, UnknownOutcomeError.
    """
    claimed = None
    try:
        claimed = _prepared(number, office, now=present())
        if claimed is None:
            return False
        post.send(written(claimed.sheet, **office.letterhead, now=present()))
    except (LostError, BusyError, UnknownOutcomeError):
        raise
    except RefusedError as error:
        _refused(number, str(error), now=present())
    except PostError as error:
        _failed(number, str(error), office, now=present())
    except Exception as error:  # whatever is wrong with this one, the others are to go out
        log.warning("a letter cannot be written", exc_info=True)
        _failed(number, f"{type(error).__name__}: {error}", office, now=present())
    else:
        _sent(claimed, now=present())
        return True
    return False


# --- which letter is next ---------------------------------------------------------------------------------------------


def is_pending() -> ColumnElement[bool]:
    """Letters that are still to be sent one by one."""
    return _pending(Letter)


def _pending(of: Any) -> ColumnElement[bool]:
    waits: ColumnElement[bool] = of.sent_at.is_(None) & of.given_up_at.is_(None) & (of.way == "now")
    return waits


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Those whose time has come, and before which no letter of the same thread is still to go."""
    earlier = aliased(Letter)
    is_first = ~exists().where(earlier.thread == Letter.thread, earlier.id < Letter.id, _pending(earlier))
    return is_pending(), Letter.due_at <= now, is_first


def _is_any_due(now: datetime) -> bool:
    return db.session.scalar(select(Letter.id).where(*_due(now)).limit(1)) is not None


@transactional
def _claim(*, now: datetime) -> int | None:
    """The next letter. Claimed, it is not due again for a while, whatever becomes of us."""
    next_one = select(Letter).where(*_due(now)).order_by(Letter.due_at, Letter.id).limit(1)
    letter = db.session.scalar(next_one.with_for_update(skip_locked=True, of=Letter))
    if letter is None:
        return None
    letter.tries += 1
    letter.due_at = now + max(CLAIMED_FOR, pause_after(letter.tries))
    return letter.id


@transactional
def _prepared(number: int, office: Office, *, now: datetime) -> Claimed | None:
    """What a claimed letter is made from; None when it is not to be sent now, or at all, or was erased meanwhile."""
    letter = db.session.get(Letter, number)
    if letter is None or letter.given_up_at is not None:
        return None
    calendar_for(letter, now, sender=office.sender, base_url=office.base_url)
    ready = readied(letter, now)
    if ready is None:
        letter.tries -= 1
        return None
    link = link_of(letter, office.base_url, now)
    return Claimed(letter.id, letter.person_id, sheet_of(letter, {**ready.values, **link}, ready.root))


def sheet_of(letter: Letter, values: Mapping[str, Any], root: str = "") -> Sheet:
    """A letter as it is written from values."""
    return Sheet(letter.key, letter.kind, letter.language, letter.address, values, root, letter.calendar, letter.method)


# --- what became of it ------------------------------------------------------------------------------------------------


@transactional
def _sent(claimed: Claimed, *, now: datetime) -> None:
    db.session.execute(update(Letter).where(Letter.id == claimed.number).values(sent_at=now, fault=""))
    if claimed.person_id is not None:  # the address takes mail again
        refusing = update(Person).where(Person.id == claimed.person_id, Person.mail_refused_at.is_not(None))
        db.session.execute(refusing.where(Person.email == claimed.sheet.address).values(mail_refused_at=None))


@transactional
def _refused(number: int, fault: str, *, now: datetime) -> None:
    """The address takes no mail: this is the end of this letter, and its reader is to be told in another way."""
    letter = db.session.get(Letter, number)
    if letter is None:  # erased meanwhile
        return
    _give_up(letter, fault, now)
    taker = update(Person).where(Person.id == letter.person_id, Person.email == letter.address)
    db.session.execute(taker.where(Person.mail_refused_at.is_(None)).values(mail_refused_at=now))


@transactional
def _failed(number: int, fault: str, office: Office, *, now: datetime) -> None:
    letter = db.session.get(Letter, number)
    if letter is None:  # erased meanwhile
        return
    if letter.tries >= office.tries:
        _give_up(letter, fault, now)
        return
    letter.fault = fault[:FAULT_LENGTH]
    letter.due_at = now + pause_after(letter.tries)


def _give_up(letter: Letter, fault: str, now: datetime) -> None:
    letter.fault = fault[:FAULT_LENGTH]
    letter.given_up_at = now
    log.warning("letter %s is given up after %s tries: %s", letter.key, letter.tries, letter.fault)


def pause_after(tries: int) -> timedelta:
    """How long after so many tries the next one is made."""
    pause: timedelta = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
    return pause
