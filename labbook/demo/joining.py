"""Writes who is on the way into the demo lab, and who decides in whose place."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..core.permissions import Role
from ..db import db
from ..models import AreaApprover, Invitation, JoinRequest, StandIn
from .catalogue import Ids
from .content import days_from, said

_LASTS = timedelta(days=7)


def write_joining(places: Ids, partners: Ids, people: Ids, now: datetime) -> None:
    """Open and expired invitations, whose letters went out long ago, and wishes to join that wait for an answer."""
    content = said("people")
    for row in content["invitation"]:
        made_at = now + timedelta(days=row["made_days"])
        db.session.add(
            Invitation(
                email=row["email"],
                role=Role(row["role"]),
                partner_id=partners[row["partner"]] if "partner" in row else None,
                site_id=places[row["site"]] if "site" in row else None,
                language=row["language"],
                invited_by_id=people[row["by"]],
                made_at=made_at,
                expires_at=made_at + _LASTS,
            )
        )
    for row in content["joining"]:
        db.session.add(
            JoinRequest(
                email=row["email"],
                family_name=row["family_name"],
                given_name=row["given_name"],
                organisation=row["organisation"],
                message=row["message"],
                language=row["language"],
                partner_id=partners[row["partner"]] if "partner" in row else None,
                asked_at=now + timedelta(days=row["asked_days"]),
            )
        )


def write_deciders(places: Ids, people: Ids, now: datetime) -> None:
    """The approvers of areas, and who stands in for whom."""
    content, first_on = said("people"), now.date()
    db.session.add_all(
        AreaApprover(area_id=places[row["area"]], person_id=people[row["person"]]) for row in content["area_approver"]
    )
    db.session.add_all(
        StandIn(
            site_id=places[row["site"]],
            absent_id=people[row["absent"]],
            person_id=people[row["person"]],
            starts_on=days_from(first_on, row["starts_days"]),
            ends_on=days_from(first_on, row["ends_days"]),
        )
        for row in content["stand_in"]
    )
