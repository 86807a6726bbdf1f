"""Each rule of the lab: what it stops, and the nearest case that it lets pass."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from labbook.core import rules
from labbook.core.amount import Amount, Measure
from labbook.core.facts import AgreementFact, Effect, Facts, Finding, Said, Shut, TrainingFact, Verdict
from labbook.core.hours import Cover
from labbook.core.interval import Interval, local_day, local_days
from labbook.core.language import Words
from labbook.core.rules import RULES, judge
from labbook.core.terms import Asks
from tests.core.cases import BY_DAY, DAY, FACTS, NEW_YORK, TOKYO, amount, at, facts, span
from tests.core.rule_cases import (
    BIOSAFETY,
    HOLIDAY,
    IN_NEW_YORK,
    LASER,
    WEEKDAYS,
    Case,
    cases,
    operators,
    repeated_hour,
    until,
)

CASES = list(cases())
EFFECTS = {
    "hidden": Effect.REFUSE,
    "role": Effect.REFUSE,
    "agreement": Effect.REFUSE,
    "not-covered": Effect.REFUSE,
    "conditions": Effect.REFUSE,
    "training": Effect.REFUSE,
    "training-expired": Effect.REFUSE,
    "training-lapses": Effect.NOTE,
    "biosafety": Effect.REFUSE,
    "hours": Effect.REFUSE,
    "closed": Effect.REFUSE,
    "taken": Effect.REFUSE,
    "linked": Effect.REFUSE,
    "grid": Effect.REFUSE,
    "too-short": Effect.REFUSE,
    "too-long": Effect.REFUSE,
    "past": Effect.REFUSE,
    "notice": Effect.REFUSE,
    "horizon": Effect.REFUSE,
    "ask-staff": Effect.REVIEW,
    "first-booking": Effect.REVIEW,
    "clock-change": Effect.NOTE,
}  # codes are stored and answered to the API: add to them, never rename or remove one


def codes(verdict: Verdict) -> list[str]:
    """The codes of a verdict, in their order."""
    return [one.code for one in verdict.findings]


def said_by(code: str, about: Facts) -> Said:
    """What one rule says."""
    said = RULES[code][1](about)
    assert said is not None
    return said


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}: {case.why}")
def test_a_rule_stops_this_and_not_its_neighbour(case: Case) -> None:
    assert judge(case.facts).has(case.code) is case.stops


def test_nothing_stands_in_the_way_of_an_ordinary_booking() -> None:
    verdict = judge(FACTS)
    assert verdict == Verdict(())
    assert not verdict.is_refused
    assert not verdict.needs_review


def test_codes_and_effects_are_stable() -> None:
    assert {code: effect for code, (effect, _) in RULES.items()} == EFFECTS


@pytest.mark.parametrize("stops", [True, False])
def test_every_rule_has_a_case_on_both_sides(stops: bool) -> None:
    assert {case.code for case in CASES if case.stops is stops} == set(RULES)


@pytest.mark.parametrize("case", [case for case in CASES if case.stops], ids=lambda case: f"{case.code}: {case.why}")
def test_every_finding_says_a_sentence_whose_gaps_are_filled(case: Case) -> None:
    said = said_by(case.code, case.facts)
    assert said.sentence.endswith(".")
    assert (
        RULES[case.code][0] is not Effect.REFUSE
        or said.advice
        or case.code == "hidden"
        or "no agreement" in said.sentence
    )
    for sentence in (said.sentence, said.advice):
        assert sentence % dict.fromkeys(said.values, "x") is not None
    assert all(f"%({name})s" in said.sentence + said.advice for name in said.values)


def test_every_rule_says_in_words_what_it_is_for() -> None:
    assert all(function.__doc__ and function.__doc__.strip().endswith(".") for _, function in RULES.values())


EXCLUDED = ("too-short", "horizon", "first-booking")  # by too-long, past and ask-staff
BEGUN = date(2026, 1, 1)


def everything_wrong() -> Facts:
    """A booking to which nearly every rule objects."""
    return facts(
        now=at("2027-03-20 09:00", NEW_YORK),
        zone=NEW_YORK,
        wanted=span("2027-03-13 22:10", "2027-03-14 04:00", NEW_YORK),  # the night on which clocks go forward
        terms={"slot": "1 h", "longest": "2 h", "notice": "2 h", "cover": Cover.ALL, "asks": Asks.ALWAYS},
        openings=WEEKDAYS,
        shut=(Shut(span("2027-03-14 00:00", "2027-03-15 00:00", NEW_YORK), HOLIDAY),),
        taken=(span("2027-03-14 03:00", "2027-03-14 05:00", NEW_YORK),),
        agreements=(AgreementFact(BEGUN, date(2027, 3, 13), covers=False),),
        books_for_partner=False,
        has_accepted=False,
        trainings=(
            TrainingFact(LASER, False),
            TrainingFact(BIOSAFETY, True, date(2027, 1, 1)),
            TrainingFact(Words("Induction", "入構教育"), True, date(2027, 3, 13)),
        ),
        is_visible=False,
        biosafety=1,
        sample=2,
        linked=(operators(),),
    )


def test_everything_that_is_wrong_is_said_at_once_and_in_the_order_of_the_file() -> None:
    expected = [code for code in EFFECTS if code not in EXCLUDED]
    assert codes(judge(everything_wrong())) == expected


def test_refusals_outweigh_reviews_and_reviews_outweigh_notes() -> None:
    said = Said("A sentence.")
    note, review, refuse = (
        Finding(str(effect), effect, said) for effect in (Effect.NOTE, Effect.REVIEW, Effect.REFUSE)
    )
    for findings, is_refused, needs_review in (
        ((note,), False, False),
        ((note, review), False, True),
        ((review, refuse), True, False),
        ((refuse, note), True, False),
    ):
        verdict = Verdict(findings)
        assert (verdict.is_refused, verdict.needs_review) == (is_refused, needs_review)


def test_the_judge_reads_no_clock() -> None:
    about = everything_wrong()
    for present in (datetime(2001, 1, 1, tzinfo=UTC), datetime(2050, 6, 1, tzinfo=UTC)):
        with time_machine.travel(present):
            assert codes(judge(about)) == [code for code in EFFECTS if code not in EXCLUDED]
            assert judge(FACTS) == Verdict(())
    source = Path(rules.__file__ or "").read_text(encoding="utf-8")
    assert not [word for word in ("now(", "utcnow", "today(", "time()", "import time") if word in source]


@given(st.sampled_from(CASES))
def test_judging_twice_says_the_same_twice_and_changes_nothing(case: Case) -> None:
    before = repr(case.facts)
    assert judge(case.facts) == judge(case.facts)
    assert repr(case.facts) == before


@given(
    st.integers(-40, 40).map(lambda n: n * 10), st.integers(1, 40).map(lambda n: n * 10), st.sampled_from((0, 15, 60))
)
def test_taken_means_that_holds_would_overlap(minutes: int, length: int, buffer: int) -> None:
    start = FACTS.wanted.start + timedelta(minutes=minutes)
    other = Interval(start, start + timedelta(minutes=length))
    about = facts(
        terms={"before": Amount(buffer, Measure.MINUTE), "after": Amount(buffer, Measure.MINUTE)}, taken=(other,)
    )
    wide = timedelta(minutes=buffer)
    free = other.end <= FACTS.wanted.start - wide or FACTS.wanted.end + wide <= other.start
    assert judge(about).has("taken") is not free


# What is said


@pytest.mark.parametrize(
    ("agreements", "values"),
    [
        ((until(2026, 3, 31), until(2026, 11, 23)), {"ends": date(2026, 11, 23)}),
        ((until(2026, 10, 31),), {"day": date(2026, 11, 24)}),  # over already: no earlier day would help
        ((until(2026, 10, 31), AgreementFact(date(2026, 12, 1), None)), {"day": date(2026, 11, 24)}),
        ((), {"day": date(2026, 11, 24)}),
        ((AgreementFact(date(2026, 12, 1), date(2027, 11, 30)),), {"day": date(2026, 11, 24)}),  # it has not begun
        ((AgreementFact(date(2026, 12, 1), None),), {"day": date(2026, 11, 24)}),
    ],
)
def test_an_agreement_is_said_to_end_only_when_that_is_the_reason(
    agreements: tuple[AgreementFact, ...], values: dict[str, date]
) -> None:
    assert said_by("agreement", facts(agreements=agreements)).values == values


def test_the_first_day_without_an_agreement_is_named() -> None:
    stay = span("2026-11-20", "2026-12-20")
    gap = (until(2026, 11, 30), AgreementFact(date(2026, 12, 8), date(2027, 3, 31)))
    said = said_by("agreement", facts(terms=BY_DAY, wanted=stay, agreements=gap))
    assert said.values == {"day": date(2026, 12, 1)}


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        ("training", TrainingFact(LASER, False), TrainingFact(BIOSAFETY, False)),
        (
            "training-expired",
            TrainingFact(LASER, True, date(2026, 1, 1)),
            TrainingFact(BIOSAFETY, True, date(2026, 11, 1)),
        ),
        (
            "training-lapses",
            TrainingFact(LASER, True, date(2026, 11, 24)),
            TrainingFact(BIOSAFETY, True, date(2026, 11, 25)),
        ),
    ],
)
def test_every_training_in_question_is_named_in_both_languages(
    code: str, one: TrainingFact, other: TrainingFact
) -> None:
    stay = local_days(date(2026, 11, 24), date(2026, 11, 26), TOKYO)
    values = said_by(code, facts(terms=BY_DAY, wanted=stay, trainings=(one, other))).values
    assert values == {"training": Words("Laser safety, Biosafety", "レーザー安全、バイオセーフティ")}


def test_a_missing_training_does_not_hide_an_expired_one() -> None:
    about = facts(trainings=(TrainingFact(LASER, False), TrainingFact(BIOSAFETY, True, date(2026, 11, 1))))
    assert codes(judge(about)) == ["training", "training-expired"]


def test_a_closure_is_named_with_its_end_in_the_zone_of_the_site() -> None:
    shut = Shut(span("2026-11-01 00:00", "2026-11-02 00:00", NEW_YORK), HOLIDAY)
    about = facts(**IN_NEW_YORK, wanted=span("2026-11-01 10:00", "2026-11-01 12:00", NEW_YORK), shut=(shut,))
    values = said_by("closed", about).values
    assert values["reason"] == HOLIDAY
    assert str(values["until"]) == "2026-11-02 00:00:00-05:00"


def test_a_closure_is_said_to_end_when_the_last_of_several_does() -> None:
    holidays = Shut(local_days(date(2026, 11, 24), date(2026, 11, 26), TOKYO), HOLIDAY)
    within = Shut(local_day(date(2026, 11, 25), TOKYO), Words("Power cut", "停電"))
    next_day = Shut(local_day(date(2026, 11, 27), TOKYO), Words("Maintenance", "保守"))
    later = Shut(local_day(date(2026, 12, 1), TOKYO), Words("Later", "後日"))
    values = said_by("closed", facts(shut=(holidays, within, next_day, later))).values
    assert values == {"until": at("2026-11-28 00:00"), "reason": HOLIDAY}


def test_the_last_day_that_can_be_booked_is_named() -> None:
    values = said_by("horizon", facts(now=at("2026-10-01 09:00"))).values
    assert values == {"horizon": amount("30 d"), "last": date(2026, 10, 31)}


@pytest.mark.parametrize(
    ("wanted", "minutes"),
    [
        (span("2026-11-01 00:00", "2026-11-01 04:00", NEW_YORK), 300),
        (span("2027-03-14 00:00", "2027-03-14 04:00", NEW_YORK), 180),
        (repeated_hour(), 60),
    ],
)
def test_a_change_of_clocks_says_how_long_it_really_lasts(wanted: Interval, minutes: int) -> None:
    about = facts(**IN_NEW_YORK, wanted=wanted)
    assert said_by("clock-change", about).values == {"length": Amount(minutes, Measure.MINUTE)}


def test_staff_that_run_a_resource_are_told_apart_from_staff_that_decide() -> None:
    run, decide = (said_by("ask-staff", facts(terms={"asks": asks})).sentence for asks in (Asks.FORM, Asks.ALWAYS))
    assert run != decide
    assert "run" in run
    assert "decide" in decide


@pytest.mark.parametrize(
    ("zone", "on"), [("America/Santiago", date(2026, 9, 6)), ("Atlantic/Azores", date(2027, 3, 28))]
)
def test_a_day_whose_midnight_is_skipped_can_be_booked(zone: str, on: date) -> None:
    day = local_day(on, ZoneInfo(zone))
    about = facts(zone=ZoneInfo(zone), now=day.start - 3 * DAY, terms=BY_DAY, wanted=day)
    assert judge(about) == Verdict(())
