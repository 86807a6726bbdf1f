"""What a manager types into the form of a limit."""

from __future__ import annotations

import dataclasses
from typing import Any

from labbook.core.limits.limit import Limit, Put
from labbook.core.weekly import When


def typed(limit: Limit) -> dict[str, Any]:
    """The form's fields, filled so that they mean this limit."""
    found: dict[str, Any] = {}
    for one in dataclasses.fields(limit):
        value, put = getattr(limit, one.name), one.metadata["asked"].put
        if put is Put.WHEN:
            found |= _hours(one.name, value)
        elif put is Put.FLAG:
            found |= {one.name: "y"} if value else {}
        elif put is Put.MINUTES:
            found[one.name] = f"{value} min"
        elif isinstance(value, frozenset):
            found[one.name] = sorted(value)
        else:
            found[one.name] = str(value)
    return found


def _hours(name: str, when: When) -> dict[str, Any]:
    found: dict[str, Any] = {f"{name}-name_en": when.name.en, f"{name}-name_ja": when.name.ja}
    for number, one in enumerate(when.stretches):
        found[f"{name}-{number}-days"] = [str(day) for day in sorted(one.days)]
        found[f"{name}-{number}-start"], found[f"{name}-{number}-end"] = _clock(one.start), _clock(one.end or 24 * 60)
    for flag in ("is_outside", "on_holidays"):
        if getattr(when, flag):
            found[f"{name}-{flag}"] = "y"
    return found


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
