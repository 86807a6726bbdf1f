"""The booking form, with every finding before it is sent."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.free import nearest_free
from ...core.interval import Interval, local_day
from ...core.language import has_control_characters
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...people import queries as people
from ...web import language, login_required, now, signed_in
from ...web.fields import choices
from .. import forms, pages, service
from ..allocation import choose
from ..board import Window
from ..drawing import day_around
from ..schedule import lanes_of_resource
from . import Answer, bp


@bp.get("/resources/<slug>/book")
@login_required
def book(slug: str) -> Answer:
    """The form, filled with what the link says or with a sensible proposal."""
    page = _BookPage(signed_in(), slug)
    wanted = forms.proposed(request.args, page.resource.terms, page.site.zoneinfo, now())
    page.form.propose(wanted, page.site.zoneinfo, by_day=page.resource.by_day)
    page.form.renew_key()
    return page.shown(page.panel(wanted))


@bp.post("/resources/<slug>/book")
@login_required
def send(slug: str) -> Answer:
    """Send the request: 303 to it, or the form again with what stands in the way."""
    page = _BookPage(signed_in(), slug)
    fits, wanted = page.is_valid(), page.wanted()
    if not fits or wanted is None:
        return page.shown(page.panel(wanted)), 422
    try:
        key = service.request(signed_in(), page.ask(wanted), key=page.form.idempotency_key.data or "", now=now())
    except service.RefusedError as refused:
        return page.shown(page.refused(refused)), 409
    except service.KeyReusedError as reused:
        page.sent_before(reused.request_key)
        return page.shown(page.panel(wanted)), 422
    return redirect(url_for(".request_page", key=key), 303)


@bp.post("/resources/<slug>/findings")
@login_required
def findings(slug: str) -> Answer:
    """What the rules say while one types: the same facts and judge, without locks."""
    page = _BookPage(signed_in(), slug)
    page.is_valid()
    booking_key = request.form.get("booking", "")
    if has_control_characters(booking_key):
        raise NotFoundError
    return render_template("bookings/_verdict.html", verdict=page.panel(page.wanted(), booking_key))


class _BookPage:
    """The form of one resource for one person, and the panel beside it."""

    def __init__(self, actor: Actor, slug: str) -> None:
        self.actor = actor
        self.resource, self.site = catalogue.resource_by_slug(actor, slug)
        require(actor, Do.REQUEST_BOOKING, Matter(self.site.id))
        here = [partner for partner in actor.partner_ids if (partner, self.site.id) in actor.agreements]
        self.partners = people.partners_by_id(here)
        self.projects = people.projects_of(here)
        self.units = catalogue.units_of(self.resource.id)
        self.place = catalogue.places([self.units[0].id])[self.units[0].id]
        self.form = self._form()
        self.sent_url = ""

    def _form(self) -> forms.BookForm:
        form = forms.BookForm()
        words = language()
        form.offer_units([(unit.key, unit.name) for unit in self.units], request.args.get("unit"))
        form.partner.choices = choices((one.key, one.name.text(words)) for one in self.partners.values())
        joint = {project.key: project.name.text(words) for project, _ in self.projects}
        form.project.choices = choices([("", gettext("None")), *joint.items()])
        return form

    def is_valid(self) -> bool:
        """Whether the fields fit together; what does not is said beside them."""
        fits = self.form.validate()
        theirs = {(project.key, partner) for project, partner in self.projects}
        if fits and self.form.project.data and (self.form.project.data, self._partner_id()) not in theirs:
            self.form.refuse_project()
            return False
        return fits

    def wanted(self) -> Interval | None:
        """The time that the form means, or None with a sentence beside a field."""
        return self.form.wanted(self.site.zoneinfo, by_day=self.resource.by_day)

    def ask(self, wanted: Interval) -> service.Ask:
        """What is asked for. The person is whoever is signed in; no field can say otherwise."""
        form = self.form
        return service.Ask(
            self.resource.slug,
            wanted.start,
            wanted.end,
            self._partner_id(),
            form.title.data or "",
            form.purpose.data or "",
            form.unit.data or "",
            form.project.data or "",
        )

    def _partner_id(self) -> int:
        chosen = self.form.partner.data
        return next((one.id for one in self.partners.values() if one.key == chosen), min(self.partners))

    def panel(self, wanted: Interval | None, booking_key: str = "") -> pages.VerdictPanel | None:
        """What the rules say; when the times themselves are wrong, that alone."""
        if wanted is None:
            return pages.time_panel(self.form.time_errors)
        if self.form.unit.errors or self.form.partner.errors:
            return None
        if booking_key:
            unit_key = self.form.unit.data or ""
            around, unit = service.look_at_move(self.actor, booking_key, wanted, unit=unit_key, now=now())
            units = [unit]
        else:
            around, units = service.look(self.actor, self.ask(wanted), now=now())
        unit, facts, verdict = choose(units, around)
        free = nearest_free(facts, around.window) if verdict.is_refused else []
        return self._with_day(self._panel(pages.Judged(verdict, facts, free)), unit.id, wanted)

    def _with_day(self, panel: pages.VerdictPanel, unit_id: int, wanted: Interval) -> pages.VerdictPanel:
        """The panel with the unit's day drawn around the wanted time, unless it is booked by the day."""
        if self.resource.by_day:
            return panel
        zone = self.site.zoneinfo
        day = local_day(wanted.start.astimezone(zone).date(), zone)
        lanes = lanes_of_resource(self.actor, self.resource, self.site, day)
        lane = next(lane for lane in lanes if lane.unit.id == unit_id)
        return day_around(panel, lane, Window(day, zone, now()), wanted, language())

    def refused(self, refused: service.RefusedError) -> pages.VerdictPanel:
        """The same from a refusal."""
        return self._panel(pages.Judged(refused.verdict, refused.facts, refused.free))

    def _panel(self, judged: pages.Judged) -> pages.VerdictPanel:
        url = url_for(".book", slug=self.resource.slug)
        return pages.verdict_panel(judged, url, self.form.unit.data or "", language())

    def sent_before(self, request_key: str) -> None:
        """This form was sent before with other content: say so, and let it be sent as another request."""
        self.form.renew_key()
        self.form.form_errors = [
            gettext("This form was already sent with other content. Sending it again makes another request."),
        ]
        self.sent_url = url_for(".request_page", key=request_key)

    def shown(self, panel: pages.VerdictPanel | None) -> str:
        """The page."""
        form = self.form
        return render_template(
            "bookings/book.html",
            form=form,
            resource=pages.FormResource.of(
                self.resource.terms, catalogue.places([self.units[0].id])[self.units[0].id], language(), now()
            ),
            verdict=panel,
            ask_start_fold=form.ask_start_fold,
            ask_end_fold=form.ask_end_fold,
            sent_url=self.sent_url,
        )
