"""What a resource demands of every booking, as data, and the same in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .amount import Amount
from .hours import Cover
from .language import N_, listed
from .work import Mode


class ResourceKind(StrEnum):
    """What sort of thing is booked. Stored; never rename."""

    BENCH = "bench"
    EQUIPMENT = "equipment"
    ROOM = "room"
    STORAGE = "storage"
    SERVICE = "service"


class Asks(StrEnum):
    """When staff are asked. Stored; never rename."""

    NEVER = "none"
    FIRST = "first"  # a person's first booking
    ALWAYS = "always"
    FORM = "form"  # staff run it and book from a request


@dataclass(frozen=True, slots=True)
class Terms:
    """The standing conditions of one resource."""

    slot: Amount  # starts and ends lie on this grid
    shortest: Amount
    longest: Amount
    before: Amount  # buffer kept free before
    after: Amount  # and after
    notice: Amount  # ask at least this long ahead
    horizon: Amount  # and at most this long
    cover: Cover  # how much of a booking the opening hours must cover
    asks: Asks
    holds_on_request: bool  # a request keeps its time while it waits
    by_day: bool  # booked by local dates
    shares_buffers: bool = False  # between two bookings of one person

    def __post_init__(self) -> None:
        if not (self.slot and self.shortest and self.longest):
            raise ValueError("slot, shortest and longest are more than nothing")

    @property
    def always_asks(self) -> bool:
        """Every request for it is decided by staff."""
        return self.asks in (Asks.ALWAYS, Asks.FORM)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence marked for translation, or a part of one, and what belongs in its gaps."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)  # as the values of a finding


_COVER = {
    Cover.ALL: N_("The whole booking lies within opening hours."),
    Cover.ENDS: N_("It may run outside opening hours, but starts and ends within them."),
    Cover.NONE: N_("It may be booked at any hour."),
}
_ASKS = {
    Asks.NEVER: N_("Eligible scientists book it without asking."),
    Asks.FIRST: N_("Staff look at a person's first booking."),
    Asks.ALWAYS: N_("Staff decide on every booking."),
    Asks.FORM: N_("Staff run it: ask for a time, and staff book it."),
}


def in_words(terms: Terms, *, biosafety: int = 0, modes: Sequence[Mode] = ()) -> list[Sentence]:
    """The terms as sentences for the people who book; also for which samples (0: it does not matter) and which work."""
    said = [
        Sentence(N_("Book from %(shortest)s to %(longest)s."), {"shortest": terms.shortest, "longest": terms.longest}),
        Sentence(N_("Start and end on a grid of %(slot)s."), {"slot": terms.slot}),
        Sentence(N_("At most %(horizon)s ahead."), {"horizon": terms.horizon}),
    ]
    if terms.notice:
        said.append(Sentence(N_("Ask at least %(notice)s ahead."), {"notice": terms.notice}))
    if terms.before:
        said.append(Sentence(N_("%(before)s before each booking are kept free."), {"before": terms.before}))
    if terms.after:
        said.append(Sentence(N_("%(after)s after each booking are kept free."), {"after": terms.after}))
    if terms.shares_buffers and (terms.before or terms.after):
        said.append(Sentence(N_("Two bookings of one person share that time: they may follow on directly.")))
    said.append(Sentence(_COVER[terms.cover], {}))
    said.append(Sentence(_ASKS[terms.asks], {}))
    if terms.asks is not Asks.NEVER and not terms.holds_on_request:
        said.append(Sentence(N_("A request keeps no time until staff approve it."), {}))
    if biosafety:
        said.append(Sentence(N_("Samples up to biosafety level %(level)s."), {"level": biosafety}))
    if modes:
        said.append(Sentence(N_("For %(modes)s: say which."), {"modes": listed([one.name for one in modes])}))
    return said
