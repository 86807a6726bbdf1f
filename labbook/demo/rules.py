"""Writes the rule sets of the demo lab."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from ..core import limits
from ..core.limits.limit import spelled
from ..core.terms import ResourceKind
from ..db import db
from ..models import Agreement, Area, Partner, Resource, RuleSet, Site
from .content import Row, said, words


def write_rules(now: datetime) -> None:
    """Every rule set, after the places, the partners and their agreements."""
    sites = {row[0]: row[1] for row in db.session.execute(select(Site.slug, Site.id))}
    areas = {row[0]: row[1] for row in db.session.execute(select(Area.slug, Area.id))}
    resources = {row[0]: row[1] for row in db.session.execute(select(Resource.slug, Resource.id))}
    keys = {row[0]: row[1] for row in db.session.execute(select(Partner.slug, Partner.key))}
    of_both = select(Partner.slug, Site.slug, Agreement.id).join_from(Agreement, Partner).join(Site)
    agreements = {(partner, site): number for partner, site, number in db.session.execute(of_both)}
    for row in said("rules")["set"]:
        made = RuleSet(site_id=sites[row["site"]], name=words(row["name"]), made_at=now)
        made.area_id = areas[row["area"]] if "area" in row else None
        made.resource_id = resources[row["resource"]] if "resource" in row else None
        made.kind = ResourceKind(row["kind"]) if "kind" in row else None
        made.agreement_id = agreements[row["agreement"], row["site"]] if "agreement" in row else None
        made.limits = [limit_in(one, keys) for one in row["limits"]]
        db.session.add(made)
    db.session.flush()


def limit_in(row: Row, partner_keys: dict[str, str]) -> dict[str, Any]:
    """A limit as the database keeps it: every field, hours for their names, and keys for the partners."""
    plain = dict(row)
    if "when" in plain:
        plain["when"] = said("rules")["hours"][plain["when"]]
    if "partners" in plain:
        plain["partners"] = [partner_keys[slug] for slug in plain["partners"]]
    return {**spelled(limits.read(plain)), "id": row["id"]}
