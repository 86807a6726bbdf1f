"""Rule sets for tests about the time after asking, written as the page for staff writes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from labbook.core.language import Words
from labbook.core.limits.limit import Limit, spelled
from labbook.db import db, transactional
from labbook.models import Resource, RuleSet
from tests.cast import NOW


@transactional
def rule(slug: str, *limits: Limit, made_at: datetime = NOW, name: str = "House rules") -> None:
    """A rule set about one resource."""
    resource = db.session.scalars(select(Resource).where(Resource.slug == slug)).one()
    plain = [{**spelled(one), "id": f"l{number}"} for number, one in enumerate(limits)]
    words = Words(name, "利用規則")
    db.session.add(
        RuleSet(site_id=resource.site_id, name=words, resource_id=resource.id, limits=plain, made_at=made_at)
    )
