"""What of the inbox is looked for, and in which order: pure, over values that were read at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from ..core.language import N_, Words, folded, joined, person_name
from ..core.searching import searchable
from ..core.searching import sought as words_sought

PER_PAGE = 50


class Tab(StrEnum):
    """The three parts of the inbox."""

    MINE = "mine"
    OTHERS = "others"
    DECIDED = "decided"


class Show(StrEnum):
    """What alone is shown."""

    LATE = "late"
    EXCEPTIONS = "exceptions"
    RIVALS = "rivals"
    CHANGES = "changes"
    ASSIGNED = "assigned"
    FREE = "free"


SHOWS = {
    Show.LATE: N_("Past the deadline"),
    Show.EXCEPTIONS: N_("Exceptions to rules"),
    Show.RIVALS: N_("With rivals"),
    Show.CHANGES: N_("Changes of bookings"),
    Show.ASSIGNED: N_("Assigned to me"),
    Show.FREE: N_("Assigned to nobody"),
}


class Sort(StrEnum):
    """In which order."""

    URGENT = "urgent"
    START = "start"
    AGE = "age"
    PARTNER = "partner"
    RESOURCE = "resource"


SORTS = {
    Sort.URGENT: N_("Most urgent first"),
    Sort.START: N_("Soonest start first"),
    Sort.AGE: N_("Longest waiting first"),
    Sort.PARTNER: N_("By organisation"),
    Sort.RESOURCE: N_("By resource"),
}
DECIDED_SORTS = {
    Sort.URGENT: N_("Latest decision first"),
    Sort.START: N_("Soonest start first"),
    Sort.PARTNER: N_("By organisation"),
    Sort.RESOURCE: N_("By resource"),
}


@dataclass(frozen=True, slots=True)
class Sought:
    """What a reader looks for: the choices of the page's form."""

    tab: Tab = Tab.MINE
    q: str = ""
    site: str = ""
    partner: str = ""
    resource: str = ""
    show: Show | None = None
    sort: Sort = Sort.URGENT
    page: int = 1

    @property
    def is_narrow(self) -> bool:
        """Something is left out."""
        return bool(self.q or self.site or self.partner or self.resource or self.show)

    def address(self, **other: Any) -> dict[str, str | int]:
        """The parts of an address that lead here, or elsewhere with other parts; without what is usual."""
        parts = {name: getattr(self, name) for name in self.__slots__} | other
        usual = Sought()
        return {
            name: int(value) if name == "page" else str(value)
            for name, value in parts.items()
            if value != getattr(usual, name) and value not in ("", None)
        }


E = TypeVar("E", bound=StrEnum)


def sought(args: Mapping[str, str]) -> Sought:
    """From the parts of an address; what is not known counts as not given."""
    page = args.get("page", "1")
    return Sought(
        _one_of(Tab, args.get("tab")) or Tab.MINE,
        args.get("q", "").strip()[:200],
        args.get("site", ""),
        args.get("partner", ""),
        args.get("resource", ""),
        _one_of(Show, args.get("show")),
        _one_of(Sort, args.get("sort")) or Sort.URGENT,
        int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1,
    )


def _one_of(kind: type[E], value: str | None) -> E | None:
    return kind(value) if value in set(kind) else None


class Listed(Protocol):
    """Whatever stands in the list: what waits, or what was decided."""

    @property
    def request_id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def site_id(self) -> int: ...
    @property
    def partner_id(self) -> int: ...
    @property
    def person_id(self) -> int: ...
    @property
    def resource_ids(self) -> frozenset[int]: ...
    @property
    def starts_at(self) -> datetime: ...


L = TypeVar("L", bound=Listed)


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids in a list are called; sites, partners and resources also as they stand in addresses."""

    language: str
    sites: Mapping[int, tuple[str, Words]]
    partners: Mapping[int, tuple[str, Words]]
    resources: Mapping[int, tuple[str, Words]]
    people: Mapping[int, tuple[str, str, str]]  # family and given name, and the reading of both

    def partner(self, one: Listed) -> str:
        """The partner whose it is."""
        return self.partners[one.partner_id][1].text(self.language)

    def person(self, person_id: int) -> str:
        """A person."""
        family, given, _ = self.people.get(person_id, ("", "", ""))
        return person_name(family, given, self.language)

    def people_of(self, person_ids: Collection[int]) -> str:
        """Several people."""
        return joined(sorted(self.person(one) for one in person_ids), self.language)

    def resource(self, one: Listed) -> str:
        """The resource, or the first of several."""
        return min((self.resources[each][1].text(self.language) for each in one.resource_ids), default="")

    def words(self, one: Listed) -> str:
        """All in which is searched."""
        partner = self.partners[one.partner_id][1]
        family, given, reading = self.people.get(one.person_id, ("", "", ""))
        return searchable(one.title, partner.en, partner.ja, family, given, family, reading)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a select's choices, with how many there are."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Sifted:
    """What was found, as far as the page shows it, and what could be looked for."""

    rows: Sequence[Any]
    total: int
    pages: int
    page: int
    sites: Sequence[Choice] = field(default=())
    partners: Sequence[Choice] = field(default=())
    resources: Sequence[Choice] = field(default=())


def sifted(
    several: Collection[L],
    sought: Sought,
    names: Names,
    shows: Callable[[L], bool],
    key: Callable[[L], Any],
) -> Sifted:
    """What of these is looked for, in order; `shows` is what the choice of kinds lets through."""
    wanted = words_sought(sought.q)
    found = [
        one
        for one in several
        if _is_of(one, sought, names) and shows(one) and (not wanted or _has(names.words(one), wanted))
    ]
    found.sort(key=key)
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(sought.page, pages)
    return Sifted(
        found[(page - 1) * PER_PAGE : page * PER_PAGE],
        len(found),
        pages,
        page,
        _choices(names.sites, names.language, (one.site_id for one in several)),
        _choices(names.partners, names.language, (one.partner_id for one in several)),
        _choices(names.resources, names.language, (each for one in several for each in one.resource_ids)),
    )


def _has(words: str, wanted: Iterable[str]) -> bool:
    return all(word in words for word in wanted)


def _is_of(one: Listed, sought: Sought, names: Names) -> bool:
    return (
        (not sought.site or names.sites[one.site_id][0] == sought.site)
        and (not sought.partner or names.partners[one.partner_id][0] == sought.partner)
        and (not sought.resource or any(names.resources[each][0] == sought.resource for each in one.resource_ids))
    )


def _choices(named: Mapping[int, tuple[str, Words]], language: str, ids: Iterable[int]) -> list[Choice]:
    counted = Counter(ids)
    found = [Choice(named[each][0], named[each][1].text(language), count) for each, count in counted.items()]
    return sorted(found, key=lambda one: folded(one.label))


def order(sort: Sort, names: Names, usual: Callable[[L], Any]) -> Callable[[L], Any]:
    """What rows are sorted by; `usual` where nothing else is chosen, and among equals."""
    by: dict[Sort, Callable[[L], Any]] = {
        Sort.START: lambda one: one.starts_at,
        Sort.AGE: lambda one: getattr(one, "asked_at", one.starts_at),
        Sort.PARTNER: lambda one: folded(names.partner(one)),
        Sort.RESOURCE: lambda one: folded(names.resource(one)),
    }
    first = by.get(sort)
    return usual if first is None else lambda one: (first(one), usual(one))
