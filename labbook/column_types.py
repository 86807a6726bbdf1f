"""Column types: what a value is in Python, and how both databases keep it."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import DateTime, Dialect, String, TypeDecorator

from .core.amount import Amount
from .core.language import Words


class UtcDateTime(TypeDecorator[datetime]):
    """Aware instants in, aware UTC out, on both databases. Raises ValueError for a naive value."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite gives naive values back; both mean UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class WordsType(TypeDecorator[Words]):
    """Bilingual content in one column: the English, a unit separator, the Japanese."""

    impl = String
    cache_ok = True
    separator = "\x1f"

    def process_bind_param(self, value: Words | None, dialect: Dialect) -> str | None:
        """Join the two."""
        return None if value is None else f"{value.en}{self.separator}{value.ja}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Words | None:
        """Part the two."""
        return None if value is None else _words(value)


@functools.lru_cache(maxsize=4096)
def _words(text: str) -> Words:
    en, _, ja = text.partition(WordsType.separator)
    return Words(en, ja)


class AmountType(TypeDecorator[Amount]):
    """An amount in its own spelling, such as `90 minute` or `12 month`."""

    impl = String(20)
    cache_ok = True

    def process_bind_param(self, value: Amount | None, dialect: Dialect) -> str | None:
        """Spell it."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Amount | None:
        """Read it."""
        return None if value is None else _amount(value)


_amount = functools.lru_cache(maxsize=512)(Amount.parse)


class CodeType(TypeDecorator[StrEnum]):
    """A member of a StrEnum by its value; the values are stored for good, so they are never renamed."""

    impl = String(30)
    cache_ok = True

    def __init__(self, codes: type[StrEnum]) -> None:
        super().__init__()
        self.codes = codes
        self.members = {str(code): code for code in codes}

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """Store the value."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Find the member."""
        return None if value is None else self.members[value]
