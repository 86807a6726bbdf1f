"""Limits that staff keep as data. Each file of this folder that registers itself is one kind; a new kind is a new file.

The page for staff, the plain JSON in the database, the sentences and the judging all follow from the class there.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from . import limit as _limit
from .limit import Limit

KINDS: dict[str, type[Limit]] = {}


def kind(made: type[Limit]) -> type[Limit]:
    """Enter a class in the kinds of limits, under its code."""
    KINDS[made.code] = made
    return made


def read(plain: dict[str, Any]) -> Limit:
    """A limit from its plain JSON. Raises ValueError, TypeError, KeyError for what is none."""
    return _limit.read(KINDS[plain["kind"]], plain)


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f".{_module.name}", __name__)
