"""The text of a letter as the pieces of which its HTML is made: no markup of anybody's, only text and links."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINK = re.compile(r"https?://[^\s<>()（）「」、。]+[^\s<>()（）「」、。.,;:!?]")
_ITEM = re.compile(r"(?:- |・)(.*)")


class Piece(NamedTuple):
    """Text, or a link when it has an address."""

    text: str
    address: str = ""


class Block(NamedTuple):
    """Lines that stand together: a paragraph, or the items of a list."""

    is_list: bool
    lines: list[list[Piece]]


def paragraphs(text: str) -> list[Block]:
    """The blocks of a text, in order. Each is escaped by whatever shows it."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        fresh = True
        for line in paragraph.splitlines():
            item = _ITEM.fullmatch(line.strip())
            if fresh or blocks[-1].is_list is not (item is not None):
                blocks.append(Block(item is not None, []))
            blocks[-1].lines.append(_pieces(item[1] if item else line.strip()))
            fresh = False
    return blocks


def _pieces(line: str) -> list[Piece]:
    pieces, at = [], 0
    for link in _LINK.finditer(line):
        pieces += [Piece(line[at : link.start()]), Piece(link[0], link[0])]
        at = link.end()
    return [one for one in [*pieces, Piece(line[at:])] if one.text]
