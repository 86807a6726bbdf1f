"""Slice: messages between somebody who would like a time and whoever holds it; neither learns who the other is."""
