"""Slice: subscription links and the .ics door."""
