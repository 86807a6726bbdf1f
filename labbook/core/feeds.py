"""What a subscription is about, and how much it tells."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What a feed is about. Stored; never rename."""

    MINE = "mine"
    RESOURCE = "resource"
    SITE = "site"


class Detail(StrEnum):
    """At most how much a feed tells; never more than its owner may see. Stored; never rename."""

    FULL = "full"
    BUSY = "busy"
