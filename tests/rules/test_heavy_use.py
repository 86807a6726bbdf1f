"""Thirty rule sets and five thousand bookings cost as many statements as thirty and fifty, and little time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings.facts import Whose, facts_for
from labbook.core.calendar import Span
from labbook.core.facts import Facts
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.counting import Subject
from labbook.core.rules import judge
from labbook.db import db
from labbook.models import Resource, Site, Unit
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.rules import heavy
from tests.statements import counted

MANY = 5000


def facts_of(lab: Cast, slug: str) -> Facts:
    """What the rules look at for Hana's wish, read anew."""
    resource = db.session.scalars(select(Resource).where(Resource.slug == slug)).one()
    site = db.session.get_one(Site, resource.site_id)
    units = db.session.scalars(select(Unit.id).where(Unit.resource_id == resource.id)).all()
    whose = Whose(lab.people["hana"], lab.partners["aoba"])
    return facts_for(resource, site, heavy.WANTED, whose=whose, units=units, now=NOW).on(units[0])


@pytest.fixture
def slugs(app: Flask, lab: Cast) -> Iterator[list[str]]:
    """A site with sixty resources and thirty rule sets."""
    with app.app_context():
        made = heavy.make_resources(lab.sites["tsukuba"], 60)
        heavy.make_rule_sets(lab.sites["tsukuba"], heavy.thirty_limits())
        yield made


def test_the_statements_do_not_grow_with_the_bookings(lab: Cast, slugs: list[str]) -> None:
    heavy.use_heavily(lab, "aoba", ["hana", "alan"], slugs[1:], 50)
    db.session.expire_all()
    with counted() as few:
        facts_of(lab, slugs[0])
    heavy.use_heavily(lab, "aoba", ["hana", "alan"], slugs[1:], 500)
    db.session.expire_all()
    with counted() as many:
        facts_of(lab, slugs[0])
    assert len(many) == len(few)


def judging(lab: Cast, slugs: list[str], rounds: int) -> float:
    """Median milliseconds of Python for one wish, each time with a ledger that nobody has asked before."""
    heavy.use_heavily(lab, "aoba", ["hana", "alan", "cora", "mio"], slugs[1:], MANY)
    taken = []
    for _ in range(rounds):
        facts = facts_of(lab, slugs[0])
        assert facts.record is not None
        assert (len(facts.limits), len(facts.record.ledger.uses)) == (30, MANY)
        start = time.process_time()
        verdict = judge(facts)
        taken.append((time.process_time() - start) * 1000)
        assert not verdict.findings
    print(f"30 rule sets, {MANY} bookings: median {statistics.median(taken):.1f} ms of Python")
    return statistics.median(taken)


def test_judging_one_wish_takes_little_python(lab: Cast, slugs: list[str]) -> None:
    assert judging(lab, slugs, 7) < 20  # beside whatever else `make test` runs


@pytest.mark.soak
def test_judging_one_wish_takes_less_than_ten_milliseconds(lab: Cast, slugs: list[str]) -> None:
    assert judging(lab, slugs, 100) < 10


FIND = "/find?what=kind:equipment&site=tsukuba&length=2&unit=h&first=2026-11-24&last=2026-12-07"


def finding(app: Flask, lab: Cast, slugs: list[str], bookings: int, rounds: int, *, used_up: bool) -> float:
    """Median milliseconds of Python for the page with the first 10 times among 60 resources over 14 days.

    Where it is `used_up`, nothing is left to the partner on any of the days.
    """
    heavy.use_heavily(lab, "aoba", ["hana", "alan", "cora", "mio"], slugs[1:], bookings)
    if used_up:
        limit = Allowance(most=60, span=Span.WEEK, subject=Subject.PARTNER)
        heavy.make_rule_sets(lab.sites["tsukuba"], [limit])
    visitor, taken = Visitor(app, "hana"), []
    for _ in range(rounds):
        start = time.process_time()
        page = visitor.get(FIND)
        taken.append((time.process_time() - start) * 1000)
        assert page.text.count("/book?from=") == (0 if used_up else 10)
    print(f"60 resources, 14 days, used up: {used_up}: median {statistics.median(taken):.0f} ms of Python")
    return statistics.median(taken)


@on_sqlite
@pytest.mark.parametrize("used_up", [False, True])
def test_finding_a_time_among_sixty_resources_takes_little_python(
    app: Flask, lab: Cast, slugs: list[str], used_up: bool
) -> None:
    assert finding(app, lab, slugs, 500, 3, used_up=used_up) < 600  # beside whatever else `make test` runs


@pytest.mark.soak
@pytest.mark.parametrize("used_up", [False, True])
def test_finding_a_time_among_sixty_resources_takes_less_than_300_milliseconds(
    app: Flask, lab: Cast, slugs: list[str], used_up: bool
) -> None:
    assert finding(app, lab, slugs, MANY, 15, used_up=used_up) < 300
