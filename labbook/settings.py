"""Finds config.py: at the top of a checkout, or inside the package once installed from a wheel."""

from __future__ import annotations

try:
    import config
except ImportError:
    from . import config  # type: ignore[attr-defined]

__all__ = ["config"]
