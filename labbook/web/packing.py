"""Answers as gzip, for whoever asks for it.

What is packed may tell its content by its length where an attacker can have words of theirs put into a page and can
measure what comes. Pages are therefore lengthened by a random amount, in a place that no reader looks at: the name of
the file within the packed answer.
"""

from __future__ import annotations

import secrets
import struct
import time
import zlib
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

_KINDS = frozenset({"text/html", "text/plain", "application/json", "application/problem+json", "image/svg+xml"})
_WORTH_IT = 1000  # bytes
_EFFORT = 5
_LONGEST_NAME = 100  # bytes


def install(app: Flask) -> None:
    """Pack the pages of an application."""
    app.after_request(_pack)


def is_wanted(environ: Mapping[str, Any]) -> bool:
    """Whether the client asks for gzip by name; some that do not cannot read it."""
    wanted = environ.get("HTTP_ACCEPT_ENCODING", "").lower()
    if "gzip" not in wanted:
        return False
    return any(name == "gzip" and weight > 0 for name, weight in parse_accept_header(wanted, Accept))


def packed(body: bytes, *, effort: int) -> bytes:
    """The bytes as gzip; equal bytes give equal bytes."""
    packer = zlib.compressobj(effort, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def lengthened(body: bytes) -> bytes:
    """The bytes as gzip, longer by a random amount (RFC 1952, 2.3: a name after the header)."""
    name = secrets.token_hex(secrets.randbelow(_LONGEST_NAME // 2)).encode()
    head = b"\x1f\x8b\x08\x08" + struct.pack("<L", int(time.time())) + b"\x00\xff" + name + b"\x00"
    packer = zlib.compressobj(_EFFORT, zlib.DEFLATED, -zlib.MAX_WBITS)
    tail = struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)
    return head + packer.compress(body) + packer.flush() + tail


def _pack(response: Response) -> Response:
    if response.mimetype not in _KINDS or response.is_streamed or response.direct_passthrough:
        return response
    if "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) < _WORTH_IT or not is_wanted(request.environ):
        return response
    response.set_data(lengthened(body))
    response.headers["Content-Encoding"] = "gzip"
    return response
