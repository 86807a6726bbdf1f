"""Words in two languages, and text that people typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LANGUAGES = ("en", "ja")

_JAPANESE = re.compile("[\u3040-\u9fff]")

_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
# Controls, lone surrogates, separators, and bidirectional marks, which can make a title read as something else.
_MARKS = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_HIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f{_MARKS}]")
_HIDDEN_BUT_LINES = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_MARKS}]")

# What takes no room and joins nothing (Japanese and emoji need joiners, variation selectors and tags: those stay), and
# what shows nothing by itself: fillers, blanks, joiners, selectors, tags. Written as code points: they cannot be read.
_NO_WIDTH = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb]")
_SHOWS_NOTHING = re.compile(
    "[\\s\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c\u200d\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]*"
)


def N_(sentence: str) -> str:
    """Mark a sentence for translation without translating it; it is translated where it is shown."""
    return sentence


class Shown(NamedTuple):
    """A text as one reader gets it: in `lang`, which is not the asked-for language when `is_fallback`."""

    text: str
    lang: str
    is_fallback: bool


@dataclass(frozen=True, slots=True)
class Words:
    """Bilingual content. One of the two may be empty; the other is then shown in its place, visibly."""

    en: str = ""
    ja: str = ""

    def shown(self, language: str) -> Shown:
        """The text for a reader of `language`, or the other language's text marked as a fallback."""
        wanted, other = (self.ja, self.en) if language == "ja" else (self.en, self.ja)
        if wanted or not other:
            return Shown(wanted, language, False)
        return Shown(other, "en" if language == "ja" else "ja", True)

    def text(self, language: str) -> str:
        """The text alone, for places where a fallback cannot be marked (titles, feeds)."""
        return self.shown(language).text

    def __bool__(self) -> bool:
        return bool(self.en or self.ja)


def joined(names: Iterable[str], language: str) -> str:
    """Several names as one, as its reader's language puts them side by side."""
    return ("、" if language == "ja" else ", ").join(names)


def listed(names: Sequence[Words]) -> Words:
    """Several names as one, in both languages."""
    en, ja = (joined((one.text(language) for one in names), language) for language in LANGUAGES)
    return Words(en, ja)


def folded(*texts: str) -> str:
    """One form of a text to search in: width, case and kana do not matter (NFKC, casefold, hiragana)."""
    joined = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    return joined.translate(_KATAKANA_TO_HIRAGANA)


def has_control_characters(text: str, *, multiline: bool = False) -> bool:
    """True when `text` holds control or bidirectional characters, which nobody types on purpose."""
    return (_HIDDEN_BUT_LINES if multiline else _HIDDEN).search(text) is not None


def tidied(text: str) -> str:
    """What is stored of a typed text: NFC, with the ends trimmed and line ends made one kind.

    Characters without width, which come along when one pastes, are left out; a text that shows nothing is empty.
    """
    tidy = re.sub(r"\r\n?", "\n", unicodedata.normalize("NFC", _NO_WIDTH.sub("", text))).strip()
    return "" if _SHOWS_NOTHING.fullmatch(tidy) else tidy


def on_one_line(text: str) -> str:
    """The same of a text that others wrote: on one line, without control and bidirectional characters."""
    return tidied(_HIDDEN.sub("", re.sub(r"\s+", " ", text)))


_ERASED = Words("Former user", "以前の利用者")


def person_name(family: str, given: str, language: str) -> str:
    """A person's name in the order that its reader expects; names in kanji or kana are always family first.

    Somebody whose personal data were erased has no name left.
    """
    if not family and not given:
        return _ERASED.text(language)
    if language == "ja" or _JAPANESE.search(family + given):
        return f"{family} {given}".strip()
    return f"{given} {family}".strip()


def in_its_language(text: str) -> Words:
    """A text that somebody wrote in one language, as bilingual content."""
    return Words("", text) if _JAPANESE.search(text) else Words(text, "")
