"""The Japanese catalogue is complete and well made: whoever adds an English sentence adds its Japanese one."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.pofile import read_po

from labbook.core.ical import Entry, Status, busy_entries
from labbook.core.ical.entry import rendered
from labbook.core.interval import Interval

ROOT = Path(__file__).parents[2]
GAP = re.compile(r"%\(\w+\)[a-z]")
JAPANESE = r"\u3040-\u30ff\u3400-\u9fff"
NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)
# One word for one thing. What stands on the left would be a second word for what stands on the right.
OTHER_WORDS = {
    "キャンセル": "取消",
    "パートナー": "利用機関",
    "リソース": "設備",
    "サイト": "拠点",
    "ロケーション": "拠点",
    "トレーニング": "講習",
    "メンテナンス": "保守",
    "フィード": "配信",
    "ログイン": "サインイン",
    "拒否": "却下",
    "あなた": "自分 or nothing",
    "号機": "ユニット",
    "窓口担当者": "コーディネーター",
    "拠点の管理者": "拠点のマネージャー",
    "二段階認証": "二要素認証",
    "予約表": "予定表",
    "開館": "利用可能",
    "閉室": "休止",
    "取消する": "取り消す",
    "入場教育": "入構教育",
    "受講中": "実習者",
    "ルール": "規則",
}


@cache
def catalogue() -> Catalog:
    """What is translated."""
    with (ROOT / "labbook/translations/ja/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="ja")


@cache
def marked() -> dict[str, str]:
    """The messages that the code and the templates mark, each with a place; found as `make strings` finds them."""
    babel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]
    words = re.findall(r"-k (\S+)", (ROOT / "Makefile").read_text())
    found = extract_from_dir(
        ROOT,
        method_map=[(one["pattern"], one["method"]) for one in babel["mappings"]],
        keywords={**DEFAULT_KEYWORDS, **parse_keywords(words)},
    )
    return {ids[0] if isinstance(ids, tuple) else ids: f"{name}:{line}" for name, line, ids, _, _ in found}


def english(message: Message) -> tuple[str, ...]:
    """The message's English, singular and plural."""
    return tuple(message.id) if isinstance(message.id, (tuple, list)) else (message.id,)


def japanese(message: Message) -> tuple[str, ...]:
    """The message's Japanese; one form, whatever the number."""
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string or "",)


def messages() -> list[Message]:
    """All messages but the header."""
    return [message for message in catalogue() if message.id]


def said(text: str) -> str:
    """The Japanese of one message."""
    found = catalogue().get(text)
    assert found is not None, text
    return japanese(found)[0]


def test_every_marked_sentence_is_in_the_japanese_catalogue() -> None:
    """`make strings` brings new ones in."""
    known = {english(message)[0] for message in messages()}
    missing = {text: place for text, place in marked().items() if text not in known}
    assert not missing


def test_sentences_of_the_core_the_forms_and_the_templates_are_found() -> None:
    """Otherwise the test above would be content with an extraction that finds nothing."""
    places = " ".join(marked().values())
    for part in (
        "labbook/core/rules.py",
        "labbook/people/forms/signing_in.py",
        "labbook/web/times.py",
        "templates/base.html",
    ):
        assert part in places


def test_every_message_has_its_japanese() -> None:
    """Nothing is empty and nothing is a guess."""
    empty = [message.id for message in messages() if not all(japanese(message))]
    guessed = [message.id for message in messages() if message.fuzzy]
    assert not empty
    assert not guessed


def test_no_english_stands_in_for_japanese() -> None:
    """Every message but the name of the application is written in Japanese letters."""
    copied = [m.id for m in messages() if not all(re.search(f"[{JAPANESE}]", text) for text in japanese(m))]
    assert copied == ["LabBook"]


def test_the_gaps_are_the_same_in_both_languages() -> None:
    """A gap that is lost hides a time; one that is invented breaks the page."""
    for message in messages():
        gaps = set(chain.from_iterable(GAP.findall(text) for text in english(message)))
        for text in japanese(message):
            assert set(GAP.findall(text)) == gaps, message.id
            assert "%" not in GAP.sub("", text), message.id


def test_a_japanese_sentence_ends_as_japanese_sentences_do() -> None:
    """A full stop for a full stop, and never a half-width mark."""
    for message in messages():
        for text in japanese(message):
            assert not re.search(r"[!-/:-@\[-`{-~]$", GAP.sub("x", text)), text
            assert text.endswith("。") == english(message)[0].endswith("."), text


def test_japanese_letters_are_followed_by_full_width_punctuation() -> None:
    """Half-width marks beside Japanese letters look like a slip."""
    slips = [text for m in messages() for text in japanese(m) if re.search(rf"[{JAPANESE}]\s*[,.:;!?()\"']", text)]
    assert not slips


def test_no_gap_stands_between_japanese_and_latin_letters() -> None:
    """Neither do newspapers have one; a gap shows what a machine has put together. Readings of names have one."""
    found = [text for m in messages() for text in japanese(m)]
    assert not [
        text
        for text in found
        if re.search(rf"[{JAPANESE}] (?=[A-Za-z0-9%])|(?:[A-Za-z0-9]|%\(\w+\)s) [{JAPANESE}]", text)
    ]


@pytest.mark.parametrize("other", OTHER_WORDS)
def test_one_thing_has_one_japanese_word(other: str) -> None:
    """Two words for one thing make readers look for a difference."""
    assert not [text for m in messages() for text in japanese(m) if other in text], OTHER_WORDS[other]


def test_pages_and_calendars_use_the_same_words() -> None:
    """Who follows a feed finds on the page what stands in the calendar."""
    time = Interval(NOON, NOON + timedelta(hours=1))
    (busy,) = busy_entries(
        [("1", time)], secret=b"secret", window_start=NOON, zone="Asia/Tokyo", language="ja", places={}
    )
    assert busy.summary == said("Busy")
    for status, word in ((Status.TENTATIVE, "Waiting for staff"), (Status.CANCELLED, "Cancelled")):
        assert f"【{said(word)}】" in _vevent(status, time)


def _vevent(status: Status, time: Interval) -> str:
    entry = Entry(
        uid="3f2f4f0e-6a3b-4b57-9a51-0d2ad1b0a111",
        sequence=0,
        stamp=NOON,
        start=time.start,
        end=time.end,
        zone="Asia/Tokyo",
        status=status,
        summary="x",
        language="ja",
    )
    return rendered(entry).text
