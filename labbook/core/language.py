"""Words in two languages, and text that people typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

LANGUAGES = ("en", "ja")

_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
# Bidirectional controls can make a title read as something else; tab and line ends are judged by the caller.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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


def listed(names: Sequence[Words]) -> Words:
    """Several names as one, in both languages."""
    return Words(", ".join(one.text("en") for one in names), "、".join(one.text("ja") for one in names))


def folded(*texts: str) -> str:
    """One form of a text to search in: width, case and kana do not matter (NFKC, casefold, hiragana)."""
    joined = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    return joined.translate(_KATAKANA_TO_HIRAGANA)


def has_control_characters(text: str, *, multiline: bool = False) -> bool:
    """True when `text` holds control or bidirectional characters, which nobody types on purpose."""
    allowed = "\r\n\t" if multiline else ""
    return any(
        char in _BIDI or (unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in allowed)
        for char in text
    )


def tidied(text: str) -> str:
    """NFC, with the ends trimmed and line ends made one kind; what is stored of a typed text."""
    return re.sub(r"\r\n?", "\n", unicodedata.normalize("NFC", text)).strip()


def person_name(family: str, given: str, language: str) -> str:
    """A person's name in the order that its reader expects; names in kanji or kana are always family first."""
    is_japanese = any("\u3040" <= char <= "\u9fff" for char in family + given)
    if is_japanese or language == "ja":
        return f"{family} {given}".strip()
    return f"{given} {family}".strip()
