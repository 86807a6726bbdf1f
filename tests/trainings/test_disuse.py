"""A proof ends when what it is for was not used for so long; the rules and the facts know it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.core.facts import TrainingFact
from labbook.core.language import Words
from labbook.core.lifecycle import State
from labbook.db import db, transactional
from labbook.models import Booking, Resource, Training, TrainingRecord
from labbook.people.queries import trainings_of
from tests.cast import NOW, Cast, fresh_key

LASER = Words("Laser sign-off", "レーザー講習")


@transactional
def ends_by_disuse(days: int, *, expires_on: date | None = None) -> None:
    db.session.execute(update(Training).values(disuse_days=days))
    db.session.execute(update(TrainingRecord).values(expires_on=expires_on))


def uses(lab: Cast, resource: str, *, days_ago: int, state: State) -> None:
    """Hana's booking, so many days before the cast's Monday."""
    at = NOW - timedelta(days=days_ago)
    ask = service.Ask(resource, at, at + timedelta(hours=2), lab.partners["aoba"], "Cells")
    service.request(lab.actor("hana", at), ask, key=fresh_key(), now=at - timedelta(days=1))

    @transactional
    def end() -> None:
        db.session.execute(update(Booking).values(state=state))

    end()


def fact(lab: Cast, name: str = "hana") -> TrainingFact:
    confocal = db.session.scalars(select(Resource.id).where(Resource.slug == "tsukuba-confocal-1")).one()
    (found,) = trainings_of(lab.people[name], confocal)
    return found


def test_without_any_use_it_counts_from_the_day_on_which_it_was_given(lab: Cast) -> None:
    ends_by_disuse(400)
    granted_on = date(2026, 1, 1)
    assert fact(lab) == TrainingFact(LASER, True, granted_on + timedelta(days=400), granted_on)
    assert fact(lab, "alan") == TrainingFact(LASER, False)


@pytest.mark.parametrize("state", [State.FINISHED, State.RUNNING])
def test_each_use_begins_the_count_anew(lab: Cast, state: State) -> None:
    uses(lab, "tsukuba-confocal-1", days_ago=40, state=state)
    ends_by_disuse(400)
    assert fact(lab) == TrainingFact(LASER, True, date(2026, 10, 14) + timedelta(days=400), date(2026, 10, 14))
    assert fact(lab, "cora").unused_since == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("resource", "state"), [("tsukuba-plain", State.FINISHED), ("tsukuba-confocal-1", State.CANCELLED)]
)
def test_what_is_no_use_of_it_does_not_count(lab: Cast, resource: str, state: State) -> None:
    uses(lab, resource, days_ago=40, state=state)
    ends_by_disuse(400)
    assert fact(lab).unused_since == date(2026, 1, 1)


def test_its_own_date_may_come_first(lab: Cast) -> None:
    ends_by_disuse(400, expires_on=date(2026, 12, 31))
    assert fact(lab) == TrainingFact(LASER, True, date(2026, 12, 31))


def test_a_training_that_ended_by_disuse_refuses_a_booking_and_names_no_day_of_use(lab: Cast) -> None:
    ends_by_disuse(200)
    at = NOW + timedelta(hours=4)
    ask = service.Ask("tsukuba-confocal-1", at, at + timedelta(hours=1), lab.partners["aoba"], "Cells")
    with pytest.raises(service.RefusedError) as refused:
        service.request(lab.actor("hana"), ask, key=fresh_key(), now=NOW)
    (finding,) = refused.value.verdict.findings
    assert finding.code == "training-expired"
    assert "have not used" in finding.said.sentence
    assert set(finding.said.values) == {"training"}
