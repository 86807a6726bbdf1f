"""What was asked and answered about requests, and the files with it; each read is one statement.

It is between a partner and the staff: whoever reads a request through a joint project alone reads nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from ...core.permissions import Actor, NotFoundError
from ...db import db
from ...models import Attachment, AttachmentContent, Person, Remark


class Said(NamedTuple):
    """One remark, and by whom."""

    id: int
    person_id: int
    family_name: str
    given_name: str
    is_question: bool
    body: str
    at: datetime


class File(NamedTuple):
    """What is known of a file without reading it."""

    key: str
    remark_id: int
    name: str
    media_type: str
    size: int
    sha256: str


class Kept(NamedTuple):
    """A file with its content."""

    name: str
    media_type: str
    content: bytes


def apart_from_projects(viewer: Actor) -> Actor:
    """The same person without what joint projects open to them."""
    return replace(viewer, projects=frozenset())


def remarks_of(request_id: int) -> list[Said]:
    """What was said about a request, in order."""
    told = (Remark.id, Remark.person_id, Person.family_name, Person.given_name)
    found = select(*told, Remark.is_question, Remark.body, Remark.at).join(Person, Person.id == Remark.person_id)
    rows = db.session.execute(found.where(Remark.request_id == request_id).order_by(Remark.id))
    return [Said(*row) for row in rows]


def files_with(remark_ids: Iterable[int]) -> dict[int, list[File]]:
    """The files with these remarks, without their contents; a remark without any is left out."""
    told = (Attachment.key, Attachment.remark_id, Attachment.name, Attachment.media_type, Attachment.size)
    found = select(*told, Attachment.sha256).where(Attachment.remark_id.in_(list(remark_ids)))
    files: dict[int, list[File]] = {}
    for row in db.session.execute(found.order_by(Attachment.id)):
        files.setdefault(row.remark_id, []).append(File(*row))
    return files


def file_of(request_id: int, key: str) -> Kept:
    """A file that came with a request, which was found through the viewer's scope. Raises NotFoundError."""
    row = db.session.execute(
        select(Attachment.name, Attachment.media_type, AttachmentContent.content)
        .select_from(Attachment)
        .join(AttachmentContent, AttachmentContent.attachment_id == Attachment.id)
        .join(Remark, Remark.id == Attachment.remark_id)
        .where(Attachment.key == key, Remark.request_id == request_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError
    return Kept(*row)


def written_since(request_id: int, person_id: int, since: datetime) -> int:
    """How much somebody has written about a request since an instant."""
    mine = (Remark.request_id == request_id, Remark.person_id == person_id, Remark.at > since)
    return db.session.scalar(select(func.count(Remark.id)).where(*mine)) or 0


def askers(request_id: int) -> frozenset[int]:
    """Who of the staff has asked about a request."""
    return frozenset(
        db.session.scalars(select(Remark.person_id).where(Remark.request_id == request_id, Remark.is_question))
    )
