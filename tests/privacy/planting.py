"""Aoba's secrets: words that nobody else uses, in every place that words can be, and the keys of all that is Aoba's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.core.feeds import Detail, Scope
from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.feeds.service import making as feeds
from labbook.models import Booking, Feed, Partner, Person, Project, Request
from tests.cast import NOW, Cast, fresh_key
from tests.privacy.marks import sow

PEOPLE = {"hana": ("Axolotl", "Pangolin"), "alan": ("Binturong", "Fossa"), "cora": ("Gharial", "Hoatzin")}
PARTNER, PROJECT = Words("Capybara Bio", "カピバラ"), Words("Tardigrade", "クマムシ")


def at(day: int, clock: str, hours: float = 1) -> tuple[datetime, datetime]:
    """A time of so many hours in November 2026, by the clock of Tsukuba."""
    start = datetime.fromisoformat(f"2026-11-{day}T{clock}:00+09:00").astimezone(UTC)
    return start, start + timedelta(hours=hours)


@dataclass
class Plants:
    """What was planted: by the name of each booking its words, its request's key, and the booking's own."""

    words: dict[str, list[str]] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    bookings: dict[str, str] = field(default_factory=dict)
    uids: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)  # keys of people, the partner, the project, feeds
    token: str = ""
    marks: dict[str, str] = field(default_factory=dict)  # each mark's word, by what it is
    keys_of: dict[str, list[str]] = field(default_factory=dict)  # what can stand in an address, by its kind

    def of(self, *names: str) -> list[str]:
        """The words and keys of some bookings."""
        found = [word for name in names for word in self.words[name]]
        for kept in (self.requests, self.bookings, self.uids):
            found += [kept[name] for name in names]
        return found

    @property
    def names(self) -> list[str]:
        """The names of the bookings."""
        return list(self.requests)

    @property
    def keys(self) -> list[str]:
        """Every key that could stand in an address."""
        return [*self.requests.values(), *self.bookings.values(), *self.others.values()]

    @property
    def at_home_of_sam(self) -> set[str]:
        """Keys of what is at Cambridge, whose staff see it; and those of Aoba and its people, which work there too."""
        kinds = ("person", "partner", "joining", "invitation")
        return {*self.of("Cambridge"), *(key for kind in kinds for key in self.keys_of[kind])}

    @property
    def about_aoba(self) -> list[str]:
        """What is not of a single booking: names, addresses, keys."""
        people = [word for names in PEOPLE.values() for word in names]
        addresses = [f"{name}@lab.example" for name in PEOPLE]
        return [*people, *addresses, PARTNER.en, PARTNER.ja, PROJECT.en, PROJECT.ja, *self.others.values(), self.token]

    @property
    def all(self) -> list[str]:
        """Everything that a stranger must never get."""
        return [*self.of(*self.names), *self.about_aoba, *self.marks.values()]


def plant(lab: Cast) -> Plants:
    """Give Aoba its secrets, and bookings in every state that the services can bring about."""
    _rename(lab)
    plants = Plants()
    hana, sora = lab.actor("hana"), lab.actor("sora")
    project = db.session.scalar(select(Project.key))
    assert project is not None

    def ask(
        name: str, resource: str, time: tuple[datetime, datetime], *, joint: bool = False, who: str = "hana"
    ) -> str:
        words = [f"Quokka{name}Title", f"Wombat{name}Purpose"]
        start, end = time
        wanted = Ask(resource, start, end, lab.partners["aoba"], words[0], words[1], "", project if joint else "")
        form_key = "MarkhorFormKey" if name == "Approved" else fresh_key()
        key = service.request(lab.actor(who), wanted, key=form_key, now=NOW)
        plants.words[name], plants.requests[name] = words, key
        booking = db.session.scalars(select(Booking).join(Request).where(Request.key == key)).one()
        plants.bookings[name], plants.uids[name] = booking.key, booking.uid
        return key

    def version(name: str) -> int:
        db.session.expire_all()
        return db.session.scalars(select(Request.version).where(Request.key == plants.requests[name])).one()

    def reason(name: str) -> str:
        plants.words[name].append(f"Meerkat{name}Reason")
        return plants.words[name][-1]

    ask("Running", "tsukuba-plain", at(23, "09:00"))
    ask("Approved", "tsukuba-plain", at(24, "10:00"))
    ask("Neighbour", "tsukuba-plain", at(24, "11:30"))
    ask("Waiting", "tsukuba-asked", at(24, "10:00", 2))
    ask("Wished", "tsukuba-sorter", at(24, "13:00", 2))
    ask("Hidden", "tsukuba-secret", at(24, "10:00"))
    ask("Pooled", "tsukuba-hood", at(24, "10:00"))
    ask("Joint", "tsukuba-confocal-1", at(26, "10:00"), joint=True)
    ask("Benched", "tsukuba-bench", at(25, "00:00", 48))
    ask("Colleague", "tsukuba-hood", at(24, "10:00"), who="cora")
    ask("Cambridge", "cambridge-scope", at(24, "23:00"), who="alan")
    ask("Declined", "tsukuba-asked", at(25, "10:00"))
    service.decline(sora, plants.requests["Declined"], reason=reason("Declined"), version=version("Declined"), now=NOW)
    ask("Withdrawn", "tsukuba-asked", at(25, "10:00"))
    service.withdraw(hana, plants.requests["Withdrawn"], version=version("Withdrawn"), now=NOW)
    ask("Cancelled", "tsukuba-plain", at(25, "10:00"))
    booking = plants.bookings["Cancelled"]
    service.cancel(hana, booking, reason=reason("Cancelled"), version=version("Cancelled"), now=NOW)
    service.tick(now=NOW)
    plants.token = feeds.create(hana, feeds.Wanted("Quokka feed", Scope.MINE, Detail.FULL, "en"), now=NOW)
    plants.words["Approved"].append("Quokka feed")
    people = Person.email.in_([f"{name}@lab.example" for name in PEOPLE])
    plants.others = {
        **{f"person {row.id}": row.key for row in db.session.scalars(select(Person).where(people))},
        "partner": db.session.get_one(Partner, lab.partners["aoba"]).key,
        "project": project,
        "feed": db.session.scalars(select(Feed.key).where(Feed.person_id == lab.people["hana"])).one(),
    }
    plants.marks = sow(lab, plants)
    db.session.remove()
    return plants


@transactional
def _rename(lab: Cast) -> None:
    for name, (family, given) in PEOPLE.items():
        person = db.session.get_one(Person, lab.people[name])
        person.family_name, person.given_name = family, given
    db.session.get_one(Partner, lab.partners["aoba"]).name = PARTNER
    db.session.execute(update(Project).values(name=PROJECT))


def rows(*but: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, to be compared; `but` names tables that may change."""
    db.session.remove()
    tables = [table for table in db.metadata.sorted_tables if table.name not in but]
    found = {table.name: sorted(map(tuple, db.session.execute(select(table))), key=repr) for table in tables}
    db.session.remove()
    return found


def told(words: Iterable[str], answer: bytes) -> list[str]:
    """Those of the words that stand in an answer, in any of the spellings of a page, a header or a calendar."""
    text = answer.replace(b"\r\n ", b"").decode()
    return [word for word in words if word and word in text]
