"""Columns that many tables have."""

from __future__ import annotations

import secrets
from typing import Annotated

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import mapped_column

KEY_BYTES = 12


def new_key() -> str:
    """A name for URLs that tells neither count nor order and cannot be guessed (96 random bits)."""
    return secrets.token_hex(KEY_BYTES)


Id = Annotated[int, mapped_column(primary_key=True)]
Key = Annotated[str, mapped_column(String(24), unique=True, default=new_key)]
Version = Annotated[int, mapped_column(default=1, server_default="1")]
Counter = Annotated[int, mapped_column(default=0, server_default="0")]

SiteId = Annotated[int, mapped_column(ForeignKey("site.id"))]
AreaId = Annotated[int, mapped_column(ForeignKey("area.id"), index=True)]
ResourceId = Annotated[int, mapped_column(ForeignKey("resource.id"))]
UnitId = Annotated[int, mapped_column(ForeignKey("unit.id"))]
PartnerId = Annotated[int, mapped_column(ForeignKey("partner.id"))]
PersonId = Annotated[int, mapped_column(ForeignKey("person.id"))]
ProjectId = Annotated[int, mapped_column(ForeignKey("project.id"))]
