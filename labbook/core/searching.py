"""Finding things by what people type, and people in the order of a Japanese list of names."""

from __future__ import annotations

import re
import unicodedata
from typing import Protocol

from .language import Words, folded, has_control_characters
from .terms import ResourceKind

MOST_TAGS, TAG_LENGTH = 20, 40

# By what else a kind is called. Stored within each search text: after a change here they have to be made anew.
_KIND_WORDS = {
    ResourceKind.BENCH: "bench ベンチ 実験台",
    ResourceKind.EQUIPMENT: "instrument equipment 機器 装置 設備",
    ResourceKind.ROOM: "room 部屋",
    ResourceKind.STORAGE: "storage 保管",
    ResourceKind.SERVICE: "service サービス 支援",
}
_ACCENTS = re.compile("[\u0300-\u036f]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_DASH_FOR_A_LONG_VOWEL = re.compile("(?<=[\u3041-\u3096])-")
_BETWEEN_TAGS = re.compile("[,、，､;；\n]+")
_LONG = "ー"


def searchable(*texts: str) -> str:
    """One form of a text to search in, more forgiving than `folded`: accents, the look of a dash, middle dots and a
    dash that was typed for a long vowel do not matter either.
    """
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", folded(*texts)))
    plain = _DASHES.sub("-", unicodedata.normalize("NFC", plain)).replace("・", " ")
    return " ".join(_DASH_FOR_A_LONG_VOWEL.sub(_LONG, plain).split())


def sought(query: str) -> tuple[str, ...]:
    """The words to look for in searchable text, all of which have to be in it; none: everything is found.

    A long vowel that ends a word is left away: リーダー and リーダ are the same thing. What holds control characters
    was not typed, and asks for nothing.
    """
    if has_control_characters(query):
        return ()
    return tuple(word.rstrip(_LONG) if len(word) > 2 else word for word in searchable(query).split())


def finds(query: str, *texts: str) -> bool:
    """True when all that was typed is in these texts."""
    text = searchable(*texts)
    return all(word in text for word in sought(query))


def search_text(kind: ResourceKind, name: Words, model: str, slug: str, tags: Words) -> str:
    """What a resource is found by. Whatever stores a resource stores this with it."""
    return searchable(name.en, name.ja, model, slug, tags.en, tags.ja, _KIND_WORDS[kind])


def tags_in(text: str) -> list[str]:
    """The tags of one language, as they were typed or stored with commas between them; each once."""
    found: dict[str, str] = {}
    for tag in (" ".join(one.split()) for one in _BETWEEN_TAGS.split(text)):
        if searchable(tag):
            found.setdefault(searchable(tag), tag)
    return list(found.values())


class Named(Protocol):
    """Whoever has a name with its reading."""

    @property
    def family_name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def reading(self) -> str: ...


def by_reading(one: Named) -> tuple[str, str, str]:
    """Sorts people: names in Latin letters first, then by reading, each as a directory has them. か and が are one
    letter unless all else is the same, and so are や and ゃ; a long vowel is the vowel that it lengthens.
    """
    name = folded(one.reading or one.family_name, "" if one.reading else one.given_name)
    return _base(name), name, folded(one.family_name, one.given_name)


_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_VOWELS = dict(zip("AIUEO", "あいうえお", strict=True))


def _base(name: str) -> str:
    letters = ""
    for letter in re.sub("[\u3099\u309a\u0300-\u036f]", "", unicodedata.normalize("NFD", name)).translate(_SMALL):
        before = unicodedata.name(letters[-1], "")[-1:] if letters else ""
        letters += _VOWELS.get(before, "") if letter == _LONG else letter
    return letters
