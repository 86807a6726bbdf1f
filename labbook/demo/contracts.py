"""Writes the agreements with what they cover and grant, and the conditions of use with who has accepted them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ..db import db
from ..models import Acceptance, Agreement, AgreementArea, Conditions
from .catalogue import Ids
from .content import Row, days_from, said, words
from .lab import is_newest, unread

_READ_AFTER = timedelta(days=2)


def write_agreements(places: Ids, partners: Ids, first_on: date) -> None:
    """What each partner has agreed on with each site."""
    for row in said("people")["agreement"]:
        agreement = Agreement(
            partner_id=partners[row["partner"]],
            site_id=places[row["site"]],
            starts_on=days_from(first_on, row["starts_days"]),
            ends_on=days_from(first_on, row["ends_days"]),
            places=row["places"],
            signs=row.get("signs", False),
            entitlements=_entitlements(row),
        )
        db.session.add(agreement)
        db.session.flush()
        db.session.add_all(
            AgreementArea(agreement_id=agreement.id, area_id=places[area]) for area in row.get("areas", ())
        )


def _entitlements(row: Row) -> dict[str, Any] | None:
    granted = [
        one for one in said("people")["entitlement"] if (one["partner"], one["site"]) == (row["partner"], row["site"])
    ]
    if not granted:
        return None
    return {tag: [[one["name"][tag], one["grants"][tag]] for one in granted] for tag in ("en", "ja")}


def write_conditions(places: Ids, people: Ids, first_on: date) -> None:
    """Every edition, accepted by everybody who books at the site, but for those who have not read the newest."""
    for row in said("conditions")["edition"]:
        published_on = days_from(first_on, row["published_days"])
        made = Conditions(
            site_id=places[row["site"]], edition=row["name"], text=words(row["text"]), published_on=published_on
        )
        db.session.add(made)
        db.session.flush()
        read_at = datetime.combine(published_on, time(9), UTC) + _READ_AFTER
        db.session.add_all(
            Acceptance(conditions_id=made.id, person_id=people[email], accepted_at=read_at)
            for email in _readers(row["site"])
            if not (is_newest(row) and (row["site"], email) in unread())
        )


def _readers(site: str) -> Iterator[str]:
    """Those who work for a partner with an agreement at the site."""
    here = {row["partner"] for row in said("people")["agreement"] if row["site"] == site}
    for person in said("people")["person"]:
        if any(role.get("partner") in here for role in person["roles"]):
            yield person["email"]
