"""By what calendars tell entries apart: a category in words (RFC 5545 3.8.1.2), a color by CSS3 name (RFC 7986 5.9).

Clients show a color as it is, on white and on black: none of these is too light or too dark for that.
"""

from __future__ import annotations

from .entry import Language

# Calendars are put into words without a reader at hand; they are the words of the pages.
CATEGORIES: dict[Language, dict[str, str]] = {
    "en": {
        "bench": "Bench",
        "equipment": "Instrument",
        "room": "Room",
        "storage": "Storage",
        "service": "Service",
    },
    "ja": {
        "bench": "ベンチ",
        "equipment": "機器",
        "room": "部屋",
        "storage": "保管場所",
        "service": "サービス",
    },
}
COLORS = {
    "bench": "seagreen",
    "equipment": "steelblue",
    "room": "mediumpurple",
    "storage": "peru",
    "service": "palevioletred",
}
OF_LABBOOK = "teal"
"""The color of a calendar that is not about one resource."""

OF_CLOSURES = "gray"
