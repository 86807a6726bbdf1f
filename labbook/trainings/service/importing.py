"""Importing proofs from a table: first every line with what would happen, then all of it or nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import StringIO

from sqlalchemy import select

from ...catalogue.queries import site_by_slug
from ...core.facts import Value
from ...core.language import N_, folded, has_control_characters
from ...core.permissions import Actor, Do, Matter, require
from ...db import db, transactional
from ...models import Site, Training, TrainingRecord
from .. import queries
from ..queries import PersonRow
from .signing_off import Given, good_until, grant_to

MOST_LINES = 1000
LONGEST_CELL = 254
_EARLIEST = date(2000, 1, 1)
_LATEST = date(2100, 12, 31)
_HEADINGS = {"e-mail", "email", "mail"}


class UnreadableError(Exception):
    """The file as a whole cannot be taken; `sentence` says why, and is marked for translation."""

    def __init__(self, sentence: str, **values: Value) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values


class UnfitError(Exception):
    """Some line is wrong, so nothing was written; carries all lines."""

    def __init__(self, lines: list[PlannedLine]) -> None:
        super().__init__("lines do not fit")
        self.lines = lines


@dataclass(frozen=True, slots=True)
class NewProof:
    """What a good line would write."""

    row: PersonRow
    training: Training
    granted_on: date
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of the table and what becomes of it."""

    number: int  # as an editor counts them, from 1
    email: str
    training: str
    sentence: str
    is_wrong: bool
    values: dict[str, Value] = field(default_factory=dict)
    proof: NewProof | None = None  # none: it is wrong, or recorded already


def decoded(content: bytes) -> str:
    """The text of an uploaded file. Raises UnreadableError unless it is UTF-8, with or without a BOM."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        content.decode("cp932")
    except UnicodeDecodeError:
        raise UnreadableError(N_("This file is not text in UTF-8. Save it as “CSV UTF-8” and try again.")) from None
    raise UnreadableError(
        N_("This file is in Shift_JIS, not in UTF-8. In Excel choose “CSV UTF-8” when saving, and try again.")
    )


def look(actor: Actor, site_slug: str, text: str, *, now: datetime) -> list[PlannedLine]:
    """What each line would do; writes nothing. Raises NotFoundError, ForbiddenError, UnreadableError."""
    return _plan(actor, _site(actor, site_slug), text, now)


@transactional
def import_records(actor: Actor, site_slug: str, text: str, *, now: datetime) -> int:
    """Write every line as a proof, or none. Returns how many were new.

    Raises NotFoundError, ForbiddenError, UnreadableError, UnfitError when any line is wrong.
    """
    site = _site(actor, site_slug)
    lines = _plan(actor, site, text, now)
    if any(line.is_wrong for line in lines):
        raise UnfitError(lines)
    new = [line.proof for line in lines if line.proof is not None]
    for one in new:
        grant_to(
            actor,
            one.row.person,
            one.training,
            site,
            Given(one.granted_on, one.expires_on),
            partner_id=one.row.partner_id,
            now=now,
        )
    return len(new)


def _site(actor: Actor, site_slug: str) -> Site:
    site = site_by_slug(actor, site_slug)
    require(actor, Do.IMPORT_TRAININGS, Matter(site.id))
    return site


# --- reading ----------------------------------------------------------------------------------------------------------


def _cells(text: str) -> list[tuple[int, list[str]]]:
    """The lines that say something, with their numbers; a heading line is left out. Raises UnreadableError."""
    text = text.removeprefix("\ufeff")
    if has_control_characters(text.replace("\t", " "), multiline=True):
        raise UnreadableError(N_("It holds invisible control characters. Save it as plain text and try again."))
    first = text.partition("\n")[0]
    separator = max(",\t;", key=first.count)  # spreadsheets copy tabs, and some save semicolons
    reader = csv.reader(StringIO(text), delimiter=separator, strict=True)
    found: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            tidy = [cell.strip() for cell in cells]
            if any(tidy) and not (not found and folded(tidy[0]) in _HEADINGS):
                found.append((reader.line_num, tidy))
    except csv.Error:
        raise UnreadableError(N_("Line %(number)s: a quotation mark is not closed."), number=reader.line_num) from None
    if not found:
        raise UnreadableError(N_("There is no line in it. Each line is: e-mail, training, granted on, expires on."))
    if len(found) > MOST_LINES:
        raise UnreadableError(N_("At most %(most)s lines at once. Split the file."), most=MOST_LINES)
    return found


def _plan(actor: Actor, site: Site, text: str, now: datetime) -> list[PlannedLine]:
    rows = _cells(text)
    today = now.astimezone(site.zoneinfo).date()
    people = queries.people_by_email((cells[0].casefold() for _, cells in rows), site.id, today)
    trainings = {one.slug: one for one in queries.trainings_at(site.id)}
    reader = _Reader(actor, people, trainings, _recorded(people.values()), today)
    return [reader.read(number, cells) for number, cells in rows]


def _recorded(people: Iterable[PersonRow]) -> set[tuple[int, int, date, date | None]]:
    ids = [one.person.id for one in people]
    rows = db.session.execute(
        select(
            TrainingRecord.person_id, TrainingRecord.training_id, TrainingRecord.granted_on, TrainingRecord.expires_on
        ).where(TrainingRecord.person_id.in_(ids), TrainingRecord.revoked_at.is_(None))
    )
    return {(row.person_id, row.training_id, row.granted_on, row.expires_on) for row in rows}


class _Reader:
    """Judges one line after the other; each remembers those before it."""

    def __init__(
        self,
        actor: Actor,
        people: dict[str, PersonRow],
        trainings: dict[str, Training],
        recorded: set[tuple[int, int, date, date | None]],
        today: date,
    ) -> None:
        self.actor, self.people, self.trainings = actor, people, trainings
        self.recorded, self.today = recorded, today
        self.seen: dict[tuple[str, str], int] = {}

    def read(self, number: int, cells: Sequence[str]) -> PlannedLine:
        """What a line would do, or the first thing that is wrong with it."""
        email, slug = cells[0].casefold()[:LONGEST_CELL], (cells[1] if len(cells) > 1 else "")[:LONGEST_CELL]
        try:
            proof = self._proof(number, email, slug, cells)
        except _WrongError as wrong:
            return PlannedLine(number, email, slug, wrong.sentence, True, wrong.values)
        if (proof.row.person.id, proof.training.id, proof.granted_on, proof.expires_on) in self.recorded:
            return PlannedLine(number, email, slug, N_("Recorded already; nothing changes."), False)
        values: dict[str, Value] = {"name": proof.training.name, "day": proof.granted_on}
        sentence = N_("%(name)s, granted on %(day)s, does not expire.")
        if proof.expires_on is not None:
            values["until"], sentence = proof.expires_on, N_("%(name)s, granted on %(day)s, good until %(until)s.")
        return PlannedLine(number, email, slug, sentence, False, values, proof)

    def _proof(self, number: int, email: str, slug: str, cells: Sequence[str]) -> NewProof:
        _claim(3 <= len(cells) <= 4, N_("It takes three or four columns: e-mail, training, granted on, expires on."))
        row, training = self.people.get(email), self.trainings.get(slug)
        if row is None:
            raise _WrongError(N_("Unknown here: nobody who works for a partner of this site has this address."))
        _claim(row.person.id != self.actor.person_id, N_("Nobody signs off their own training."))
        if training is None:
            raise _WrongError(N_("There is no training of this name at this site."))
        granted_on, expires_on = self._days(training, cells)
        before = self.seen.setdefault((email, slug), number)
        _claim(before == number, N_("Line %(number)s is about the same person and training."), number=before)
        return NewProof(row, training, granted_on, expires_on)

    def _days(self, training: Training, cells: Sequence[str]) -> tuple[date, date | None]:
        granted_on, expires = _day(cells[2]), cells[3] if len(cells) == 4 else ""
        if granted_on is None:
            raise _WrongError(N_("The day on which it was granted is not a date like 2026-11-23."))
        _claim(granted_on <= self.today, N_("It was granted on a day that is still to come."))
        if not expires:
            return granted_on, good_until(training, granted_on)
        expires_on = _day(expires)
        if expires_on is None:
            raise _WrongError(N_("The day on which it expires is not a date like 2026-11-23."))
        _claim(granted_on <= expires_on, N_("It would expire before it was granted."))
        return granted_on, expires_on


class _WrongError(Exception):
    """Why a line cannot be taken."""

    def __init__(self, sentence: str, **values: Value) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values


def _claim(holds: bool, sentence: str, **values: Value) -> None:
    """Raise _WrongError with the sentence unless the claim holds."""
    if not holds:
        raise _WrongError(sentence, **values)


def _day(cell: str) -> date | None:
    try:
        found = date.fromisoformat(cell.replace("/", "-"))
    except ValueError:
        return None
    return found if _EARLIEST <= found <= _LATEST else None
