"""What the signed-in person may use, and how much of it is used."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext

from ...core.language import Words
from ...core.limits.standing import Standing
from ...people import queries as people
from ...web import language, login_required, meters, now, signed_in
from .. import standings
from . import Answer, bp


@bp.get("/allowances")
@login_required
def allowances() -> Answer:
    """Each allowance that concerns the person at their sites, over the present day, week or month."""
    actor, words = signed_in(), language()
    held = standings.of_person(actor, now())
    every = [standing for one in held for standing in one.standings]
    resources = standings.names_of(every)
    projects = _projects(every, [one.partner_id for one in held])
    partners = people.partners_by_id({one.partner_id for one in held})
    groups = [
        (
            partners[one.partner_id].name.text(words),
            one.site.name.text(words),
            [
                meters.allowance_line(standing, words, where=_where(standing, resources, projects, words))
                for standing in one.standings
            ],
        )
        for one in held
        if one.standings
    ]
    return render_template("bookings/allowances.html", groups=groups)


def _projects(every: list[Standing], partner_ids: list[int]) -> dict[int, Words]:
    if not any(one.project_id for one in every):
        return {}
    return {project.id: project.name for project, _ in people.projects_of(partner_ids)}


def _where(standing: Standing, resources: dict[int, Words], projects: dict[int, Words], words: str) -> str:
    """What counts by itself."""
    if standing.resource_id in resources:
        return resources[standing.resource_id].text(words)
    if standing.project_id in projects:
        return gettext("Project %(name)s", name=projects[standing.project_id].text(words))
    return ""
