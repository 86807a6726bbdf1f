"""Closing a place: how many dates go at a time."""

from __future__ import annotations

MOST_DATES = 200  # in one go
