"""By what a client knows whether it has the latest: entity tags and dates (RFC 9110, 8.8 and 13), and how it is packed.

The packed calendar is another representation and has a tag of its own; whoever shows either has the latest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from werkzeug.http import http_date, parse_date, parse_etags

from ...web import packing
from ..service.answering import Known

PACKED = "-gzip"  # as proxies spell it
QUICKLY = 1  # calendars repeat themselves: more effort makes them little smaller


def is_latest(environ: Mapping[str, Any], known: Known, now: datetime) -> bool:
    """Whether the request says that its client has the latest. Tags are compared weakly, and win over dates.

    A date in the future is no date.
    """
    if tags := environ.get("HTTP_IF_NONE_MATCH"):
        shown = parse_etags(tags)
        return shown.contains_weak(known.etag) or shown.contains_weak(known.etag + PACKED)
    since = _date(environ.get("HTTP_IF_MODIFIED_SINCE"))
    return since is not None and known.changed_at.replace(microsecond=0) <= since <= now


def _date(text: str | None) -> datetime | None:
    """The date that a header says, if it is one; a number in it may be larger than any date has."""
    try:
        return parse_date(text)
    except OverflowError:
        return None


def last_modified(known: Known, now: datetime) -> str:
    """Since when it answers so, but not later than now."""
    return http_date(min(known.changed_at, now))


def validators(environ: Mapping[str, Any], known: Known) -> list[tuple[str, str]]:
    """The headers of an answer, with a body or without, that say which version it is, and who may keep it."""
    tag = known.etag + PACKED if packing.is_wanted(environ) else known.etag
    return [
        ("ETag", f'"{tag}"'),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "Accept-Encoding"),
    ]
