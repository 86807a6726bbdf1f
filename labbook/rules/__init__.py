"""Slice: the rule sets that staff keep, and what holds for each resource."""
