"""How much of a booking a viewer gets: the table of the design, and nothing in "busy" that could carry a word."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.disclosure import BookingRow, Busy, Full, Relation, busy_blocks, kept_apart, relation, shown_to
from labbook.core.interval import Interval, merged
from labbook.core.language import Words
from labbook.core.lifecycle import State
from labbook.core.permissions import Actor, Role
from tests.core.cases import HOUR, MINUTE, at, span
from tests.core.cast import (
    ACTORS,
    AOBA,
    AURORA,
    BIRCH,
    BOREAL,
    CAMBRIDGE,
    CEDAR,
    NOBODY,
    SOMEBODY,
    TSUKUBA,
    both,
    of_lab,
    of_partner,
    of_site,
)
from tests.core.test_permissions import people

TIME, HOLD = span("2026-11-24 10:00", "2026-11-24 12:00"), span("2026-11-24 09:45", "2026-11-24 12:30")
PLANTED = (
    "KEYword",
    "UIDword",
    "REQword",
    "TITLEword",
    "PURPOSEword",
    "PARTNERword",
    "社名ことば",
    "FAMILYword",
    "GIVENword",
)
NUMBERS: dict[str, Any] = {
    "partner_id": 777_001,
    "person_id": 777_002,
    "project_id": 777_003,
    "resource_id": 777_004,
    "version": 777_005,
}

ROW = BookingRow(
    key="KEYword",
    uid="UIDword",
    request_key="REQword",
    title="TITLEword",
    purpose="PURPOSEword",
    site_id=TSUKUBA,
    resource_id=31,
    unit_id=41,
    partner_id=AOBA,
    partner_name=Words("PARTNERword", "社名ことば"),
    person_id=SOMEBODY,
    family_name="FAMILYword",
    given_name="GIVENword",
    project_id=None,
    state=State.APPROVED,
    time=TIME,
    hold=HOLD,
    by_day=False,
    sequence=2,
    created_at=at("2026-11-01 08:11:12"),
    changed_at=at("2026-11-02 08:11:12"),
    version=3,
)

# Bookings in Tsukuba, approved, and why each viewer gets all of them; "busy" where only that.
TABLE = """
                     own      Aoba's   Birch's  Aoba's+Aurora  Cedar's+Aurora  Cambridge
scientist            own      partner  busy     partner        joint           busy
coordinator          own      partner  busy     partner        joint           busy
scientist-elsewhere  busy     busy     busy     busy           busy            busy
scientist-ended      busy     busy     busy     busy           busy            busy
coordinator-ended    busy     busy     busy     busy           busy            busy
rival                busy     busy     partner  busy           busy            partner
rival-coordinator    busy     busy     partner  busy           busy            partner
ally                 busy     busy     busy     joint          partner         busy
staff                staff    staff    staff    staff          staff           busy
manager              staff    staff    staff    staff          staff           busy
staff-elsewhere      busy     busy     busy     busy           busy            staff
manager-elsewhere    busy     busy     busy     busy           busy            staff
manager-scientist    own      partner  staff    partner        staff           busy
administrator        duty     duty     duty     duty           duty            duty
auditor              duty     duty     duty     duty           duty            duty
nobody               busy     busy     busy     busy           busy            busy
"""

BOOKINGS = {
    "own": replace(ROW, person_id=NOBODY.person_id),
    "Aoba's": ROW,
    "Birch's": replace(ROW, partner_id=BIRCH),
    "Aoba's+Aurora": replace(ROW, project_id=AURORA),
    "Cedar's+Aurora": replace(ROW, partner_id=CEDAR, project_id=AURORA),
    "Cambridge": replace(ROW, partner_id=BIRCH, site_id=CAMBRIDGE),
}

HEADS, *LINES = [line.split() for line in TABLE.strip().splitlines()]
CELLS = {(line[0], head): cell for line in LINES for head, cell in zip(HEADS, line[1:], strict=True)}

moments = st.integers(0, 60).map(lambda n: TIME.start + n * 30 * MINUTE)
times = st.tuples(moments, st.integers(1, 8)).map(lambda pair: Interval(pair[0], pair[0] + pair[1] * HOUR))
rows = st.builds(
    replace,
    st.just(ROW),
    partner_id=st.sampled_from((AOBA, BIRCH)),
    site_id=st.sampled_from((TSUKUBA, CAMBRIDGE)),
    person_id=st.integers(1, 4),
    project_id=st.sampled_from((None, AURORA, BOREAL)),
    state=st.sampled_from(State),
    hold=st.none() | times,
    unit_id=st.integers(1, 3),
)
viewers = st.builds(
    replace,
    people,
    projects=st.frozensets(st.sampled_from((AURORA, BOREAL))),
    project_sites=st.none() | st.frozensets(st.sampled_from((TSUKUBA, CAMBRIDGE))),
)


@pytest.mark.parametrize(("who", "whose"), CELLS)
def test_a_viewer_gets_what_the_design_says(who: str, whose: str) -> None:
    viewer, booking, expected = ACTORS[who], BOOKINGS[whose], CELLS[who, whose]
    if expected == "busy":
        assert relation(viewer, booking) is None
        assert shown_to(viewer, booking) == Busy(booking.unit_id, HOLD)
    else:
        assert shown_to(viewer, booking) == Full(booking, Relation(expected))


def test_the_table_has_everyone_and_every_kind_of_booking() -> None:
    assert set(CELLS) == {(who, whose) for who in ACTORS for whose in BOOKINGS}
    assert set(CELLS.values()) == {*Relation, "busy"}


# Entitlements, said a second time


def is_entitled(viewer: Actor, booking: BookingRow) -> bool:
    """Design, section 6, in one sentence each."""
    works_for_it = any(partner == booking.partner_id for partner, _ in viewer.partners)
    in_force = (booking.partner_id, booking.site_id) in viewer.agreements
    works_at_it = any(site == booking.site_id for site, _ in viewer.sites)
    is_joint = booking.project_id in viewer.projects  # projects never hold None
    is_joint &= viewer.project_sites is None or booking.site_id in viewer.project_sites
    return (works_for_it and in_force) or works_at_it or is_joint or bool(viewer.lab)


@given(viewers, rows)
def test_all_of_it_goes_to_the_entitled_and_to_nobody_else(viewer: Actor, booking: BookingRow) -> None:
    shown = shown_to(viewer, booking)
    assert isinstance(shown, Full) is is_entitled(viewer, booking)
    if not isinstance(shown, Full):
        assert shown == (Busy(booking.unit_id, booking.hold) if booking.hold else None)


@pytest.mark.parametrize("state", State)
def test_a_rival_sees_the_hold_whatever_the_state(state: State) -> None:
    assert shown_to(ACTORS["rival"], replace(ROW, state=state)) == Busy(ROW.unit_id, HOLD)


def test_a_rival_sees_nothing_of_a_booking_without_a_hold() -> None:
    assert shown_to(ACTORS["rival"], replace(ROW, hold=None)) is None


@pytest.mark.parametrize("state", State)
def test_one_s_own_is_shown_in_every_state(state: State) -> None:
    assert shown_to(ACTORS["scientist"], replace(ROW, state=state, hold=None)) is not None


def test_staff_who_look_at_everything_look_as_staff_at_their_own_site_only() -> None:
    viewer = both(of_site(Role.STAFF, TSUKUBA), of_lab(Role.AUDITOR))
    assert relation(viewer, BOOKINGS["Birch's"]) is Relation.STAFF
    assert relation(viewer, BOOKINGS["Cambridge"]) is Relation.DUTY


def test_a_role_without_its_agreement_shows_nothing_even_beside_another_in_force() -> None:
    viewer = both(of_partner(Role.SCIENTIST, AOBA), of_partner(Role.SCIENTIST, BIRCH, TSUKUBA))
    assert relation(viewer, ROW) is None
    assert relation(viewer, BOOKINGS["Birch's"]) is Relation.PARTNER
    left = replace(of_partner(Role.SCIENTIST, AOBA, TSUKUBA), partners=frozenset())
    assert relation(left, ROW) is None


# Busy carries no words


def leaves(kind: Any) -> Iterator[Any]:
    """The types of everything that a value of this type can hold."""
    if is_dataclass(kind):
        for hint in get_type_hints(kind).values():
            yield from leaves(hint)
    else:
        yield kind


def test_busy_has_no_field_in_which_a_word_could_travel() -> None:
    assert {field.name for field in fields(Busy)} == {"unit_id", "time"}
    assert set(leaves(Busy)) == {int, datetime}
    assert set(leaves(BookingRow)) >= {str}  # the check does see words where there are any
    with pytest.raises((AttributeError, TypeError)):
        Busy(41, HOLD).title = "word"  # type: ignore[attr-defined]
    assert not hasattr(Busy(41, HOLD), "__dict__")


@given(rows, st.sampled_from(sorted(State)))
def test_nothing_planted_in_a_booking_comes_out_of_busy(booking: BookingRow, state: State) -> None:
    secret = replace(booking, state=state, site_id=TSUKUBA, **{**NUMBERS, "partner_id": AOBA, "project_id": 777_003})
    shown = shown_to(ACTORS["rival"], secret)
    assert not isinstance(shown, Full)
    texts = [repr(shown), str(shown), json.dumps(asdict(shown), default=str) if shown else ""]
    stored = pickle.dumps(shown)
    for word in (*PLANTED, *(str(number) for number in NUMBERS.values()), str(state)):
        assert not any(word in text for text in texts)
        assert word.encode() not in stored
    assert all(word in repr(secret) for word in PLANTED)


def test_the_wanted_time_itself_is_not_told_apart_from_its_buffers() -> None:
    shown = shown_to(ACTORS["rival"], ROW)
    assert str(TIME.start) not in repr(shown)
    assert str(TIME.end) not in repr(shown)
    assert shown == shown_to(ACTORS["rival"], replace(ROW, time=HOLD))


def test_two_bookings_of_a_time_look_the_same_whoever_has_them() -> None:
    other = replace(
        ROW, key="other", partner_id=999, person_id=5, title="", by_day=True, state=State.WAITING, version=9
    )
    assert shown_to(ACTORS["rival"], ROW) == shown_to(ACTORS["rival"], other)
    assert repr(shown_to(ACTORS["rival"], ROW)) == repr(shown_to(ACTORS["rival"], other))


# Blocks


def test_busy_times_that_touch_are_one_block_for_each_unit() -> None:
    morning, noon = span("2026-11-24 09:00", "2026-11-24 12:00"), span("2026-11-24 12:00", "2026-11-24 13:00")
    evening = span("2026-11-24 18:00", "2026-11-24 19:00")
    busy = [Busy(1, noon), Busy(2, noon), Busy(1, evening), Busy(1, morning)]
    assert busy_blocks(busy) == {1: [span("2026-11-24 09:00", "2026-11-24 13:00"), evening], 2: [noon]}
    assert busy_blocks([]) == {}


@given(st.lists(st.builds(Busy, st.integers(1, 3), times)))
def test_blocks_are_all_of_the_busy_time_and_never_touch(busy: list[Busy]) -> None:
    blocks = busy_blocks(busy)
    assert set(blocks) == {one.unit_id for one in busy}
    for unit, found in blocks.items():
        assert found == merged(one.time for one in busy if one.unit_id == unit)
        assert all(one.end < other.start for one, other in pairwise(found))


@given(st.lists(times, min_size=1), st.integers(1, 7))
def test_how_many_bookings_make_up_a_block_cannot_be_counted(held: list[Interval], parts: int) -> None:
    split = []
    for one in held:
        step = one.length / parts
        edges = [one.start + n * step for n in range(parts)] + [one.end]
        split += [Busy(1, Interval(start, end)) for start, end in pairwise(edges)]
    assert busy_blocks(split) == busy_blocks([Busy(1, one) for one in held])


def test_units_kept_apart_tell_each_hold_and_the_others_one_block() -> None:
    morning, noon = span("2026-11-24 09:00", "2026-11-24 12:00"), span("2026-11-24 12:00", "2026-11-24 13:00")
    busy = [Busy(unit, time) for unit in (1, 2) for time in (noon, morning)]
    both = span("2026-11-24 09:00", "2026-11-24 13:00")
    assert busy_blocks(busy, apart={1}) == {1: [morning, noon], 2: [both]}


def test_a_site_that_merges_nothing_still_merges_where_one_persons_neighbours_share_their_buffers() -> None:
    assert kept_apart({1: False, 2: True}, merges=False) == {1}
    assert kept_apart({1: False, 2: True}, merges=True) == frozenset()


def test_where_a_booking_may_move_to_is_one_block_with_where_it_stands() -> None:
    """Two holds on a unit overlap only when one booking has both: apart they would tell of a change that waits."""
    old, new = span("2026-11-24 09:00", "2026-11-24 12:00"), span("2026-11-24 10:00", "2026-11-24 13:00")
    evening = span("2026-11-24 13:00", "2026-11-24 14:00")
    both = span("2026-11-24 09:00", "2026-11-24 13:00")
    assert busy_blocks([Busy(1, new), Busy(1, old), Busy(1, evening)], apart={1}) == {1: [both, evening]}
