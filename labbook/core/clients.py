"""What kind of calendar program fetches a feed, from how it announces itself (RFC 9110, 10.1.5)."""

from __future__ import annotations

from .language import N_

# The first that is found counts, whatever its case. Thunderbird and KOrganizer also claim to be browsers.
_MARKS = (
    ("google-calendar", "google"),
    ("thunderbird/", "thunderbird"),
    ("evolution", "evolution"),
    ("akonadi", "korganizer"),
    ("korganizer", "korganizer"),
    ("kio/", "korganizer"),
    ("icsx5/", "icsx5"),
    ("davx5/", "icsx5"),
    ("vdirsyncer/", "vdirsyncer"),
    ("nextcloud", "nextcloud"),
    ("homeassistant", "home-assistant"),
    ("microsoft exchange", "outlook-web"),
    ("microsoft.exchange", "outlook-web"),
    ("exchangeservicesclient", "outlook-web"),
    ("outlook-ios", "outlook-web"),
    ("outlook-android", "outlook-web"),
    ("microsoft office", "outlook"),
    ("microsoft outlook", "outlook"),
    ("ios/", "iphone"),
    ("dataaccessd", "apple"),
    ("calendaragent", "apple"),
    ("calendarstore", "apple"),
    ("remindd", "apple"),
    ("curl/", "script"),
    ("wget/", "script"),
    ("python", "script"),
    ("mozilla/", "browser"),
)
CLIENTS = {
    "google": "Google Calendar",
    "thunderbird": "Thunderbird",
    "evolution": "Evolution",
    "korganizer": "KOrganizer",
    "icsx5": N_("ICSx5 or DAVx5"),
    "vdirsyncer": "vdirsyncer",
    "nextcloud": "Nextcloud",
    "home-assistant": "Home Assistant",
    "outlook-web": N_("Outlook on the web or a phone"),
    "outlook": N_("Outlook for Windows or Mac"),
    "iphone": N_("Calendar on an iPhone or iPad"),
    "apple": N_("Calendar on a Mac"),
    "script": N_("a script"),
    "browser": N_("a web browser"),
    "other": N_("another program"),
}
"""Each kind by its code, which is stored; never rename one. Nothing is stored for a program that does not say."""


def client_of(user_agent: str) -> str:
    """The code of a program's kind; empty for one that says nothing."""
    said = user_agent.casefold()
    return next((code for mark, code in _MARKS if mark in said), "other") if said.strip() else ""
