"""Why a verb was not carried out."""

from __future__ import annotations


class StaleError(Exception):
    """The page that this change was made from is out of date."""


class EndedError(Exception):
    """The agreement has been ended; a new one can be made."""


class EditionTakenError(Exception):
    """The site has an edition of this name already."""
