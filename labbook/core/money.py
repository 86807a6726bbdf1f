"""Money: an integer in the currency's smallest unit, with the currency's code (ISO 4217)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_WHOLE = ("JPY", "KRW")  # have no smaller coin


@dataclass(frozen=True, slots=True)
class Money:
    """So much of a currency."""

    amount: int
    currency: str

    def __str__(self) -> str:
        """50.00 USD, 3000 JPY."""
        if self.currency in _WHOLE:
            return f"{self.amount} {self.currency}"
        return f"{self.amount // 100}.{self.amount % 100:02} {self.currency}"

    @classmethod
    def read(cls, text: str) -> Money:
        """Back from how it is spelled. Raises ValueError for anything else."""
        number, _, currency = text.partition(" ")
        whole, _, coins = number.partition(".")
        if not (currency and (whole + coins).isdecimal() and len(coins) == (0 if currency in _WHOLE else 2)):
            raise ValueError(f"not money: {text!r}")
        return cls(int(whole + coins), currency)


def highest(several: Iterable[Money]) -> tuple[Money, ...]:
    """The highest of each currency, by currency: different ones cannot be compared."""
    most: dict[str, int] = {}
    for one in several:
        most[one.currency] = max(most.get(one.currency, 0), one.amount)
    return tuple(Money(amount, currency) for currency, amount in sorted(most.items()))


def summed(several: Iterable[Money]) -> tuple[Money, ...]:
    """One sum for each currency, by currency."""
    sums: dict[str, int] = {}
    for one in several:
        sums[one.currency] = sums.get(one.currency, 0) + one.amount
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))
