"""Findings as they are stored: code, effect, and values apart from any language."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..core.amount import Amount
from ..core.facts import Effect, Finding, Said, Value, Verdict
from ..core.language import Words


def stored(verdict: Verdict) -> list[dict[str, Any]]:
    """A verdict as plain JSON."""
    return [
        {
            "code": one.code,
            "effect": str(one.effect),
            "sentence": one.said.sentence,
            "values": {name: _plain(value) for name, value in one.said.values.items()},
        }
        for one in verdict.findings
    ]


def restored(rows: list[dict[str, Any]]) -> list[Finding]:
    """The findings back from JSON; those of rules that no longer exist are kept with their words."""
    return [
        Finding(
            row["code"],
            Effect(row["effect"]),
            Said(row["sentence"], "", {name: _value(value) for name, value in row["values"].items()}),
        )
        for row in rows
    ]


def _plain(value: Value) -> Any:
    if isinstance(value, Amount):
        return {"amount": str(value)}
    if isinstance(value, Words):
        return {"en": value.en, "ja": value.ja}
    if isinstance(value, datetime):
        return {"at": value.isoformat(), "zone": str(value.tzinfo)}
    return {"on": value.isoformat()} if isinstance(value, date) else value


def _value(value: Any) -> Value:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if "amount" in value:
        return Amount.parse(value["amount"])
    if "at" in value:
        return datetime.fromisoformat(value["at"]).astimezone(ZoneInfo(value["zone"]))
    return date.fromisoformat(value["on"]) if "on" in value else Words(value["en"], value["ja"])
