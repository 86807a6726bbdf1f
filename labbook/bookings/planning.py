"""What an ask would become: its dates one after the other, each judged beside what the ones before it take.

Nothing is written here, and nothing is read but the facts of each part, once for all dates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.facts import Facts, Verdict
from ..core.free import nearest_free
from ..core.interval import Interval, local_day
from ..core.linked import with_held
from ..core.usage import minute_of
from ..models import Resource, Unit
from .allocation import choose
from .dates import Date
from .facts import Around, window_around
from .taken import Taken
from .wanted import Part


@dataclass(frozen=True, slots=True)
class Place:
    """A part with its resource, the units that will do, and the facts about all dates."""

    part: Part
    resource: Resource
    units: Sequence[Unit]
    around: Around


@dataclass(frozen=True, slots=True)
class Piece:
    """A booking that would be made, or that cannot be: then the verdict says why."""

    place: Place
    unit: Unit
    time: Interval
    facts: Facts
    verdict: Verdict
    copy: int = 0  # which of several units of one part

    @property
    def part(self) -> Part:
        """The part that it is for."""
        return self.place.part

    @property
    def window(self) -> Interval:
        """The time around it in which another one could be looked for."""
        return window_around(self.time, self.facts.terms, self.facts.zone)


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of one date: all its pieces, of which none is refused, or it is skipped."""

    date: Date
    pieces: tuple[Piece, ...]
    was_moved: bool = False

    @property
    def refused(self) -> tuple[Piece, ...]:
        """The pieces that stand in the way of the date."""
        return tuple(one for one in self.pieces if one.verdict.is_refused)

    @property
    def is_possible(self) -> bool:
        """The date has a time, and nothing stands in its way."""
        return bool(self.pieces) and not self.refused

    @property
    def is_waivable(self) -> bool:
        """Staff may say "nevertheless" to all that stands in the way."""
        return bool(self.refused) and all(one.verdict.is_waivable for one in self.refused)

    @property
    def needs_review(self) -> bool:
        """It is possible, and staff decide on it as a whole."""
        return self.is_possible and any(one.verdict.needs_review for one in self.pieces)


class Plan:
    """Goes through the dates; what a date takes stands in the way of the next ones, and counts as used for them."""

    def __init__(self, places: Sequence[Place], *, moves: bool = False) -> None:
        """With `moves` a date that is refused goes to the nearest time that is free, where it has one part."""
        self.places = list(places)
        self.moves = moves and len(places) == 1 and places[0].part.units == 1
        self.refused: defaultdict[int, set[Interval]] = defaultdict(set)  # by unit, where no date can be moved to
        self.preferred: dict[int, int] = {}  # by place, the unit of the date before: people like to stay where they are

    def of(self, dates: Sequence[Date]) -> list[Planned]:
        """What would become of each date."""
        return [self._planned(date) for date in dates]

    def _planned(self, date: Date) -> Planned:
        if not date.times:
            return Planned(date, ())
        planned = self._tried(date, date.times)
        if not planned.is_possible and self.moves and (other := self._moved(planned)):
            planned = replace(self._tried(date, (other,)), was_moved=True)
        return planned

    def _tried(self, date: Date, times: Sequence[Interval]) -> Planned:
        before = self.places
        pieces: list[Piece] = []
        for number, time in enumerate(times):
            for copy in range(before[number].part.units):
                pieces.append(self._piece(number, time, copy, pieces))
        planned = Planned(date, tuple(pieces))
        if not planned.is_possible:
            self.places = before  # what was refused takes nothing
        return planned

    def _piece(self, number: int, time: Interval, copy: int, pieces: Sequence[Piece]) -> Piece:
        place = self.places[number]
        around = replace(place.around, facts=replace(place.around.facts, wanted=time))
        chosen = {one.unit.id for one in pieces if one.part is place.part}
        units = [one for one in place.units if one.id not in chosen]
        unit, facts, verdict = self._chosen(number, units, around)
        if not verdict.is_refused:
            self._take(unit, time, facts)
            self.preferred[number] = unit.id
        return Piece(place, unit, time, facts, verdict, copy)

    def _chosen(self, number: int, units: Sequence[Unit], around: Around) -> tuple[Unit, Facts, Verdict]:
        same = [one for one in units if one.id == self.preferred.get(number)]
        if same and not (chosen := choose(same, around))[2].is_refused:
            return chosen
        return choose(units, around)

    def _moved(self, planned: Planned) -> Interval | None:
        [piece] = planned.pieces
        found = nearest_free(piece.facts, piece.window, count=1, refused=self.refused[piece.unit.id])
        return found[0] if found else None

    def _take(self, unit: Unit, time: Interval, facts: Facts) -> None:
        self.places = [replace(one, around=_with(one.around, unit.id, time, facts)) for one in self.places]


def _with(around: Around, unit_id: int, time: Interval, chosen: Facts) -> Around:
    """The facts as they are once a booking is made: what it holds is taken, and its minutes are used."""
    taken, facts, shares = around.taken, around.facts, chosen.terms.shares_buffers
    places = [(unit_id, time if shares else chosen.held), *chosen.places]
    own = {unit_id: tuple(sorted((*taken.own[unit_id], time)))} if shares and unit_id in taken.own else {}
    more = {unit: (*taken.all[unit], held) for unit, held in places if unit in taken.all}
    facts = replace(facts, linked=with_held(facts.linked, places))
    if facts.record is not None and chosen.record is not None:
        use = chosen.record.use(time, facts.now)
        midnight = minute_of(local_day(chosen.first_on, facts.zone).start)
        facts = replace(facts, record=replace(facts.record, ledger=facts.record.ledger.with_use(use, midnight)))
    return replace(around, taken=Taken({**taken.all, **more}, {**taken.own, **own}), facts=facts)
