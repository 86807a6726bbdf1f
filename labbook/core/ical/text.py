"""Typed text on its way into a calendar: nothing in it may break a reader."""

from __future__ import annotations

import re

from icalendar.prop import vText

_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Control characters, halves of surrogate pairs and the byte order mark; the line feed alone stays.
_UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def plain(text: str) -> str:
    """The text without control characters, with line feeds as its only line ends; a tab becomes a space."""
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " "))


def on_one_line(text: str, without: str = "") -> str:
    """The plain text in one line, with single spaces where it had white space or a character of `without`."""
    unwanted = str.maketrans(dict.fromkeys(without, " "))
    return " ".join(plain(text).translate(unwanted).split())


def address(url: str) -> str:
    """The address without what no address may hold: white space and control characters."""
    return "".join(plain(url).split())


class Text(vText):
    r"""A TEXT value (RFC 5545 3.3.11) that keeps a typed \N as it is: icalendar 7.3 takes that for a line break."""

    __slots__ = ()

    def to_ical(self) -> bytes:
        r"""The value escaped: piece by piece between the letters N, since no piece can hold a \N."""
        if r"\N" not in self:
            return super().to_ical()
        return b"N".join(vText(piece).to_ical() for piece in self.split("N"))
