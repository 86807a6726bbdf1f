"""The page behind the code on an instrument: how it stands, one's own booking of it, and a few large lengths."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...bookings import service, verdicts
from ...catalogue import queries as catalogue
from ...core.amount import Amount, Measure
from ...core.explaining import explain
from ...core.facts import Facts, Verdict
from ...core.interval import Interval
from ...core.permissions import Actor, Do, Matter, may, require
from ...core.rules import judge
from ...core.walking_up import Chance
from ...people.queries import partners_by_id
from ...web import language, login_required, now, signed_in, times
from ...web.sentences import sample_levels
from ..at_hand import NOBODY, Standing, Wish, standing_of
from ..forms import TITLE_LENGTH, WalkUpForm, spelled
from ..mine import LastUse, last_use
from ..pages import EndChoice, clock_label, last_day_label, now_of
from . import Answer, bp
from .own import own_bookings

USUAL = timedelta(hours=1)


@bp.get("/resources/<slug>/now")
@login_required
def here(slug: str) -> Answer:
    """How it stands, and the form."""
    page = _HerePage(signed_in(), slug)
    page.fill()
    return page.shown()


@bp.post("/resources/<slug>/now")
@login_required
def take(slug: str) -> Answer:
    """Book it: 303 back to the page, where the booking now stands; or the page with what stands in the way."""
    page = _HerePage(signed_in(), slug)
    require(page.actor, Do.REQUEST_BOOKING, Matter(page.site_id))
    wanted = page.wanted() if page.form.validate() else None
    if wanted is None:
        return page.shown(), 422
    try:
        key = page.send(wanted)
    except service.RefusedError as refused:
        return page.shown(refused), 409
    except service.KeyReusedError as reused:
        flash(gettext("This was sent before. Here is what was booked."), "message")
        return redirect(url_for("bookings.request_page", key=reused.request_key), 303)
    return page.sent(key, wanted)


class _HerePage:
    """The page of one resource for one person.

    A service begins by forgetting what was read before it: resource and site are read again where they are needed.
    """

    def __init__(self, actor: Actor, slug: str) -> None:
        self.actor, self.slug, self.words, self.at = actor, slug, language(), now()
        resource, site = catalogue.resource_by_slug(actor, slug)
        self.terms, self.zone, self.site_id = resource.terms, site.zoneinfo, site.id
        self.name = resource.name.text(self.words)
        self.last: LastUse | None = last_use(actor.person_id, resource.id)
        ids = catalogue.partners_at(actor, site.id) if may(actor, Do.REQUEST_BOOKING, Matter(site.id)) else []
        rows = partners_by_id(ids) if ids else {}
        self.partners = {one.key: number for number, one in rows.items()}
        self.modes = {one.slug: one.name.text(self.words) for one in resource.kinds_of_work}
        levels = sample_levels() if catalogue.biosafety_of(resource) is not None else sample_levels()[:1]
        self.levels = frozenset(value for value, _ in levels)
        self.units = {one.key: one.name for one in catalogue.units_of(resource.id)}
        self.form = WalkUpForm()
        self.form.offer([(one.key, one.name.text(self.words)) for one in rows.values()], self.modes.items(), levels)

    def fill(self) -> None:
        """What one is likely to mean: as last time; a link may name the unit, the partner and the kind of work.

        A title that was written for one partner is not put before another's people.
        """
        last, args = self.last, request.args
        of_last = next((key for key, number in self.partners.items() if last and number == last.partner_id), "")
        mode = args.get("mode") or (last.mode if last else "")
        partner = args.get("partner") or of_last
        is_ours = last is not None and self.partners.get(partner) == last.partner_id
        title = last.title if last and is_ours else self.modes.get(mode) or self.name[:TITLE_LENGTH]
        self.form.fill(title, mode, str(last.biosafety) if last else "0", partner)
        self.form.unit.data = args.get("unit", "")
        self.form.renew_key()

    @property
    def unit(self) -> str:
        """The key of the unit that the code is on; empty: any."""
        unit = self.form.unit.data or ""
        return unit if unit in self.units else ""

    @property
    def is_by_months(self) -> bool:
        """Nobody decides on months while standing before a bench: there the form with its calendar does better."""
        return self.terms.slot.measure is Measure.MONTH

    @property
    def partner_id(self) -> int:
        """For whom one books: as chosen, else the first."""
        return self.partners.get(self.form.partner.data or "", min(self.partners.values(), default=NOBODY))

    @property
    def biosafety(self) -> int:
        """The level of the sample; what is none of the levels is said beside the field, and judged as the lowest."""
        sent = self.form.biosafety.data or ""
        return int(sent) if sent in self.levels else 0

    def wanted(self) -> Interval | None:
        """The time that is meant, if any of it is left."""
        slot = self.terms.slot
        step = timedelta(days=1) if slot.is_by_calendar else timedelta(minutes=slot.count)
        return self.form.wanted(self.standing().facts.wanted.start, step)

    def send(self, wanted: Interval) -> str:
        """Book it the one way in; returns the request's key. Raises as `service.request` does."""
        ask = service.Ask(
            self.slug,
            wanted.start,
            wanted.end,
            self.partner_id,
            self.form.title.data or "",
            unit=self.unit,
            mode=self.form.mode.data or "",
            biosafety=self.biosafety,
        )
        return service.request(self.actor, ask, key=self.form.idempotency_key.data or "", now=self.at)

    def sent(self, key: str, wanted: Interval) -> Answer:
        """Back to the page, which says how it stands now."""
        mine = own_bookings(self.actor, self.slug, self.at)
        stands = any(one.url.endswith(key) and one.state in ("approved", "running") for one in mine)
        until = gettext("Booked until %(time)s.", time=self._end_label(wanted.end))
        flash(until if stands else gettext("Sent. Staff will decide."), "message")
        return redirect(url_for(".here", slug=self.slug, unit=self.unit or None), 303)

    def standing(self) -> Standing:
        """How it stands for what the form means."""
        resource, site = catalogue.resource_by_slug(self.actor, self.slug)
        wish = Wish(self.partner_id, self.unit, self.form.mode.data or "", self.biosafety)
        return standing_of(self.actor, resource, site, wish, now=self.at)

    def shown(self, refused: service.RefusedError | None = None) -> str:
        """The page."""
        standing = self.standing()
        chance = standing.chance if self.partners and not self.is_by_months else None
        self.form.start.data = spelled(chance.start) if chance else ""
        resource, site = catalogue.resource_by_slug(self.actor, self.slug)
        area = catalogue.areas_at(site.id)[resource.area_id]
        return render_template(
            "pocket/here.html",
            slug=self.slug,
            name=self.name,
            model=resource.model,
            icon_name=resource.icon,
            area=area.name.text(self.words),
            unit=self.units.get(self.unit, "") if len(self.units) > 1 else "",
            site_name=site.name.text(self.words),
            site_slug=site.slug,
            zone_label=times.zone_label(self.zone, self.at),
            now=now_of(standing.presence, self.at, self.zone, self.words),
            own=own_bookings(self.actor, self.slug, self.at),
            form=self.form,
            ends=self._ends(chance) if chance else [],
            from_label=self._from_label(chance),
            lines=self._lines(standing, chance, refused) if self.partners and not self.is_by_months else [],
            books=bool(self.partners),
            books_for=may(self.actor, Do.BOOK_FOR_ANOTHER, Matter(self.site_id)),
        )

    def _chosen(self, chance: Chance) -> datetime:
        """The length that was sent, else that of the last time, else an hour; the nearest that can be had."""
        sent = [one.at for one in chance.ends if spelled(one.at) == self.form.end.data]
        length = self.last.length if self.last else USUAL
        wanted = max(chance.start, self.at) + length
        return sent[0] if sent else min((one.at for one in chance.ends), key=lambda at: abs(at - wanted))

    def _ends(self, chance: Chance) -> list[EndChoice]:
        chosen = self._chosen(chance)
        return [
            EndChoice(
                spelled(one.at), self._length(chance.start, one.at), self._end_label(one.at), one.asks, one.at == chosen
            )
            for one in chance.ends
        ]

    def _length(self, start: datetime, end: datetime) -> str:
        """From now, or from the start where that is later; rounded down to five minutes."""
        if self.terms.slot.is_by_calendar:
            halves = round((end - start) / timedelta(hours=12))
            whole = Amount(halves // 2, Measure.DAY)
            return times.half_days_label(halves) if halves % 2 else times.amount_label(whole)
        minutes = int((end - max(start, self.at)).total_seconds() // 60)
        return times.minutes_label(minutes - minutes % 5 if minutes > 5 else max(minutes, 1))

    def _end_label(self, end: datetime) -> str:
        if self.terms.by_day:
            return last_day_label(end, self.zone, self.words)
        return clock_label(end, self.at, self.zone, self.words)

    def _from_label(self, chance: Chance | None) -> str:
        """When it would begin, unless at once."""
        if chance is None or chance.start <= self.at:
            return ""
        return clock_label(chance.start, self.at, self.zone, self.words, ends=False)

    def _lines(
        self, standing: Standing, chance: Chance | None, refused: service.RefusedError | None
    ) -> Sequence[verdicts.RuleLine]:
        """What the rules say to what was sent, else to what is chosen, else to the shortest booking now."""
        if refused is not None:
            return self._said(refused.facts, refused.window, refused.verdict)
        if chance is not None:
            return self._said(*_around(standing, chance.judged_until(self._chosen(chance))))
        return self._said(standing.facts, standing.window, judge(standing.facts))

    def _said(self, facts: Facts, window: Interval, verdict: Verdict) -> Sequence[verdicts.RuleLine]:
        """The findings in words, with links to where something can be done about them."""
        links = verdicts.Links(
            url_for("bookings.book", slug=self.slug),
            self.unit,
            url_for("agreements.conditions", site=self._site_slug()),
            url_for("waiting.new", what=f"resource:{self.slug}"),
        )
        return verdicts.verdict_panel(explain(facts, window, verdict), links, self.words).findings

    def _site_slug(self) -> str:
        return str(catalogue.resource_by_slug(self.actor, self.slug)[1].slug)


def _around(standing: Standing, judged: tuple[Facts, Verdict]) -> tuple[Facts, Interval, Verdict]:
    return judged[0], standing.window, judged[1]
