"""What the pages say of the time after asking: until when leaving is free, when one checks in, what was charged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext

from ..core.arriving import CheckIn
from ..core.consequences import Follows
from ..core.language import joined
from ..core.links import Together
from ..core.place import Place
from ..web import sentences, times


@dataclass(frozen=True, slots=True)
class Told:
    """What follows of a step, said."""

    sentence: str = ""
    rules: str = ""  # whose rules these are
    seen: str = ""  # what a form sends back of it
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What binds one booking, said, and what its reader can do about it now."""

    notes: tuple[str, ...] = ()
    may_check_in: bool = False
    cancelling: Told = Told()


NOTHING = Afterwards()


def with_besides(after: Afterwards, besides: Sequence[Together], language: str) -> Afterwards:
    """The same with what else is held with the booking, said first."""
    return replace(after, notes=(besides_note(besides, language), *after.notes)) if besides else after


def besides_note(besides: Sequence[Together], language: str) -> str:
    """What else is held with a booking; nothing where nothing is."""
    if not besides:
        return ""
    return gettext("Together with %(names)s.", names=joined((one.text(language) for one in besides), language))


def told(follows: Follows, place: Place, language: str, *, is_staff: bool) -> Told:
    """The same in words; whoever acts for the site is told that it does not bind them."""
    said = follows.says(place.zoneinfo)
    if said is None:
        return Told()
    sentence = sentences.plain(said, language)
    if is_staff and not follows.is_free:
        sentence += " " + gettext("Nothing of this follows when staff do it.")
    named = [one.text(language) for one in follows.sources]
    rules = gettext("Rules: %(names)s", names=joined(named, language)) if any(named) else ""
    return Told(sentence, rules, "" if is_staff else follows.seen, follows.is_refused and not is_staff)


def arrival_note(found: CheckIn | None, checked_in_at: datetime | None, place: Place, language: str) -> str:
    """When one checks in, or has."""
    zone = place.zoneinfo
    if checked_in_at is not None:
        return gettext("Checked in at %(at)s.", at=times.moment(checked_in_at, zone, language))
    if found is None:
        return ""
    return gettext(
        "Check in from %(opens)s until %(closes)s; after that the time is free for others.",
        opens=times.moment(found.opens, zone, language),
        closes=times.until(found.closes, found.opens, zone, language),
    )


def counted_note(*, counts_anyway: bool, used_until: datetime | None, place: Place, language: str) -> str:
    """What of a booking that did not go its whole way counts as used; nothing where none of it does."""
    if counts_anyway:
        return gettext("All of its time counts as used.")
    if used_until is None:
        return ""
    return gettext("It counts as used until %(at)s.", at=times.moment(used_until, place.zoneinfo, language))
