"""What holds for a resource, in plain words and in both languages, to be read and printed."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask_babel import force_locale, gettext

from ...catalogue.queries import biosafety_of, resource_by_slug
from ...core.language import LANGUAGES
from ...core.permissions import Do, Matter, may
from ...core.terms import in_words
from ...web import language, login_required, now, sentences, signed_in, times
from .. import pages
from ..sets import SetOf, sets_for
from . import Answer, bp
from .lines import Names, set_line


@bp.get("/resources/<slug>/rules")
@login_required
def resource_rules(slug: str) -> Answer:
    """The standing terms and every rule set that applies; the reader's language first."""
    actor, words = signed_in(), language()
    resource, site = resource_by_slug(actor, slug)
    found = sets_for(actor, resource, now().astimezone(site.zoneinfo).date())
    sees = may(actor, Do.SEE_RULES, Matter(site.id))
    names = Names(site.id, partners=sees)
    order = [words, *(one for one in LANGUAGES if one != words)]
    return render_template(
        "rules/resource.html",
        parts=[_part(one, resource, found, names, for_staff=sees) for one in order],
        name=resource.name.text(words),
        slug=slug,
        site_name=site.name.text(words),
        printed=times.moment(now(), site.zoneinfo, words),
        sets_url=url_for(".rule_sets", site=site.slug) if sees else "",
    )


def _part(tag: str, resource: Any, found: list[SetOf], names: Names, *, for_staff: bool) -> pages.RulesIn:
    with force_locale(tag):
        lines = [set_line(one, names, tag, for_staff=for_staff) for one in found]
        terms = in_words(resource.terms, biosafety=biosafety_of(resource) or 0, modes=resource.kinds_of_work)
        said = [sentences.plain(one, tag) for one in terms]
        return pages.RulesIn(
            tag,
            resource.name.text(tag),
            [*said, *([resource.note.text(tag)] if resource.note else [])],
            [one for one in lines if one.limits],
            {
                "heading": gettext("Rules"),
                "terms": gettext("What always holds"),
                "sets": gettext("Further rules"),
                "none": gettext("There are no further rules."),
                "whom": gettext("For"),
                "days": gettext("Valid"),
                "confidential": gettext("Confidential: only staff read this."),
            },
        )
