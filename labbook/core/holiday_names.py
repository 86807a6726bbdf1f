"""The public holidays of a place by date, each with its name in both languages."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from .hours import public_holidays
from .language import Words

# The holidays of the United States have no Japanese names in the library.
_JAPANESE = {
    "New Year's Day": "元日",
    "Martin Luther King Jr. Day": "キング牧師記念日",
    "Washington's Birthday": "ワシントン誕生日",
    "Patriots' Day": "愛国者の日",
    "Memorial Day": "戦没将兵追悼記念日",
    "Juneteenth National Independence Day": "奴隷解放記念日",
    "Independence Day": "独立記念日",
    "Labor Day": "労働者の日",
    "Columbus Day": "コロンブス記念日",
    "Veterans Day": "退役軍人の日",
    "Thanksgiving Day": "感謝祭",
    "Christmas Day": "クリスマス",
}
_OBSERVED = " (observed)"


@lru_cache(maxsize=64)
def holiday_names(country: str, subdivision: str, year: int) -> dict[date, Words]:
    """The public holidays of a year, in order; the dictionary is shared: do not change it."""
    english, japanese = (public_holidays(country, subdivision, [year], code) for code in ("en", "ja"))
    return {on: Words(name, _in_japanese(name, japanese[on])) for on, name in english.items()}


def _in_japanese(english: str, found: str) -> str:
    if found != english:
        return found
    plain = _JAPANESE.get(english.removesuffix(_OBSERVED), "")
    return f"{plain}（振替）" if plain and english.endswith(_OBSERVED) else plain
