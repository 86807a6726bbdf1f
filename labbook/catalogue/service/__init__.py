"""The verbs about sites, resources and groups of them, each one transaction."""

from .errors import StaleError, UnfitError
from .groups import GroupDraft, make_group, set_group
from .settings import Chosen, set_site
from .terms import AMOUNTS, Deciding, TermsDraft, WantedMode, set_terms
from .units import UnitDraft, set_units

__all__ = [
    "AMOUNTS",
    "Chosen",
    "Deciding",
    "GroupDraft",
    "StaleError",
    "TermsDraft",
    "UnfitError",
    "UnitDraft",
    "WantedMode",
    "make_group",
    "set_group",
    "set_site",
    "set_terms",
    "set_units",
]
