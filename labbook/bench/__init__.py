"""`labbook bench`: a large lab on both databases, and how long pages, requests and feeds take beside an empty view."""

from .command import command

__all__ = ["command"]
