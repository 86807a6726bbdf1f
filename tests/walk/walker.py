"""What every step of a walk goes through: somebody does something, and all tables are looked at before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from labbook.bookings import service
from labbook.bookings.service.closing_work import OverError
from labbook.bookings.service.errors import OtherwiseError
from labbook.core.lifecycle import NotPossibleError
from labbook.core.permissions import Actor, ForbiddenError, NotFoundError
from labbook.db import db
from labbook.desk.service import errors as desk
from labbook.reports.service import seal, verify
from labbook.waiting import service as waiting
from tests.cast import Cast
from tests.walk.ground import BEGINS, STAFF
from tests.walk.invariants import ALWAYS, STEPPING
from tests.walk.look import Look, instant

# Everything that a verb may say instead of doing it. Whatever else comes is a fault, as it would be on a page.
REFUSALS = (
    ForbiddenError,
    NotFoundError,
    NotPossibleError,
    OtherwiseError,
    OverError,
    service.KeyReusedError,
    service.NoRoomError,
    service.NotForThemError,
    service.NotNowError,
    service.RefusedError,
    service.StaleError,
    service.TooLateError,
    service.TooManyOpenError,
    service.UnfitSetError,
    service.UnsignedError,
    service.WaiverNeededError,
    service.WrongRepeatError,
    desk.BegunError,
    desk.GoneError,
    desk.NobodyError,
    desk.OutsideError,
    desk.SameError,
    desk.TooLateError,
    waiting.FreeNowError,
    waiting.GoneError,
    waiting.NeverError,
    waiting.PastError,
    waiting.TooManyWaitsError,
)


class Walker(RuleBasedStateMachine):
    """A history of a lab. A test gives it a lab to begin with."""

    begin: ClassVar[Callable[[], Cast]]  # makes the database what it was, and says who is who
    figures: ClassVar[Counter[str]]  # how often each verb was carried out, and what the others said

    def __init__(self) -> None:
        super().__init__()
        self.lab = type(self).begin()
        self.now: datetime = BEGINS
        self.count = 0
        self.look = Look()
        self.names = {number: name for name, number in self.lab.people.items()}
        self.site_names = {number: name for name, number in self.lab.sites.items()}
        self.actors: dict[str, Actor] = {}
        self.sent: list[tuple[str, Any, str, str]] = []
        self.figures["histories"] += 1

    def teardown(self) -> None:
        """At the end the trail is sealed, and nobody has touched it."""
        self.do("seal", seal, now=self.now)
        found = verify()
        db.session.remove()
        assert (found.faults, found.unsealed) == ([], 0), found
        if self.figures["histories"] % 100 == 0:
            print(f"{self.figures['histories']} histories, {self.figures['steps']} steps", flush=True)

    # --- a step ---------------------------------------------------------------------------------------------------

    def do(self, verb: str, what: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Do it, and judge what has become of the lab. Returns what it returns; None when it was refused."""
        self.figures["steps"] += 1
        said, result = "done", None
        try:
            result = what(*args, **more)
        except REFUSALS as refusal:
            said = type(refusal).__name__
        except Exception:
            note(f"# {self.now:%a %d %H:%M}: {verb} failed")
            raise
        finally:
            db.session.remove()
        self.figures[f"{verb}: {said}"] += 1
        note(f"# {self.now:%a %d %H:%M}: {verb}: {said}")
        before, self.look = self.look, Look()
        if said != "done":
            assert before.differences(self.look) == [], f"{verb} was refused ({said}), and has left traces"
        else:
            self._judge(before)
        return result

    def _judge(self, before: Look) -> None:
        found = [f"{one.__name__}: {said}" for one in ALWAYS for said in one(self.look)]
        found += [f"{one.__name__}: {said}" for one in STEPPING for said in one(before, self.look, self.now)]
        assert not found, found

    # --- who and what ---------------------------------------------------------------------------------------------

    def actor(self, name: str) -> Actor:
        """Somebody of the cast, with their rights; nobody's change while one walks."""
        if name not in self.actors:
            self.actors[name] = self.lab.actor(name, BEGINS)
            db.session.remove()
        return self.actors[name]

    def somebody(self, role: str, row: Any) -> Actor:
        """Who does something with a booking or a request: whose it is, the site's staff, or somebody else."""
        owner = self.names[row.person_id]
        rival = "hana" if owner == "ben" else "ben"
        others = {"owner": owner, "staff": STAFF[self.site_names[row.site_id]], "coordinator": "cora", "rival": rival}
        return self.actor(others[role])

    def picked(self, rows: Sequence[Any], pick: int) -> Any:
        """One of several."""
        return rows[pick % len(rows)]

    def fresh(self, kind: str) -> str:
        """A key that nobody has used."""
        self.count += 1
        return f"{kind}-{self.count:016d}"

    def bookings_in(self, *states: str) -> list[Any]:
        """The bookings in these states."""
        return [one for one in self.look["booking"] if one.state in states]

    def requests_in(self, *states: str) -> list[Any]:
        """The requests of which something is in these states."""
        numbers = {one.request_id for one in self.look["booking"] if one.state in states}
        return [one for one in self.look["request"] if one.id in numbers]

    def unit_key(self, resource_id: int, pick: int) -> str:
        """One of a resource's units; none at all for 0."""
        units = self.look.units[resource_id]
        return self.picked(units, pick - 1).key if pick else ""

    def moments(self) -> list[datetime]:
        """When something is to happen by itself."""
        found = {instant(at) for one in self.look["booking"] for at in (one.starts_at, one.ends_at)}
        found |= {instant(one.until) for one in self.look.open_offers}
        found |= {instant(one.starts_at) for one in (*self.look["pending_change"], *self.look["closure"])}
        found |= {instant(one.until) for one in self.look["pending_change"] if one.until}
        return sorted(at for at in found if at > self.now)

    def go_on(self, by: timedelta, pick: int) -> None:
        """The clock goes on: to shortly before, at or after one of the next things that are to happen."""
        ahead = self.moments()[:4] or [self.now + timedelta(hours=6)]
        self.now = max(self.now + timedelta(minutes=1), self.picked(ahead, pick) + by)
