"""Public holidays of Japan and Massachusetts, in both languages, whatever the locale of the process."""

from __future__ import annotations

import os
from datetime import date

import pytest

from labbook.core.hours import public_holidays


@pytest.mark.parametrize(
    ("on", "japanese", "english"),
    [
        (date(2026, 11, 23), "勤労感謝の日", "Labor Thanksgiving Day"),
        (date(2026, 9, 22), "国民の休日", "National Holiday"),  # between two holidays
        (date(2026, 5, 6), "振替休日", "Substitute Holiday"),  # for a Sunday three days before
        (date(2027, 3, 21), "春分の日", "Vernal Equinox Day"),
        (date(2027, 3, 22), "振替休日", "Substitute Holiday"),
        (date(2027, 1, 1), "元日", "New Year's Day"),
    ],
)
def test_japan_has_its_holidays_in_both_languages(on: date, japanese: str, english: str) -> None:
    assert public_holidays("JP", "", [2026, 2027], "ja")[on] == japanese
    assert public_holidays("JP", "", [2026, 2027], "en")[on] == english


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(2026, 11, 26), "Thanksgiving Day"),
        (date(2027, 4, 19), "Patriots' Day"),  # Massachusetts has it, most states do not
        (date(2027, 7, 4), "Independence Day"),
        (date(2027, 7, 5), "Independence Day (observed)"),
    ],
)
def test_massachusetts_has_its_own_holidays(on: date, name: str) -> None:
    assert public_holidays("US", "MA", [2026, 2027], "en")[on] == name
    assert (on in public_holidays("US", "", [2026, 2027], "en")) == (name != "Patriots' Day")


def test_american_names_stay_english_for_readers_of_japanese() -> None:
    assert public_holidays("US", "MA", [2027], "ja") == public_holidays("US", "MA", [2027], "en")


def test_holidays_come_by_date_and_only_of_the_years_asked_for() -> None:
    for country, state in (("JP", ""), ("US", "MA")):
        dates = list(public_holidays(country, state, [2027, 2026], "en"))
        assert dates == sorted(dates)
        assert {on.year for on in dates} == {2026, 2027}
        assert len(dates) > 20
    assert public_holidays("JP", "", iter([2026]), "ja").keys() == public_holidays("JP", "", [2026], "en").keys()


@pytest.mark.parametrize("locale", ["ja_JP.UTF-8", "th_TH.UTF-8", "en_US.UTF-8", "C"])
def test_the_locale_of_the_process_decides_nothing(locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setitem(os.environ, variable, locale)
    on = date(2026, 11, 23)
    assert public_holidays("JP", "", [2026], "en")[on] == "Labor Thanksgiving Day"
    assert public_holidays("JP", "", [2026], "ja")[on] == "勤労感謝の日"
    assert public_holidays("US", "MA", [2026], "en")[date(2026, 12, 25)] == "Christmas Day"
