"""Setting up rule sets and limits through the pages, as a manager of the site does."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import select

from labbook.core import limits
from labbook.core.language import Words
from labbook.core.limits.limit import Limit, Put
from labbook.core.weekly import Stretch, When
from labbook.db import db
from labbook.models import RuleSet
from tests.browsing import Visitor

NEW = "/sites/tsukuba/rules/new"
NIGHTS = When(
    (Stretch(frozenset({0, 1, 2, 3, 4}), 19 * 60, 9 * 60), Stretch(frozenset({5, 6}), 0, 24 * 60)),
    is_outside=True,
    on_holidays=True,
    name=Words("nights", "夜間"),
)


def a_set(visitor: Visitor, **fields: str) -> str:
    """The key of a rule set that was made through the form."""
    answer = visitor.post(NEW, **{"name_en": "House rules", "name_ja": "利用規則", **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rsplit("/", 1)[-1]


def the_set(key: str) -> RuleSet:
    """A rule set as it is stored now."""
    db.session.remove()
    return db.session.scalars(select(RuleSet).where(RuleSet.key == key)).one()


def fields_of(limit: Limit) -> dict[str, Any]:
    """A limit as it is typed into its form."""
    typed: dict[str, Any] = {}
    for one in dataclasses.fields(limit):
        put, value = one.metadata["asked"].put, getattr(limit, one.name)
        if put is Put.WHEN:
            typed |= hours(one.name, value)
        elif put is Put.FLAG:
            typed |= {one.name: "y"} if value else {}
        elif put is Put.MINUTES:
            typed[one.name] = f"{value} min" if value else ""
        else:
            typed[one.name] = sorted(value) if isinstance(value, frozenset) else str(value)
    return typed


def hours(name: str, when: When) -> dict[str, Any]:
    """Weekly hours as they are typed."""
    typed: dict[str, Any] = {f"{name}-name_en": when.name.en, f"{name}-name_ja": when.name.ja}
    for number, one in enumerate(when.stretches):
        typed[f"{name}-{number}-days"] = [str(day) for day in sorted(one.days)]
        typed[f"{name}-{number}-start"] = f"{one.start // 60}:{one.start % 60:02}"
        typed[f"{name}-{number}-end"] = f"{one.end // 60}:{one.end % 60:02}"
    typed |= {f"{name}-is_outside": "y"} if when.is_outside else {}
    return typed | ({f"{name}-on_holidays": "y"} if when.on_holidays else {})


def add(visitor: Visitor, key: str, limit: Limit, **changes: Any) -> Any:
    """Send the form of a new limit; the answer."""
    fields = {**fields_of(limit), "version": str(the_set(key).version), "do": "save", **changes}
    return visitor.post(f"/rules/{key}/limits/new?kind={limit.code}", **fields)


def stored(key: str) -> list[Limit]:
    """The limits of a rule set."""
    return [limits.read(one) for one in the_set(key).limits]
