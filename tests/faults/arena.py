"""Where the races are run: a served lab with 32 scientists of 8 partners, staff, and the independent reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count, cycle
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from labbook import create_app
from labbook.core.language import Words
from labbook.core.limits.limit import Limit, spelled
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Agreement, Partner, Person, RoleGrant, RuleSet, Unit
from labbook.models.people import PartnerKind
from labbook.people.service import password_hash
from tests.browsing import Visitor
from tests.cast import PASSWORD, Cast, add_resource, fresh_key, make_lab
from tests.conftest import let_go
from tests.faults.browser import Answer, Client
from tests.faults.reader import Reader
from tests.faults.server import KEY

RACERS = 32
PARTNERS = 8
DECIDERS = 8
TOKYO = ZoneInfo("Asia/Tokyo")
SINCE = date(2026, 1, 1)

T = TypeVar("T")
_numbers = count(1)


@dataclass(frozen=True)
class Place:
    """A resource made for one race, with its units."""

    slug: str
    resource_id: int
    units: tuple[int, ...]
    unit_keys: tuple[str, ...]


@dataclass
class Arena:
    """A served database, its people signed in once, and a judge of its own."""

    app: Flask
    cast: Cast
    ports: tuple[int, ...]  # one for each of the server's processes
    reader: Reader
    racers: list[Client] = field(default_factory=list)
    deciders: list[Client] = field(default_factory=list)

    def sign_in(self) -> None:
        """Everybody who races, each over a connection of their own."""
        found = self.reader.rows("SELECT key FROM partner WHERE slug LIKE ? ORDER BY slug", "racing-%")
        partners = [key for (key,) in found]
        names = [f"racer-{one}" for one in range(RACERS)] + [f"decider-{one}" for one in range(DECIDERS)]
        with self.app.app_context():
            sessions = [Visitor(self.app, name).session for name in names]
        with ThreadPoolExecutor(len(self.ports)) as pool:
            people = list(pool.map(Client, cycle(self.ports), sessions, cycle(partners)))
        self.racers, self.deciders = people[:RACERS], people[RACERS:]

    def close(self) -> None:
        """Hang up."""
        for client in (*self.racers, *self.deciders):
            client.close()
        self.reader.close()

    def limit(self, place: Place, limit: Limit) -> None:
        """Put a rule set with one limit on a resource."""
        with self.app.app_context():
            _made(partial(_limit, self.cast.sites["tsukuba"], place, limit))
            db.session.remove()

    def place(self, **rules: object) -> Place:
        """A resource in Tsukuba that can be booked for two years ahead; `rules` as for `cast.add_resource`."""
        slug = f"raced-{next(_numbers)}"
        with self.app.app_context():
            made = _made(partial(_place, self.cast.sites["tsukuba"], slug, rules))
            db.session.remove()
        return made


def ask(
    client: Client, place: Place, start: datetime, hours: float = 1, *, any_unit: bool = False, **said: str
) -> Answer:
    """Send the booking form for a time at the site; with a key of its own unless one is given."""
    unit = "" if any_unit else place.unit_keys[0]
    what = {"title": "A race", "purpose": "", "partner": client.partner, "project": "", "unit": unit}
    fields = {**times(start, hours), **what, "idempotency_key": fresh_key(), **said}
    return client.post(f"/resources/{place.slug}/book", **fields)


def times(start: datetime, hours: float = 1) -> dict[str, str]:
    """The form's fields for a time at the site."""
    end = start + timedelta(hours=hours)
    return {
        "start_on": f"{start:%Y-%m-%d}",
        "start_at": f"{start:%H:%M}",
        "end_on": f"{end:%Y-%m-%d}",
        "end_at": f"{end:%H:%M}",
    }


def slot(number: int, *, hours_apart: float = 2) -> datetime:
    """A time that is really to come: from the day after tomorrow's midnight in Tsukuba, every so many hours."""
    first = datetime.now(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    return first + timedelta(hours=hours_apart * number)


@contextmanager
def arena(url: str, server: AbstractContextManager[tuple[int, ...]]) -> Iterator[Arena]:
    """Fill an empty database, serve it, and sign everybody in."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": KEY, "CLOCK": lambda: datetime.now(UTC)})
    with app.app_context():
        cast = make_lab()
        _made(partial(_people, cast))
        db.session.remove()
    try:
        with server as ports, closing(Arena(app, cast, ports, Reader(url))) as made:
            made.sign_in()
            yield made
    finally:
        with app.app_context():
            let_go()


@transactional
def _made(make: Callable[[], T]) -> T:
    return make()


def _limit(site_id: int, place: Place, limit: Limit) -> None:
    plain = {"id": "1", **spelled(limit)}
    name, made_at = Words(place.slug, ""), datetime.now(UTC)
    db.session.add(RuleSet(site_id=site_id, name=name, resource_id=place.resource_id, limits=[plain], made_at=made_at))


def _place(site_id: int, slug: str, rules: dict[str, object]) -> Place:
    resource = add_resource(site_id, slug, **{"horizon": "720 d", **rules})  # type: ignore[arg-type]
    units = db.session.scalars(select(Unit).where(Unit.resource_id == resource.id).order_by(Unit.position)).all()
    return Place(slug, resource.id, tuple(unit.id for unit in units), tuple(unit.key for unit in units))


def _people(cast: Cast) -> None:
    site_id, stored = cast.sites["tsukuba"], password_hash(PASSWORD)
    partners = [
        Partner(slug=f"racing-{one}", name=Words(f"Racing {one}", ""), kind=PartnerKind.BIOTECH)
        for one in range(PARTNERS)
    ]
    names = [f"racer-{one}" for one in range(RACERS)] + [f"decider-{one}" for one in range(DECIDERS)]
    people = [
        Person(
            email=f"{name}@lab.example",
            family_name=name,
            given_name="One",
            language="en",
            home_site_id=site_id,
            password_hash=stored,
            created_at=datetime.now(UTC),
        )
        for name in names
    ]
    db.session.add_all([*partners, *people])
    db.session.flush()
    db.session.add_all(Agreement(partner_id=one.id, site_id=site_id, starts_on=SINCE, ends_on=None) for one in partners)
    for number, person in enumerate(people):
        races = number < RACERS
        db.session.add(
            RoleGrant(
                person_id=person.id,
                role=Role.SCIENTIST if races else Role.STAFF,
                partner_id=partners[number % PARTNERS].id if races else None,
                site_id=None if races else site_id,
                starts_on=SINCE,
            )
        )
