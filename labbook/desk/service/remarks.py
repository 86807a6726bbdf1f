"""Asking about a request, answering, adding something; each one transaction, with the files that come along."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...bookings.queries import request_by_key
from ...bookings.service import matter_of, matter_to_withdraw, restart_clock, stop_clock
from ...bookings.service.matters import locked, who_decides
from ...core.lifecycle import OPEN, OVER
from ...core.permissions import Actor, Do, require
from ...db import db, transactional
from ...models import Attachment, AttachmentContent, Remark, Request
from ..queries.remarks import apart_from_projects, askers, files_with, remarks_of, written_since
from .telling import tell

DAY = timedelta(days=1)
AGAIN = timedelta(minutes=1)  # the same words and files within it are a second click
MOST_WRITTEN = 20  # about one request by one person in a day
MOST_FILES = 5  # with one remark
MOST_KEPT = 40  # with one request


class ClosedError(Exception):
    """Nothing of the request waits any more, or for what is no question: all of it is over."""


class TooMuchError(Exception):
    """More than one may write about one request in a day, or than may be kept with it."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was found fit, with its harmless name."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest of its content."""
        return hashlib.sha256(self.content).hexdigest()


@transactional
def ask_about(
    actor: Actor, request_key: str, body: str, files: Sequence[File] = (), *, is_question: bool, now: datetime
) -> None:
    """Ask about a request that waits, as one of those who decide: its clock stands until it is answered. Or add a note.

    Raises NotFoundError, ForbiddenError, ClosedError, TooMuchError.
    """
    found = _locked(actor, request_key)
    require(actor, Do.DECIDE_REQUEST, matter_of(found, now))
    _still_of_use(found, is_question)
    remark = _written(actor, found, body, files, is_question=is_question, now=now)
    if remark is None:
        return
    if is_question:
        stop_clock(found, now)
    code = "request-questioned" if is_question else "request-remarked"
    tell(code, found, _whose(found), actor_id=actor.person_id, now=now, remark=remark.key)  # none of its words


@transactional
def answer(actor: Actor, request_key: str, body: str, files: Sequence[File] = (), *, now: datetime) -> None:
    """Answer what staff asked about one's request, and its clock runs again; or add something.

    Raises NotFoundError, ForbiddenError, ClosedError, TooMuchError.
    """
    found = _locked(actor, request_key)
    require(actor, Do.ANSWER_QUESTION, matter_to_withdraw(found))
    _still_of_use(found, False)
    was_asked = found.asked_at is not None  # whatever else staff have noted since
    remark = _written(actor, found, body, files, is_question=False, now=now)
    if remark is None:
        return
    if was_asked:
        restart_clock(found, now)
    code = "request-answered" if was_asked else "request-remarked"
    tell(code, found, _desk(found, now), actor_id=actor.person_id, now=now, remark=remark.key)


def _locked(actor: Actor, request_key: str) -> Request:
    """The request with its locks, so that nobody decides on it meanwhile."""
    reader = apart_from_projects(actor)
    return locked(reader, request_by_key(reader, request_key))


def _still_of_use(found: Request, is_question: bool) -> None:
    states = {one.state for one in found.bookings}
    if not (states & OPEN if is_question else states - OVER):
        raise ClosedError


def _written(
    actor: Actor, found: Request, body: str, files: Sequence[File], *, is_question: bool, now: datetime
) -> Remark | None:
    """The remark with its files; None for a second click."""
    before = remarks_of(found.id)
    kept = files_with(one.id for one in before)
    if before and before[-1].person_id == actor.person_id and now - before[-1].at <= AGAIN:
        last = (before[-1].body, [one.sha256 for one in kept.get(before[-1].id, [])])
        if last == (body, [one.sha256 for one in files]):
            return None
    if written_since(found.id, actor.person_id, now - DAY) >= MOST_WRITTEN:
        raise TooMuchError
    if len(files) > MOST_FILES or sum(map(len, kept.values())) + len(files) > MOST_KEPT:
        raise TooMuchError
    remark = Remark(request_id=found.id, person_id=actor.person_id, is_question=is_question, body=body, at=now)
    db.session.add(remark)
    db.session.flush()
    for one in files:
        _keep(remark, one)
    return remark


def _keep(remark: Remark, one: File) -> None:
    about = {"name": one.name, "media_type": one.media_type, "size": len(one.content), "sha256": one.sha256}
    attachment = Attachment(remark_id=remark.id, **about)
    db.session.add(attachment)
    db.session.flush()
    db.session.add(AttachmentContent(attachment_id=attachment.id, content=one.content))


def _whose(found: Request) -> set[int]:
    """For whom it is, and who asked for it on their behalf."""
    return {found.person_id, found.asked_by_id}


def _desk(found: Request, now: datetime) -> set[int]:
    """Of those who decide, whoever has it or has asked; all of them where nobody has."""
    open_ = [one for one in found.bookings if one.state in OPEN] or found.bookings
    decide = {number for one in open_ for number in who_decides(one, now)}
    return decide & (askers(found.id) | {found.assigned_to_id or 0}) or decide
