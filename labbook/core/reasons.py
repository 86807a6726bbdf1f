"""Why something was declined: words of one's own, or of the site's list, which are in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .language import Words

Reason = str | dict[str, str]  # as history keeps it: as it was typed, or the same in each language


def reason_from(chosen: Words | None, typed: str) -> Reason:
    """What was chosen from the list, and after it what was typed; what was only typed stays as it is."""
    if not chosen:
        return typed
    return {one: "\n".join(filter(None, (chosen.text(one), typed))) for one in ("en", "ja")}


def reason_of(body: Mapping[str, Any], language: str) -> str:
    """The reason that an event gives, for a reader of a language; empty where it gives none."""
    reason = body.get("reason", "")
    if isinstance(reason, Mapping):
        return Words(str(reason.get("en", "")), str(reason.get("ja", ""))).text(language)
    return str(reason)
