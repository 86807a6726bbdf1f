"""Trainings: what somebody may use, asking to be trained, sessions, signing off, and what lapses."""
