"""The demo lab's content, as its files say it."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ..core.language import Words

Row = dict[str, Any]

FOLDER = Path(__file__).parent


@cache
def said(name: str) -> Row:
    """One of the files: sites, catalogue, trainings, people or phrases."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def words(row: Row) -> Words:
    """A text in both languages."""
    return Words(row["en"], row["ja"])


def minute(clock: str) -> int:
    """09:30 as the minute of the day."""
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def days_from(first_on: date, days: int) -> date:
    """A day that the files count from the day on which the demo was made."""
    return first_on + timedelta(days=days)
