"""Reads of the approval desk; each in a fixed number of statements."""
