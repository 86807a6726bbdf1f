"""A lived-in demo lab: two sites, a catalogue, forty people, ten weeks of bookings. All of it is invented."""

from .load import NotADemoError, Summary, load
from .people import DEMO_PASSWORD, Account, accounts

__all__ = ["DEMO_PASSWORD", "Account", "NotADemoError", "Summary", "accounts", "load"]
