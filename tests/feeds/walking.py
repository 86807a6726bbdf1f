"""Whatever may happen in a lab, in random order: at the desk, with series, and what else befalls it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from labbook.bookings import service
from labbook.bookings.service import OtherwiseError, WrongRepeatError, closing, reopening
from labbook.bookings.service.closing_work import OverError
from labbook.bookings.service.rebooking import Decision, Fate, Target
from labbook.bookings.service.retrying import retry
from labbook.bookings.service.series import Wanted, change_series, look_at_series
from labbook.bookings.service.series_ends import end_dates, look_at_ends, seen_of
from labbook.catalogue.service.errors import UnfitError
from labbook.catalogue.service.units import UnitDraft, set_units
from labbook.catalogue.units import all_units_of
from labbook.core.closing import ClosureKind
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.permissions import Actor, NotFoundError
from labbook.core.recurrence import Every, Repeat, wall_of
from labbook.db import db
from labbook.models import Booking, Closure, Person, Request, Resource, Series, SkippedDate, Unit, Wait
from labbook.people.queries import actor_of
from labbook.people.service import erasing
from labbook.waiting import service as waiting
from labbook.waiting.service.errors import FreeNowError, NeverError
from tests.bookings.snapshot import taken
from tests.bookings.test_history import NO, SCIENTISTS, Walk
from tests.cast import NOW, Cast, fresh_key
from tests.waiting.line import kept_for, serve

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOKYO = ZoneInfo("Asia/Tokyo")
FIRST = datetime(2026, 11, 26, 10, 0, tzinfo=TOKYO)
RULES = [Repeat(Every.WEEK, count=4), Repeat(Every.DAY, count=6), Repeat(Every.WEEKDAY, count=7)]
PLACES = ["tsukuba-plain", "tsukuba-asked", "tsukuba-hood"]
NOT_DONE = (
    *(*NO, OtherwiseError, WrongRepeatError, OverError, FreeNowError, NeverError, UnfitError),
    *(erasing.StillBookedError, service.TooManyOpenError, service.WaiverNeededError),
)


class Living(Cast):
    """The cast, some of whom may have gone for good."""

    def actor(self, name: str, now: datetime = NOW) -> Actor:
        actor = actor_of(self.people[name], now)
        if actor is None:
            raise NotFoundError
        return actor


class Lab:
    """A lab in which something happens at each step."""

    def __init__(self, lab: Cast, seed: int) -> None:
        self.lab = Living(lab.people, lab.partners, lab.sites)
        self.walk = Walk(self.lab, seed)
        self.dice, self.done = self.walk.dice, dict[str, int]()
        self.numbers = 0

    @property
    def now(self) -> datetime:
        """What its clocks say."""
        return self.walk.now

    def begin(self) -> None:
        """Some bookings and series to begin with."""
        for _ in range(6):
            with suppress(*NOT_DONE):
                self.repeat() if self.dice.random() < 0.4 else self.walk.ask(self.dice.choice(list(SCIENTISTS)))
            db.session.remove()

    def step(self) -> str:
        """Let something happen; what it was, and how it ended, in words."""
        self.walk.now += timedelta(seconds=self.dice.randint(1, 600))
        if self.dice.random() < 0.5:
            name, said = self.walk.step(taken())
            kind, outcome = said.split()[1].rstrip(":"), said.split(": ")[-1]
            return self._noted(kind, outcome, f"{name} {said}")
        doing = self.dice.choice(self._others())
        try:
            doing()
            outcome = "done"
        except NOT_DONE as no:
            db.session.rollback()
            outcome = type(no).__name__
        return self._noted(doing.__name__, outcome, f"{doing.__name__}: {outcome}")

    def _noted(self, kind: str, outcome: str, said: str) -> str:
        db.session.remove()
        if outcome == "done":
            self.done[kind] = self.done.get(kind, 0) + 1
        return said

    def _others(self) -> list[Callable[[], None]]:
        series = [self.shift, self.shift, self.skip, self.shorten, self.single_out, self.again]
        return [
            *(self.repeat, self.repeat, *series, *series),
            *(self.close, self.lift, self.elsewhere, self.elsewhere),
            *(self.wait, self.wait, self.serve, self.answer, self.refuse_offer),
            *(self.call_units, self.add_unit, self.night, self.tick, self.erase),
        ]

    # --- series -------------------------------------------------------------------------------------------------------

    def repeat(self) -> None:
        name, slug = self.dice.choice(["hana", "alan", "ben"]), self.dice.choice(PLACES)
        start = FIRST + self.dice.randrange(6) * HOUR
        partner, rule = self.lab.partners[SCIENTISTS[name]], self.dice.choice(RULES)
        ask = service.Ask(slug, start, start + HOUR, partner, "Every time, 毎回", repeat=rule)
        service.request(self._actor(name), ask, key=fresh_key(), now=self.now)

    def shift(self) -> None:
        row, found, owner = self._series()
        since = self.dice.choice([*self._names(row), ""])
        start = wall_of(since or row.wall_start) + self.dice.choice([HOUR, -HOUR, DAY, timedelta()])
        wanted = Wanted(since, start, start + self.dice.choice([HOUR, HOUR, 2 * HOUR]))
        seen = look_at_series(owner, row.key, wanted, now=self.now).seen
        change_series(owner, row.key, wanted, version=found.version, seen=seen, now=self.now)

    def skip(self) -> None:
        """Some dates are not needed."""
        row, found, owner = self._series()
        shown = look_at_ends(owner, row.key, "", now=self.now)
        names = self.dice.sample([one.day.names[0] for one in shown], k=min(2, len(shown)))
        seen = seen_of(shown)
        end_dates(owner, row.key, "", names, reason="", version=found.version, seen=seen, now=self.now)

    def shorten(self) -> None:
        """It ends earlier, or wholly."""
        row, found, owner = self._series()
        since = self.dice.choice([*self._names(row)[1:], ""])
        shown = look_at_ends(owner, row.key, since, now=self.now)
        names, seen = [one.day.names[0] for one in shown], seen_of(shown)
        end_dates(owner, row.key, since, names, reason="", version=found.version, seen=seen, now=self.now)

    def single_out(self) -> None:
        """One of its dates is moved by itself, to another unit now and then."""
        row, _, owner = self._series()
        among = select(Booking).where(Booking.series_id == row.id)
        one = self.dice.choice(list(db.session.scalars(among.order_by(Booking.id))))
        by, unit = self.dice.choice([-3, 0, 2]) * HOUR, self.dice.choice(["", *self._units(one.resource_id)])
        wanted = Interval(one.starts_at + by, one.ends_at + by)
        service.move(owner, one.key, wanted, unit=unit, version=one.version, now=self.now)

    def again(self) -> None:
        """Dates that were skipped are tried again."""
        row, found, owner = self._series()
        names = list(db.session.scalars(select(SkippedDate.recurrence_on).where(SkippedDate.series_id == row.id)))
        retry(owner, row.key, names, version=found.version, now=self.now)

    def _series(self) -> tuple[Series, Request, Actor]:
        rows = list(db.session.scalars(select(Series).order_by(Series.id)))
        if not rows:
            raise service.StaleError
        row = self.dice.choice(rows)
        found = db.session.get_one(Request, row.request_id)
        return row, found, self._actor(self._name(found.person_id))

    @staticmethod
    def _names(row: Series) -> list[str]:
        return sorted(db.session.scalars(select(Booking.recurrence_on).where(Booking.series_id == row.id)))

    # --- closures, other places ---------------------------------------------------------------------------------------

    def close(self) -> None:
        start = NOW + self.dice.randrange(60) * HOUR
        place = self.dice.choice(["resource:tsukuba-plain", "area:imaging", "site", "resource:tsukuba-hood"])
        self.numbers += 1
        dates = (closing.Date(Interval(start, start + 3 * HOUR), Words("Floor", "床工事")),)
        draft = closing.Draft(f"{self.numbers:024x}", place, ClosureKind.MAINTENANCE, dates)
        closing.close(self._actor("mio"), "tsukuba", draft, {}, now=self.now)

    def lift(self) -> None:
        rows = list(db.session.scalars(select(Closure).order_by(Closure.id)))
        if rows:
            row = self.dice.choice(rows)
            reopening.lift(self._actor("mio"), row.key, version=row.version, only=True, now=self.now)

    def elsewhere(self) -> None:
        """Something is closed, and what lies under it goes to another resource."""
        slug = self.dice.choice(PLACES)
        resource = db.session.scalars(select(Resource).where(Resource.slug == slug)).one()
        mine = (Booking.resource_id == resource.id, Booking.state.in_(["approved", "waiting"]))
        rows = list(db.session.scalars(select(Booking).where(*mine, Booking.starts_at > self.now)))
        if not rows:
            raise service.StaleError
        one, other = self.dice.choice(rows), self.dice.choice([two for two in PLACES if two != slug])
        unit = db.session.scalars(select(Unit.key).join(Resource).where(Resource.slug == other)).first() or ""
        self.numbers += 1
        dates = (closing.Date(one.time, Words("Repair", "")),)
        draft = closing.Draft(f"{self.numbers:024x}", f"resource:{slug}", ClosureKind.FAULT, dates)
        decisions = {one.key: Decision(Fate.MOVE, Target(unit, one.time))}
        closing.close(self._actor("sora"), "tsukuba", draft, decisions, now=self.now)

    # --- the line -----------------------------------------------------------------------------------------------------

    def wait(self) -> None:
        one = self.dice.choice(list(db.session.scalars(select(Booking).where(Booking.starts_at > self.now))))
        resource = db.session.get_one(Resource, one.resource_id)
        name = self.dice.choice(["alan", "ben", "chika"])
        partner = self.lab.partners[SCIENTISTS[name]]
        minutes = int((one.ends_at - one.starts_at) / timedelta(minutes=1))
        wanted = waiting.Wanted(f"resource:{resource.slug}", one.time, minutes, partner, "Hoped for")
        waiting.join(self._actor(name), wanted, now=self.now)

    def serve(self) -> None:
        serve(self.now)

    def answer(self) -> None:
        for name in ("alan", "ben", "chika"):
            for offer in kept_for(self.lab, name):
                waiting.accept(self._actor(name), offer.key, now=self.now)

    def refuse_offer(self) -> None:
        for name in ("alan", "ben", "chika"):
            for offer in kept_for(self.lab, name):
                waiting.refuse(self._actor(name), offer.key, now=self.now)

    # --- what else befalls a lab --------------------------------------------------------------------------------------

    def call_units(self) -> None:
        """Units get other names."""
        self._set_units(self.dice.choice(PLACES), new=0)

    def add_unit(self) -> None:
        self._set_units("tsukuba-plain", new=1)

    def _set_units(self, slug: str, *, new: int) -> None:
        resource = db.session.scalars(select(Resource).where(Resource.slug == slug)).one()
        self.numbers += 1
        drafts = [
            UnitDraft(one.key, f"{one.position}-{self.numbers}", one.is_active) for one in all_units_of(resource.id)
        ]
        more = [UnitDraft("", f"more {self.numbers}")] * new
        set_units(self._actor("mio"), slug, [*drafts, *more], version=resource.version, now=self.now)

    def night(self) -> None:
        """A day or several go by."""
        self.walk.now += self.dice.choice([1, 1, 2, 31]) * DAY if self.dice.random() < 0.3 else 7 * HOUR
        service.tick(now=self.now)

    def tick(self) -> None:
        """The worker comes by."""
        service.tick(now=self.now)
        waiting.serve(longest=4 * HOUR, now=self.now)

    def erase(self) -> None:
        """Somebody's data is erased: rarely, for it cannot be undone."""
        name = self.dice.choice(["chika", "two"])
        if self.dice.random() < 0.7:
            raise service.StaleError
        for wait in db.session.scalars(select(Wait).where(Wait.person_id == self.lab.people[name])):
            waiting.leave(self._actor(name), wait.key, now=self.now)
        erasing.erase(self._actor("ada"), db.session.get_one(Person, self.lab.people[name]).key, now=self.now)

    def _actor(self, name: str) -> Actor:
        return self.lab.actor(name, self.now)

    def _name(self, person_id: int) -> str:
        return next(name for name, number in self.lab.people.items() if number == person_id)

    @staticmethod
    def _units(resource_id: int) -> list[str]:
        return list(db.session.scalars(select(Unit.key).where(Unit.resource_id == resource_id).order_by(Unit.id)))
