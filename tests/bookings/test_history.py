"""Random histories of a small lab: whatever people do in whatever order, some things are always true."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.core.hearing import HEARS, Audience
from labbook.core.interval import Interval, overlaid
from labbook.core.lifecycle import MOVES, OPEN, Action, NotPossibleError, State
from labbook.core.permissions import ForbiddenError, NotFoundError
from labbook.db import db
from labbook.desk.service import changed, proposals, undoing
from labbook.desk.service.errors import GoneError, OutsideError, SameError, TooLateError
from labbook.desk.service.places import Otherwise
from labbook.models import Person, Project, Resource, Unit
from tests.bookings.snapshot import Happened, Held, Row, Snapshot, taken
from tests.cast import NOW, Cast, fresh_key

STEPS, MOST_STEPS = 100, 400
DEEDS = {"ask", "approve", "decline", "withdraw", "cancel", "move", "ask-change", "grant-change", "hand-over", "no"}
DESK = {
    "ask",
    "approve",
    "decline",
    "propose",
    "accept-proposal",
    "refuse-proposal",
    "end-proposal",
    "undo",
    "undo-wish",
}
NO_HOLD_ON_REQUEST = {"tsukuba-sorter"}
KEEP_TIME = {"waiting", "approved", "running", "finished", "released"}  # as design.md says it, not as the code does
BY_DAY = {"tsukuba-bench"}
STAFF_DOES = ("approve", "decline", "approve_change", "decline_change", "propose", "approve_less", "take_back", "undo")
MOVED = ("booking-move", "booking-extend", "booking-shorten")
NO_BUFFERS = {"tsukuba-bench", "cambridge-scope"}
DECIDERS = {"tsukuba": {"sora", "mio"}, "cambridge": {"sam"}}
SCIENTISTS = {"hana": "aoba", "alan": "aoba", "ben": "birch", "chika": "cedar", "mio": "aoba", "two": "cedar"}
EVERYBODY = [*SCIENTISTS, "cora", "dora", "sora", "sam", "ada"]
RESOURCES = ["tsukuba-plain", "tsukuba-asked", "tsukuba-sorter", "tsukuba-hood", "tsukuba-bench", "tsukuba-confocal-1"]
NO = (
    service.RefusedError,
    service.StaleError,
    service.KeyReusedError,
    service.NotForThemError,
    NotPossibleError,
    NotFoundError,
    ForbiddenError,
    GoneError,
    OutsideError,
    SameError,
    TooLateError,
)


@pytest.mark.parametrize(("seed", "at_desk"), [(1, False), (2, False), (3, False), (4, True)])
def test_whatever_people_do_the_books_agree(app: Flask, lab: Cast, seed: int, at_desk: bool) -> None:
    walk, deeds = (DeskWalk(lab, seed), DESK) if at_desk else (Walk(lab, seed), DEEDS)
    outcomes: Counter[str] = Counter()
    before = taken()
    for number in range(MOST_STEPS):
        if number >= STEPS and set(outcomes) >= deeds:
            break
        actor, said = walk.step(before)
        after = taken()
        trace = f"seed {seed}, step {number}: {said}"
        if said.split(": ")[-1] == "done":
            action, was, now_is = _the_one_change(before, after, trace)
            outcomes[action] += 1
            holds_for_history(before, after, lab.people[actor], trace)
            holds_for_sequence(action, was, now_is, trace)
            holds_for_revisions(before, after, now_is, trace)
            holds_for_notices(lab, before, after, now_is, trace)
        else:
            outcomes["no"] += 1
            assert before.differences(after) == [], f"{trace} left something behind"
        holds_always(after, trace)
        before = after
        db.session.remove()
    assert set(outcomes) >= deeds, f"this walk is too tame: {dict(outcomes)}"


class Walk:
    """Somebody does something, mostly sensible, sometimes not theirs to do, late, or from an old page."""

    resources: ClassVar[list[str]] = RESOURCES

    def __init__(self, lab: Cast, seed: int) -> None:
        self.lab, self.dice, self.now = lab, random.Random(seed), NOW
        self.project = db.session.scalars(select(Project.key)).one()
        self.units: dict[str, list[str]] = {}
        for slug, key in db.session.execute(
            select(Resource.slug, Unit.key).join(Unit, Unit.resource_id == Resource.id).order_by(Unit.id)
        ):
            self.units.setdefault(slug, []).append(key)

    def weights(self, *, proposed: bool, decided: bool) -> list[int]:
        """How often each deed is tried, in the order of `step`."""
        return [8, 4, 3, 3, 3, 5, 3, 3, 1, 1, 2, 1, 1, proposed, proposed, proposed, decided]

    def step(self, lab: Snapshot) -> tuple[str, str]:
        """Do one thing. Returns who did it, and what it was and how it ended, in words."""
        self.now += timedelta(minutes=self.dice.choice([0, 0, 1, 7]))
        self.seen = lab
        known = list(lab.bookings.values())
        proposed, decided = any(one[4] for one in lab.pending), bool(self._just_decided(lab))
        doing = self.dice.choices(
            [
                *(self.ask, self.approve, self.decline, self.withdraw, self.cancel, self.move, self.end),
                *(self.approve_change, self.decline_change, self.withdraw_change, self.hand_over),
                *(self.propose, self.approve_less, self.accept, self.refuse, self.take_back, self.undo),
            ],
            self.weights(proposed=proposed, decided=decided),
        )[0]
        if not known or doing == self.ask:
            name, said = self.dice.choice(list(SCIENTISTS)), "asks"
            return name, f"{name} {said}: {self._tried(self.ask, name)}"
        row = self._worth_a_try(lab, doing.__name__)
        name = self._somebody(row, doing.__name__)
        return name, f"{name} {doing.__name__} {row.resource} {row.state}: {self._tried(doing, name, row)}"

    def _tried(self, doing: object, *arguments: object) -> str:
        assert callable(doing)
        try:
            doing(*arguments)
        except NO as no:
            return type(no).__name__
        return "done"

    def _worth_a_try(self, lab: Snapshot, doing: str) -> Row:
        known = list(lab.bookings.values())
        changing, proposed = ({one[0] for one in lab.pending if bool(one[4]) is is_one} for is_one in (False, True))
        ahead = {"approved", *OPEN}
        wanted = {"cancel": {"approved"}, "move": ahead, "end": ahead, "hand_over": ahead}.get(doing, set(OPEN))
        if doing.endswith("_change"):
            fitting = [row for row in known if row.id in changing]
        elif doing in ("accept", "refuse", "take_back"):
            fitting = [row for row in known if row.id in proposed]
        elif doing == "undo":
            fitting = self._just_decided(lab)
        else:
            fitting = [row for row in known if row.state in wanted]
        return self.dice.choice(fitting if fitting and self.dice.random() < 0.85 else known)

    def _just_decided(self, lab: Snapshot) -> list[Row]:
        """What staff have decided on at this moment, and nothing else has become of."""
        decided = {event.booking_id: event for event in sorted(lab.events.values()) if event.booking_id}
        codes, last = ("booking-approve", "booking-decline"), sorted(lab.events)[-3:]
        now = {number for number, one in decided.items() if one.code in codes and one.id in last}
        return [row for row in lab.bookings.values() if row.id in now]

    def _somebody(self, row: Row, doing: str) -> str:
        if doing == "undo" and self.dice.random() < 0.8:
            by = next(one.actor_id for one in reversed(self.seen.of(row.id)))
            return next(name for name, number in self.lab.people.items() if number == by)
        if self.dice.random() < 0.2:
            return self.dice.choice(EVERYBODY)
        if doing in ("accept", "refuse"):
            return self.dice.choice(
                [next(one for one, number in self.lab.people.items() if number == row.person_id), "cora"]
            )
        if doing in STAFF_DOES:
            return self.dice.choice(sorted(DECIDERS[row.site]))
        owner = next(name for name, number in self.lab.people.items() if number == row.person_id)
        others = ["cora"] if doing == "withdraw" else ["cora", *sorted(DECIDERS[row.site])]
        return self.dice.choice([owner, owner, *others])

    def _time(self, slug: str) -> tuple[datetime, datetime]:
        if slug == "tsukuba-bench":
            start = NOW.replace(hour=15) + timedelta(days=self.dice.randrange(4))  # midnight in Tsukuba
            return start, start + timedelta(days=self.dice.randint(1, 3))
        start = NOW + timedelta(days=1, minutes=30 * self.dice.randrange(24))
        return start, start + timedelta(minutes=30 * self.dice.randint(1, 4))

    def _version(self, version: int) -> int:
        return version if self.dice.random() < 0.9 else version - 1

    def ask(self, name: str) -> None:
        slug = "cambridge-scope" if self.dice.random() < 0.1 else self.dice.choice(self.resources)
        start, end = self._time(slug)
        partner = SCIENTISTS[name]
        joint = partner in ("aoba", "cedar") and self.dice.random() < 0.3
        ask = service.Ask(
            slug,
            start,
            end,
            self.lab.partners[partner],
            "Cells",
            unit=self.dice.choice(["", *self.units[slug]]),
            project=self.project if joint else "",
        )
        service.request(self.lab.actor(name, self.now), ask, key=fresh_key(), now=self.now)

    def approve(self, name: str, row: Row) -> None:
        version = self._version(row.request_version)
        service.approve(self.lab.actor(name, self.now), row.request_key, version=version, now=self.now)

    def decline(self, name: str, row: Row) -> None:
        version, actor = self._version(row.request_version), self.lab.actor(name, self.now)
        service.decline(actor, row.request_key, reason="Service that day", version=version, now=self.now)

    def withdraw(self, name: str, row: Row) -> None:
        version = self._version(row.request_version)
        service.withdraw(self.lab.actor(name, self.now), row.request_key, version=version, now=self.now)

    def cancel(self, name: str, row: Row) -> None:
        version, actor = self._version(row.version), self.lab.actor(name, self.now)
        service.cancel(actor, row.key, reason=self.dice.choice(["", "細胞が死んだ"]), version=version, now=self.now)

    def move(self, name: str, row: Row) -> None:
        version, actor = self._version(row.version), self.lab.actor(name, self.now)
        unit, (start, end) = self.dice.choice(["", *self.units[row.resource]]), self._time(row.resource)
        while (start, end) == (row.starts_at, row.ends_at):
            start, end = self._time(row.resource)
        service.move(actor, row.key, Interval(start, end), unit=unit, version=version, now=self.now)

    def end(self, name: str, row: Row) -> None:
        """Another end: shorter or longer."""
        length = timedelta(days=1) if row.resource in BY_DAY else timedelta(minutes=30)
        ends = row.ends_at + self.dice.choice([-1, 1]) * length
        wanted = Interval(row.starts_at, ends if ends > row.starts_at else row.ends_at + length)
        version, actor = self._version(row.version), self.lab.actor(name, self.now)
        service.move(actor, row.key, wanted, unit="", version=version, now=self.now)

    def approve_change(self, name: str, row: Row) -> None:
        version, actor = self._version(row.version), self.lab.actor(name, self.now)
        service.approve_change(actor, row.key, version=version, now=self.now)

    def decline_change(self, name: str, row: Row) -> None:
        version, actor = self._version(row.version), self.lab.actor(name, self.now)
        service.decline_change(actor, row.key, reason="Service that day", version=version, now=self.now)

    def withdraw_change(self, name: str, row: Row) -> None:
        version, actor = self._version(row.version), self.lab.actor(name, self.now)
        service.withdraw_change(actor, row.key, version=version, now=self.now)

    def propose(self, name: str, row: Row) -> None:
        unit = self.dice.choice(self.units[row.resource])
        wanted = Otherwise(row.key, Interval(*self._time(row.resource)), unit)
        actor, version, longest = (
            self.lab.actor(name, self.now),
            self._version(row.request_version),
            timedelta(hours=48),
        )
        about = (actor, row.request_key, wanted)
        proposals.propose(*about, note="", version=version, longest=longest, now=self.now)

    def approve_less(self, name: str, row: Row) -> None:
        """For less time, or on another unit."""
        length = timedelta(days=1) if row.resource in BY_DAY else timedelta(minutes=30)
        ends = row.ends_at - length if row.ends_at - length > row.starts_at else row.ends_at
        wanted = Otherwise(row.key, Interval(row.starts_at, ends), self.dice.choice(self.units[row.resource]))
        actor, version = self.lab.actor(name, self.now), self._version(row.request_version)
        changed.approve_changed(actor, row.request_key, wanted, version=version, now=self.now)

    def accept(self, name: str, row: Row) -> None:
        version = self._version(row.request_version)
        proposals.accept(self.lab.actor(name, self.now), row.key, version=version, now=self.now)

    def refuse(self, name: str, row: Row) -> None:
        version = self._version(row.request_version)
        proposals.refuse(self.lab.actor(name, self.now), row.key, reason="", version=version, now=self.now)

    def take_back(self, name: str, row: Row) -> None:
        version = self._version(row.request_version)
        proposals.take_back(self.lab.actor(name, self.now), row.key, version=version, now=self.now)

    def undo(self, name: str, row: Row) -> None:
        """At once, as whoever decided, or as somebody else."""
        version = self._version(row.request_version)
        undoing.undo(self.lab.actor(name, self.now), row.request_key, version=version, now=self.now)

    def hand_over(self, name: str, row: Row) -> None:
        partner = next(one for one, number in self.lab.partners.items() if number == row.partner_id)
        among = [one for one, of in SCIENTISTS.items() if of == partner and self.lab.people[one] != row.person_id]
        to = db.session.get_one(Person, self.lab.people[self.dice.choice(among or ["cora"])]).key
        version, actor = self._version(row.version), self.lab.actor(name, self.now)
        service.hand_over(actor, row.key, to, reason="", version=version, now=self.now)


class DeskWalk(Walk):
    """Mostly about what waits."""

    resources: ClassVar[list[str]] = ["tsukuba-asked", "tsukuba-asked", "tsukuba-sorter"]

    def weights(self, *, proposed: bool, decided: bool) -> list[int]:
        """The same, for the desk."""
        return [6, 3, 3, 1, 1, 2, 0, 0, 0, 0, 1, 6, 2, 8 * proposed, 5 * proposed, 3 * proposed, 12 * decided]


# --- what is true at every moment -------------------------------------------------------------------------------------


def holds_always(lab: Snapshot, trace: str) -> None:
    """Holds are those of the bookings that keep their time, widened by their buffers; nothing overlaps."""
    assert lab.overlaps == 0, trace
    expected = [_hold(row) for row in lab.bookings.values() if row.state in KEEP_TIME]
    by_id = {row.id: row for row in lab.bookings.values()}
    for number, unit_id, starts_at, ends_at, until in lab.pending:
        row = by_id[number]
        waits = ("waiting", "wished") if until else ("approved",)
        assert row.state in waits, f"{trace}: a change waits of what is {row.state}"
        if until or row.resource not in NO_HOLD_ON_REQUEST:
            expected.append(_hold(row._replace(unit_id=unit_id, starts_at=starts_at, ends_at=ends_at)))
    assert sorted(lab.holds) == sorted(expected), trace
    assert len(set(lab.notices)) == len(lab.notices), trace
    for event in lab.events.values():
        spelled = json.dumps(event.body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(f"{event.salt}\n{spelled}".encode()).hexdigest()
        assert event.digest == digest, f"{trace}: event {event.code} does not match its detail"
    latest = {event.booking_id: event.state for event in sorted(lab.events.values()) if event.booking_id}
    assert latest == {row.id: str(row.state) for row in lab.bookings.values()}, f"{trace}: history tells another state"


def _hold(row: Row) -> Held:
    buffer = timedelta(minutes=0 if row.resource in NO_BUFFERS else 15)
    return Held(row.claim_id, row.unit_id, row.starts_at - buffer, row.ends_at + buffer)


# --- what is true of every step ---------------------------------------------------------------------------------------


def _the_one_change(before: Snapshot, after: Snapshot, trace: str) -> tuple[Action, Row | None, Row]:
    changed = [key for key, row in after.bookings.items() if before.bookings.get(key) != row]
    assert len(changed) == 1, f"{trace} changed {len(changed)} bookings"
    assert set(before.bookings) <= set(after.bookings), trace
    event = _new_events(before, after)[-1]
    assert event.code.startswith("booking-"), trace
    return Action(event.code.removeprefix("booking-")), before.bookings.get(changed[0]), after.bookings[changed[0]]


def holds_for_history(before: Snapshot, after: Snapshot, actor_id: int, trace: str) -> None:
    """One step is one event of whoever took it, and what was written before is as it was.

    That what was asked for instead has ended with it is another.
    """
    *ended, event = _new_events(before, after)
    assert {one.actor_id for one in (*ended, event)} == {actor_id}, trace
    assert [one.code for one in ended] in ([], ["booking-end-change"], ["booking-end-proposal"]), trace
    gone = {one[0] for one in before.pending} - {one[0] for one in after.pending}
    assert len(ended) <= 1, trace
    assert not gone or ended or event.code.endswith(("-change", "-proposal")), trace
    assert {number: after.events[number] for number in before.events} == before.events, trace
    forgotten = {before.events[one[0]].code for one in set(before.notices) - set(after.notices)}
    undone = {"booking-approve", "booking-decline"} if event.code.startswith("booking-undo") else set()
    assert forgotten <= undone, trace


def _new_events(before: Snapshot, after: Snapshot) -> list[Happened]:
    return sorted(event for number, event in after.events.items() if number not in before.events)


def holds_for_sequence(action: Action, was: Row | None, now_is: Row, trace: str) -> None:
    """SEQUENCE never falls, and rises by one with each change of time, unit or status that a calendar shows."""
    if was is None:
        assert (now_is.sequence, now_is.version) == (0, 1), trace
        return
    seen = _status(was.state) != _status(now_is.state) or action in MOVES | {Action.HAND_OVER}
    moved = (was.unit_id, was.starts_at, was.ends_at) != (now_is.unit_id, now_is.starts_at, now_is.ends_at)
    assert seen or not moved, trace
    assert now_is.sequence == was.sequence + seen, trace
    assert (now_is.changed_at > was.changed_at) <= seen, f"{trace}: LAST-MODIFIED moved and SEQUENCE did not"
    assert now_is.version in (was.version + 1, was.version + 2), trace
    assert now_is.request_version == was.request_version + 1, trace


def _status(state: State) -> str:
    """STATUS as calendars.md has it."""
    if state in ("waiting", "wished"):
        return "TENTATIVE"
    return "CONFIRMED" if state in ("approved", "running", "finished", "released") else "CANCELLED"


def _as_seen(holds: Iterable[Held]) -> dict[tuple[int, int], list[Interval]]:
    """What others see as held: of a claim's holds on a unit that overlap, as while a change waits, the whole."""
    found: dict[tuple[int, int], list[Interval]] = {}
    for one in holds:
        found.setdefault((one.claim_id, one.unit_id), []).append(Interval(one.starts_at, one.ends_at))
    return {key: overlaid(times) for key, times in found.items()}


def holds_for_revisions(before: Snapshot, after: Snapshot, row: Row, trace: str) -> None:
    """The full revision of all that is touched rises, the busy one exactly when what is held changes."""
    risen = {name for name, number in after.full.items() if number > before.full[name]}
    was = before.bookings.get(row.key, row)
    assert risen == row.touched | was.touched, trace
    held_changed = _as_seen(before.holds) != _as_seen(after.holds)
    busy = {name for name, number in after.busy.items() if number > before.busy[name]}
    expected = {name for name in row.touched | was.touched if name in after.busy} if held_changed else set()
    if row.person_id != was.person_id:  # it has changed calendars
        expected |= {("person", row.person_id), ("person", was.person_id)}
    assert busy == expected, f"{trace}: busy revisions of {busy} rose, holds changed: {held_changed}"
    assert all(number >= before.full[name] for name, number in after.full.items()), trace
    assert all(number >= before.busy[name] for name, number in after.busy.items()), trace


def holds_for_notices(lab: Cast, before: Snapshot, after: Snapshot, row: Row, trace: str) -> None:
    """Whom the table HEARS names gets one notice, and nobody else does; nobody hears of what they did themselves."""
    expected: list[tuple[int, int, str]] = []
    for event in _new_events(before, after):
        people: set[int] = set()
        for audience in HEARS[Action(event.code.removeprefix("booking-"))]:
            if audience is Audience.PERSON:
                people.add(row.person_id)
            elif event.code in ("booking-accept-proposal", "booking-refuse-proposal"):
                people.add(_proposer(before, row))
            elif event.code == "booking-end-proposal" and _new_events(before, after)[-1].code not in MOVED:
                continue  # whoever decides has ended it
            elif row.state in ("waiting", "wished") or event.code == "booking-ask-change":
                people |= {lab.people[name] for name in DECIDERS[row.site]}
        expected += sorted((event.id, person, "mail") for person in people - {event.actor_id})
    new = sorted(one for one in set(after.notices) - set(before.notices) if one[2] == "mail")
    assert new == sorted(expected), trace


def _proposer(lab: Snapshot, row: Row) -> int:
    by = [one.actor_id for one in lab.of(row.id) if one.code == "booking-propose"]
    return by[-1] or pytest.fail("the clock proposes nothing")
