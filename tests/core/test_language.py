"""Words in two languages, texts to search in, characters that nobody types on purpose, and names of people."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.language import (
    LANGUAGES,
    N_,
    Shown,
    Words,
    folded,
    has_control_characters,
    listed,
    person_name,
    tidied,
)

anything = st.text(st.characters(exclude_categories=()))
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


# Two languages


@pytest.mark.parametrize(
    ("words", "language", "shown"),
    [
        (Words("Bench", "実験台"), "en", Shown("Bench", "en", False)),
        (Words("Bench", "実験台"), "ja", Shown("実験台", "ja", False)),
        (Words("Bench", ""), "ja", Shown("Bench", "en", True)),
        (Words("", "実験台"), "en", Shown("実験台", "ja", True)),
        (Words("Bench", ""), "en", Shown("Bench", "en", False)),
        (Words(), "ja", Shown("", "ja", False)),
        (Words(), "en", Shown("", "en", False)),
    ],
)
def test_a_missing_language_is_filled_by_the_other_and_marked(words: Words, language: str, shown: Shown) -> None:
    assert words.shown(language) == shown
    assert words.text(language) == shown.text


@given(st.text(), st.text(), st.sampled_from(LANGUAGES))
def test_nobody_reads_an_empty_name_where_there_is_one(en: str, ja: str, language: str) -> None:
    words = Words(en, ja)
    shown = words.shown(language)
    assert bool(shown.text) == bool(words) == bool(en or ja)
    assert shown.is_fallback == (shown.lang != language)
    assert shown.text == {"en": en, "ja": ja}[shown.lang]


def test_names_are_listed_as_each_language_does() -> None:
    names = [Words("Laser", "レーザー"), Words("Biosafety"), Words("", "遠心機")]
    assert listed(names) == Words("Laser, Biosafety, 遠心機", "レーザー、Biosafety、遠心機")
    assert listed([Words("Laser", "レーザー")]) == Words("Laser", "レーザー")
    assert not listed([])


def test_marking_a_sentence_leaves_it_as_it_is() -> None:
    assert N_("This time is already past.") == "This time is already past."


# Searching


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ﾌﾟﾚｰﾄ", "プレート"),  # half width
        ("ぷれーと", "プレート"),  # hiragana
        ("ｶﾞｽ", "がす"),
        ("ヴィ", "ゔぃ"),
        ("ＬＳＭ　９００", "lsm 900"),  # full width, ideographic space
        ("ZEISS", "zeiss"),
        ("Straße", "STRASSE"),
        ("ÄKTA", "a\u0308kta"),  # composed and not
        ("CO₂", "co2"),
        ("㎖", "ml"),
    ],
)
def test_width_case_and_kana_do_not_matter_in_a_search(typed: str, stored: str) -> None:
    assert folded(typed) == folded(stored)


@pytest.mark.parametrize(("one", "other"), [("はく", "ばく"), ("共焦点", "焦点"), ("bench", "benches"), ("ー", "-")])
def test_other_words_stay_other_words(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_several_texts_are_one_text_to_search_in() -> None:
    assert folded("Plate Reader", "プレートリーダー") == "plate reader ぷれーとりーだー"


@given(st.text(st.characters(min_codepoint=0x3041, max_codepoint=0x3096)))
def test_hiragana_and_katakana_are_found_by_each_other(hiragana: str) -> None:
    katakana = "".join(chr(ord(char) + 0x60) for char in hiragana)
    assert folded(katakana) == folded(hiragana)


@given(st.text())
def test_how_a_text_is_composed_does_not_matter(text: str) -> None:
    assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))


# Characters


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\u2029", "\ud800", *BIDI])
def test_what_nobody_types_on_purpose_is_seen(char: str) -> None:
    assert has_control_characters(f"plate{char}3")
    assert has_control_characters(f"plate{char}3", multiline=True)


@pytest.mark.parametrize("char", ["\n", "\r", "\t"])
def test_lines_and_tabs_belong_in_long_texts_only(char: str) -> None:
    assert has_control_characters(f"one{char}two")
    assert not has_control_characters(f"one{char}two", multiline=True)


@pytest.mark.parametrize(
    "text",
    ["", "Fixed cells, plate 3", "固定細胞 3番", "👩‍🔬 day", "naïve – “quoted”", "a\u00a0b", "<b>&amp;</b>", "שלום"],
)
def test_ordinary_text_of_any_script_is_let_through(text: str) -> None:
    assert not has_control_characters(text)


@given(anything)
def test_characters_are_judged_by_what_unicode_says(text: str) -> None:
    hidden = [char for char in text if char in BIDI or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert has_control_characters(text) is bool(hidden)
    assert has_control_characters(text, multiline=True) is bool(set(hidden) - set("\r\n\t"))


def test_a_typed_text_is_stored_with_clean_ends_and_one_kind_of_line_end() -> None:
    assert tidied("  one\r\ntwo\rthree\n\n") == "one\ntwo\nthree"
    assert tidied("\u3000実験\u3000") == "実験"
    assert tidied("か\u3099す") == "がす"
    assert tidied(" \t ") == ""


NO_WIDTH = "\u00ad\u180e\u200b\u2060\u2064\u206f\ufeff\ufff9"
FILLERS = "\u034f\u115f\u1160\u200c\u200d\u2800\u3000\u3164\ufe0f\uffa0\U000e0020\U000e0100"


@pytest.mark.parametrize("char", [*NO_WIDTH, *FILLERS, NO_WIDTH, FILLERS, f" {FILLERS}\n{NO_WIDTH} "])
def test_a_text_that_shows_nothing_is_empty(char: str) -> None:
    assert tidied(char) == ""
    assert tidied(char * 3) == ""


@pytest.mark.parametrize("char", NO_WIDTH)
def test_what_has_no_width_is_left_out_of_words(char: str) -> None:
    assert tidied(f"{char}pla{char}te{char}") == "plate"
    assert tidied(f"か{char}\u3099す") == "がす"


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d🔬",  # a joiner
        "❤\ufe0f",  # shown in colour
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # the flag of England
        "葛\U000e0100城",  # which of two shapes
        "می\u200cخواهم",
        "전자\u3164현미경",
        "⠓\u2800⠊",
    ],
)
def test_what_scripts_and_emoji_need_stays(text: str) -> None:
    assert tidied(text) == text


@given(anything)
def test_a_stored_text_is_not_tidied_further(text: str) -> None:
    assert tidied(tidied(text)) == tidied(text)


# People


@pytest.mark.parametrize(
    ("family", "given_name", "language", "name"),
    [
        ("佐藤", "花", "ja", "佐藤 花"),
        ("佐藤", "花", "en", "佐藤 花"),
        ("さとう", "はな", "en", "さとう はな"),
        ("サトウ", "ハナ", "en", "サトウ ハナ"),
        ("Sato", "花", "en", "Sato 花"),
        ("Abbott", "Alan", "en", "Alan Abbott"),
        ("Abbott", "Alan", "ja", "Abbott Alan"),
        ("O’Neill-Åberg", "Zoë", "en", "Zoë O’Neill-Åberg"),
        ("Plato", "", "en", "Plato"),
        ("", "Plato", "ja", "Plato"),
        ("", "", "en", "Former user"),
        ("", "", "ja", "以前の利用者"),
    ],
)
def test_names_stand_in_the_order_that_their_reader_expects(
    family: str, given_name: str, language: str, name: str
) -> None:
    assert person_name(family, given_name, language) == name
