"""Busy entries: that a unit is taken, and nothing else of why, for whom or since when."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Protocol
from uuid import UUID

from .entry import Entry, Language, Status

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
    merges: bool = True,
) -> list[Entry]:
    """The entries for `blocks`, pairs of a unit's key and the time that it is held; `places` gives LOCATION by unit.

    Blocks of a unit that overlap or touch become one, so that nobody can count bookings, unless the site keeps them
    apart (`merges` is false); a UID is made of one block alone, so that no two go together. All else is a constant or
    follows from the block: a feed of these changes when its blocks do, and what becomes of a booking within a block
    does not show. The stamps are the block's start, but never later than `window_start`, the feed's first instant.
    """
    return [
        Entry(
            uid=_uid(secret, unit, start, end),
            sequence=0,
            stamp=min(start, window_start),
            start=start,
            end=end,
            zone=zone,
            status=Status.CONFIRMED,
            summary=_BUSY[language],
            language=language,
            location=places.get(unit, ""),
        )
        for unit, spans in groupby(sorted(blocks, key=itemgetter(0)), key=itemgetter(0))
        for start, end in _edges((span for _, span in spans), merges=merges)
    ]


def _edges(spans: Iterable[Span], *, merges: bool) -> list[tuple[datetime, datetime]]:
    result: list[tuple[datetime, datetime]] = []
    for start, end in sorted((span.start, span.end) for span in spans):
        if merges and result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def _uid(secret: bytes, unit: str, start: datetime, end: datetime) -> str:
    """A UUID of version 8 (RFC 9562 5.8) that says nothing to who does not know the secret."""
    instants = (at.astimezone(UTC).isoformat() for at in (start, end))
    digest = bytearray(hmac.digest(secret, "\n".join(("busy entry", *instants, unit)).encode(), "sha256")[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(digest)))
