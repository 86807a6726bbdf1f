"""What a reader reads of a page, in which language each piece says that it is, and what the lab's people have typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

from sqlalchemy import JSON, String, select

from labbook.column_types import WordsType
from labbook.core.language import Words
from labbook.db import Base, db

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
UNREAD = frozenset(("script", "style", "template", "code", "pre", "kbd"))  # programs, and what is typed as it stands
SAID = ("title", "aria-label", "placeholder", "alt", "data-done", "aria-description", "aria-roledescription")


class Piece(NamedTuple):
    """A text and the language that it says it is in."""

    lang: str
    text: str


class _Pieces(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str, bool]] = []  # element, language, whether it is read
        self.found: list[Piece] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        _, lang, is_read = self.open[-1] if self.open else ("", "", True)
        lang = given.get("lang") or lang
        is_read = is_read and tag not in UNREAD and given.get("translate") != "no"
        if is_read:
            self.found += [Piece(lang, given[name] or "") for name in SAID if given.get(name)]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.found.append(Piece(lang, given.get("value") or ""))
        if tag not in VOID:
            self.open.append((tag, lang, is_read))

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, (name, _, _) in enumerate(self.open) if name == tag]
        if places:
            del self.open[places[-1] :]

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][2] and self.open[-1][0] != "textarea" and data.strip():
            self.found.append(Piece(self.open[-1][1], data.strip()))


def pieces_of(page: str) -> list[Piece]:
    """All texts of a page: what stands on it, and what is said of its parts."""
    reader = _Pieces()
    reader.feed(page)
    reader.close()
    return reader.found


def typed() -> tuple[set[str], set[str]]:
    """Texts that people have typed: in one language or in none, and those that there are in both."""
    alone: set[str] = set()
    both: set[str] = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, WordsType):
                for words in db.session.scalars(select(column)):
                    _sort(words, alone, both)
            elif isinstance(column.type, JSON):
                for value in db.session.scalars(select(column)):
                    alone |= set(_texts(value))
            elif type(column.type) is String and column.name not in _CODES:
                alone |= set(db.session.scalars(select(column).distinct()))
    return {text for text in alone if text and not _CODE.fullmatch(text)}, both


_CODE = re.compile("[a-z][a-z_-]*")
# Columns whose strings are the program's own words, or none.
_CODES = frozenset(("code", "language", "way", "kind", "state", "action", "password_hash", "token_hash", "at_deadline"))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _sort(words: Words | None, alone: set[str], both: set[str]) -> None:
    texts = [text for text in (words.en, words.ja) if text] if words else []
    (both if len(texts) == 2 and words and re.search("[\u3040-\u9fff]", words.ja) else alone).update(texts)


def left_of(text: str, names: list[str]) -> str:
    """The text without these names, the longest of which come first."""
    for name in names:
        text = text.replace(name, " ")
    return re.sub(r"https?://\S+|\S+@\S+", " ", text)
