"""Categories and colors: the words of the pages, and colors that calendars know."""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po

from labbook.catalogue.pages import KIND_LABELS
from labbook.core.ical import CATEGORIES, COLORS, OF_CLOSURES, OF_LABBOOK
from labbook.core.terms import ResourceKind

JAPANESE = Path(__file__).parents[3] / "labbook" / "translations" / "ja" / "LC_MESSAGES" / "messages.po"
# Of the names of CSS Color 3 (4.3), those that are legible on white and on black.
CSS3 = {"seagreen", "steelblue", "mediumpurple", "peru", "palevioletred", "teal", "gray", "slategray", "indianred"}


def test_categories_are_the_words_of_the_pages() -> None:
    with JAPANESE.open("rb") as file:
        japanese = read_po(file)
    assert CATEGORIES["en"] == KIND_LABELS
    assert CATEGORIES["ja"] == {kind: japanese[word].string for kind, word in KIND_LABELS.items()}


def test_every_kind_has_a_color_of_its_own() -> None:
    every = [*COLORS.values(), OF_CLOSURES, OF_LABBOOK]
    assert set(COLORS) == set(ResourceKind)
    assert len(set(every)) == len(every)
    assert set(every) <= CSS3
