"""iCalendar (RFC 5545, 7986) from values: an Entry becomes a VEVENT, entries become the bytes of a feed.

Nothing here reads a clock, a request or a table. icalendar does folding, escaping and typing; the VTIMEZONE is ours.
"""

from icalendar import Event

from .booked import booked, edge
from .busy import busy_entries, busy_texts
from .colors import CATEGORIES, COLORS, OF_CLOSURES, OF_LABBOOK
from .entry import Entry, Language, Rendered, Status, event_of, rendered, written_in
from .feed import RENDERER, Component, calendar_bytes, makers, put_together
from .free_busy import free_busy_bytes
from .invitation import Method, Party, invitation
from .series import Dated, Rule, date_event, rule_between, series_events, series_sequence
from .writing import Besides, Manner, Standing, booking_text, series_text
from .zones import holds_since, vtimezone

__all__ = [
    "CATEGORIES",
    "COLORS",
    "OF_CLOSURES",
    "OF_LABBOOK",
    "RENDERER",
    "Besides",
    "Component",
    "Dated",
    "Entry",
    "Event",
    "Language",
    "Manner",
    "Method",
    "Party",
    "Rendered",
    "Rule",
    "Standing",
    "Status",
    "booked",
    "booking_text",
    "busy_entries",
    "busy_texts",
    "calendar_bytes",
    "date_event",
    "edge",
    "event_of",
    "free_busy_bytes",
    "holds_since",
    "invitation",
    "makers",
    "put_together",
    "rendered",
    "rule_between",
    "series_events",
    "series_sequence",
    "series_text",
    "vtimezone",
    "written_in",
]
