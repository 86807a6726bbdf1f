"""Busy entries: that a unit is taken, and nothing else of why, for whom or since when."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from ..interval import Interval
from .entry import Entry, Language, Rendered, Status, event_of, zone_of
from .zones import holds_since, wall_clock

_BUSY: dict[str, str] = {"en": "Busy", "ja": "使用中"}
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))  # the two bits of a UUID that are not random


def busy_entries(
    blocks: Iterable[tuple[str, Interval]],
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
    seal = _seal(secret)
    return [
        _entry(_uid(seal, unit, block), block, min(block.start, window_start), zone, language, places.get(unit, ""))
        for unit, block in _in_order(blocks)
    ]


def busy_texts(
    blocks: Iterable[tuple[str, Interval]],
    *,
    secret: bytes,
    window_start: datetime,
    zone: str,
    language: Language,
    places: Mapping[str, str],
) -> list[Rendered]:
    """The same entries, written; each in a few microseconds, since but for their times and UIDs they are alike."""
    seal, first, found = _seal(secret), _spelled(window_start.astimezone(UTC)), []
    for unit, block in _in_order(blocks):
        uid, stamp = _uid(seal, unit, block), first if window_start <= block.start else _spelled(block.start)
        written_in, ahead = _clocks(block, zone)
        text, tzid = _with_holes(zone, written_in, language, places.get(unit, ""))
        start, end = _spelled(block.start + ahead), _spelled(block.end + ahead)
        found.append(Rendered(text % (start, end, stamp, uid, stamp), tzid))
    return found


def _seal(secret: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(b"busy entry", key=hashlib.sha256(secret).digest(), digest_size=16)


def _uid(seal: hashlib.blake2b, unit: str, block: Interval) -> str:
    """A UUID of version 8 (RFC 9562 5.8) that says nothing to who does not know the secret."""
    sealed = seal.copy()
    sealed.update(f"{_in_full(block.start)}\n{_in_full(block.end)}\n{unit}".encode())
    digest = sealed.hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-{_VARIANT[digest[16]]}{digest[17:20]}-{digest[20:]}"


def _in_order(blocks: Iterable[tuple[str, Interval]]) -> list[tuple[str, Interval]]:
    return sorted(blocks, key=lambda one: (one[0], one[1].start, one[1].end))


def _entry(uid: str, block: Interval, stamp: datetime, zone: str, language: Language, location: str) -> Entry:
    return Entry(
        uid=uid,
        sequence=0,
        stamp=stamp,
        start=block.start,
        end=block.end,
        zone=zone,
        status=Status.CONFIRMED,
        summary=_BUSY[language],
        language=language,
        location=location,
    )


# --- as icalendar would write them ------------------------------------------------------------------------------------

_FILLED = re.compile(r"^((?:DTSTART|DTEND|DTSTAMP|LAST-MODIFIED)[^:\r]*):\w{15}(Z?)\r$", re.MULTILINE)
_NO_UID = "00000000-0000-8000-8000-000000000000"
_SOME_TIME = Interval(datetime(2001, 1, 1, tzinfo=UTC), datetime(2001, 1, 2, tzinfo=UTC))
_DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def _with_holes(zone: str, written_in: str | None, language: Language, location: str) -> Rendered:
    """A busy entry as icalendar writes it, with holes for start, end, stamp, UID and stamp, in icalendar's order.

    Lines with holes are too short to be folded.
    """
    event = event_of(_entry(_NO_UID, _SOME_TIME, _SOME_TIME.start, zone, language, location), written_in)
    text = str(event.to_ical(), "utf-8").replace("%", "%%")
    text = _FILLED.sub(r"\1:%s\2\r", text).replace(f"\r\nUID:{_NO_UID}\r", "\r\nUID:%s\r")
    return Rendered(text, event["DTSTART"].params.get("TZID"))


def _clocks(block: Interval, zone: str) -> tuple[str | None, timedelta]:
    """The zone that a block is written in, as `zone_of` has it, and what its clocks are ahead of UTC all through it."""
    ahead = _ahead_of_utc(zone, block.start.date())
    if ahead is not None and ahead == _ahead_of_utc(zone, block.end.date()):
        return zone, ahead
    written_in = zone_of(block.start, block.end, zone)
    return written_in, (written_in and block.start.astimezone(wall_clock(zone)).utcoffset()) or timedelta()


@lru_cache(maxsize=4096)
def _ahead_of_utc(zone: str, day: date) -> timedelta | None:
    """What the clocks of a zone are ahead of UTC all through a day of UTC; None where that must be looked at closely.

    That is near a change of clocks, and where the VTIMEZONE says something else.
    """
    start, since, clock = datetime.combine(day, time(), UTC), holds_since(zone), wall_clock(zone)
    if since is None or start < since:
        return None
    before, after = ((start + days * _DAY).astimezone(clock).utcoffset() for days in (-1, 2))
    return before if before == after else None


def _spelled(at: datetime) -> str:
    return f"{_day(at.date())[1]}T{_clock(at.time())[1]}"


def _in_full(at: datetime) -> str:
    """As isoformat() says it, of an instant in UTC."""
    return f"{_day(at.date())[0]}T{_clock(at.time())[0]}+00:00"


@lru_cache(maxsize=4096)
def _day(day: date) -> tuple[str, str]:
    spelled = day.isoformat()
    return spelled, spelled.replace("-", "")


@lru_cache(maxsize=4096)
def _clock(clock: time) -> tuple[str, str]:
    spelled = clock.isoformat()
    return spelled, spelled[:8].replace(":", "")
