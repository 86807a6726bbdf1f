"""Mail addresses as they are compared: one spelling for one mailbox, and none for look-alikes."""

from __future__ import annotations


def plain_address(typed: str) -> str:
    """Trimmed and in lower case. Letters that only look like Latin ones are left alone, so that they match nobody.

    Lower case is for ASCII alone: the Kelvin sign, for one, would become an ordinary k.
    """
    trimmed = typed.strip()
    return trimmed.lower() if trimmed.isascii() else trimmed
