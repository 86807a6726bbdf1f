"""Who may do what: tables of role by relation by deed, written here a second time, by hand."""

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
    "A": Do.ASSIGN_REQUEST,
    "N": Do.ANSWER_PROPOSAL,
    "W": Do.WITHDRAW_REQUEST,
    "Q": Do.ANSWER_QUESTION,
    "C": Do.CANCEL_BOOKING,
    "M": Do.MOVE_BOOKING,
    "H": Do.HAND_OVER,
    "B": Do.BOOK_FOR_ANOTHER,
    "K": Do.CHECK_IN,
    "I": Do.SEE_INBOX,
    "o": Do.FOLLOW_OWN,
    "f": Do.FOLLOW_PARTNER,
    "r": Do.FOLLOW_RESOURCE,
    "s": Do.FOLLOW_SITE,
    "w": Do.FOLLOW_WAITING,
    "X": Do.CLOSE_SITE,
    "P": Do.CLOSE_PART,
}

# Everything is in Tsukuba. "own" is Aoba's and asked for by or for the person of the row, "Aoba's" and "Birch's" are
# somebody else's, "site" is about no booking.
TABLE = """
                     own                Aoba's             Birch's          site
scientist            SNRWQCKMHofr       SRofr              o                SRor
coordinator          SNRWQCKMHofr       SNRWQCKMHBofr      o                SRor
scientist-elsewhere  of                 of                 o                o
scientist-ended      o                  o                  o                o
coordinator-ended    o                  o                  o                o
rival                o                  o                  SRofr            SRor
rival-coordinator    o                  o                  SNRWQCKMHBofr    SRor
ally                 o                  o                  o                SRor
staff                SWQCKMHIorswP      SADCKMHBIorswP     SADCKMHBIorswP   SADCKMHBIorswP
manager              SWQCKMHIorswPX     SADCKMHBIorswPX    SADCKMHBIorswPX  SADCKMHBIorswPX
staff-elsewhere      Sorw               Sorw               Sorw             Sorw
manager-elsewhere    Sorw               Sorw               Sorw             Sorw
manager-scientist    SNRWQCKMHIofrswPX  SARDCKMHBIofrswPX  SADCKMHBIorswPX  SARDCKMHBIorswPX
administrator        Sor                Sor                Sor              Sor
auditor              Sor                Sor                Sor              Sor
nobody               o                  o                  o                o
"""

MATTERS = {
    "own": Matter(TSUKUBA, AOBA, frozenset({NOBODY.person_id, SOMEBODY})),
    "Aoba's": Matter(TSUKUBA, AOBA, frozenset({SOMEBODY})),
    "Birch's": Matter(TSUKUBA, BIRCH, frozenset({SOMEBODY})),
    "site": Matter(TSUKUBA),
}

HEADS, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = {(row[0], head): cell for row in ROWS for head, cell in zip(HEADS, row[1:], strict=True)}

# The rest of the deeds, by theme. A letter says of what: `m` Aoba's and about nobody but the person of the column, `a`
# Aoba's, `b` Birch's, `c` Cedar's and about somebody else (all at Tsukuba; Aoba and Birch have agreements with both
# sites, Cedar with Tsukuba alone), `t` Tsukuba itself, `e` Cambridge, `n` nothing in particular.
OF_WHAT = {
    "m": Matter(TSUKUBA, AOBA, frozenset({NOBODY.person_id}), partner_sites=frozenset({TSUKUBA, CAMBRIDGE})),
    "a": Matter(TSUKUBA, AOBA, frozenset({SOMEBODY}), partner_sites=frozenset({TSUKUBA, CAMBRIDGE})),
    "b": Matter(TSUKUBA, BIRCH, frozenset({SOMEBODY}), partner_sites=frozenset({TSUKUBA, CAMBRIDGE})),
    "c": Matter(TSUKUBA, CEDAR, frozenset({SOMEBODY}), partner_sites=frozenset({TSUKUBA})),
    "t": Matter(TSUKUBA),
    "e": Matter(CAMBRIDGE),
    "n": Matter(),
}

# The columns of the first are those who work for partners (sci- and coo-else: elsewhere; ended: the agreement; r-: the
# rival's), of the second those who work for the lab (-else: at Cambridge; mgr-sci: manager, and scientist of Aoba).
PARTNERS = """
                        scientist coordinator sci-else sci-ended coo-ended rival r-coo ally nobody
people
see-people              -         am          -        -         -         -     b     -    -
see-site-people         -         -           -        -         -         -     -     -    -
invite-scientist        -         am          -        -         -         -     b     -    -
invite-coordinator      -         -           -        -         -         -     -     -    -
invite-staff            -         -           -        -         -         -     -     -    -
invite-manager          -         -           -        -         -         -     -     -    -
renew-invitation        -         am          -        -         -         -     b     -    -
revoke-invitation       -         am          -        -         -         -     b     -    -
see-joining             -         am          -        -         -         -     b     -    -
answer-joining          -         am          -        -         -         -     b     -    -
give-partner-role       -         -           -        -         -         -     -     -    -
give-site-role          -         -           -        -         -         -     -     -    -
give-lab-role           -         -           -        -         -         -     -     -    -
end-partner-role        -         a           -        -         -         -     b     -    -
end-site-role           -         -           -        -         -         -     -     -    -
end-lab-role            -         -           -        -         -         -     -     -    -
name-approver           -         -           -        -         -         -     -     -    -
name-stand-in           -         -           -        -         -         -     -     -    -
agreements
see-agreement           -         am          -        -         -         -     b     -    -
change-agreement        -         -           -        -         -         -     -     -    -
end-agreement           -         -           -        -         -         -     -     -    -
publish-conditions      -         -           -        -         -         -     -     -    -
accept-conditions       amte      amte        e        -         -         bte   bte   ct   -
settle-flag             -         -           -        -         -         -     -     -    -
waive-rule              -         -           -        -         -         -     -     -    -
waive-strict-rule       -         -           -        -         -         -     -     -    -
sites
set-site                -         -           -        -         -         -     -     -    -
set-resource            -         -           -        -         -         -     -     -    -
rearrange               -         -           -        -         -         -     -     -    -
keep-reasons            -         -           -        -         -         -     -     -    -
keep-sign               -         -           -        -         -         -     -     -    -
see-rules               -         -           -        -         -         -     -     -    -
set-rules               -         -           -        -         -         -     -     -    -
trainings
see-card                m         am          m        m         m         m     mb    m    m
ask-for-training        amte      amte        e        -         -         bte   bte   ct   -
take-training-place     amte      amte        e        -         -         bte   bte   ct   -
see-trainings           -         -           -        -         -         -     -     -    -
schedule-training       -         -           -        -         -         -     -     -    -
sign-off-training       -         -           -        -         -         -     -     -    -
import-trainings        -         -           -        -         -         -     -     -    -
revoke-training         -         -           -        -         -         -     -     -    -
messages
ask-holder              amte      amte        e        -         -         bte   bte   ct   -
read-thread             m         m           -        -         -         -     -     -    -
evidence
preview-as-partner      -         -           -        -         -         -     -     -    -
see-partner-trail       -         am          -        -         -         -     b     -    -
see-trail               -         -           -        -         -         -     -     -    -
export-trail            -         -           -        -         -         -     -     -    -
see-policy              -         -           -        -         -         -     -     -    -
see-letters             -         -           -        -         -         -     -     -    -
see-undelivered         -         -           -        -         -         -     -     -    -
accounts
keep-account            m         m           m        m         m         m     m     m    m
keep-favourite          m         m           m        m         m         m     m     m    m
export-own-data         m         m           m        m         m         m     m     m    m
close-account           -         -           -        -         -         -     -     -    -
remove-factor           -         -           -        -         -         -     -     -    -
erase-person            -         -           -        -         -         -     -     -    -
"""
LAB = """
                        staff   staff-else manager mgr-else mgr-sci administrator auditor
people
see-people              ambc    amb        ambc    amb      ambc    ambcten       ambcten
see-site-people         ambct   e          ambct   e        ambct   ambcten       ambcten
invite-scientist        -       -          c       -        c       ambcten       -
invite-coordinator      -       -          c       -        c       ambcten       -
invite-staff            -       -          ambct   e        ambct   ambcten       -
invite-manager          -       -          -       -        -       ambcten       -
renew-invitation        -       -          ambct   ambe     ambct   ambcten       -
revoke-invitation       -       -          ambct   ambe     ambct   ambcten       -
see-joining             ambcten ambcten    ambcten ambcten  ambcten -             -
answer-joining          -       -          ambc    amb      ambc    -             -
give-partner-role       -       -          c       -        c       abcten        -
give-site-role          -       -          -       -        -       abcten        -
give-lab-role           -       -          -       -        -       abcten        -
end-partner-role        -       -          abc     ab       abc     -             -
end-site-role           -       -          abct    e        abct    abcten        -
end-lab-role            -       -          -       -        -       abcten        -
name-approver           -       -          ambct   e        ambct   -             -
name-stand-in           m       -          ambct   e        ambct   -             -
agreements
see-agreement           ambct   e          ambct   e        ambct   ambcten       ambcten
change-agreement        -       -          ambct   e        bct     -             -
end-agreement           -       -          ambct   e        bct     -             -
publish-conditions      -       -          ambct   e        ambct   -             -
accept-conditions       -       -          -       -        amt     -             -
settle-flag             abct    e          abct    e        abct    -             -
waive-rule              abct    e          abct    e        bct     -             -
waive-strict-rule       -       -          abct    e        bct     -             -
sites
set-site                -       -          ambct   e        ambct   -             -
set-resource            -       -          ambct   e        ambct   -             -
rearrange               ambct   e          ambct   e        ambct   -             -
keep-reasons            ambct   e          ambct   e        ambct   -             -
keep-sign               ambct   e          ambct   e        ambct   -             -
see-rules               ambct   e          ambct   e        ambct   ambcten       ambcten
set-rules               -       -          ambct   e        bct     -             -
trainings
see-card                ambct   me         ambct   me       ambct   m             m
ask-for-training        -       -          -       -        amt     -             -
take-training-place     -       -          -       -        amt     -             -
see-trainings           ambct   e          ambct   e        ambct   ambcten       ambcten
schedule-training       ambct   e          ambct   e        ambct   -             -
sign-off-training       abct    e          abct    e        abct    -             -
import-trainings        -       -          ambct   e        ambct   -             -
revoke-training         abct    e          abct    e        abct    -             -
messages
ask-holder              -       -          -       -        amt     -             -
read-thread             -       -          -       -        m       -             -
evidence
preview-as-partner      ambc    amb        ambc    amb      ambc    -             -
see-partner-trail       -       -          -       -        -       ambcten       ambcten
see-trail               -       -          -       -        -       ambcten       ambcten
export-trail            -       -          -       -        -       ambcten       ambcten
see-policy              ambcten ambcten    ambcten ambcten  ambcten ambcten       ambcten
see-letters             -       -          -       -        -       ambcten       -
see-undelivered         ambct   e          ambct   e        ambct   ambcten       -
accounts
keep-account            m       m          m       m        m       m             m
keep-favourite          m       m          m       m        m       m             m
export-own-data         m       m          m       m        m       m             m
close-account           -       -          -       -        -       abcten        -
remove-factor           -       -          -       -        -       abcten        -
erase-person            -       -          -       -        -       abcten        -
"""
IN_FULL = {
    "sci-else": "scientist-elsewhere",
    "sci-ended": "scientist-ended",
    "coo-ended": "coordinator-ended",
    "r-coo": "rival-coordinator",
    "staff-else": "staff-elsewhere",
    "mgr-else": "manager-elsewhere",
    "mgr-sci": "manager-scientist",
}


def deeds(table: str) -> dict[tuple[str, str], set[str]]:
    """Of what somebody may do a deed: the letters by who and deed. A line of one word is a theme."""
    heads, *lines = [line.split() for line in table.strip().splitlines()]
    found = {}
    for deed, *cells in (line for line in lines if len(line) > 1):
        for head, cell in zip(heads, cells, strict=True):
            found[IN_FULL.get(head, head), deed] = set(cell) - {"-"}
    return found


DEEDS = deeds(PARTNERS) | deeds(LAB)

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
    partner_sites=st.frozensets(st.sampled_from((TSUKUBA, CAMBRIDGE))),
    approver_ids=st.frozensets(st.integers(1, 4)),
)


@pytest.mark.parametrize(("who", "whose"), CELLS)
def test_everyone_may_do_what_the_table_says_and_nothing_else(who: str, whose: str) -> None:
    allowed = {letter for letter, do in LETTERS.items() if may(ACTORS[who], do, MATTERS[whose])}
    assert allowed == set(CELLS[who, whose])


@pytest.mark.parametrize("deed", sorted({deed for _, deed in DEEDS}))
def test_every_other_deed_is_for_those_in_its_row_and_nobody_else(deed: str) -> None:
    allowed = {
        who: {letter for letter, matter in OF_WHAT.items() if may(actor, Do(deed), matter)}
        for who, actor in ACTORS.items()
    }
    assert allowed == {who: DEEDS[who, deed] for who in ACTORS}


def test_the_tables_have_everyone_everything_and_every_relation() -> None:
    assert {who for who, _ in CELLS} == set(ACTORS)
    assert {whose for _, whose in CELLS} == set(MATTERS)
    others = {Do(deed) for _, deed in DEEDS}
    assert others | set(LETTERS.values()) == set(Do)
    assert not others & set(LETTERS.values())
    assert set(DEEDS) == {(who, str(deed)) for who in ACTORS for deed in others}


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


NEVER_FOR_ONESELF = (
    Do.GIVE_PARTNER_ROLE,
    Do.GIVE_SITE_ROLE,
    Do.GIVE_LAB_ROLE,
    Do.END_PARTNER_ROLE,
    Do.END_SITE_ROLE,
    Do.END_LAB_ROLE,
    Do.SIGN_OFF_TRAINING,
    Do.REVOKE_TRAINING,
    Do.SETTLE_FLAG,
    Do.BOOK_FOR_ANOTHER,
    Do.CLOSE_ACCOUNT,
    Do.REMOVE_FACTOR,
    Do.ERASE_PERSON,
)


@given(people, matters, st.sampled_from(NEVER_FOR_ONESELF))
def test_nobody_raises_their_own_role_or_signs_off_their_own_training(actor: Actor, matter: Matter, do: Do) -> None:
    own = replace(matter, person_ids=matter.person_ids | {actor.person_id})
    assert not may(actor, do, own)


OF_ONESELF = (Do.KEEP_ACCOUNT, Do.EXPORT_OWN_DATA, Do.KEEP_FAVOURITE, Do.SEE_CARD)


@given(people, matters, st.sampled_from(Do))
def test_whose_agreement_has_ended_may_only_keep_their_own_account(actor: Actor, matter: Matter, do: Do) -> None:
    ended = replace(actor, agreements=frozenset(), sites=frozenset(), lab=frozenset())
    no_name = replace(matter, approver_ids=frozenset())
    is_own = matter.person_ids == {actor.person_id}
    assert may(ended, do, no_name) is (do is Do.FOLLOW_OWN or (do in OF_ONESELF and is_own))


@given(people, matters, st.sampled_from(OF_ONESELF[:3]))
def test_an_account_is_its_persons_alone_whatever_the_others_are(actor: Actor, matter: Matter, do: Do) -> None:
    assert may(actor, do, matter) is (matter.person_ids == {actor.person_id})


ELSEWHERE = {  # what the staff of one site may do with what is of another site alone
    Do.SEE_SITE,
    Do.FOLLOW_OWN,
    Do.FOLLOW_RESOURCE,
    Do.FOLLOW_WAITING,
    Do.SEE_JOINING,
    Do.SEE_POLICY,
}


@given(matters, st.sampled_from(sorted(SITE_ROLES)), st.sampled_from(Do))
def test_staff_of_another_site_get_nothing_but_looks(matter: Matter, role: Role, do: Do) -> None:
    other = CAMBRIDGE if matter.site_id == TSUKUBA else TSUKUBA
    actor = replace(of_site(role, other), person_id=5)  # nobody whose matter it is
    alone = replace(matter, partner_sites=frozenset({matter.site_id or 0}), approver_ids=frozenset())
    assert may(actor, do, alone) is (do in ELSEWHERE)


@given(people, matters, st.sampled_from(Do))
def test_an_auditor_changes_nothing(actor: Actor, matter: Matter, do: Do) -> None:
    auditor = replace(actor, lab=frozenset({Role.AUDITOR}))
    looks = {deed for deed in Do if deed.startswith(("see-", "follow-", "export-"))}
    assert do in looks or may(auditor, do, matter) is may(replace(auditor, lab=frozenset()), do, matter)


RAISES = {  # the roles that a deed brings, and who may give them at most
    Do.INVITE_SCIENTIST: {Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR},
    Do.INVITE_COORDINATOR: {Role.MANAGER, Role.ADMINISTRATOR},
    Do.INVITE_STAFF: {Role.MANAGER, Role.ADMINISTRATOR},
    Do.INVITE_MANAGER: {Role.ADMINISTRATOR},
    Do.GIVE_PARTNER_ROLE: {Role.MANAGER, Role.ADMINISTRATOR},
    Do.GIVE_SITE_ROLE: {Role.ADMINISTRATOR},
    Do.GIVE_LAB_ROLE: {Role.ADMINISTRATOR},
}


@given(people, matters, st.sampled_from(sorted(RAISES)))
def test_nobody_gives_a_role_above_their_own(actor: Actor, matter: Matter, do: Do) -> None:
    roles = {role for _, role in actor.partners | actor.sites} | actor.lab
    assert not may(actor, do, matter) or roles & RAISES[do]


BRINGS_IN = (Do.INVITE_SCIENTIST, Do.INVITE_COORDINATOR, Do.GIVE_PARTNER_ROLE)


@given(people, matters, st.sampled_from(BRINGS_IN))
def test_no_manager_brings_anybody_into_what_a_partner_does_at_sites_that_are_not_theirs(
    actor: Actor, matter: Matter, do: Do
) -> None:
    manager = replace(actor, partners=frozenset(), lab=frozenset())
    managed = {site for site, role in manager.sites if role is Role.MANAGER}
    assert not may(manager, do, matter) or (matter.partner_sites and matter.partner_sites <= managed)


@given(people, matters, st.sampled_from(sorted(RAISES)))
def test_no_coordinator_brings_anybody_into_another_partner(actor: Actor, matter: Matter, do: Do) -> None:
    coordinator = replace(actor, partners=frozenset({(CEDAR, Role.COORDINATOR)}), sites=frozenset(), lab=frozenset())
    assert not may(coordinator, do, replace(matter, partner_id=BIRCH))


@given(people, matters, st.sampled_from(Do))
def test_rights_only_ever_add_up(actor: Actor, matter: Matter, do: Do) -> None:
    """But for one: whoever begins to work for a partner decides about its agreements and waives for it no more."""
    more = both(actor, of_partner(Role.COORDINATOR, AOBA, TSUKUBA, CAMBRIDGE))
    is_left_to_others = do in OF_OTHER_PARTNERS and matter.partner_id == AOBA
    assert may(more, do, matter) or is_left_to_others or not may(actor, do, matter)


GRANTING = (Do.CHANGE_AGREEMENT, Do.END_AGREEMENT, Do.SET_RULES)
OF_OTHER_PARTNERS = (*GRANTING, Do.WAIVE_RULE, Do.WAIVE_STRICT_RULE)


@given(people, matters, st.sampled_from(OF_OTHER_PARTNERS))
def test_nobody_grants_more_to_an_organisation_they_work_for(actor: Actor, matter: Matter, do: Do) -> None:
    assert not may(actor, do, replace(matter, partner_id=next(iter(actor.partner_ids), AOBA))) or not actor.partners


@given(people, matters, st.sampled_from(GRANTING))
def test_managers_decide_about_the_agreements_of_other_partners(actor: Actor, matter: Matter, do: Do) -> None:
    allowed = (matter.site_id, Role.MANAGER) in actor.sites and matter.partner_id not in actor.partner_ids
    assert may(actor, do, matter) is allowed


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


def test_a_named_approver_decides_instead_of_the_other_staff() -> None:
    named = replace(MATTERS["Birch's"], approver_ids=frozenset({7}))
    assert decides(replace(ACTORS["staff"], person_id=7), named)
    assert not decides(ACTORS["staff"], named)
    assert not decides(ACTORS["manager"], named)


@pytest.mark.parametrize("who", ["scientist", "rival", "staff-elsewhere", "administrator", "nobody"])
def test_a_named_approver_who_does_not_work_here_any_more_decides_nothing(who: str) -> None:
    named = replace(MATTERS["Birch's"], approver_ids=frozenset({7}))
    assert not decides(replace(ACTORS[who], person_id=7), named)
    assert not decides(replace(ACTORS[who], person_id=7), MATTERS["Birch's"])


def test_staff_decide_when_the_only_named_approver_asks() -> None:
    alone = Matter(TSUKUBA, AOBA, frozenset({7}), approver_ids=frozenset({7}))
    assert decides(ACTORS["staff"], alone)
    assert not decides(replace(ACTORS["manager"], person_id=7), alone)
    assert not decides(ACTORS["staff-elsewhere"], alone)
    two = replace(alone, approver_ids=frozenset({7, 8}))
    assert not decides(ACTORS["staff"], two)
    assert decides(replace(ACTORS["staff"], person_id=8), two)


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
