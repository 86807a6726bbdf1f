"""Slice: ask, decide, move, cancel; the schedule; the inbox."""
