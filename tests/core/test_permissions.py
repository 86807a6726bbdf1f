"""Who may do what: a table of role by relation by deed, written here a second time, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.permissions import (
    ALLOWED,
    LAB_ROLES,
    PARTNER_ROLES,
    SITE_ROLES,
    Actor,
    Do,
    ForbiddenError,
    Matter,
    Role,
    may,
    require,
)
from tests.core.cast import (
    ACTORS,
    AOBA,
    BIRCH,
    CAMBRIDGE,
    CEDAR,
    NOBODY,
    SOMEBODY,
    TSUKUBA,
    both,
    of_partner,
    of_site,
)

LETTERS = {
    "S": Do.SEE_SITE,
    "R": Do.REQUEST_BOOKING,
    "D": Do.DECIDE_REQUEST,
    "W": Do.WITHDRAW_REQUEST,
    "C": Do.CANCEL_BOOKING,
    "M": Do.MOVE_BOOKING,
    "I": Do.SEE_INBOX,
    "o": Do.FOLLOW_OWN,
    "r": Do.FOLLOW_RESOURCE,
    "s": Do.FOLLOW_SITE,
    "X": Do.CLOSE_SITE,
}

# Everything is in Tsukuba. "own" is Aoba's and asked for by or for the person of the row, "Aoba's" and "Birch's" are
# somebody else's, "site" is about no booking.
TABLE = """
                     own         Aoba's      Birch's     site
scientist            SRWCMor     SRor        o           SRor
coordinator          SRWCMor     SRWCMor     o           SRor
scientist-elsewhere  o           o           o           o
scientist-ended      o           o           o           o
coordinator-ended    o           o           o           o
rival                o           o           SRor        SRor
rival-coordinator    o           o           SRWCMor     SRor
ally                 o           o           o           SRor
staff                SCMIors     SDCMIors    SDCMIors    SDCMIors
manager              SCMIorsX    SDCMIorsX   SDCMIorsX   SDCMIorsX
staff-elsewhere      Sor         Sor         Sor         Sor
manager-elsewhere    Sor         Sor         Sor         Sor
manager-scientist    SRWCMIorsX  SRDCMIorsX  SDCMIorsX   SRDCMIorsX
administrator        Sor         Sor         Sor         Sor
auditor              Sor         Sor         Sor         Sor
nobody               o           o           o           o
"""

MATTERS = {
    "own": Matter(TSUKUBA, AOBA, frozenset({NOBODY.person_id, SOMEBODY})),
    "Aoba's": Matter(TSUKUBA, AOBA, frozenset({SOMEBODY})),
    "Birch's": Matter(TSUKUBA, BIRCH, frozenset({SOMEBODY})),
    "site": Matter(TSUKUBA),
}

HEADS, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = {(row[0], head): cell for row in ROWS for head, cell in zip(HEADS, row[1:], strict=True)}

people = st.builds(
    replace,
    st.just(NOBODY),
    person_id=st.integers(1, 3),
    partners=st.frozensets(st.tuples(st.sampled_from((AOBA, BIRCH, CEDAR)), st.sampled_from(sorted(PARTNER_ROLES)))),
    sites=st.frozensets(st.tuples(st.sampled_from((TSUKUBA, CAMBRIDGE)), st.sampled_from(sorted(SITE_ROLES)))),
    lab=st.frozensets(st.sampled_from(sorted(LAB_ROLES))),
    agreements=st.frozensets(st.tuples(st.sampled_from((AOBA, BIRCH)), st.sampled_from((TSUKUBA, CAMBRIDGE)))),
)
matters = st.builds(
    Matter,
    st.sampled_from((TSUKUBA, CAMBRIDGE)),
    st.sampled_from((None, AOBA, BIRCH)),
    st.frozensets(st.integers(1, 4)),
    st.frozensets(st.integers(1, 4)),
)


@pytest.mark.parametrize(("who", "whose"), CELLS)
def test_everyone_may_do_what_the_table_says_and_nothing_else(who: str, whose: str) -> None:
    allowed = {letter for letter, do in LETTERS.items() if may(ACTORS[who], do, MATTERS[whose])}
    assert allowed == set(CELLS[who, whose])


def test_the_table_has_everyone_everything_and_every_relation() -> None:
    assert {who for who, _ in CELLS} == set(ACTORS)
    assert {whose for _, whose in CELLS} == set(MATTERS)
    assert set(LETTERS.values()) == set(Do)


def test_every_deed_has_a_row_and_every_row_a_deed() -> None:
    assert set(ALLOWED) == set(Do)
    assert all(ALLOWED.values())
    assert all(clause.__doc__ for row in ALLOWED.values() for clause in row)


def test_roles_are_of_a_partner_of_a_site_or_of_the_lab() -> None:
    assert set(Role) == PARTNER_ROLES | SITE_ROLES | LAB_ROLES
    assert len(PARTNER_ROLES) + len(SITE_ROLES) + len(LAB_ROLES) == len(Role)
    assert [str(role) for role in Role] == ["scientist", "coordinator", "staff", "manager", "administrator", "auditor"]


@given(people, matters)
def test_nobody_decides_their_own(actor: Actor, matter: Matter) -> None:
    own = replace(matter, person_ids=matter.person_ids | {actor.person_id})
    assert not may(actor, Do.DECIDE_REQUEST, own)


@given(people, matters, st.sampled_from(Do))
def test_whose_agreement_has_ended_may_only_leave(actor: Actor, matter: Matter, do: Do) -> None:
    ended = replace(actor, agreements=frozenset(), sites=frozenset(), lab=frozenset())
    no_name = replace(matter, approver_ids=frozenset())
    assert may(ended, do, no_name) is (do is Do.FOLLOW_OWN)


@given(people, matters, st.sampled_from(Do))
def test_rights_only_ever_add_up(actor: Actor, matter: Matter, do: Do) -> None:
    more = both(actor, of_partner(Role.COORDINATOR, AOBA, TSUKUBA, CAMBRIDGE))
    assert may(more, do, matter) or not may(actor, do, matter)


@given(people, matters, st.sampled_from(Do))
def test_require_refuses_exactly_what_may_not_be_done(actor: Actor, matter: Matter, do: Do) -> None:
    if may(actor, do, matter):
        require(actor, do, matter)
    else:
        with pytest.raises(ForbiddenError, match=str(do)):
            require(actor, do, matter)


# Agreements


def test_an_agreement_counts_at_its_own_site_and_for_its_own_partner() -> None:
    two = both(of_partner(Role.SCIENTIST, AOBA, TSUKUBA), of_partner(Role.SCIENTIST, BIRCH, CAMBRIDGE))
    for partner, site, works in ((AOBA, TSUKUBA, True), (AOBA, CAMBRIDGE, False), (BIRCH, TSUKUBA, False)):
        assert may(two, Do.REQUEST_BOOKING, Matter(site, partner)) is works
    assert may(two, Do.REQUEST_BOOKING, Matter(CAMBRIDGE))


def test_an_agreement_without_a_role_is_worth_nothing() -> None:
    left = replace(of_partner(Role.SCIENTIST, AOBA, TSUKUBA), partners=frozenset())
    assert not may(left, Do.SEE_SITE, Matter(TSUKUBA))
    assert not may(left, Do.REQUEST_BOOKING, Matter(TSUKUBA, AOBA))


def test_a_coordinator_of_one_partner_is_no_coordinator_of_another() -> None:
    mixed = both(of_partner(Role.COORDINATOR, AOBA, TSUKUBA), of_partner(Role.SCIENTIST, BIRCH, TSUKUBA))
    assert may(mixed, Do.CANCEL_BOOKING, MATTERS["Aoba's"])
    assert not may(mixed, Do.CANCEL_BOOKING, MATTERS["Birch's"])


# Named approvers


def decides(actor: Actor, matter: Matter) -> bool:
    """Whether somebody may decide."""
    return may(actor, Do.DECIDE_REQUEST, matter)


def test_a_named_approver_decides_instead_of_staff() -> None:
    named = replace(MATTERS["Birch's"], approver_ids=frozenset({7}))
    seven = replace(ACTORS["scientist"], person_id=7)
    assert decides(seven, named)
    assert not decides(ACTORS["staff"], named)
    assert not decides(ACTORS["manager"], named)
    assert decides(replace(ACTORS["staff"], person_id=7), named)


def test_a_named_approver_decides_nothing_where_none_is_named() -> None:
    assert not decides(replace(ACTORS["scientist"], person_id=7), MATTERS["Birch's"])


def test_staff_decide_when_the_only_named_approver_asks() -> None:
    alone = Matter(TSUKUBA, AOBA, frozenset({7}), frozenset({7}))
    assert decides(ACTORS["staff"], alone)
    assert not decides(replace(ACTORS["manager"], person_id=7), alone)
    assert not decides(ACTORS["staff-elsewhere"], alone)
    two = replace(alone, approver_ids=frozenset({7, 8}))
    assert not decides(ACTORS["staff"], two)
    assert decides(replace(NOBODY, person_id=8), two)


@given(matters.filter(lambda one: len(one.person_ids) < 4))
def test_somebody_can_always_decide(matter: Matter) -> None:
    staff = [replace(of_site(Role.STAFF, matter.site_id or 0), person_id=number) for number in range(1, 6)]
    assert any(decides(one, matter) for one in staff)


# Actors


def test_an_actor_knows_partners_and_sites_without_their_roles() -> None:
    actor = both(ACTORS["manager-scientist"], of_partner(Role.COORDINATOR, CEDAR))
    assert actor.partner_ids == {AOBA, CEDAR}
    assert actor.staffed_sites == {TSUKUBA}
    assert actor.is_staff
    assert not actor.looks_at_everything
    assert not ACTORS["coordinator"].is_staff
    assert ACTORS["auditor"].looks_at_everything
    assert ACTORS["administrator"].looks_at_everything
