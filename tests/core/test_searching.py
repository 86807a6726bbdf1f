"""What is found by what people type, and the order of a list of names."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.language import Words
from labbook.core.searching import by_reading, finds, search_text, searchable, sought, tags_in
from labbook.core.terms import ResourceKind


class Somebody(NamedTuple):
    """A person in a list."""

    family_name: str
    given_name: str
    reading: str = ""


READER = search_text(
    ResourceKind.EQUIPMENT,
    Words("Multi-mode plate reader", "プレートリーダー"),
    "Büchi R‐300 / BMG CLARIOstar",
    "tsukuba-plate-reader-1",
    Words("absorbance, −80 °C", "吸光度, きゅうこうど"),
)


@pytest.mark.parametrize(
    "typed",
    [
        "plate reader",
        "READER multi",
        "ｐｌａｔｅ　ｒｅａｄｅｒ",
        "プレートリーダー",
        "プレートリーダ",
        "ぷれーとりーだー",
        "ﾌﾟﾚｰﾄﾘｰﾀﾞｰ",
        "プレ-トリ-ダ-",
        "clariostar",
        "buchi",
        "büchi r-300",
        "r−300",
        "-80",
        "吸光度",
        "キュウコウド",
        "tsukuba-plate",
        "機器",
        "装置 リーダー",
        "instrument",
        "",
        "   ",
    ],
)
def test_a_resource_is_found_by_name_model_kind_tag_and_address_however_they_are_typed(typed: str) -> None:
    assert finds(typed, READER)


@pytest.mark.parametrize("typed", ["プレートライター", "bench", "ベンチ", "plate washer", "%", "plate_reader"])
def test_it_is_not_found_by_anything_else(typed: str) -> None:
    assert not finds(typed, READER)


def test_a_long_vowel_at_the_end_of_a_word_does_not_matter_either_way() -> None:
    assert finds("アナライザー", "電気泳動アナライザ")
    assert finds("アナライザ", "セルアナライザー")
    assert sought("ー") == ("ー",)  # and is not all that was typed


def test_what_nobody_types_asks_for_nothing() -> None:
    assert sought("a\x00b") == sought("\u202econfocal") == ()


@given(st.text())
def test_what_is_searchable_stays_as_it_is(text: str) -> None:
    """Otherwise a search for what is stored would not find it."""
    assert searchable(searchable(text)) == searchable(text)


@given(st.lists(st.sampled_from(["共焦点", "けんびきょう", "CO₂", "live imaging", "ﾚｰｻﾞｰ"]), unique=True))
def test_tags_are_parted_by_commas_of_both_languages(tags: list[str]) -> None:
    for comma in (",", "、", "，", " ; ", "；"):
        assert tags_in(comma.join(tags)) == tags


def test_a_tag_counts_once() -> None:
    assert tags_in(" 蛍光,  ,ケンビキョウ、けんびきょう, Live  imaging, live imaging") == [
        "蛍光",
        "ケンビキョウ",
        "Live imaging",
    ]


def test_people_are_listed_as_a_japanese_directory_lists_them() -> None:
    """Voiced letters, small ones and long vowels count only where all else is the same."""
    listed = [
        Somebody("Novak", "Lena"),
        Somebody("Reed", "Marcus"),
        Somebody("相川", "葵", "あいかわ あおい"),
        Somebody("井上", "拓真", "いのうえ たくま"),
        Somebody("Nakamura", "Kenji", "なかむら けんじ"),
        Somebody("羽田", "章", "はた あきら"),
        Somebody("馬場", "章", "ばば あきら"),
        Somebody("Harper", "葉", "はーぱー よう"),
        Somebody("平井", "桂", "ひらい けい"),
    ]
    expected = ["Novak", "Reed", "相川", "井上", "Nakamura", "Harper", "羽田", "馬場", "平井"]
    for _ in range(5):
        assert [one.family_name for one in sorted(random.sample(listed, len(listed)), key=by_reading)] == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [("かとう", "がとう"), ("カトウ", "きとう"), ("しょうじ", "しようじ"), ("さーと", "さあら"), ("はた", "ぱて")],
)
def test_one_reading_comes_before_another(first: str, second: str) -> None:
    assert by_reading(Somebody("", "", first)) < by_reading(Somebody("", "", second))
