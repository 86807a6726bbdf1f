"""The approval desk: reasons that a site gives often, and what staff and requesters write about a request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import UtcDateTime, WordsType
from ..core.language import Words
from ..db import Model
from .columns import Id, Key, SiteId, Version

REMARK_LENGTH = 2000
FILE_NAME_LENGTH = 120


class CannedReason(Model):
    """A reason for declining that a site's staff choose from a list, in both languages."""

    __tablename__ = "canned_reason"
    __table_args__ = (Index("ix_canned_reason_site_id_position", "site_id", "position"),)

    id: Mapped[Id]
    key: Mapped[Key]
    site_id: Mapped[SiteId]
    words: Mapped[Words] = mapped_column(WordsType)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[Version]


class Remark(Model):
    """A question of staff about a request, an answer to it, or something added; read by all who read the request."""

    __tablename__ = "remark"
    __table_args__ = (Index("ix_remark_request_id_id", "request_id", "id"),)

    id: Mapped[Id]
    key: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    is_question: Mapped[bool]  # of staff: the clock stands until it is answered
    body: Mapped[str] = mapped_column(String(REMARK_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attachment(Model):
    """A file with a remark; its content lies apart, so that lists never read it."""

    __tablename__ = "attachment"

    id: Mapped[Id]
    key: Mapped[Key]
    remark_id: Mapped[int] = mapped_column(ForeignKey("remark.id"), index=True)
    name: Mapped[str] = mapped_column(String(FILE_NAME_LENGTH))
    media_type: Mapped[str] = mapped_column(String(80))  # found from its content, never as it was claimed
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))


class AttachmentContent(Model):
    """The bytes of a file."""

    __tablename__ = "attachment_content"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
