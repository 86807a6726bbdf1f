"""What the pages about feeds show of them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from flask_babel import gettext, ngettext
from markupsafe import Markup

from ..core.clients import CLIENTS
from ..core.feeds import OF_PLACES, USUAL, Detail, Scope
from ..core.language import N_
from ..web import times
from ..web.pictures import qr_code
from .offers import Followed, Offer

_SCOPE_WORDS = {
    Scope.MINE: N_("My bookings"),
    Scope.PARTNER: N_("All bookings of one organisation"),
    Scope.RESOURCE: N_("One resource"),
    Scope.GROUP: N_("A group of resources"),
    Scope.AREA: N_("An area"),
    Scope.SITE: N_("A whole site"),
    Scope.WAITING: N_("Requests that wait for me"),
}
_LONGEST_FILE = 22  # with a token and a host of 40 characters an address stays under 116


def title_of(offer: Offer, language: str) -> str:
    """What a feed is called that is about this: what it is about."""
    if offer.scope is Scope.PARTNER:
        return gettext("All bookings of %(name)s", name=offer.name.text(language))
    return offer.name.text(language) or gettext(_SCOPE_WORDS[offer.scope])


def choice_of(offer: Offer, language: str) -> tuple[str, str]:
    """How the form lists it: under which heading, and as what."""
    heading = {
        Scope.SITE: gettext("Whole sites"),
        Scope.GROUP: gettext("Groups"),
        Scope.AREA: gettext("Areas at %(site)s", site=offer.site.text(language)),
        Scope.RESOURCE: gettext("Resources at %(site)s", site=offer.site.text(language)),
    }.get(offer.scope, gettext("About people"))
    return heading, title_of(offer, language)


def file_name(name: str, otherwise: str = "labbook") -> str:
    """A short ASCII name for the last part of the link, from which some clients name the calendar."""
    return _plain(name) or _plain(otherwise) or "labbook"


def latin_name(offer: Offer) -> str:
    """From what the link is named where the feed's own name has no Latin letters; some clients show it."""
    if offer.scope is Scope.PARTNER:
        return offer.name.text("en")
    return offer.slug or {Scope.MINE: "my-bookings", Scope.WAITING: "requests"}.get(offer.scope, "")


def _plain(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:_LONGEST_FILE].strip("-")


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed in the list."""

    key: str
    name: str
    about: str
    takes: str
    made: str
    rotated: str  # since when its present link is good; empty: since it was made
    fetched: str  # empty: never by its present link
    client: str
    revoked: str  # since when; empty: it is not
    is_lost: bool  # its owner may not follow it any more


def line_of(one: Followed, now: datetime, language: str) -> FeedLine:
    """A feed as its owner reads it."""
    feed, offer = one
    # What one may not follow any more may be hidden by now: then its name is not theirs to read.
    about = " · ".join(filter(None, (title_of(offer, language), offer.site.text(language)))) if offer else ""

    def ago(at: datetime | None) -> str:
        return times.ago(at, now, language) if at else ""

    return FeedLine(
        feed.key,
        feed.name,
        about or gettext(_SCOPE_WORDS[feed.scope]),
        " · ".join(_choices_of(one)),
        ago(feed.created_at),
        ago(feed.rotated_at),
        ago(feed.fetched_at),
        gettext(CLIENTS[feed.client]) if feed.client in CLIENTS else "",
        ago(feed.revoked_at),
        offer is None,
    )


def _choices_of(one: Followed) -> list[str]:
    """How it was chosen: detail and language always, the rest where it is not as usual."""
    feed = one.feed
    said = [
        gettext("Busy times only") if feed.detail is Detail.BUSY else gettext("Everything I may see"),
        gettext("In Japanese") if feed.language == "ja" else gettext("In English"),
    ]
    if feed.scope is not Scope.WAITING and not feed.waiting:
        said.append(gettext("without requests that wait"))
    if not feed.cancelled:
        said.append(gettext("without what was cancelled"))
    if feed.scope in OF_PLACES and not feed.closures:
        said.append(gettext("without closures"))
    if feed.expands:
        said.append(gettext("series date by date"))
    if feed.buffers:
        said.append(gettext("with set-up and clean-up"))
    if feed.history_days != USUAL.history_days:
        said.append(history_label(feed.history_days))
    if feed.alarm_minutes:
        said.append(alarm_label(feed.alarm_minutes))
    return said


def history_label(days: int) -> str:
    """How far a feed reaches back."""
    return ngettext("%(num)s day back", "%(num)s days back", days)


def alarm_label(minutes: int) -> str:
    """When an alarm rings."""
    return gettext("Alarm %(length)s before", length=times.minutes_label(minutes))


@dataclass(frozen=True, slots=True)
class Link:
    """A feed's new link, in every form in which a calendar takes it; shown this once."""

    name: str
    url: str

    @property
    def webcal_url(self) -> str:
        """What calendars on this device open by themselves."""
        return "webcal://" + self.url.partition("://")[2]

    @property
    def google_url(self) -> str:
        """Google's page that asks whether to add it."""
        return "https://calendar.google.com/calendar/r?cid=" + quote(self.webcal_url, safe="")

    @property
    def picture(self) -> Markup:
        """The link for a phone's camera."""
        return qr_code(self.webcal_url)
