"""Why something at the desk was not done."""

from __future__ import annotations


class GoneError(Exception):
    """What was proposed is no longer: it was answered, has lapsed, or was taken back."""


class SameError(Exception):
    """That is what was asked for."""


class BegunError(Exception):
    """It would begin before now."""


class OutsideError(Exception):
    """It is not within the time that was asked for, so that whoever asked must agree."""


class TooLateError(Exception):
    """A decision can be undone only for a moment, by whoever took it, and while nothing else has become of it."""


class NobodyError(Exception):
    """That person does not decide on it."""
