"""The booking form, with every finding before it is sent."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...catalogue.beside import booked_beside
from ...catalogue.links import offered_with
from ...core.explaining import explain
from ...core.facts import Facts, Verdict
from ...core.interval import Interval, local_day
from ...core.lifecycle import State, request_state
from ...core.permissions import Actor, Do, Matter, may, require
from ...people import queries as people
from ...web import language, login_required, now, signed_in
from ...web.fields import choices
from .. import forms, queries, service, verdicts
from ..allocation import choose
from ..dated import dates_panel
from ..drawing import day_around
from ..more_forms import MOVE
from ..opening import first_to_do
from ..schedule import lanes_of_resource
from ..window import Window
from . import Answer, bp
from .behalf import on_behalf


@bp.get("/resources/<slug>/book")
@login_required
def book(slug: str) -> Answer:
    """The form, filled with what the link says or with a sensible proposal."""
    page = BookPage(signed_in(), slug)
    wanted = page.opened_at(forms.proposed(request.args, page.terms, page.zone, now()))
    page.form.propose(wanted, page.zone, by_day=page.terms.by_day)
    page.form.fill_more(request.args)
    page.form.renew_key()
    return page.shown(page.panel(wanted))


@bp.post("/resources/<slug>/book")
@login_required
def send(slug: str) -> Answer:
    """Send the request: 303 to it, or the form again with what stands in the way."""
    page = BookPage(signed_in(), slug)
    fits, wanted = page.is_valid(), page.wanted()
    if not fits or wanted is None:
        return page.shown(page.panel(wanted)), 422
    try:
        key = page.send(wanted)
    except service.RefusedError as refused:
        return page.shown(page.refused(refused, wanted)), 409
    except (service.WrongRepeatError, service.UnfitSetError) as wrong:
        page.refuse(wrong)
        return page.shown(page.panel(wanted)), 422
    except service.TooManyOpenError:
        page.has_too_many()
        return page.shown(page.panel(wanted)), 409
    except service.KeyReusedError as reused:
        page.sent_before(reused.request_key)
        return page.shown(page.panel(wanted)), 422
    flash(_sent(page.actor, key), "message")
    return redirect(url_for(".request_page", key=key), 303)


@bp.post("/resources/<slug>/findings")
@login_required
def findings(slug: str) -> Answer:
    """What the rules say while one types: the same facts and judge, without locks."""
    page = BookPage(signed_in(), slug)
    page.is_valid()
    return render_template("bookings/_verdict.html", verdict=page.panel(page.wanted()), may_be_exception=True)


def _sent(actor: Actor, key: str) -> str:
    """What has become of what was sent."""
    state = request_state(one.state for one in queries.request_by_key(actor, key).bookings)
    return gettext("Booked.") if state is State.APPROVED else gettext("Sent. Staff decide; their answer appears here.")


class BookPage:
    """The form of one resource for one person, and the panel beside it."""

    def __init__(self, actor: Actor, slug: str) -> None:
        self.actor = actor
        self.resource, self.site = catalogue.resource_by_slug(actor, slug)
        behalf = on_behalf(actor, self.site.id, now())
        if not behalf.people:
            require(actor, Do.REQUEST_BOOKING, Matter(self.site.id))
        here = [partner for partner in actor.partner_ids if (partner, self.site.id) in actor.agreements]
        # Taken out of the rows now: a service begins by forgetting what was read before it.
        self.slug, self.terms, self.zone = slug, self.resource.terms, self.site.zoneinfo
        units = catalogue.units_of(self.resource.id)
        self.place = catalogue.place_of(self.resource, self.site)
        partners = people.partners_by_id(here or behalf.partner_ids.values()).values()
        self.partner_ids = {one.key: one.id for one in partners} | behalf.partner_ids
        self.form_people = behalf.choices(language())
        projects = people.projects_of(here) if actor.projects else []
        self.joint = {(project.key, partner) for project, partner in projects}
        self.sent_url = ""
        is_staff = self.site.id in actor.staffed_sites
        self.most_dates: int = current_app.config["SERIES_DATES_STAFF" if is_staff else "SERIES_DATES"]
        self.form, words = forms.BookForm(), language()
        self.form.count_half_days(self.terms)
        self.form.offer_people(self.form_people, oneself=bool(here))
        self.form.offer_units([(unit.key, unit.name) for unit in units], request.args.get("unit"))
        modes = [(one.slug, one.name.text(words)) for one in self.resource.kinds_of_work]
        args, level = request.args, catalogue.biosafety_of(self.resource)
        self.form.offer_work(modes, level, args.get("mode", ""), args.get("biosafety", ""))
        self.form.offer_partners([(one.key, one.name.text(words)) for one in partners], args.get("partner", ""))
        others = [(slug, name.text(words)) for slug, name in booked_beside(actor, self.resource)]
        self.form.offer_more(self._options(), others)
        names = {project.key: project.name.text(words) for project, _ in projects}
        self.form.project.choices = choices([("", gettext("None")), *names.items()])

    def is_valid(self) -> bool:
        """Whether the fields fit together; what does not is said beside them."""
        fits = self.form.validate()
        if fits and self.form.project.data and (self.form.project.data, self._partner_id()) not in self.joint:
            self.form.refuse_project()
            return False
        return fits

    def wanted(self) -> Interval | None:
        """The time that the form means, or None with a sentence beside a field."""
        return self.form.wanted(self.zone, by_day=self.terms.by_day)

    def ask(self, wanted: Interval) -> service.Ask:
        """What is asked for; for whom, is one of those whom the form offers, and the service asks once more."""
        form = self.form
        return service.Ask(
            self.slug,
            wanted.start,
            wanted.end,
            self._partner_id(),
            form.title.data or "",
            form.purpose.data or "",
            form.unit.data or "",
            "" if form.project.errors else form.project.data or "",
            form.mode.data or "",
            int(form.biosafety.data or 0),
            is_exception=bool(form.as_request.data),
            units=form.units.data or 1,
            options=tuple(form.option.data or ()),
            also=tuple(service.Part(one.slug, one.time.start, one.time.end) for one in form.others(wanted)),
            repeat=form.repeat,
            for_person="" if form.for_person.errors else (form.for_person.data or "").partition("/")[2],
            moves=form.clash.data == MOVE,
        )

    def send(self, wanted: Interval) -> str:
        """Send what is asked for; returns the request's key. Raises as `service.request` does."""
        key = self.form.idempotency_key.data or ""
        return service.request(self.actor, self.ask(wanted), key=key, now=now(), most_dates=self.most_dates)

    def refuse(self, wrong: service.WrongRepeatError | service.UnfitSetError) -> None:
        """Say beside the field what cannot be asked for."""
        if isinstance(wrong, service.WrongRepeatError):
            self.form.refuse_repeat(wrong.wrong, language())
        else:
            self.form.refuse_set(wrong.code)

    def _options(self) -> list[tuple[str, str]]:
        return [(one.slug, one.name.text(language())) for one in offered_with(self.actor, self.resource)]

    def _partner_id(self) -> int:
        if self.form.for_person.data and not self.form.for_person.errors:
            return self.partner_ids[self.form.for_person.data.partition("/")[0]]
        return self.partner_ids.get(self.form.partner.data or "", min(self.partner_ids.values()))

    def panel(self, wanted: Interval | None) -> verdicts.VerdictPanel | None:
        """What the rules say; when the times themselves are wrong, that alone."""
        if wanted is None:
            return verdicts.time_panel(self.form.time_errors)
        several = (self.form.unit, self.form.partner, self.form.biosafety, self.form.for_person)
        if any(one.errors for one in several) or self._lacks_person():
            return None
        if self.form.more_errors:
            return verdicts.time_panel(self.form.more_errors)
        ask = self.ask(wanted)
        if not ask.is_plain:
            return self._ahead(ask)
        around, units = service.look(self.actor, ask, now=now())
        unit, facts, verdict = choose(units, around)
        return self._with_day(self._panel(facts, around.window, verdict), unit.id, wanted)

    def judged(self, wanted: Interval) -> tuple[Facts, Verdict] | None:
        """The facts and the verdict of a time alone, of an address's unit; None where one has to say for whom first."""
        self.form.propose(wanted, self.zone, by_day=self.terms.by_day)
        if self._lacks_person():
            return None
        around, units = service.look(self.actor, self.ask(wanted), now=now())
        return choose(units, around)[1:]

    def opened_at(self, proposed: Interval) -> Interval:
        """The proposed time, or the first one after it that will do, unless the link says exactly which it means."""
        args = request.args
        stretch = forms.linked_time(args, self.zone)
        is_said = args.get("exact") == "1" or ("from" in args and (stretch is None or self.terms.slot.is_by_calendar))
        self.form.propose(proposed, self.zone, by_day=self.terms.by_day)
        if is_said or self._lacks_person():
            return proposed
        around, units = service.look(self.actor, self.ask(proposed), now=now())
        return first_to_do((one.id for one in units), around, stretch)

    def _lacks_person(self) -> bool:
        """Whoever books for others alone has chosen nobody yet."""
        return not self.form.for_person.data and not may(self.actor, Do.REQUEST_BOOKING, Matter(self.site.id))

    def _ahead(self, ask: service.Ask) -> verdicts.VerdictPanel | None:
        """What becomes of each date, or of each part of a set."""
        try:
            planned = service.look_ahead(self.actor, ask, now=now(), most_dates=self.most_dates)
        except (service.WrongRepeatError, service.UnfitSetError) as wrong:
            self.refuse(wrong)
            return verdicts.time_panel(self.form.more_errors or self.form.time_errors)
        return dates_panel(planned, self.zone, language(), repeats=ask.repeat is not None)

    def _with_day(self, panel: verdicts.VerdictPanel, unit_id: int, wanted: Interval) -> verdicts.VerdictPanel:
        """The panel with the unit's day drawn around the wanted time, unless it is booked by the day."""
        if self.terms.by_day:
            return panel
        day = local_day(wanted.start.astimezone(self.zone).date(), self.zone)
        lanes = lanes_of_resource(self.actor, self.resource, self.site, day)
        lane = next(lane for lane in lanes if lane.what.unit_id == unit_id)
        return day_around(panel, lane, Window(day, self.zone, now()), wanted, language())

    def refused(self, refused: service.RefusedError, wanted: Interval) -> verdicts.VerdictPanel | None:
        """The same from a refusal."""
        if not self.ask(wanted).is_plain:
            return self.panel(wanted)
        return self._panel(refused.facts, refused.window, refused.verdict)

    def _panel(self, facts: Facts, window: Interval, verdict: Verdict) -> verdicts.VerdictPanel:
        """With what would do instead, looked for only where something stands in the way."""
        places, words = service.Places(), language()
        if verdict.is_refused:
            is_taken = verdict.has("taken") and len(self.form.unit.choices or ()) > 1
            places = service.elsewhere(self.actor, self.ask(facts.wanted), now=now(), is_taken=is_taken)
        links = verdicts.Links(
            url_for(".book", slug=self.slug),
            self.form.unit.data or "",
            url_for("agreements.conditions", site=self.place.site_slug),
            self._wait_url(facts.wanted),
            self._room_url(),
            places.units,
            {
                slug: verdicts.Other(name.text(words), url_for(".book", slug=slug), places.facts.resources[slug][0])
                for slug, name in places.resources.items()
            },
            card="" if self.form.for_person.data else url_for("trainings.card", site=self.place.site_slug),
        )
        return verdicts.verdict_panel(explain(facts, window, verdict, places.facts), links, words)

    def _room_url(self) -> str:
        """Where staff make room on alike units for whomever they book for."""
        rearranges = may(self.actor, Do.REARRANGE, Matter(self.site.id)) and len(self.form.unit.choices or ()) > 1
        return url_for(".room", slug=self.slug) if rearranges else ""

    def _wait_url(self, wanted: Interval) -> str:
        """Where one waits for what is asked for: one thing at one time, without anything besides."""
        ask, form = self.ask(wanted), self.form
        if not ask.is_plain or ask.options:
            return ""
        about = {"partner": form.partner.data, "mode": ask.mode, "biosafety": form.biosafety.data}
        return url_for("waiting.new", what=f"resource:{self.slug}", **{name: one for name, one in about.items() if one})

    def has_too_many(self) -> None:
        """So many requests of this person wait that staff are not asked for one more exception."""
        self.form.form_errors = [
            gettext("Too many of your requests wait already. Withdraw one, or wait until staff have decided."),
        ]

    def sent_before(self, request_key: str) -> None:
        """This form was sent before with other content: say so, and let it be sent as another request."""
        self.form.renew_key()
        self.form.form_errors = [
            gettext("This form was already sent with other content. Sending it again makes another request."),
        ]
        self.sent_url = url_for(".request_page", key=request_key)

    def shown(self, panel: verdicts.VerdictPanel | None) -> str:
        """The page."""
        form = self.form
        return render_template(
            "bookings/book.html",
            form=form,
            resource=forms.FormResource.of(self.terms, self.place, language(), now()),
            verdict=panel,
            ask_start_fold=form.ask_start_fold,
            ask_end_fold=form.ask_end_fold,
            sent_url=self.sent_url,
            may_be_exception=True,
        )
