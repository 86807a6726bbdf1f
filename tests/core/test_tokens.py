"""Tokens are random and are not kept; only their hash is."""

from __future__ import annotations

import string

from labbook.core.tokens import new_token, token_hash


def test_a_token_fits_a_url_and_never_comes_twice() -> None:
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert {len(token) for token in tokens} == {32}
    assert set("".join(tokens)) <= set(string.ascii_letters + string.digits + "-_")


def test_a_hash_tells_tokens_apart_and_does_not_tell_the_token() -> None:
    assert (
        token_hash("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    )  # stored: never another
    token = new_token()
    assert token not in token_hash(token)
    assert token_hash(token) != token_hash(token + "=")


def test_whatever_comes_in_a_cookie_has_a_hash() -> None:
    assert len({token_hash(text) for text in ("", "\x00", "\ud800", "京")}) == 4
