"""Slice: who must hear, and the seals of the trail."""
