"""Slice: the trail that partners and auditors can trust."""
