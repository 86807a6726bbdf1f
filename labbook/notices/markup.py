"""The text of a letter as the pieces of which its HTML is made: no markup of anybody's, only text and our own links.

Letters come from LabBook, so what others have typed must not look as if LabBook had said it, nor lead anywhere.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LINK = re.compile(r"https?://[^\s<>()（）「」、。]+[^\s<>()（）「」、。.,;:!?]")
_KINDS = {"list": re.compile(r"(?:- |・)(.*)"), "quote": re.compile(r"> ?(.*)")}


class Piece(NamedTuple):
    """Text, or a link when it has an address."""

    text: str
    address: str = ""


class Block(NamedTuple):
    """Lines that stand together: a paragraph, the items of a list, or what somebody has typed."""

    kind: str  # text, list, quote
    lines: list[list[Piece]]


def quoted(words: str) -> str:
    """What somebody has typed, marked line by line as theirs."""
    return "\n".join(f"> {line}".rstrip() for line in words.splitlines())


def paragraphs(text: str, base_url: str) -> list[Block]:
    """The blocks of a text, in order. Each is escaped by whatever shows it; only addresses of `base_url` are links."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        fresh = True
        for line in paragraph.splitlines():
            kind, words = _kind_of(line.strip())
            if fresh or blocks[-1].kind != kind:
                blocks.append(Block(kind, []))
            blocks[-1].lines.append(_pieces(words, base_url) if kind != "quote" else [Piece(words)])
            fresh = False
    return blocks


def _kind_of(line: str) -> tuple[str, str]:
    for kind, pattern in _KINDS.items():
        if found := pattern.fullmatch(line):
            return kind, found[1]
    return "text", line


def _pieces(line: str, base_url: str) -> list[Piece]:
    pieces, at = [], 0
    for link in _LINK.finditer(line):
        if link[0] != base_url and not link[0].startswith(f"{base_url}/"):
            continue
        pieces += [Piece(line[at : link.start()]), Piece(link[0], link[0])]
        at = link.end()
    return [one for one in [*pieces, Piece(line[at:])] if one.text]
