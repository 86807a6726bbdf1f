"""Findings as they are stored: code, effect, and values apart from any language."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..core.amount import Amount
from ..core.facts import Effect, Finding, Said, Value, Verdict, Waives
from ..core.language import Words
from ..core.terms import Sentence


def stored(verdict: Verdict) -> list[dict[str, Any]]:
    """A verdict as plain JSON."""
    return [
        {
            "code": one.code,
            "effect": str(one.effect),
            "sentence": one.said.sentence,
            "values": {name: _plain(value) for name, value in one.said.values.items()},
            **({"source": _plain(one.source), "limit": one.limit_key} if one.limit_key else {}),
            **({"waives": str(one.waives)} if one.waives is not Waives.NOBODY else {}),
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
            Words(**row["source"]) if "source" in row else Words(),
            row.get("limit", ""),
            Waives(row.get("waives", Waives.NOBODY)),
        )
        for row in rows
    ]


def _plain(value: Value) -> Any:
    if isinstance(value, Amount):
        return {"amount": str(value)}
    if isinstance(value, Sentence):
        return {"text": value.text, "params": {name: _plain(one) for name, one in value.params.items()}}
    if isinstance(value, Words):
        return {"en": value.en, "ja": value.ja}
    if isinstance(value, datetime):
        return {"at": value.isoformat(), "zone": str(value.tzinfo)}
    return {"on": value.isoformat()} if isinstance(value, date) else value


def _value(value: Any) -> Value:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if "text" in value:
        return Sentence(value["text"], {name: _value(one) for name, one in value["params"].items()})
    if "amount" in value:
        return Amount.parse(value["amount"])
    if "at" in value:
        return datetime.fromisoformat(value["at"]).astimezone(ZoneInfo(value["zone"]))
    return date.fromisoformat(value["on"]) if "on" in value else Words(value["en"], value["ja"])
