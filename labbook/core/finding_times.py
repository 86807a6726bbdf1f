"""The first times that no rule refuses, among many resources: for one of them, or for several that go together.

Cheap looks come first (open, free on some unit, within the hours that are wished for); what is offered has been judged
as a whole, with what goes together before it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import merge
from typing import NamedTuple

from .amount import Amount
from .facts import Effect, Facts, Finding
from .interval import Interval
from .limits.applied import Applied
from .linked import with_held
from .room import Frame, Room, end_of
from .rules import RULES, judge

MOST_JUDGED = 4000  # candidates; a search that has to go on for longer says how far it came
_SAMPLES = 6
Spent = dict[datetime, list[str]]  # the limits, by their keys, that are known to be broken by what starts then
# What another time cannot mend: a resource of which one of these is said is not looked at any further.
AT_ANY_TIME = ("hidden", "role", "conditions", "training", "biosafety")


@dataclass(frozen=True, slots=True)
class Choice:
    """A resource that would do: its facts for each of its units, which differ in what is taken.

    The wanted time in the facts does not matter. `rank` says which of several comes first at the same time.
    """

    resource_id: int
    site_id: int
    rank: int
    units: tuple[tuple[int, Facts], ...]

    @property
    def ends(self) -> Hashable:
        """On what besides start and length it depends when a booking ends."""
        return self.facts.terms.slot, self.facts.terms.shortest, self.facts.zone

    @property
    def facts(self) -> Facts:
        """The facts for its first unit."""
        return self.units[0][1]


@dataclass(frozen=True, slots=True)
class Need:
    """What is needed: one of these resources, for so long, so long after the first need begins."""

    among: tuple[Choice, ...]
    length: Amount
    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Pick:
    """A time of a resource that the whole judge accepts; `asks` when staff decide."""

    resource_id: int
    unit_id: int
    time: Interval
    asks: bool
    facts: Facts  # by which it was judged


class Obstacle(NamedTuple):
    """What stood in the way of how many resources, and of how many that would do at all."""

    finding: Finding
    resources: int
    of: int


@dataclass(frozen=True, slots=True)
class Found:
    """The offers in order of time, each with a pick for every need; what stood in the way; how far the search came."""

    offers: tuple[tuple[Pick, ...], ...]
    obstacles: tuple[tuple[Obstacle, ...], ...]  # for each need, the most frequent first
    stopped_at: datetime | None = None  # too much was tried: nothing that begins later was looked at


def first_times(needs: Sequence[Need], frame: Frame, *, count: int, most: int = MOST_JUDGED) -> Found:
    """The first `count` times within the frame, of each resource times that do not overlap.

    At each time and for each resource of the first need, the other needs are met by the first resources that will do
    at the same site; no two of them take the same unit.
    """
    frames = [frame, *(frame.for_more(need.after) for need in needs[1:])]
    spent: dict[Hashable, Spent] = defaultdict(lambda: defaultdict(list))  # apart where the same start ends otherwise
    tracks = [
        [_Track(choice, need.length, frames[number], number, spent[choice.ends, need.length]) for choice in need.among]
        for number, need in enumerate(needs)
    ]
    search = _Search(tracks, [need.after for need in needs], most)
    offers: list[tuple[Pick, ...]] = []
    until: dict[int, datetime] = {}
    stopped_at = None
    for start, _, track in merge(*(one.starts_by_rank() for one in tracks[0]), key=lambda row: row[:2]):
        if start < until.get(track.choice.resource_id, start):
            continue
        if search.left <= 0:
            stopped_at = start
            break
        picks = search.at(track, start)
        if picks is None:
            continue
        offers.append(picks)
        until[track.choice.resource_id] = picks[0].time.end
        if len(offers) == count:
            break
    wants_why = len(offers) < count
    offered = {(number, pick.resource_id) for picks in offers for number, pick in enumerate(picks)}
    obstacles = (_obstacles(row, offered, wants_why=wants_why) for row in tracks)
    return Found(tuple(offers), tuple(obstacles), stopped_at)


@dataclass
class _Search:
    """Tries a start of the first need together with what the others need."""

    tracks: list[list[_Track]]
    after: list[timedelta]
    left: int  # candidates that may still be judged

    def at(self, track: _Track, start: datetime) -> tuple[Pick, ...] | None:
        """What is picked for every need, when the first one begins then on this resource."""
        if track.is_spent(start):
            return None
        self.left -= 1
        first = track.pick(start, ())
        return None if first is None else self._go_on(start, track.choice.site_id, (first,))

    def _go_on(self, start: datetime, site_id: int, picked: tuple[Pick, ...]) -> tuple[Pick, ...] | None:
        number = len(picked)
        if number == len(self.tracks):
            return picked
        at = start + self.after[number]
        for track in self.tracks[number]:
            if track.choice.site_id != site_id or not track.may_begin(at):
                continue
            self.left -= 1
            pick = track.pick(at, picked)
            if pick is not None and (whole := self._go_on(start, site_id, (*picked, pick))) is not None:
                return whole
        return None


@dataclass
class _Track:
    """One resource during a search: when its units are free, and what was said of times that will not do."""

    choice: Choice
    length: Amount
    frame: Frame
    number: int  # of the need
    spent: Spent
    said: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    tried: list[datetime] = field(default_factory=list)
    limits: list[Applied] = field(init=False)  # that refuse; the one that did so last comes first
    alike: dict[str, Applied] = field(init=False)  # of those what says the same of other resources
    blocked: bool = field(init=False)
    rooms: list[Room] = field(init=False)

    def __post_init__(self) -> None:
        facts = self.choice.facts
        self.limits = [one for one in facts.limits if one.limit.effect is Effect.REFUSE]
        self.alike = {one.key: one for one in self.limits if one.limit.is_alike}
        at_any_time = [(code, RULES[code][1](facts)) for code in AT_ANY_TIME]
        self.blocked = any(said is not None for _, said in at_any_time)
        for code, one in at_any_time:
            if one is not None:
                self._note(Finding(code, Effect.REFUSE, one))
        self.rooms = [] if self.blocked else [Room.of(unit, self.frame, self.length) for _, unit in self.choice.units]

    def starts_by_rank(self) -> Iterator[tuple[datetime, int, _Track]]:
        """The starts at which some unit is free and open, in order."""
        lists = [room.starts for room in self.rooms]
        starts = lists[0] if len(lists) == 1 else sorted({start for one in lists for start in one})
        return ((start, self.choice.rank, self) for start in starts)

    def may_begin(self, start: datetime) -> bool:
        """Whether some unit is free and open then; what is not is remembered for saying why."""
        if self.blocked:
            return False
        if any(room.has(start) for room in self.rooms):
            return True
        if len(self.tried) < _SAMPLES:
            self.tried.append(start)
        return False

    def pick(self, start: datetime, picked: tuple[Pick, ...]) -> Pick | None:
        """The time on the first unit on which nothing refuses it, beside what is picked already."""
        wanted = self._wanted(start)
        for (unit_id, unit), room in zip(self.choice.units, self.rooms, strict=True):
            if not room.has(start):
                continue
            facts = beside(replace(unit, wanted=wanted), unit_id, picked)
            if (broken := self._broken(facts)) is not None:
                if not picked and broken.key in self.alike:
                    self.spent[start].append(broken.key)
                return None
            verdict = judge(facts)
            if not verdict.is_refused:
                return Pick(self.choice.resource_id, unit_id, wanted, verdict.needs_review, facts)
            for one in verdict.refusals:
                self._note(one)
        return None

    def _wanted(self, start: datetime) -> Interval:
        facts = self.choice.facts
        return Interval(start, end_of(start, self.length, facts.terms, facts.zone))

    def is_spent(self, start: datetime) -> bool:
        """Whether a limit that says the same here has been broken at this time by another resource.

        Of each limit one time is looked at here all the same, so that it can be said what stands in the way.
        """
        broken = self.spent.get(start, ())
        for key in broken:
            one = self.alike.get(key)
            if one is not None and (about := (one.limit.code, key)) in self.findings:
                self.said[about] += 1
                return True
        return False

    def _broken(self, facts: Facts) -> Applied | None:
        """Asked before all else: where one allowance is used up, it is so for many times in turn."""
        for number, one in enumerate(self.limits):
            look = one.look(facts)
            if look is not None and not look.is_kept:
                self.limits.insert(0, self.limits.pop(number))
                self.said[one.limit.code, one.key] += 1
                if (one.limit.code, one.key) not in self.findings:
                    self.findings[one.limit.code, one.key] = one.finding(look)
                return one
        return None

    def _note(self, finding: Finding) -> None:
        about = finding.code, finding.limit_key
        self.said[about] += 1
        self.findings.setdefault(about, finding)

    def why(self) -> Finding | None:
        """What was said most often; where nothing was judged since nothing was free, of a few times in the frame."""
        if not self.said:
            facts = self.choice.facts
            for start in self.tried or self.frame.samples(facts, self.length, _SAMPLES):
                for one in judge(replace(facts, wanted=self._wanted(start))).refusals:
                    self._note(one)
        return self.findings[self.said.most_common(1)[0][0]] if self.said else None


def beside(facts: Facts, unit_id: int, picked: Sequence[Pick]) -> Facts:
    """The facts as they would be once the picks were booked: their units are taken, and they count as used."""
    for pick in picked:
        places = [(pick.unit_id, pick.facts.held), *pick.facts.places]
        taken = [time for unit, time in places if unit == unit_id]
        facts = replace(facts, taken=(*facts.taken, *taken), linked=with_held(facts.linked, places))
        if (record := facts.record) is not None:
            use = replace(record, resource_id=pick.resource_id).use(pick.time, facts.now)
            ledger = record.ledger.with_use(use, record.calendar.midnight_before(use.start))
            facts = replace(facts, record=replace(record, ledger=ledger))
    return facts


def _obstacles(tracks: Sequence[_Track], offered: set[tuple[int, int]], *, wants_why: bool) -> tuple[Obstacle, ...]:
    """Why nothing was offered of a need's resources; of those that another time might mend only when it is asked."""
    found: Counter[tuple[str, str, str]] = Counter()
    findings: dict[tuple[str, str, str], Finding] = {}
    for one in tracks:
        if (one.number, one.choice.resource_id) in offered or not (one.blocked or wants_why):
            continue
        finding = one.why()
        if finding is not None:
            names = str(sorted(finding.said.values.items(), key=str)) if finding.code in _NAMED else ""
            about = finding.code, finding.limit_key, names
            found[about] += 1
            findings.setdefault(about, finding)
    return tuple(Obstacle(findings[about], number, len(tracks)) for about, number in found.most_common())


_NAMED = ("training", "training-expired", "not-covered")  # said of different things, each a line of its own
