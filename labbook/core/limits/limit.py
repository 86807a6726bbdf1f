"""What every kind of limit has: what follows when it is not kept, whom and what it concerns, who may waive it.

A kind is a frozen dataclass. Its fields carry how they are asked for (`asked`), so that the page for staff and the
plain JSON in the database follow from the class itself.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from ..actor import Role
from ..facts import Effect, Facts, Values, Waives
from ..hours import Opening
from ..language import N_
from ..terms import Sentence, Terms
from ..waivers import Again
from ..weekly import When

if TYPE_CHECKING:
    from datetime import datetime

    from ..calendar import Calendar
    from ..interval import Interval
    from ..record import Record
    from .applied import Applied, Look
    from .standing import Standing


class Put(StrEnum):
    """How a field is asked for."""

    MINUTES = "minutes"  # typed as a length: 90 min, 12 h
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    WHEN = "when"
    MODES = "modes"  # of the resources concerned
    PARTNERS = "partners"  # by their keys
    MONEY = "money"
    CURRENCY = "currency"


class Asked(NamedTuple):
    """How a field is asked for: by what, under which label, and with which hint."""

    put: Put
    label: str
    hint: str = ""
    labels: dict[Any, str] = {}  # noqa: RUF012 - of a choice, by member; never changed


def asked(put: Put, label: str, default: Any, hint: str = "", labels: dict[Any, str] | None = None) -> Any:
    """A field of a kind."""
    return field(default=default, metadata={"asked": Asked(put, label, hint, labels or {})})


class Problem(NamedTuple):
    """Why a limit cannot be saved, and at which field."""

    field: str
    sentence: str
    values: Values = {}  # noqa: RUF012 - never changed


class Who(StrEnum):
    """Whom a limit concerns. Stored; never rename."""

    EVERYBODY = "everybody"
    SCIENTISTS = "scientists"  # not coordinators
    COORDINATORS = "coordinators"
    TRAINEES = "trainees"  # hold the training, but not yet on their own
    INDEPENDENT = "independent"


EFFECT_LABELS = {
    Effect.REFUSE: N_("Refuse it"),
    Effect.REVIEW: N_("Let staff decide"),
    Effect.NOTE: N_("Say it, and let it pass"),
}
WHO_LABELS = {
    Who.EVERYBODY: N_("Everybody"),
    Who.SCIENTISTS: N_("Scientists, not coordinators"),
    Who.COORDINATORS: N_("Coordinators"),
    Who.TRAINEES: N_("Trainees: signed off, but not yet on their own"),
    Who.INDEPENDENT: N_("People who work on their own"),
}
WAIVES_LABELS = {
    Waives.STAFF: N_("Staff who decide on the request"),
    Waives.MANAGER: N_("Managers of the site"),
    Waives.NOBODY: N_("Nobody"),
}


class Place(NamedTuple):
    """What a rule set is about, as far as its limits can contradict it: terms and opening hours of its resources."""

    terms: Sequence[Terms]
    openings: Sequence[tuple[Opening, ...]]


@dataclass(frozen=True, kw_only=True)
class Limit(ABC):
    """One limit. Values are lengths in minutes unless their fields say otherwise."""

    code: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    is_confidential: ClassVar[bool] = False  # only staff read it

    effect: Effect = asked(Put.CHOICE, N_("When it is not kept"), Effect.REFUSE, labels=EFFECT_LABELS)
    who: Who = asked(Put.CHOICE, N_("For whom"), Who.EVERYBODY, labels=WHO_LABELS)
    modes: frozenset[str] = asked(
        Put.MODES, N_("For which kinds of work"), frozenset(), N_("None chosen means all of them.")
    )
    waives: Waives = asked(Put.CHOICE, N_("Who may waive it"), Waives.STAFF, labels=WAIVES_LABELS)

    def concerns(self, facts: Facts) -> bool:
        """Whether it is about this person and this kind of work."""
        record = facts.record
        return record is not None and self.is_for(record.roles, record.mode, is_trainee=record.is_trainee)

    def is_for(self, roles: frozenset[Role], mode: str, *, is_trainee: bool) -> bool:
        """The same of somebody with these roles, and of this kind of work."""
        return (not self.modes or mode in self.modes) and _IS[self.who](roles, is_trainee)

    def is_about(self, record: Record) -> bool:
        """Whether it is about this person, whatever they book."""
        return _IS[self.who](record.roles, record.is_trainee)

    @abstractmethod
    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """What it says of a booking; None when the booking has nothing to do with it."""

    def reach(self, window: Interval, calendar: Calendar, now: datetime) -> Interval | None:
        """Which part of the ledger it looks at for bookings within `window`; None: none of it."""
        return None

    def standing(self, record: Record, applied: Applied, now: datetime) -> list[Standing]:
        """How it stands now, without a wanted booking; nothing for what does not add up."""
        return []

    @property
    def is_alike(self) -> bool:
        """Whether it says the same of all resources that count together in it, at the same time."""
        return False

    @property
    def at_approval(self) -> Again:
        """When it counts once more as staff approve."""
        return Again.ALWAYS

    @abstractmethod
    def words(self) -> Sentence:
        """The limit in one sentence, without whom it concerns."""

    def problems(self, place: Place) -> Iterable[Problem]:
        """Why it can never be kept, or never counts."""
        return ()


_IS: dict[Who, Callable[[frozenset[Role], bool], bool]] = {
    Who.EVERYBODY: lambda roles, is_trainee: True,
    Who.SCIENTISTS: lambda roles, is_trainee: Role.COORDINATOR not in roles,
    Who.COORDINATORS: lambda roles, is_trainee: Role.COORDINATOR in roles,
    Who.TRAINEES: lambda roles, is_trainee: is_trainee,
    Who.INDEPENDENT: lambda roles, is_trainee: not is_trainee,
}


def spelled(limit: Limit) -> dict[str, Any]:
    """A limit as plain JSON."""
    values = {one.name: _plain(getattr(limit, one.name)) for one in dataclasses.fields(limit)}
    return {"kind": limit.code, **values}


def read(kind: type[Limit], plain: dict[str, Any]) -> Limit:
    """Back from JSON; a field that is not there has its default. Raises ValueError, TypeError, KeyError."""
    fields = {one.name: one.default for one in dataclasses.fields(kind)}
    return kind(**{name: _value(fields[name], plain[name]) for name in fields if name in plain})


def _plain(value: Any) -> Any:
    if isinstance(value, When):
        return value.spelled()
    return sorted(value) if isinstance(value, frozenset) else value


def _value(default: Any, plain: Any) -> Any:
    """The value in the type of its field's default."""
    if isinstance(default, When):
        return When.read(plain)
    if isinstance(default, frozenset):
        return frozenset(plain)
    return type(default)(plain)
