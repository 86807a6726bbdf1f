"""Tokens of sessions and feeds: shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """A secret of 192 random bits, fit for a URL."""
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """What is stored of a token. It is random, so a plain hash is enough; look-ups go by the hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
