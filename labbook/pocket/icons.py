"""The app's icon as a picture: the favicon's drawing, which is all rectangles, set down as PNG by its own rules.

PNG (W3C, Third Edition): a signature, then chunks of length, type, data and CRC; each row of pixels begins with the
number of its filter, 0 here.
"""

from __future__ import annotations

import functools
import math
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

_SIDE = 32  # of the drawing's own square
_ROUND = 5  # of its corners
_SAFE = 0.8  # of a square that is cut to some shape only the middle is sure to be seen
_GROUND, _WHITE = (11, 74, 88), (255, 255, 255)
_LINE = (145, 173, 180)  # white at 55 % on the ground

Colour = tuple[int, int, int]


class Box(NamedTuple):
    """A rectangle of the drawing, in its own units."""

    left: float
    top: float
    right: float
    bottom: float
    colour: Colour


_BOXES = (
    *(Box(6, at - 0.6, 26, at + 0.6, _LINE) for at in (9.5, 16, 22.5)),
    Box(9, 7, 18, 12, _WHITE),
    Box(17, 13.5, 25, 20.5, _WHITE),
    Box(6, 20, 13, 25, _WHITE),
)


@functools.cache
def png(size: int, *, fills: bool) -> bytes:
    """The icon, `size` pixels a side; it `fills` the square where the phone cuts it to a shape of its own."""
    scale = size / _SIDE * (_SAFE if fills else 1)
    edge = (size - _SIDE * scale) / 2
    rows = bytearray()
    drawn: dict[tuple[float, ...], bytes] = {}  # most rows are like the one above
    corner = range(0) if fills else range(math.ceil(_ROUND * size / _SIDE))
    for y in range(size):
        downs = tuple(_covered(y, edge + box.top * scale, edge + box.bottom * scale) for box in _BOXES)
        if downs not in drawn:
            drawn[downs] = b"".join(bytes((*colour, 255)) for colour in _row(size, downs, edge, scale))
        line = bytearray(drawn[downs])
        for x in corner if min(y, size - 1 - y) in corner else ():
            line[4 * x + 3] = line[4 * (size - 1 - x) + 3] = _alpha(x, y, size)
        rows += b"\0" + line
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)  # 8 bits each of red, green, blue and alpha
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _row(size: int, downs: Sequence[float], edge: float, scale: float) -> list[Colour]:
    """One row of pixels, of which each box covers so much from above to below."""
    line = [_GROUND] * size
    for box, down in zip(_BOXES, downs, strict=True):
        first, last = edge + box.left * scale, edge + box.right * scale
        for x in range(int(first), math.ceil(last)) if down else ():
            line[x] = _mixed(line[x], box.colour, down * _covered(x, first, last))
    return line


def _covered(at: int, first: float, last: float) -> float:
    """How much of a pixel lies between two edges, from 0 to 1."""
    return max(0.0, min(at + 1, last) - max(at, first))


def _mixed(under: Colour, over: Colour, share: float) -> Colour:
    red, green, blue = (round(one + (two - one) * share) for one, two in zip(under, over, strict=True))
    return red, green, blue


def _alpha(x: int, y: int, size: int) -> int:
    """How much of a pixel lies within the rounded square, from 0 to 255."""
    radius = _ROUND * size / _SIDE
    across, down = (max(radius - at - 0.5, at + 0.5 - (size - radius), 0.0) for at in (x, y))
    if not (across and down):
        return 255
    return round(255 * min(max(radius - math.hypot(across, down) + 0.5, 0.0), 1.0))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
