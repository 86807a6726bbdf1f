"""What libical reads in a calendar: the parser of Evolution, and the one below KOrganizer's. Only where it is there."""

from __future__ import annotations

import ctypes as c
import ctypes.util
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from tests.clients.readers import SINCE, UNTIL
from tests.core.ical.parsers import Seen, seen

_VEVENT = 4  # ICAL_VEVENT_COMPONENT of libical 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Time(c.Structure):
    """An icaltimetype."""

    _fields_ = (
        *((name, c.c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")),
        ("zone", c.c_void_p),
    )


class _Span(c.Structure):
    """An icaltime_span, in seconds of UTC."""

    _fields_ = (("start", c.c_long), ("end", c.c_long), ("is_busy", c.c_int))


_Callback = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(_Span), c.c_void_p)
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "icalparser_parse_string": (c.c_void_p, (c.c_char_p,)),
    "icalcomponent_get_first_component": (c.c_void_p, (c.c_void_p, c.c_int)),
    "icalcomponent_get_next_component": (c.c_void_p, (c.c_void_p, c.c_int)),
    "icalcomponent_get_dtstart": (_Time, (c.c_void_p,)),
    "icalcomponent_get_dtend": (_Time, (c.c_void_p,)),
    "icalcomponent_get_recurrenceid": (_Time, (c.c_void_p,)),
    "icalcomponent_get_parent": (c.c_void_p, (c.c_void_p,)),
    "icalcomponent_get_timezone": (c.c_void_p, (c.c_void_p, c.c_char_p)),
    "icalcomponent_get_first_property": (c.c_void_p, (c.c_void_p, c.c_int)),
    "icalproperty_string_to_kind": (c.c_int, (c.c_char_p,)),
    "icalproperty_get_parameter_as_string": (c.c_char_p, (c.c_void_p, c.c_char_p)),
    "icalcomponent_get_uid": (c.c_char_p, (c.c_void_p,)),
    "icalcomponent_get_summary": (c.c_char_p, (c.c_void_p,)),
    "icalcomponent_get_location": (c.c_char_p, (c.c_void_p,)),
    "icalcomponent_count_errors": (c.c_int, (c.c_void_p,)),
    "icalcomponent_as_ical_string": (c.c_char_p, (c.c_void_p,)),
    "icalcomponent_foreach_recurrence": (None, (c.c_void_p, _Time, _Time, _Callback, c.c_void_p)),
    "icaltime_as_timet_with_zone": (c.c_long, (_Time, c.c_void_p)),
    "icaltime_from_timet_with_zone": (_Time, (c.c_long, c.c_int, c.c_void_p)),
    "icaltime_is_null_time": (c.c_int, (_Time,)),
    "icaltimezone_get_utc_timezone": (c.c_void_p, ()),
}


@cache
def library() -> Any:
    """libical 3, or None where this machine has none."""
    name = ctypes.util.find_library("ical")
    if name is None or not name.endswith(".so.3"):
        return None
    found = c.CDLL(name)
    for one, (result, arguments) in _SIGNATURES.items():
        function = getattr(found, one)
        function.restype, function.argtypes = result, arguments
    return found


def by_libical(text: str) -> list[Seen]:
    """Read and repeated by libical. Raises AssertionError where it has a complaint."""
    lib = library()
    parsed = _parsed(text)
    events = [_Event(one) for one in _components(parsed)]
    moved = {(one.uid, one.named) for one in events if one.named is not None}
    found = [one.at(one.start, one.end) for one in events if one.named is not None]
    for one in (one for one in events if one.named is None):
        found += [one.at(start, end) for start, end in one.times() if (one.uid, start) not in moved]
    lib.icalcomponent_free(c.c_void_p(parsed))
    return sorted(found)


def written_by_libical(text: str) -> str:
    """The same calendar as libical writes it."""
    written: bytes = library().icalcomponent_as_ical_string(_parsed(text))
    return written.decode()


def _parsed(text: str) -> int:
    parsed: int | None = library().icalparser_parse_string(text.encode())
    assert parsed is not None, "libical reads nothing at all"
    assert library().icalcomponent_count_errors(parsed) == 0, written_by_libical(text)
    return parsed


def _components(calendar: int) -> Iterator[int]:
    lib = library()
    one = lib.icalcomponent_get_first_component(calendar, _VEVENT)
    while one:
        yield one
        one = lib.icalcomponent_get_next_component(calendar, _VEVENT)


class _Event:
    """A VEVENT; its times as seconds of UTC, those of a day as if it were UTC's."""

    def __init__(self, component: int) -> None:
        lib, self.component = library(), component
        first, last, named = (
            getattr(lib, f"icalcomponent_get_{name}")(component) for name in ("dtstart", "dtend", "recurrenceid")
        )
        named.zone = named.zone or _zone_of(component, b"RECURRENCE-ID")  # libical looks up those of the others only
        self.is_day = bool(first.is_date)
        self.start, self.end = _seconds(first), _seconds(last)
        self.named = None if lib.icaltime_is_null_time(named) else _seconds(named)
        self.uid, self.summary, self.location = (
            (getattr(lib, f"icalcomponent_get_{name}")(component) or b"").decode()
            for name in ("uid", "summary", "location")
        )

    def times(self) -> list[tuple[int, int]]:
        """When it takes place, by its rule."""
        lib, found = library(), []
        utc = lib.icaltimezone_get_utc_timezone()
        edges = [lib.icaltime_from_timet_with_zone(int(at.timestamp()), 0, utc) for at in (SINCE, UNTIL)]

        def note(component: int, span: Any, data: int) -> None:
            found.append((span.contents.start, span.contents.end))

        lib.icalcomponent_foreach_recurrence(self.component, *edges, _Callback(note), None)
        return found

    def at(self, start: int, end: int) -> Seen:
        """The event as it takes place then."""
        edges = (_EPOCH + timedelta(seconds=at) for at in (start, end))
        first, last = ((at.date() if self.is_day else at) for at in edges)
        return seen(first, last, self.summary, self.location)


def _zone_of(component: int, name: bytes) -> int | None:
    """The zone that a property names."""
    lib = library()
    of_it = lib.icalcomponent_get_first_property(component, lib.icalproperty_string_to_kind(name))
    tzid = lib.icalproperty_get_parameter_as_string(of_it, b"TZID") if of_it else None
    zone: int | None = lib.icalcomponent_get_timezone(lib.icalcomponent_get_parent(component), tzid) if tzid else None
    return zone


def _seconds(at: _Time) -> int:
    found: int = library().icaltime_as_timet_with_zone(at, at.zone)
    return found
