"""iCalendar (RFC 5545, 7986) from values: an Entry becomes a VEVENT, entries become the bytes of a feed.

Nothing here reads a clock, a request or a table. icalendar does folding, escaping and typing; the VTIMEZONE is ours.
"""

from .busy import Span, busy_entries
from .entry import Entry, Language, Status, entry_text
from .feed import RENDERER, calendar_bytes, feed_etag
from .zones import holds_since, vtimezone

__all__ = [
    "RENDERER",
    "Entry",
    "Language",
    "Span",
    "Status",
    "busy_entries",
    "calendar_bytes",
    "entry_text",
    "feed_etag",
    "holds_since",
    "vtimezone",
]
