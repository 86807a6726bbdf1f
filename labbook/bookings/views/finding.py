"""Find a time: the first legal and free times among resources that would do, and what stands in the way of none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask_babel import gettext

from ...catalogue import groups as grouped
from ...catalogue import queries as catalogue
from ...catalogue.pages import KIND_LABELS
from ...core.amount import Measure
from ...core.finding_times import Choice, Found, Need, Obstacle, Pick, first_times
from ...core.interval import Interval, local_days
from ...core.permissions import Actor, Do, Matter, may, require
from ...core.room import Frame, end_of
from ...core.terms import ResourceKind
from ...people import queries as people
from ...web import language, login_required, now, sentences, signed_in, times
from ...web.fields import choices
from ..finding_forms import MORE, FindForm
from ..forms import sample_levels
from ..many import facts_of_many, units_among
from ..verdicts import time_link
from ..whose import Whose
from . import Answer, bp

OFFERS = 10
_MARGIN = timedelta(days=2)  # buffers around what begins first or ends last
Stands = tuple[Any, Any]  # a resource and its site


@dataclass(frozen=True, slots=True)
class PickLine:
    """One resource at one time, one step away from its form."""

    name: str
    site: str
    when: str
    zone: str
    at_home: str  # the same by the clock of the reader's own site; empty where that says the same
    asks: bool
    url: str


@dataclass(frozen=True, slots=True)
class ObstacleLine:
    """What stood in the way, of how many, and what to do about it."""

    count: str
    sentence: str
    help: str


@bp.get("/find")
@login_required
def find() -> Answer:
    """The form, and the times that it finds. Nothing is searched before it is said what is needed."""
    page = _FindPage(signed_in())
    if not page.is_asked:
        return page.shown([], [], None)
    if not page.form.validate():
        return page.shown([], [], None), 422
    found = page.found()
    picks = [page.lines(offer) for offer in found.offers]
    return page.shown(picks, page.obstacles(found), found.stopped_at, [] if picks else page.waits())


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


class _FindPage:
    """The form for one person: what they may book, and for which partner."""

    def __init__(self, actor: Actor) -> None:
        self.actor, self.words = actor, language()
        require(actor, Do.REQUEST_BOOKING, Matter(min((site for _, site in actor.agreements), default=None)))
        rows = catalogue.resources_for(actor)
        self.rows = [(one, site) for one, _, site in rows if may(actor, Do.REQUEST_BOOKING, Matter(site.id))]
        self.rows.sort(key=lambda row: row[1].id != actor.home_site_id)  # what is at home comes first
        self.by_id = {resource.id: (resource, site) for resource, site in self.rows}
        self.groups = {
            one.slug: (one, {two.resource.id for two in members}) for one, members in grouped.groups_for(actor)
        }
        self.sites = {site.slug: site for _, site in self.rows}
        home = next((site for site in self.sites.values() if site.id == actor.home_site_id), None)
        self.home = home or next(iter(self.sites.values()), None)
        self.form = FindForm(request.args, now().astimezone(self.home.zoneinfo if self.home else UTC).date())
        self._offer_choices()
        self.is_asked = bool(self.form.what.raw_data)

    def _offer_choices(self) -> None:
        form, words = self.form, self.words
        what = [
            *((f"group:{slug}", one.name.text(words)) for slug, (one, _) in self.groups.items()),
            *((f"kind:{kind}", gettext(KIND_LABELS[kind])) for kind in self._kinds()),
            *((f"resource:{one.slug}", f"{one.name.text(words)} · {site.name.text(words)}") for one, site in self.rows),
        ]
        form.what.choices = choices(what)
        for name in MORE:
            form[f"what{name}"].choices = choices([("", gettext("Nothing else")), *what])  # type: ignore[attr-defined]
        form.site.choices = choices(
            [("", gettext("Any site")), *((slug, site.name.text(words)) for slug, site in self.sites.items())]
        )
        partners = people.partners_by_id({partner for partner, _ in self.actor.agreements}).values()
        self.partner_ids = {one.key: one.id for one in partners}
        form.partner.choices = choices((one.key, one.name.text(words)) for one in partners)
        if not form.partner.raw_data and self.partner_ids:
            form.partner.data = next(iter(self.partner_ids))
        modes = {one.slug: one.name.text(words) for row, _ in self.rows for one in row.kinds_of_work}
        form.mode.choices = choices([("", gettext("Does not matter")), *modes.items()])
        self.levels = catalogue.biosafety_among([one for one, _ in self.rows])
        form.biosafety.choices = choices(sample_levels() if any(self.levels.values()) else sample_levels()[:1])

    def _kinds(self) -> list[ResourceKind]:
        return [kind for kind in ResourceKind if any(one.kind is kind for one, _ in self.rows)]

    def _partner_id(self) -> int:
        return self.partner_ids[self.form.partner.data]

    def _among(self, what: str) -> list[Stands]:
        """The resources that would do, through the viewer's scope and at sites where the partner has an agreement."""
        kind, _, name = what.partition(":")
        members = self.groups[name][1] if kind == "group" else set[int]()
        fits: dict[str, Callable[[Any], bool]] = {
            "group": lambda one: one.id in members,
            "kind": lambda one: one.kind == name,
            "resource": lambda one: one.slug == name,
        }
        only, partner = self.form.site.data, self._partner_id()
        return [
            (one, site)
            for one, site in self.rows
            if fits[kind](one) and only in ("", site.slug) and (partner, site.id) in self.actor.agreements
        ]

    def found(self) -> Found:
        """The search itself: all facts are read at once, then nothing more."""
        form = self.form
        names = ["", *(name for name in MORE if form[f"what{name}"].data)]
        among = {name: self._among(form[f"what{name}"].data) for name in names}
        rows = list({row[0].id: row for ones in among.values() for row in ones}.values())
        units = units_among([one.id for one, _ in rows])
        rows = [row for row in rows if units.get(row[0].id)]
        after = {name: timedelta(minutes=form[f"after{name}"].data or 0) if name else timedelta() for name in names}
        frame = self._frame(rows, max(after.values()))
        mode, sample = form.mode.data or "", int(form.biosafety.data or 0)
        whose = Whose(self.actor.person_id, self._partner_id(), asks_anew=True, mode=mode, biosafety=sample)
        facts = facts_of_many(rows, whose=whose, units=units, window=frame.known, now=now())
        ranked = {
            one.id: Choice(one.id, site.id, rank, tuple((unit, facts[one.id].on(unit)) for unit in units[one.id]))
            for rank, (one, site) in enumerate(rows)
        }
        needs = [
            Need(tuple(ranked[one.id] for one, _ in among[name] if one.id in ranked), form.amount(name), after[name])
            for name in names
        ]
        return first_times(needs, frame, count=OFFERS)

    def _frame(self, rows: Sequence[Stands], after: timedelta) -> Frame:
        form, zones = self.form, {site.zoneinfo for _, site in rows} or {ZoneInfo("UTC")}
        first, last = form.first.data, form.last.data
        assert first is not None and last is not None  # noqa: S101 - both have been validated
        days = [local_days(first, last, zone) for zone in zones]
        start, latest = min(one.start for one in days), max(one.end for one in days) + after + timedelta(days=1)
        names = ["", *(name for name in MORE if form[f"what{name}"].data)]
        ends = [end_of(latest, form.amount(name), one.terms, site.zoneinfo) for one, site in rows for name in names]
        known = Interval(start - _MARGIN, max(ends, default=latest) + _MARGIN)
        return Frame(first, last, known, form.weekdays, form.hours)

    def lines(self, picks: Sequence[Pick]) -> list[PickLine]:
        """Picks that belong together, said; each leads to the form in which they are booked as one set."""
        lines = [self._line(pick) for pick in picks]
        first, *others = picks
        if not others or not self._is_a_set(picks):
            return lines
        also = ",".join(self._also(one, first) for one in others)
        return [replace(line, url=f"{lines[0].url}&also={also}") for line in lines]

    def _also(self, pick: Pick, first: Pick) -> str:
        slug = self.by_id[pick.resource_id][0].slug
        return f"{slug}:{_minutes(pick.time.start - first.time.start)}:{_minutes(pick.time.length)}"

    def _is_a_set(self, picks: Sequence[Pick]) -> bool:
        """At one site, all by the clock or all by days, and nothing to be asked of what comes second."""
        stands = [self.by_id[one.resource_id] for one in picks]
        is_alike = len({(site.id, resource.by_day) for resource, site in stands}) == 1
        return is_alike and not any(resource.kinds_of_work for resource, _ in stands[1:])

    def _line(self, pick: Pick) -> PickLine:
        """A pick, said."""
        resource, site = self.by_id[pick.resource_id]
        facts = pick.facts
        url = time_link(pick.time, facts, url_for(".book", slug=resource.slug), "")
        mode = self.form.mode.data
        url += f"&mode={mode}" if mode and any(one.slug == mode for one in resource.kinds_of_work) else ""
        sample = self.form.biosafety.data
        url += f"&biosafety={sample}" if sample != "0" and self.levels[resource.id] else ""
        url += f"&partner={self.form.partner.data}" if len(self.partner_ids) > 1 else ""
        return PickLine(
            resource.name.text(self.words),
            site.name.text(self.words),
            times.when(pick.time, facts.zone, self.words, by_day=facts.terms.by_day),
            times.zone_label(facts.zone, pick.time.start),
            self._at_home(pick),
            pick.asks,
            url,
        )

    def _at_home(self, pick: Pick) -> str:
        if self.home is None or pick.facts.terms.by_day:
            return ""
        here, there = self.home.zoneinfo, pick.facts.zone
        if pick.time.start.astimezone(here).utcoffset() == pick.time.start.astimezone(there).utcoffset():
            return ""
        when = times.when(pick.time, here, self.words, by_day=False)
        return f"{when} {times.zone_label(here, pick.time.start)}"

    def waits(self) -> list[tuple[str, str]]:
        """Where one waits for it at each site, with the site's name: for one resource, or any of a group."""
        form = self.form
        what, length, first, last = form.what.data, form.amount(), form.first.data, form.last.data
        is_one = not what.startswith("kind:") and not any(form[f"what{name}"].data for name in MORE)
        if not is_one or length.measure is Measure.MONTH or first is None or last is None:
            return []
        minutes = length.count * (1440 if length.measure is Measure.DAY else 1)
        about: dict[str, Any] = {
            "from": f"{first}T00:00",
            "to": f"{last + timedelta(days=1)}T00:00",
            "minutes": minutes,
        }
        about |= {"partner": form.partner.data, "mode": form.mode.data, "biosafety": form.biosafety.data}
        sites = {site.slug: site.name.text(self.words) for _, site in self._among(what)}
        return [
            (name, url_for("waiting.new", what=what if what.startswith("resource:") else f"{what}:{slug}", **about))
            for slug, name in sites.items()
        ]

    def obstacles(self, found: Found) -> list[ObstacleLine]:
        """What stood in the way, the most frequent first."""
        return [self._obstacle(one) for need in found.obstacles for one in need]

    def _obstacle(self, one: Obstacle) -> ObstacleLine:
        said = one.finding.said
        return ObstacleLine(
            gettext("%(count)s of %(all)s", count=one.resources, all=one.of),
            sentences.said(said.sentence, said.values, self.words),
            sentences.said(said.advice, said.values, self.words),
        )

    def shown(
        self,
        offers: list[list[PickLine]],
        obstacles: list[ObstacleLine],
        stopped_at: datetime | None,
        waits: Sequence[tuple[str, str]] = (),
    ) -> str:
        """The page."""
        zone = self.home.zoneinfo if self.home else ZoneInfo("UTC")
        return render_template(
            "bookings/find.html",
            form=self.form,
            more=MORE,
            offers=offers,
            obstacles=obstacles,
            waits=waits,
            is_asked=self.is_asked and not self.form.errors,
            until=times.short_date(stopped_at.astimezone(zone).date(), self.words) if stopped_at else "",
        )
