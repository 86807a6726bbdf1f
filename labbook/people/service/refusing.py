"""Refusals that the trail tells of: a few of each kind in an hour from one place, so that nobody can fill it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from ...core.language import has_control_characters
from ...core.permissions import Actor
from ...db import Lock, db, take_locks, transactional
from ...models import Try
from ...models.audit import happened
from . import throttle
from .origin import Origin

NOTED_FOR = timedelta(hours=1)
MOST_OF_STRANGERS, MOST_OF_A_PERSON = 5, 20  # of one kind: from one network address, or by somebody signed in


class Refused(StrEnum):
    """What was refused; the code of the event, and the door under which they are counted. Stored; never rename."""

    ADDRESS = "address-refused"  # a mail address that holds line breaks, or only looks like another
    REDIRECT = "redirect-refused"  # on to another host
    RESET = "reset-refused"  # by a link that is not good
    INVITATION = "invitation-refused"  # by a link that never was one
    INVITING = "inviting-refused"  # where, or as what, one may not
    ROLE = "role-refused"  # given or ended, where one may not
    FACTOR = "factor-refused"  # a code that was not good


def note(
    refused: Refused,
    origin: Origin,
    said: Mapping[str, str],
    *,
    actor: Actor | None,
    now: datetime,
    subject: str = "person",
    subject_id: int = 0,
) -> None:
    """Write down that something was refused, unless enough of that was written down of late.

    `said` goes into the detail, which can be erased, as does where it came from; never a secret or a password.
    """
    named = throttle.account_hash(actor.email) if actor else ""
    if not _is_enough(refused, named, origin, now):  # most of a flood ends here and waits for no writer
        _note(refused, named, origin, actor, now, subject, subject_id, said)


@transactional
def _note(
    refused: Refused,
    named: str,
    origin: Origin,
    actor: Actor | None,
    now: datetime,
    subject: str,
    subject_id: int,
    said: Mapping[str, str],
) -> None:
    take_locks([(Lock.TRIES, throttle.lock_id(named or origin.address))])
    if _is_enough(refused, named, origin, now):
        return
    db.session.add(Try(door=refused, account_hash=named, address=origin.address, at=now, is_good=False))
    db.session.add(
        happened(
            refused,
            at=now,
            actor_id=actor.person_id if actor else None,
            subject=subject,
            subject_id=subject_id or (actor.person_id if actor and subject == "person" else 0),
            body={"from": origin.address, **said},
        )
    )


def _is_enough(refused: Refused, named: str, origin: Origin, now: datetime) -> bool:
    lately = [Try.door == refused, Try.account_hash == named, Try.at > now - NOTED_FOR]
    if not named:
        lately.append(Try.address == origin.address)
    count = db.session.scalar(select(func.count()).where(*lately)) or 0
    return count >= (MOST_OF_A_PERSON if named else MOST_OF_STRANGERS)


def fault_of_address(typed: str) -> str:
    """What makes a mail address suspicious, and not merely mistyped; empty when nothing does."""
    if has_control_characters(typed):
        return "controls"
    return "" if typed.isascii() else "look-alike"
