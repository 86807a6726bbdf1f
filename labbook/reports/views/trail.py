"""The trail of the whole lab, for auditors and administrators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Response, render_template, request, stream_with_context, url_for
from flask_babel import gettext

from ...core.happenings import KIND_WORDS, Kind, codes_of
from ...core.language import person_name
from ...core.permissions import Do, Matter, require
from ...web import language, login_required, now, signed_in
from .. import forms, queries, service
from ..pages import trail as pages
from . import Answer, bp

FILES = {"csv": ("text/csv", pages.as_csv), "jsonl": ("application/jsonl", pages.as_json_lines)}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the trail somebody asks for: the form as it was filled in, and what it comes to."""

    form: forms.TrailForm
    is_good: bool
    wanted: queries.Wanted
    filters: dict[str, Any]


@bp.get("/trail")
@login_required
def trail() -> Answer:
    """Everything that happened, newest first; the look itself is recorded before anything is shown."""
    actor, words = signed_in(), language()
    require(actor, Do.SEE_TRAIL, Matter())
    asked = _asked(words)
    if not asked.is_good:
        return render_template("reports/trail.html", form=asked.form, lines=None, older="", exports={}), 422
    service.look_at_trail(actor, asked.filters, partner_id=asked.wanted.partner_id, now=now())
    rows = queries.trail(asked.wanted, below=_number("below"), most=queries.PAGE + 1)
    shown = rows[: queries.PAGE]
    older = url_for(".trail", **asked.filters, below=shown[-1].number) if len(rows) > len(shown) else ""
    return render_template(
        "reports/trail.html",
        form=asked.form,
        lines=[pages.line(one, words, for_partner=False) for one in shown],
        older=older,
        exports={name: url_for(f".trail_{name}", **asked.filters) for name in FILES},
    )


@bp.get("/trail/export.csv")
@login_required
def trail_csv() -> Answer:
    """The same as a table for spreadsheets."""
    return _exported("csv")


@bp.get("/trail/export.jsonl")
@login_required
def trail_jsonl() -> Answer:
    """The same for programs."""
    return _exported("jsonl")


def _exported(kind: str) -> Answer:
    actor, words = signed_in(), language()
    require(actor, Do.EXPORT_TRAIL, Matter())
    asked = _asked(words)
    if not asked.is_good:
        return render_template("reports/trail.html", form=asked.form, lines=None, older="", exports={}), 422
    service.export_trail(actor, asked.filters, partner_id=asked.wanted.partner_id, now=now())
    records = (pages.record(one, words, for_partner=False) for one in queries.whole_trail(asked.wanted))
    return file(kind, f"labbook-trail-{now().astimezone(UTC):%Y-%m-%d}", records)


def file(kind: str, name: str, records: Iterable[Mapping[str, Any]]) -> Response:
    """A download that is written while it is read."""
    mimetype, written = FILES[kind]
    parts: Iterator[str] = stream_with_context(written(records))
    answer = Response(parts, mimetype=mimetype, content_type=f"{mimetype}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def _asked(words: str) -> Asked:
    """The filters of the address, with everything that can be chosen."""
    sites, partners, people = queries.sites(), queries.partners(), queries.people()
    form = forms.TrailForm(
        request.args,
        sites=[(one.slug, one.name.text(words)) for one in sites],
        partners=[(one.key, one.name.text(words)) for one in partners],
        people=[(one.key, person_name(one.family_name, one.given_name, words)) for one in people],
        kinds=[(str(kind), gettext(label)) for kind, label in KIND_WORDS.items()],
    )
    is_good = form.validate()
    wanted = queries.Wanted(
        site_id={one.slug: one.id for one in sites}.get(form.site.data),
        partner_id={one.key: one.id for one in partners}.get(form.partner.data),
        person_id={one.key: one.id for one in people}.get(form.person.data),
        codes=codes_of(Kind(form.kind.data)) if is_good and form.kind.data else (),
        since=_day(form.first.data),
        before=_day(form.last.data, later=1),
    )
    given = {field.name: request.args.get(field.name, "") for field in form}
    return Asked(form, is_good, wanted, {name: value for name, value in given.items() if value})


def _day(on: Any, later: int = 0) -> datetime | None:
    """The beginning of a day of UTC, or of the day after."""
    return datetime.combine(on + timedelta(days=later), time.min, UTC) if on else None


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
