"""Slice: letters and their sending."""
