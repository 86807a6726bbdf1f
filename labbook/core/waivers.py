"""Who may say "nevertheless" to which standing rule. What is not here, nobody waives; limits say it themselves."""

from __future__ import annotations

from .facts import Waives

WAIVED_BY: dict[str, Waives] = {
    "hours": Waives.STAFF,
    "grid": Waives.STAFF,
    "too-short": Waives.STAFF,
    "too-long": Waives.STAFF,
    "notice": Waives.STAFF,
    "horizon": Waives.STAFF,
}


def waives(code: str) -> Waives:
    """Who may waive a standing rule."""
    return WAIVED_BY.get(code, Waives.NOBODY)
