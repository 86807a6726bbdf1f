"""Where somebody comes from, as far as the network and the browser say."""

from __future__ import annotations

from typing import NamedTuple


class Origin(NamedTuple):
    """The network address, and the browser as its owner would call it; either may be unknown and then is empty."""

    address: str
    browser: str
