"""What people, staff and the clock do in a walk, at random: nearly all that can be done with what is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from labbook import worker
from labbook.bookings import service
from labbook.bookings.queries import booking_by_key
from labbook.bookings.room import room_for
from labbook.bookings.service import Ask, Part, closing, renewing, reopening, retrying, series, series_ends
from labbook.bookings.service.rebooking import Decision, Fate, Target
from labbook.catalogue.queries import resource_by_slug
from labbook.core.closing import ClosureKind
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.recurrence import Every, Repeat
from labbook.desk.service import assigning, changed, proposals, undoing
from labbook.desk.service.places import Otherwise
from labbook.waiting import service as waiting
from tests.walk.ground import CLOSED, PLACES, SCIENTISTS, Grid, time_of
from tests.walk.look import instant, time
from tests.walk.walker import Walker

T = TypeVar("T")


def often(*several: T) -> st.SearchStrategy[T]:
    """One of these; what stands in it twice comes twice as often."""
    return st.sampled_from(several)


ROLES = often(*["owner"] * 7, *["staff"] * 4, "coordinator", "rival")
STAFF_ROLES = often(*["staff"] * 9, "owner", "rival")
PICK = st.integers(0, 7)
LATE = often(0, 0, 0, 0, 0, 0, 0, 1)  # by how many versions a page is out of date
PEOPLE = often("hana", "hana", "alan", "ben", "ben", "two")
PLACE = often(*PLACES)
POOL = often("tsukuba-hood", "tsukuba-benches", "tsukuba-shared")
GRID = st.builds(Grid, often(0, 0, 0, 0, 1, -1, -2), st.integers(18, 25), st.integers(1, 6))
BY = st.sampled_from([timedelta(minutes=minutes) for minutes in (0, 0, -10, 1, 10, 25)])
REPEATS = st.builds(
    Repeat,
    every=often(Every.DAY, Every.WEEK),
    step=often(1, 1, 2),
    count=st.integers(2, 4),
)
FATES = st.lists(often("keep", "move", "cancel", "leave"), max_size=5)
LONGEST = timedelta(hours=4)


class Walk(Walker):
    """Everything that can happen in a lab."""

    # --- asking ---------------------------------------------------------------------------------------------------

    @initialize(wishes=st.lists(st.tuples(PEOPLE, PLACE, GRID), min_size=2, max_size=6), decides=st.booleans())
    def there_was_a_life_before(self, wishes: list[tuple[str, str, Grid]], decides: bool) -> None:
        """Some things are booked already."""
        for who, place, grid in wishes:
            self._ask("ask", who, self._wish(who, place, grid))
        for row in self.requests_in("waiting", "wished") if decides else ():
            self.do("approve", service.approve, self.somebody("staff", row), row.key, version=1, now=self.now)

    @rule(who=PEOPLE, place=PLACE, grid=GRID, unit=often(0, 0, 0, 1, 2), exception=often(False, False, False, True))
    def ask(self, who: str, place: str, grid: Grid, unit: int, exception: bool) -> None:
        """One thing, once; perhaps although a rule is against it."""
        self._ask("ask", who, self._wish(who, place, grid, unit=unit, is_exception=exception))

    @rule(who=often("cora", "sora", "sam", "hana"), to=often("hana", "alan", "ben"), place=PLACE, grid=GRID)
    def ask_for_somebody_else(self, who: str, to: str, place: str, grid: Grid) -> None:
        """A coordinator for a colleague, staff for anybody; nobody else does."""
        wish = self._wish(to, place, grid, for_person=self.actor(to).key)
        self._ask("ask for somebody else", who, wish)

    @rule(who=PEOPLE, grid=GRID, unit=often(0, 0, 1), rotor=st.booleans())
    def ask_for_the_spinner(self, who: str, grid: Grid, unit: int, rotor: bool) -> None:
        """What needs an operator, and offers a rotor."""
        options = ("tsukuba-rotor",) if rotor else ()
        self._ask("ask with options", who, self._wish(who, "tsukuba-spinner", grid, unit=unit, options=options))

    @rule(who=PEOPLE, place=often("tsukuba-hood", "tsukuba-bench", "tsukuba-benches"), grid=GRID, units=often(2, 2, 3))
    def ask_for_several(self, who: str, place: str, grid: Grid, units: int) -> None:
        """So many of a pool."""
        self._ask("ask for units", who, self._wish(who, place, grid, units=units))

    @rule(who=PEOPLE, places=st.tuples(PLACE, PLACE), grid=GRID, later=often(0, 0, 1, 2, 4))
    def ask_for_a_set(self, who: str, places: tuple[str, str], grid: Grid, later: int) -> None:
        """Two things at once, or one after the other."""
        start, end = time_of(places[1], grid._replace(half_hour=grid.half_hour + later))
        wish = self._wish(who, places[0], grid, also=(Part(places[1], start, end),))
        self._ask("ask for a set", who, wish)

    @rule(
        who=PEOPLE,
        place=often(*PLACES, "cambridge-scope", "cambridge-scope", "tsukuba-asked", "tsukuba-hood"),
        grid=GRID,
        repeat=REPEATS,
        moves=st.booleans(),
        unit=often(0, 0, 1),
    )
    def ask_for_a_series(self, who: str, place: str, grid: Grid, repeat: Repeat, moves: bool, unit: int) -> None:
        """The same again and again; in Cambridge perhaps while the clocks change."""
        self._ask("ask for a series", who, self._wish(who, place, grid, unit=unit, repeat=repeat, moves=moves))

    @precondition(lambda self: self._sent())
    @rule(pick=PICK, otherwise=st.booleans(), sure=often(False, False, True))
    def send_again(self, pick: int, otherwise: bool, sure: bool) -> None:
        """A request that was sent already, or another one under its name."""
        if not sure:
            return
        who, wish, key, made = self.picked(self._sent(), pick)
        before = self.look
        again = Ask(wish.resource, wish.start, wish.end, wish.partner_id, "Something else") if otherwise else wish
        answer = self.do("send again", service.request, self.actor(who), again, key=key, now=self.now)
        assert answer in (made, None)
        assert before.differences(self.look) == []

    def _sent(self) -> list[tuple[str, Ask, str, str]]:
        known = {one.key for one in self.look["idempotency_key"]}  # they are forgotten after two days
        return [one for one in self.sent if one[2] in known]

    def _wish(self, who: str, place: str, grid: Grid, *, unit: int = 0, **more: Any) -> Ask:
        start, end = time_of(place, grid)
        resource = next(one for one in self.look["resource"] if one.slug == place)
        partner, key = self.lab.partners[SCIENTISTS[who]], self.unit_key(resource.id, unit)
        return Ask(place, start, end, partner, f"Work of {who}", "For good reasons", unit=key, **more)

    def _ask(self, verb: str, who: str, wish: Ask) -> None:
        key = self.fresh("key")
        made = self.do(verb, service.request, self.actor(who), wish, key=key, now=self.now)
        if made is not None:
            self.sent.append((who, wish, key, made))

    # --- deciding -------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.requests_in("waiting", "wished"))
    @rule(pick=PICK, role=STAFF_ROLES, late=LATE, waiver=often("", "", "It is urgent"))
    def approve(self, pick: int, role: str, late: int, waiver: str) -> None:
        """All of a request that waits."""
        row = self.picked(self.requests_in("waiting", "wished"), pick)
        actor, version = self.somebody(role, row), row.version - late
        self.do("approve", service.approve, actor, row.key, version=version, waiver=waiver, now=self.now)

    @precondition(lambda self: self.requests_in("waiting", "wished"))
    @rule(pick=PICK, role=STAFF_ROLES, only=st.sets(PICK, min_size=1, max_size=2), approves=st.booleans())
    def decide_on_some(self, pick: int, role: str, only: set[int], approves: bool) -> None:
        """Some dates of what waits."""
        row = self.picked(self.requests_in("waiting", "wished"), pick)
        mine = [one for one in self.look["booking"] if one.request_id == row.id]
        keys = sorted({self.picked(mine, one).key for one in only})
        about = {"version": row.version, "only": keys, "now": self.now}
        if approves:
            self.do("approve some", service.approve, self.somebody(role, row), row.key, **about)
        else:
            self.do("decline some", service.decline, self.somebody(role, row), row.key, reason="Full", **about)

    @precondition(lambda self: self.requests_in("waiting", "wished"))
    @rule(pick=PICK, role=STAFF_ROLES, late=LATE)
    def decline(self, pick: int, role: str, late: int) -> None:
        """All of a request that waits."""
        row = self.picked(self.requests_in("waiting", "wished"), pick)
        actor, version = self.somebody(role, row), row.version - late
        self.do("decline", service.decline, actor, row.key, reason="Full", version=version, now=self.now)

    @precondition(lambda self: self.requests_in("waiting", "wished"))
    @rule(pick=PICK, role=ROLES, late=LATE)
    def withdraw(self, pick: int, role: str, late: int) -> None:
        """Take back what waits."""
        row = self.picked(self.requests_in("waiting", "wished"), pick)
        actor = self.somebody(role, row)
        self.do("withdraw", service.withdraw, actor, row.key, version=row.version - late, now=self.now)

    @precondition(lambda self: self.bookings_in("waiting", "wished"))
    @rule(pick=PICK, role=STAFF_ROLES, grid=GRID, halves=often(0, 0, 0, 1), unit=often(0, 0, 1, 2), late=LATE)
    def propose(self, pick: int, role: str, grid: Grid, halves: int, unit: int, late: int) -> None:
        """Keep another time or unit for what waits, or the same half an hour later."""
        row = self.picked(self.bookings_in("waiting", "wished"), pick)
        start, end = time_of(self.look.resources[row.resource_id].slug, grid)
        if halves and not row.by_day:
            start, end = (at + timedelta(minutes=30 * halves) for at in time(row))
        self._otherwise(
            "propose", proposals.propose, row, role, Interval(start, end), unit, late, note="", longest=LONGEST
        )

    @precondition(lambda self: self.bookings_in("waiting", "wished"))
    @rule(
        pick=PICK, role=STAFF_ROLES, cut=often(0, 0, 1), unit=often(0, 0, 1, 2), late=LATE, waiver=often("", "Urgent")
    )
    def approve_changed(self, pick: int, role: str, cut: int, unit: int, late: int, waiver: str) -> None:
        """On another unit, or for less time."""
        row = self.picked(self.bookings_in("waiting", "wished"), pick)
        start, end = time(row)
        end -= cut * (timedelta(days=1) if row.by_day else timedelta(minutes=30))
        if start < end:
            wanted = Interval(start, end)
            self._otherwise("approve changed", changed.approve_changed, row, role, wanted, unit, late, waiver=waiver)

    def _otherwise(
        self, verb: str, what: Any, row: Any, role: str, wanted: Interval, unit: int, late: int, **more: Any
    ) -> None:
        found = self.look.requests[row.request_id]
        otherwise = Otherwise(row.key, wanted, self.unit_key(row.resource_id, unit))
        about = {"version": found.version - late, "now": self.now, **more}
        self.do(verb, what, self.somebody(role, row), found.key, otherwise, **about)

    @precondition(lambda self: self._proposed())
    @rule(pick=PICK, role=ROLES, says=often("accept", "accept", "refuse", "take back"), late=LATE)
    def answer_proposal(self, pick: int, role: str, says: str, late: int) -> None:
        """Take what staff propose, or not; or staff think better of it."""
        row = self.picked(self._proposed(), pick)
        about = {"version": self.look.requests[row.request_id].version - late, "now": self.now}
        if says == "accept":
            self.do("accept proposal", proposals.accept, self.somebody(role, row), row.key, **about)
        elif says == "refuse":
            self.do("refuse proposal", proposals.refuse, self.somebody(role, row), row.key, reason="", **about)
        else:
            self.do("take proposal back", proposals.take_back, self.somebody(role, row), row.key, **about)

    def _proposed(self) -> list[Any]:
        return [self.look.bookings[one.booking_id] for one in self.look["pending_change"] if one.until]

    @precondition(lambda self: self._decided())
    @rule(pick=PICK, role=often(*["staff"] * 7, "owner"), seconds=often(0, 20, 59, 60, 90), late=LATE)
    def undo(self, pick: int, role: str, seconds: int, late: int) -> None:
        """What was decided a moment ago, or a little longer."""
        row = self.picked(self._decided(), pick)
        self.now += timedelta(seconds=seconds)
        self.do("undo", undoing.undo, self.somebody(role, row), row.key, version=row.version - late, now=self.now)

    def _decided(self) -> list[Any]:
        codes, since = ("booking-approve", "booking-decline"), self.now - timedelta(minutes=2)
        numbers = {one.request_id for one in self.look["event"] if one.code in codes and instant(one.at) > since}
        return [one for one in self.look["request"] if one.id in numbers]

    @precondition(lambda self: self.requests_in("waiting", "wished"))
    @rule(pick=PICK, role=STAFF_ROLES, to=often("sora", "mio", "sam", "", "ben"), late=LATE)
    def assign(self, pick: int, role: str, to: str, late: int) -> None:
        """To one of those who decide, or to somebody who does not."""
        row = self.picked(self.requests_in("waiting", "wished"), pick)
        key = self.actor(to).key if to else ""
        about = {"version": row.version - late, "now": self.now}
        self.do("assign", assigning.assign, self.somebody(role, row), row.key, key, **about)

    # --- changing -------------------------------------------------------------------------------------------------

    @precondition(lambda self: self._alive())
    @rule(pick=PICK, role=ROLES, grid=GRID, unit=often(0, 0, 0, 1, 2), late=LATE)
    def reschedule(self, pick: int, role: str, grid: Grid, unit: int, late: int) -> None:
        """To another time, another unit or both."""
        row = self.picked(self._alive(), pick)
        wanted = time_of(self.look.resources[row.resource_id].slug, grid)
        self._move("reschedule", row, role, Interval(*wanted), unit, late)

    @precondition(lambda self: self._alive())
    @rule(pick=PICK, role=ROLES, before=often(-1, 0, 0, 1), after=often(-2, -1, 0, 1, 1, 2), unit=often(0, 0, 0, 1, 2))
    def reshape(self, pick: int, role: str, before: int, after: int, unit: int) -> None:
        """Begin or end earlier or later, or stay there on another unit."""
        row = self.picked(self._alive(), pick)
        start, end = time(row)
        step = timedelta(days=1) if row.by_day else timedelta(minutes=30)
        wanted = (start + before * step, end + after * step)
        if wanted[0] < wanted[1]:
            verb = "change unit" if wanted == (start, end) else "extend" if after > 0 or before < 0 else "shorten"
            self._move(verb, row, role, Interval(*wanted), unit, 0)

    @precondition(lambda self: self.bookings_in("running"))
    @rule(pick=PICK, role=ROLES, after=st.integers(-1, 3))
    def end_early(self, pick: int, role: str, after: int) -> None:
        """Say of what runs that it ends sooner, or later, than booked: half an hour from now, or an hour."""
        row = self.picked(self.bookings_in("running"), pick)
        start, end = time(row)
        ahead = [start + timedelta(minutes=30 * number) for number in range(1, 400)]
        soon = [at for at in ahead if at > self.now]
        wanted = Interval(start, soon[after] if after >= 0 else max(end - timedelta(hours=1), ahead[0]))
        self._move("end early", row, role, wanted, 0, 0)

    def _alive(self) -> list[Any]:
        return self.bookings_in("waiting", "wished", "approved", "running")

    def _move(self, verb: str, row: Any, role: str, wanted: Interval, unit: int, late: int) -> None:
        """As somebody who is shown what follows, and confirms it."""
        about = {"unit": self.unit_key(row.resource_id, unit), "version": row.version - late, "now": self.now}
        self.do(verb, _confirmed, self.somebody(role, row), service.move, row.key, wanted, **about)

    @precondition(lambda self: self._changing())
    @rule(pick=PICK, role=STAFF_ROLES, late=LATE, waiver=often("", "", "It is urgent"))
    def approve_change(self, pick: int, role: str, late: int, waiver: str) -> None:
        """What somebody asked for in place of a booking."""
        row = self.picked(self._changing(), pick)
        actor, version = self.somebody(role, row), row.version - late
        self.do("approve change", service.approve_change, actor, row.key, version=version, waiver=waiver, now=self.now)

    @precondition(lambda self: self._changing())
    @rule(pick=PICK, role=STAFF_ROLES, late=LATE)
    def decline_change(self, pick: int, role: str, late: int) -> None:
        """It stays as it is."""
        row = self.picked(self._changing(), pick)
        actor, version = self.somebody(role, row), row.version - late
        self.do("decline change", service.decline_change, actor, row.key, reason="No", version=version, now=self.now)

    @precondition(lambda self: self._changing())
    @rule(pick=PICK, role=ROLES, late=LATE)
    def withdraw_change(self, pick: int, role: str, late: int) -> None:
        """It stays as it is, for whoever asked."""
        row = self.picked(self._changing(), pick)
        actor = self.somebody(role, row)
        self.do("withdraw change", service.withdraw_change, actor, row.key, version=row.version - late, now=self.now)

    def _changing(self) -> list[Any]:
        return [self.look.bookings[one.booking_id] for one in self.look["pending_change"] if not one.until]

    @precondition(lambda self: self.bookings_in("approved", "running"))
    @rule(pick=PICK, role=ROLES, late=LATE)
    def cancel(self, pick: int, role: str, late: int) -> None:
        """Give it back, all of it or what is left."""
        row = self.picked(self.bookings_in("approved", "running"), pick)
        about = {"reason": "", "version": row.version - late, "now": self.now}
        self.do("cancel", _confirmed, self.somebody(role, row), service.cancel, row.key, **about)

    @precondition(lambda self: self._alive())
    @rule(pick=PICK, role=ROLES, to=often("hana", "alan", "two", "alan", "ben", "cora"), late=LATE)
    def hand_over(self, pick: int, role: str, to: str, late: int) -> None:
        """To a colleague, or to somebody who is none."""
        row = self.picked(self._alive(), pick)
        key = self.actor(to).key
        about = {"reason": "", "version": row.version - late, "now": self.now}
        self.do("hand over", service.hand_over, self.somebody(role, row), row.key, key, **about)

    @precondition(lambda self: self._about_to_begin())
    @rule(pick=PICK, role=ROLES)
    def check_in(self, pick: int, role: str) -> None:
        """Somebody has come."""
        row = self.picked(self._about_to_begin(), pick)
        self.do("check in", service.check_in, self.somebody(role, row), row.key, version=row.version, now=self.now)

    def _about_to_begin(self) -> list[Any]:
        near = timedelta(minutes=30)
        return [one for one in self.bookings_in("approved", "running") if abs(instant(one.starts_at) - self.now) < near]

    @rule(
        place=often("tsukuba-hood", "tsukuba-benches", "tsukuba-shared"), grid=GRID, pick=PICK, who=often("sora", "ben")
    )
    def make_room(self, place: str, grid: Grid, pick: int, who: str) -> None:
        """Others change unit, so that there is room for one more, or for one that waits."""
        number = next(one.id for one in self.look["resource"] if one.slug == place)
        waiting_ = [one for one in self.bookings_in("wished", "waiting") if one.resource_id == number]
        row = self.picked(waiting_, pick) if waiting_ else None
        wanted = Interval(*(time(row) if row is not None else time_of(place, grid)))
        about = (place, wanted, row.key if row is not None else "", self.now)
        self.do("make room", _make_room_as_shown, self.actor(who), *about)

    @precondition(lambda self: self._residing())
    @rule(pick=PICK, role=ROLES, days=often(1, 1, 2))
    def renew(self, pick: int, role: str, days: int) -> None:
        """What follows a stay on a bench, directly after it."""
        row = self.picked(self._residing(), pick)
        end = instant(row.ends_at) + timedelta(days=days)
        about = {"title": "More", "purpose": "Not done yet", "key": self.fresh("key"), "now": self.now}
        self.do("renew", renewing.renew, self.somebody(role, row), row.key, end, **about)

    def _residing(self) -> list[Any]:
        return [one for one in self.bookings_in("approved", "running") if one.by_day]

    # --- series ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.look["series"])
    @rule(pick=PICK, role=ROLES, day=often(0, 0, 1, -1), halves=often(-2, -1, 1, 1, 2), longer=often(0, 0, 0, 1, -1))
    def change_series(self, pick: int, role: str, day: int, halves: int, longer: int) -> None:
        """One date and the following, or all, at another time, as the page has shown it."""
        row, found, since = self._series(pick)
        start = datetime.fromisoformat(since or row.wall_start)
        length = datetime.fromisoformat(row.wall_end) - datetime.fromisoformat(row.wall_start)
        begins = start + timedelta(days=day, minutes=30 * halves)
        wanted = series.Wanted(since, begins, begins + length + timedelta(minutes=30 * longer))
        self.do("change series", _change_as_shown, self.somebody(role, found), row.key, wanted, found.version, self.now)

    @precondition(lambda self: self.look["series"])
    @rule(pick=PICK, role=ROLES, most=st.integers(1, 3))
    def end_dates(self, pick: int, role: str, most: int) -> None:
        """Cancel some dates, or take them back."""
        row, found, since = self._series(pick)
        about = (row.key, since, most, found.version, self.now)
        self.do("end dates", _end_as_shown, self.somebody(role, found), *about)

    @precondition(lambda self: self.look["skipped_date"])
    @rule(pick=PICK, role=ROLES, late=LATE)
    def retry_skipped(self, pick: int, role: str, late: int) -> None:
        """A date that could not be had."""
        date = self.picked(self.look["skipped_date"], pick)
        row = next(one for one in self.look["series"] if one.id == date.series_id)
        found = self.look.requests[row.request_id]
        about = {"version": found.version - late, "now": self.now}
        self.do("retry", retrying.retry, self.somebody(role, found), row.key, [date.recurrence_on], **about)

    def _series(self, pick: int) -> tuple[Any, Any, str]:
        """A series with its request, and the name of one of its dates, or of none."""
        row = self.picked(self.look["series"], pick)
        names = sorted(one.recurrence_on for one in self.look["booking"] if one.series_id == row.id)
        return row, self.look.requests[row.request_id], self.picked([*names, ""], pick // 2)

    # --- closing --------------------------------------------------------------------------------------------------

    @rule(place=often(*CLOSED, "site", "unit"), grid=GRID, who=often(*["sora", "mio"] * 3, "ben"), fates=FATES)
    def close(self, place: str, grid: Grid, who: str, fates: list[str]) -> None:
        """A place of Tsukuba, and decide on what lies under it, or not yet."""
        if place == "unit":
            place = f"unit:{self.unit_key(self.look.bookings[1].resource_id if self.look.bookings else 1, 1)}"
        time_ = Interval(*time_of("tsukuba", grid._replace(halves=grid.halves + 4)))
        date = closing.Date(time_, Words("Floor", "床"))
        draft = closing.Draft(self.fresh("batch"), place, ClosureKind.MAINTENANCE, (date,))
        decided = self._decisions(self._alive(), fates, grid)
        self.do("close", closing.close, self.actor(who), "tsukuba", draft, decided, now=self.now)

    @precondition(lambda self: self._flagged())
    @rule(pick=PICK, who=often("sora", "sora", "mio", "ben"), fates=FATES, grid=GRID)
    def decide_under_closure(self, pick: int, who: str, fates: list[str], grid: Grid) -> None:
        """What becomes of the bookings that lie under something that is closed."""
        flag = self.picked(self._flagged(), pick)
        mine = [one for one in self._flagged() if one.closing == flag.closing]
        decided = self._decisions([self.look.bookings[one.booking_id] for one in mine], fates, grid)
        self.do("decide under closure", closing.decide, self.actor(who), flag.closing, decided, now=self.now)

    @precondition(lambda self: self.look["closure"])
    @rule(pick=PICK, who=often("sora", "mio", "mio", "ben"))
    def lift(self, pick: int, who: str) -> None:
        """Open again what is closed."""
        row = self.picked(self.look["closure"], pick)
        self.do("lift", reopening.lift, self.actor(who), row.key, version=row.version, now=self.now)

    @precondition(lambda self: self.look["closure"])
    @rule(pick=PICK, who=often("sora", "mio", "mio", "ben"), grid=GRID)
    def change_closure(self, pick: int, who: str, grid: Grid) -> None:
        """It is closed at another time."""
        row = self.picked(self.look["closure"], pick)
        wanted = closing.Date(Interval(*time_of("tsukuba", grid)), Words("Later", "後で"))
        about = {"version": row.version, "now": self.now}
        self.do("change closure", reopening.change, self.actor(who), row.key, wanted, ClosureKind.FAULT, **about)

    def _flagged(self) -> list[Any]:
        return [one for one in self.look["flag"] if one.settled_at is None and one.closing]

    def _decisions(self, rows: list[Any], fates: list[str], grid: Grid) -> dict[str, Decision]:
        found = {}
        for number, (row, fate) in enumerate(zip(rows, fates, strict=False)):
            slug = self.look.resources[row.resource_id].slug
            start, end = time_of(slug, grid._replace(day=grid.day + 1, halves=2))
            target = Target(self.unit_key(row.resource_id, number + 1), Interval(start, end))
            if fate != "leave":
                found[row.key] = Decision(Fate(fate), target if fate == "move" else None)
        return found

    # --- waiting --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self._alive())
    @rule(pick=PICK, who=PEOPLE, halves=st.integers(1, 3), takes=often(False, False, True))
    def wait(self, pick: int, who: str, halves: int, takes: bool) -> None:
        """For the time that somebody else has."""
        row = self.picked(self._alive(), pick)
        what = f"resource:{self.look.resources[row.resource_id].slug}"
        start, end = time(row)
        minutes = int((end - start).total_seconds() // 60) if row.by_day else 30 * halves
        partner = self.lab.partners[SCIENTISTS[who]]
        wanted = waiting.Wanted(what, Interval(start, end), minutes, partner, f"Wish of {who}", takes_it=takes)
        self.do("wait", waiting.join, self.actor(who), wanted, now=self.now)

    @precondition(lambda self: self.look["wait"])
    @rule(pick=PICK, role=often("owner", "owner", "staff"))
    def make_way(self, pick: int, role: str) -> None:
        """Something that somebody waits for is given back, and what is free is offered in the order of asking."""
        held = [one for one in self.bookings_in("approved", "running") if self._is_waited_for(one)]
        if held:
            row = self.picked(held, pick)
            about = {"reason": "", "version": row.version, "now": self.now}
            self.do("cancel", _confirmed, self.somebody(role, row), service.cancel, row.key, **about)
        self.do("serve", waiting.serve, longest=LONGEST, now=self.now)

    @precondition(lambda self: self.look["offer"])
    @rule(pick=PICK, stranger=often(False, False, False, False, True), takes=often(True, True, False))
    def answer(self, pick: int, stranger: bool, takes: bool) -> None:
        """Take what is offered, or was, or let it go."""
        who, offer = self._offer(pick, stranger)
        verb, what = ("accept", waiting.accept) if takes else ("refuse", waiting.refuse)
        self.do(verb, what, self.actor(who), offer.key, now=self.now)

    @precondition(lambda self: self._waiting())
    @rule(pick=PICK, sure=often(False, True))
    def leave(self, pick: int, sure: bool) -> None:
        """Wait no longer."""
        row = self.picked(self._waiting(), pick)
        if sure:
            self.do("leave", waiting.leave, self.actor(self.names[row.person_id]), row.key, now=self.now)

    def _waiting(self) -> list[Any]:
        return [one for one in self.look["wait"] if one.ended_at is None]

    def _is_waited_for(self, row: Any) -> bool:
        return any(one.resource_id == row.resource_id and time(one).overlaps(time(row)) for one in self._waiting())

    def _offer(self, pick: int, stranger: bool) -> tuple[str, Any]:
        offer = self.picked(self.look.open_offers or self.look["offer"], pick)
        whose = next(one for one in self.look["wait"] if one.id == offer.wait_id)
        return "chika" if stranger else self.names[whose.person_id], offer

    # --- the clock ------------------------------------------------------------------------------------------------

    @rule(by=BY, pick=often(0, 0, 0, 1, 2), then=often("ticks", "ticks", "works", "goes unseen"))
    def clock_goes_on(self, by: timedelta, pick: int, then: str) -> None:
        """Bookings begin, end, expire, or are freed as nobody came; all other duties; or the worker is late."""
        self.go_on(by, pick)
        if then == "ticks":
            self.do("tick", service.tick, now=self.now)
        elif then == "works":
            self.do("work", worker.once, self.now)


def _make_room_as_shown(actor: Any, slug: str, wanted: Interval, booking_key: str, now: datetime) -> str:
    resource, site = resource_by_slug(actor, slug)
    waits = booking_by_key(actor, booking_key) if booking_key else None
    room = room_for(resource, site, wanted, now=now, but=waits)
    seen = room.seen if room is not None else ""
    return service.make_room(actor, slug, wanted, seen=seen, booking_key=booking_key, now=now)


def _change_as_shown(actor: Any, key: str, wanted: series.Wanted, version: int, now: datetime) -> str:
    plan = series.look_at_series(actor, key, wanted, now=now)
    return series.change_series(actor, key, wanted, version=version, seen=plan.seen, now=now)


def _end_as_shown(actor: Any, key: str, since: str, most: int, version: int, now: datetime) -> int:
    found = series_ends.look_at_ends(actor, key, since, now=now)
    number = series.open_series(actor, key).number
    names = [one.day.names[number] for one in found][:most]
    seen = series_ends.seen_of(found)
    return series_ends.end_dates(actor, key, since, names, reason="", version=version, seen=seen, now=now)


def _confirmed(actor: Any, verb: Any, *args: Any, **more: Any) -> Any:
    """Take a step that costs something; whoever is shown what, confirms it."""
    try:
        return verb(actor, *args, **more)
    except service.WorseError as worse:
        return verb(actor, *args, seen=worse.follows.seen, **more)
