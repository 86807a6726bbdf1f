"""An approver whose role at the site is over decides nothing there, and keeps nobody else from deciding."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Request, Resource, ResourceApprover, RoleGrant
from tests.browsing import Visitor
from tests.cast import NOW, Cast, fresh_key


@transactional
def name(lab: Cast, person: str) -> None:
    """Let somebody decide for the sequencer."""
    resource = db.session.scalars(select(Resource.id).where(Resource.slug == "tsukuba-asked")).one()
    db.session.add(ResourceApprover(resource_id=resource, person_id=lab.people[person]))


@transactional
def end(lab: Cast, person: str, **how: date | datetime) -> None:
    """The person's role at a site ends, and nothing else is written."""
    held = (RoleGrant.person_id == lab.people[person], RoleGrant.role.in_((Role.STAFF, Role.MANAGER)))
    db.session.execute(update(RoleGrant).where(*held).values(**how))


@pytest.mark.parametrize("how", [{"ends_on": date(2026, 11, 21)}, {"ended_at": NOW}], ids=["by its date", "at once"])
def test_whose_role_is_over_decides_no_more(app: Flask, lab: Cast, how: dict[str, date | datetime]) -> None:
    name(lab, "mio")
    start, until = datetime.fromisoformat("2026-11-25T10:00+09:00"), datetime.fromisoformat("2026-11-25T11:00+09:00")
    wanted = Ask("tsukuba-asked", start, until, lab.partners["birch"], "Plates")
    key = service.request(lab.actor("ben"), wanted, key=fresh_key(), now=NOW)
    version = db.session.scalars(select(Request.version).where(Request.key == key)).one()
    assert Visitor(app, "sora").post(f"/requests/{key}/approve", version=str(version)).status_code == 403
    end(lab, "mio", **how)
    assert Visitor(app, "mio").post(f"/requests/{key}/approve", version=str(version)).status_code == 404
    assert Visitor(app, "sora").post(f"/requests/{key}/approve", version=str(version)).status_code == 303
