"""iCalendar (RFC 5545, 7986) from values: an Entry becomes a VEVENT, entries become the bytes of a feed.

Nothing here reads a clock, a request or a table. icalendar does folding, escaping and typing; the VTIMEZONE is ours.
"""

from icalendar import Event

from .booked import booked, edge
from .busy import Span, busy_entries
from .entry import Entry, Language, Status, event_of, written_in
from .feed import RENDERER, calendar_bytes, feed_etag
from .invitation import Method, Party, invitation
from .series import Dated, Rule, date_event, rule_between, series_events, series_sequence
from .zones import holds_since, vtimezone

__all__ = [
    "RENDERER",
    "Dated",
    "Entry",
    "Event",
    "Language",
    "Method",
    "Party",
    "Rule",
    "Span",
    "Status",
    "booked",
    "busy_entries",
    "calendar_bytes",
    "date_event",
    "edge",
    "event_of",
    "feed_etag",
    "holds_since",
    "invitation",
    "rule_between",
    "series_events",
    "series_sequence",
    "vtimezone",
    "written_in",
]
