"""Where somebody comes from, as far as the network and the browser say."""

from __future__ import annotations

from typing import NamedTuple

MARKED = "browser "  # a mark begins so, and no network address does


class Origin(NamedTuple):
    """The network address, and the browser as its owner would call it; either may be unknown and then is empty.

    A browser that was let in before has a mark of its own, and says for which account it was.
    """

    address: str
    browser: str
    account: str = ""  # as throttle.account_hash names it
    mark: str = ""

    def counted_as(self, account: str) -> str:
        """Under what name tries from here are counted for an account: the browser's, if it was let in to it before."""
        return self.mark if self.mark and self.account == account else self.address
