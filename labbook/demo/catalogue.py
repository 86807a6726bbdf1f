"""Writes the places, what can be booked there, and the trainings."""

from __future__ import annotations

from sqlalchemy import select

from ..core.amount import Amount
from ..core.hours import Cover
from ..core.language import Words
from ..core.links import LinkKind
from ..core.terms import Asks, ResourceKind
from ..db import db
from ..models import (
    Area,
    OpeningRow,
    Resource,
    ResourceApprover,
    ResourceGroup,
    ResourceGroupMember,
    ResourceLink,
    ResourcePartner,
    ResourceTraining,
    Site,
    Training,
    Unit,
)
from ..models.site import Hours
from .content import Row, minute, said, words

Ids = dict[str, int]  # by slug, or by address
_DECIDED_IN, _CHOSEN_IN = 40, 80  # working hours in which staff decide; and choose among rivals


def write_sites() -> Ids:
    """Sites with their areas and weekly hours; the ids of sites and areas by slug."""
    sites: dict[str, Site] = {row["slug"]: _site(row) for row in said("sites")["site"]}
    db.session.add_all(sites.values())
    db.session.flush()
    areas: dict[str, Area] = {}
    for row in said("sites")["site"]:
        for one in row["area"]:
            areas[one["slug"]] = Area(
                site_id=sites[row["slug"]].id,
                slug=one["slug"],
                name=words(one["name"]),
                description=words(one["description"]),
                biosafety=one["biosafety"],
                position=one["position"],
            )
    db.session.add_all(areas.values())
    db.session.flush()
    for row in said("sites")["site"]:
        site_id = sites[row["slug"]].id
        db.session.add_all(_openings(row["hours"], site_id, None))
        for one in row["area"]:
            db.session.add_all(_openings(one.get("hours", []), site_id, areas[one["slug"]].id))
    return {slug: one.id for slug, one in sites.items()} | {slug: one.id for slug, one in areas.items()}


def _site(row: Row) -> Site:
    return Site(
        slug=row["slug"],
        name=words(row["name"]),
        description=words(row["description"]),
        address=words(row["address"]),
        zone=row["zone"],
        country=row["country"],
        subdivision=row["subdivision"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        merges_busy=row.get("merges_busy", True),
        first_weekday=row.get("first_weekday", 0),
    )


def _openings(hours: list[Row], site_id: int, area_id: int | None) -> list[OpeningRow]:
    return [
        OpeningRow(
            site_id=site_id,
            area_id=area_id,
            kind=Hours(one["kind"]),
            weekday=day,
            opens=minute(one["opens"]),
            closes=minute(one["closes"]),
        )
        for one in hours
        for day in one["days"]
    ]


def write_trainings(places: Ids) -> Ids:
    """Trainings; their ids by slug."""
    made = [
        Training(
            slug=row["slug"],
            site_id=places[row["site"]] if row["site"] else None,
            level=row["level"],
            name=words(row["name"]),
            description=words(row["description"]),
            valid_days=_days(row["valid_for"]),
            disuse_days=row.get("disuse_days"),
        )
        for row in said("trainings")["training"]
    ]
    db.session.add_all(made)
    db.session.flush()
    return {one.slug: one.id for one in made}


def _days(valid_for: str) -> int | None:
    """A term in months as days: a year has 365."""
    return round(Amount.parse(valid_for).count * 365 / 12) if valid_for else None


def write_resources(places: Ids, trainings: Ids, partners: Ids, people: Ids) -> None:
    """Resources with their units, the trainings that they demand, to whom they are shown and who decides."""
    rows = said("catalogue")["resource"]
    made = [_resource(row, places) for row in rows]
    db.session.add_all(made)
    db.session.flush()
    for row, one in zip(rows, made, strict=True):
        db.session.add_all(
            Unit(resource_id=one.id, name=name, position=position)
            for position, name in enumerate(row["units"], start=1)
        )
        db.session.add_all(
            ResourceTraining(resource_id=one.id, training_id=trainings[slug]) for slug in row["trainings"]
        )
        db.session.add_all(
            ResourcePartner(resource_id=one.id, partner_id=partners[slug]) for slug in row.get("visible_to", ())
        )
        db.session.add_all(
            ResourceApprover(resource_id=one.id, person_id=people[email]) for email in row.get("approvers", ())
        )
    by_slug = {one.slug: one.id for one in made}
    db.session.add_all(
        ResourceLink(resource_id=by_slug[row["slug"]], other_id=by_slug[other], kind=LinkKind.OFFERS)
        for row in rows
        for other in row.get("offers", ())
    )


def write_groups() -> None:
    """Groups of resources, after the resources."""
    resources = {row.slug: row.id for row in db.session.execute(select(Resource.slug, Resource.id))}
    for row in said("catalogue")["group"]:
        group = ResourceGroup(slug=row["slug"], name=words(row["name"]))
        db.session.add(group)
        db.session.flush()
        db.session.add_all(
            ResourceGroupMember(group_id=group.id, resource_id=resources[slug]) for slug in row["members"]
        )


def _resource(row: Row, places: Ids) -> Resource:
    name = words(row["name"])
    return Resource(
        slug=row["slug"],
        site_id=places[row["site"]],
        area_id=places[row["area"]],
        kind=ResourceKind(row["kind"]),
        icon=row["icon"],
        name=name,
        model=row["model"],
        description=words(row["description"]),
        note=words(row["note"]),
        tags=words(row["tags"]) if "tags" in row else Words(),
        position=row["number"],
        slot=Amount.parse(row["slot"]),
        shortest=Amount.parse(row["shortest"]),
        longest=Amount.parse(row["longest"]),
        buffer_before=Amount.parse(row["buffer_before"]),
        buffer_after=Amount.parse(row["buffer_after"]),
        notice=Amount.parse(row["notice"]),
        horizon=Amount.parse(row["horizon"]),
        cover=Cover(row["cover"]),
        asks=Asks(row["asks"]),
        holds_on_request=row["holds_on_request"],
        decide_hours=_DECIDED_IN if row["holds_on_request"] else _CHOSEN_IN,
        by_day=row["by_day"],
        shares_buffers=row.get("shares_buffers", False),
        biosafety=row.get("biosafety"),
        modes=[{"slug": one["slug"], **one["name"]} for one in row.get("modes", ())] or None,
        extra=row["extra"],
        is_hidden=row.get("hidden", False),
    )
