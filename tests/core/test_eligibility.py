"""The eligibility card: each line at its edge, and the light of the whole."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from labbook.core.eligibility import Card, Demand, Light, Line, Next, Standing, card_of
from labbook.core.facts import AgreementFact
from labbook.core.language import Words
from labbook.core.proofs import Proof, Record, best_proof, day_of_use

TODAY = date(2026, 11, 23)
LASER = Words("Laser", "レーザー")
SINCE = date(2026, 1, 1)


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


def agreed(first: int, last: int | None, *, covers: bool = True) -> AgreementFact:
    return AgreementFact(day(first), None if last is None else day(last), covers)


ENDLESS = (agreed(-100, None),)


def card(
    *demands: Demand, agreements: tuple[tuple[AgreementFact, ...], ...] = (ENDLESS,), conditions: str = ""
) -> Card:
    return card_of(Standing(TODAY, agreements, conditions, demands))


def demand(proof: Proof, **about: Any) -> Demand:
    return Demand("laser", LASER, about.pop("level", 2), proof, **about)


def training(proof: Proof, **about: Any) -> Line:
    return card(demand(proof, **about)).lines[2]


@pytest.mark.parametrize(
    ("agreements", "code", "light"),
    [
        ((), "agreement-none", Light.RED),
        (((),), "agreement-none", Light.RED),
        (((agreed(1, None),),), "agreement-none", Light.RED),
        (((agreed(-9, -1),),), "agreement-ended", Light.RED),
        (((agreed(-9, 0),),), "agreement-ends", Light.AMBER),
        (((agreed(-9, 29),),), "agreement-ends", Light.AMBER),
        (((agreed(-9, 30),),), "agreement", Light.GREEN),
        ((ENDLESS,), "agreement", Light.GREEN),
        (((agreed(-9, 5), agreed(6, None)),), "agreement", Light.GREEN),
        (((agreed(-9, 5), agreed(7, None)),), "agreement-ends", Light.AMBER),
        (((agreed(-9, None, covers=False),),), "not-covered", Light.RED),
        (((agreed(-9, None, covers=False),), (agreed(-9, None),)), "agreement", Light.GREEN),
        (((agreed(-9, 3),), (agreed(-9, None),)), "agreement", Light.GREEN),
    ],
)
def test_the_agreement(agreements: tuple[tuple[AgreementFact, ...], ...], code: str, light: Light) -> None:
    line = card(agreements=agreements).lines[0]
    assert (line.code, line.light, line.works) == (code, light, light is not Light.RED)


def test_the_day_on_which_an_agreement_ends_is_named() -> None:
    assert card(agreements=((agreed(-9, 5), agreed(7, None)),)).lines[0].values == {"day": day(5)}
    assert card(agreements=((agreed(-99, -50), agreed(-9, -1)),)).lines[0].values == {"day": day(-1)}


def test_conditions_are_a_step_of_their_own_and_no_matter_without_an_agreement() -> None:
    assert [line.code for line in card().lines] == ["agreement", "conditions"]
    waiting = card(conditions="2026-04").lines[1]
    assert (waiting.code, waiting.light, waiting.step) == ("conditions-open", Light.RED, Next.ACCEPT)
    assert [line.code for line in card(agreements=(), conditions="2026-04").lines] == ["agreement-none"]


@pytest.mark.parametrize(
    ("proof", "about", "code", "light", "works", "step"),
    [
        (Proof(False), {}, "training-missing", Light.RED, False, Next.ASK),
        (Proof(False), {"is_asked": True}, "training-missing", Light.AMBER, False, Next.NONE),
        (Proof(False), {"has_places": True}, "training-missing", Light.RED, False, Next.TAKE),
        (Proof(False), {"has_places": True, "is_asked": True}, "training-missing", Light.RED, False, Next.TAKE),
        (Proof(False), {"session_on": day(3)}, "training-missing", Light.AMBER, False, Next.NONE),
        (Proof(False), {"level": 3}, "training-staff-only", Light.RED, False, Next.NONE),
        (Proof(False, is_revoked=True), {}, "training-revoked", Light.RED, False, Next.ASK),
        (Proof(True, day(-1)), {}, "training-expired", Light.RED, False, Next.ASK),
        (Proof(True, day(-1), SINCE), {}, "training-unused", Light.RED, False, Next.ASK),
        (Proof(True, has_ended=True), {}, "training-ended", Light.RED, False, Next.ASK),
        (Proof(True, day(-1)), {"session_on": day(3)}, "training-expired", Light.AMBER, False, Next.NONE),
        (Proof(True, day(0)), {}, "training-lapses", Light.AMBER, True, Next.ASK),
        (Proof(True, day(30)), {}, "training-lapses", Light.AMBER, True, Next.ASK),
        (Proof(True, day(30)), {"is_asked": True}, "training-lapses", Light.AMBER, True, Next.NONE),
        (Proof(True, day(31)), {}, "training", Light.GREEN, True, Next.NONE),
        (Proof(True, day(30), SINCE), {}, "training-fades", Light.AMBER, True, Next.NONE),
        (Proof(True), {}, "training", Light.GREEN, True, Next.NONE),
        (Proof(True), {"level": 3}, "training", Light.GREEN, True, Next.NONE),
    ],
)
def test_a_training(proof: Proof, about: dict[str, Any], code: str, light: Light, works: bool, step: Next) -> None:
    line = training(proof, **about)
    assert (line.code, line.light, line.works, line.step) == (code, light, works, step)


def test_each_line_that_is_red_says_whom_to_ask_or_what_to_do() -> None:
    reds = [
        *card(agreements=()).lines,
        *card(conditions="1").lines,
        training(Proof(False)),
        training(Proof(False), level=3),
        training(Proof(True, day(-1), SINCE)),
    ]
    assert all(line.help for line in reds if line.light is Light.RED)


def test_the_light_of_the_whole_is_its_worst_line() -> None:
    good, soon, gone = Proof(True), Proof(True, day(3)), Proof(True, day(-3))
    assert (card(demand(good)).light, card(demand(good)).works) == (Light.GREEN, True)
    assert (card(demand(good), demand(soon)).light, card(demand(soon)).works) == (Light.AMBER, True)
    assert (card(demand(soon), demand(gone)).light, card(demand(gone)).works) == (Light.RED, False)
    waiting = card(demand(gone, is_asked=True))
    assert (waiting.light, waiting.works) == (Light.AMBER, False)


@pytest.mark.parametrize(
    ("records", "used", "disuse", "proof"),
    [
        ([], None, None, Proof(False)),
        ([Record(SINCE, None)], None, None, Proof(True)),
        ([Record(SINCE, day(9)), Record(SINCE, day(5))], None, None, Proof(True, day(9))),
        ([Record(SINCE, day(9)), Record(SINCE, None)], None, None, Proof(True)),
        ([Record(SINCE, None, True)], None, None, Proof(False, is_revoked=True)),
        ([Record(SINCE, None, True), Record(SINCE, day(5))], None, None, Proof(True, day(5))),
        ([Record(SINCE, None)], None, 10, Proof(True, date(2026, 1, 11), SINCE)),
        ([Record(SINCE, None)], day(-3), 10, Proof(True, day(7), day(-3))),
        ([Record(day(-1), None)], day(-3), 10, Proof(True, day(9), day(-1))),
        ([Record(SINCE, day(7))], day(-3), 10, Proof(True, day(7))),
        ([Record(SINCE, day(6))], day(-3), 10, Proof(True, day(6))),
        ([Record(SINCE, day(8))], day(-3), 10, Proof(True, day(7), day(-3))),
        ([Record(SINCE, day(5)), Record(day(-1), day(90))], None, 10, Proof(True, day(9), day(-1))),
    ],
)
def test_the_best_proof(records: list[Record], used: date | None, disuse: int | None, proof: Proof) -> None:
    assert best_proof(records, used, disuse) == proof


@pytest.mark.parametrize(
    ("wall_end", "on"),
    [(None, None), ("2026-11-23T09:00", TODAY), ("2026-11-24T00:00", TODAY), ("2026-11-24T00:30", day(1))],
)
def test_the_day_of_a_use(wall_end: str | None, on: date | None) -> None:
    assert day_of_use(wall_end) == on
