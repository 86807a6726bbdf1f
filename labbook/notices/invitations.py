"""What somebody's own calendar is told by mail of their bookings (RFC 5546): what has changed goes with a letter.

What it was last told is kept, without words, so that each calendar part says what is new since then. It is worked out
once, in the transaction that claims its letter: tried again, the letter carries the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from sqlalchemy import select

from ..catalogue.queries import places
from ..core import ical
from ..core.ical import Entry, Event, Language, Method, Party, Status
from ..core.language import Words, person_name
from ..core.letters import request_of
from ..db import db
from ..models import Invited, Letter, Person
from ..models.letter import letter as another_letter
from .chosen import follows_own
from .standing import Dated, Line, lines_of
from .telling import Change, Shown, Units, changes, shown_before

_WORDLESS = Words("Booking", "予約")


def calendar_for(letter: Letter, now: datetime, *, sender: str, base_url: str) -> None:
    """Put into a letter about a request what is new for its reader's calendar, if anything is.

    One mail is about one UID: for the next, another letter follows in the same thread, which gets its calendar when its
    turn comes. To be called in the transaction that claims the letter. `sender` is who letters are from.
    """
    request_id = request_of(letter.thread)
    if letter.calendar is not None or request_id is None or letter.person_id is None:
        return
    person, from_us = db.session.get(Person, letter.person_id), Party(*parseaddr(sender))
    if person is None or from_us.address.casefold() == letter.address.casefold():  # nobody invites themselves
        return
    told = _told(person.id, request_id)
    lines = lines_of(request_id, person.id, now)
    where = places(_units(lines, told))
    found = list(changes(lines, told, where, begins=is_invited(person)))
    if not found:
        return
    post = _Post(letter, person, from_us, base_url, now)
    post.write(found[0], told.get(found[0].line.uid), where, request_id)
    if len(found) > 1:
        db.session.add(_following(letter, now))


def _told(person_id: int, request_id: int) -> dict[str, Invited]:
    mine = select(Invited).where(Invited.person_id == person_id, Invited.request_id == request_id)
    return {one.uid: one for one in db.session.scalars(mine)}


def _units(lines: list[Line], told: Mapping[str, Invited]) -> set[int]:
    now = {one.row.unit_id for line in lines for one in line.dates.values()}
    return now | {one.unit for invited in told.values() for one in shown_before(invited).values()}


def is_invited(person: Person) -> bool:
    """Whether what is new to their calendar is sent by mail: unless they say, if they follow no feed of their own."""
    if person.invitations != "auto":
        return person.invitations == "yes"
    return not follows_own(person.id)


def _following(letter: Letter, now: datetime) -> Letter:
    about = {"person_id": letter.person_id, "thread": letter.thread, "site_id": letter.site_id}
    return another_letter("calendar", letter.address, letter.language, now=now, **about)


@dataclass(frozen=True, slots=True)
class _Post:
    """Writes a change into a letter."""

    letter: Letter
    person: Person
    from_us: Party
    base_url: str
    now: datetime

    def write(self, change: Change, invited: Invited | None, where: Units, request_id: int) -> None:
        """The calendar of the letter, and what the calendar of its reader is now told."""
        stamp, sequence = self.now.astimezone(UTC).replace(microsecond=0), change.least
        if invited is not None:
            stamp, sequence = max(stamp, invited.at + timedelta(seconds=1)), max(sequence, invited.sequence + 1)
        organizer = self.from_us
        if invited is not None and change.before:  # an event's organizer stays who it was
            organizer = Party(self.from_us.name, invited.told["organizer"])
        entries = _Entries(change, where, self.language, self.base_url, sequence, stamp)
        self.letter.method = change.method.value
        self.letter.calendar = ical.invitation(
            change.method, entries.events(), organizer=organizer, attendee=self.reader, language=self.language
        )
        if invited is None:
            invited = Invited(person_id=self.person.id, uid=change.line.uid, request_id=request_id)
            db.session.add(invited)
        invited.sequence, invited.at = sequence, stamp
        invited.is_cancelled = not change.after
        invited.told = {"organizer": organizer.address, "dates": {name: [*one] for name, one in change.after.items()}}

    @property
    def language(self) -> Language:
        """The reader's."""
        return "ja" if self.letter.language == "ja" else "en"

    @property
    def reader(self) -> Party:
        """Who is invited."""
        name = person_name(self.person.family_name, self.person.given_name, self.language)
        return Party(name, self.letter.address)


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries of a change, all of one revision."""

    change: Change
    where: Units
    language: Language
    base_url: str
    sequence: int
    stamp: datetime

    def events(self) -> list[Event]:
        """What stands, or what is cancelled."""
        change = self.change
        if change.removed:
            gone = self.entry(change.removed, change.before[change.removed], Status.CANCELLED)
            return [ical.date_event(ical.Dated(change.removed, gone))]
        if change.method is Method.CANCEL:
            name, shown = min(change.before.items())
            return [ical.event_of(entry := self.entry(name, shown, Status.CANCELLED), ical.written_in(entry))]
        standing = [ical.Dated(name, self.entry(name, one, Status.CONFIRMED)) for name, one in change.after.items()]
        if change.rule is not None:
            return ical.series_events(change.rule, standing)
        return [ical.event_of(one.entry, ical.written_in(one.entry)) for one in standing]

    def entry(self, name: str, shown: Shown, status: Status) -> Entry:
        """One booking as it is, or was, shown; without a word of what it is for where its reader may not know."""
        start, end = shown.edges
        place, one = self.where[shown.unit], self.change.line.dates.get(name)
        if one is not None and one.may_read:
            entry = self._in_words(one, shown, status)
        else:
            summary = _WORDLESS.text(self.language)
            entry = Entry(
                uid=self.change.line.uid,
                sequence=0,
                stamp=self.stamp,
                start=start,
                end=end,
                zone=place.zone,
                status=status,
                summary=summary,
                language=self.language,
            )
        return replace(entry, uid=self.change.line.uid, sequence=self.sequence, stamp=self.stamp, start=start, end=end)

    def _in_words(self, one: Dated, shown: Shown, status: Status) -> Entry:
        place = self.where[shown.unit]
        entry = ical.booked(one.row, place, status, language=self.language, base_url=self.base_url)
        told = "\n\n".join(filter(None, (entry.description, entry.url)))  # many clients show no URL
        return replace(entry, description=told)
