"""What resources say about deciding in time; one statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select

from ...core.deciding import AtDeadline
from ...db import db
from ...models import Resource


class Rule(NamedTuple):
    """Of one resource: what becomes of a request at its deadline, and whether two decide on it."""

    at_deadline: AtDeadline
    two_steps: bool


def rules_of(resource_ids: Iterable[int]) -> list[Rule]:
    """The rules of these resources."""
    found = select(Resource.at_deadline, Resource.two_steps).where(Resource.id.in_(sorted(set(resource_ids))))
    return [Rule(AtDeadline(row.at_deadline), row.two_steps) for row in db.session.execute(found.order_by(Resource.id))]
