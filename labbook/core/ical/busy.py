"""Busy entries: that a unit is taken, and nothing else of why, for whom or since when."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from .entry import Entry, Language, Rendered, Status, rendered

_BUSY: dict[str, str] = {"en": "Busy", "ja": "使用中"}


class Span(Protocol):
    """Anything from an aware start up to an aware end, such as an Interval."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


def busy_entries(
    blocks: Iterable[tuple[str, Span]],
    *,
    secret: bytes,
    window_start: datetime,
    zone: str,
    language: Language,
    places: Mapping[str, str],
) -> list[Entry]:
    """The entries for `blocks`, pairs of a unit's key and a time that it is held, as `disclosure.busy_blocks` tells it.

    `places` gives LOCATION by unit. A UID is made of one block alone, so that no two go together. All else is a
    constant or follows from the block: a feed of these changes when its blocks do, and what becomes of a booking within
    a block does not show. The stamps are the block's start, but never later than `window_start`, the feed's first
    instant.
    """
    return [
        Entry(
            uid=_uid(secret, unit, block),
            sequence=0,
            stamp=min(block.start, window_start),
            start=block.start,
            end=block.end,
            zone=zone,
            status=Status.CONFIRMED,
            summary=_BUSY[language],
            language=language,
            location=places.get(unit, ""),
        )
        for unit, block in sorted(blocks, key=lambda one: (one[0], one[1].start, one[1].end))
    ]


def busy_texts(
    blocks: Iterable[tuple[str, Span]],
    *,
    secret: bytes,
    window_start: datetime,
    zone: str,
    language: Language,
    places: Mapping[str, str],
) -> list[Rendered]:
    """The same entries, written."""
    entries = busy_entries(
        blocks, secret=secret, window_start=window_start, zone=zone, language=language, places=places
    )
    return [rendered(one) for one in entries]


def _uid(secret: bytes, unit: str, block: Span) -> str:
    """A UUID of version 8 (RFC 9562 5.8) that says nothing to who does not know the secret."""
    instants = (at.astimezone(UTC).isoformat() for at in (block.start, block.end))
    digest = bytearray(hmac.digest(secret, "\n".join(("busy entry", *instants, unit)).encode(), "sha256")[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(digest)))
