"""Slice: who is signed in, and what they may."""
