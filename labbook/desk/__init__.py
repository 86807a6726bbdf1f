"""Slice: the approval desk, where staff see what waits, ask, propose and decide."""
