"""Getting into the line."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.interval import Interval
from ...core.language import has_control_characters
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...people import queries as people
from ...web import language, login_required, now, sentences, signed_in, times
from ...web.fields import choices
from .. import forms, service
from . import Answer, bp


@bp.get("/waiting/new")
@login_required
def new() -> Answer:
    """The form, filled with what the link says; without anything to wait for one looks for it first."""
    if "what" not in request.args:
        return redirect(url_for("bookings.find"), 303)
    page = _WaitPage(signed_in(), request.args["what"])
    page.form.propose(request.args, now(), page.zone, by_day=page.by_day)
    return page.shown()


@bp.post("/waiting/new")
@login_required
def join() -> Answer:
    """Get into the line: 303 to the waiting list, or the form again with what stands in the way."""
    page = _WaitPage(signed_in(), request.form.get("what", ""))
    stretch = page.stretch()
    if stretch is None:
        return page.shown(), 422
    try:
        service.join(page.actor, page.wanted(stretch), now=now())
    except service.PastError:
        page.form.complain_of_past()
        return page.shown(), 422
    except service.FreeNowError as free:
        return page.free_now(free), 409
    except service.NeverError as never:
        return page.never(never), 409
    except service.TooManyWaitsError:
        return page.shown(gettext("You wait for as much as one may. Leave something before you wait for more.")), 409
    flash(gettext("You are told as soon as it becomes free."), "message")
    return redirect(url_for(".waiting"), 303)


class _WaitPage:
    """The form for one person, about a resource or a group at a site."""

    def __init__(self, actor: Actor, what: str) -> None:
        if has_control_characters(what):
            raise NotFoundError
        self.actor, self.what, self.words = actor, what, language()
        self.target = service.target(actor, what)
        site = self.target.site
        require(actor, Do.REQUEST_BOOKING, Matter(site.id))
        # Taken out of the rows now: a service begins by forgetting what was read before it.
        self.zone, self.site_name = site.zoneinfo, site.name.text(self.words)
        self.name, self.by_day = self.target.name.text(self.words), self.target.by_day
        here = [partner for partner in actor.partner_ids if (partner, site.id) in actor.agreements]
        self.partners = people.partners_by_id(here).values()
        self.partner_ids = {one.key: one.id for one in self.partners}
        projects = people.projects_of(here) if actor.projects else []
        self.joint = {(project.key, partner) for project, partner in projects}
        self.form = forms.WaitForm()
        self.form.what.data = what
        self._offer_choices({project.key: project.name.text(self.words) for project, _ in projects})

    def _offer_choices(self, projects: dict[str, str]) -> None:
        form, words = self.form, self.words
        form.partner.choices = choices((one.key, one.name.text(words)) for one in self.partners)
        if not form.partner.raw_data:
            form.partner.data = request.args.get("partner") or next(iter(self.partner_ids))
        form.project.choices = choices([("", gettext("None")), *projects.items()])
        modes = {one.slug: one.name.text(words) for row in self.target.resources for one in row.kinds_of_work}
        levels = any(catalogue.biosafety_among(self.target.resources).values())
        form.offer_work(modes, is_asked=bool(modes) and self.target.group_id is None, has_levels=levels)
        for name in ("mode", "biosafety"):
            if not form[name].raw_data and name in request.args:
                form[name].data = request.args[name]

    def stretch(self) -> Interval | None:
        """The stretch of time that the form means, if all of it fits together; what does not is said beside it."""
        fits = self.form.validate()
        found = self.form.stretch(self.zone, by_day=self.by_day)
        if fits and self.form.project.data and (self.form.project.data, self._partner_id()) not in self.joint:
            self.form.refuse_project()
            return None
        return found if fits else None

    def wanted(self, stretch: Interval) -> service.Wanted:
        """What is waited for. The person is whoever is signed in; no field can say otherwise."""
        form = self.form
        return service.Wanted(
            self.what,
            stretch,
            form.minutes,
            self._partner_id(),
            form.title.data or "",
            form.purpose.data or "",
            form.project.data or "",
            form.mode.data or "",
            int(form.biosafety.data or 0),
            takes_it=bool(form.takes_it.data),
        )

    def _partner_id(self) -> int:
        return self.partner_ids[self.form.partner.data]

    def free_now(self, free: service.FreeNowError) -> str:
        """There is no need to wait: the time, one step away from its form."""
        start, end = (at.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M") for at in (free.time.start, free.time.end))
        when = times.when(free.time, self.zone, self.words, by_day=self.by_day)
        sentence = gettext("It is free now: %(when)s. You can book it.", when=when)
        return self.shown(sentence, f"{url_for('bookings.book', slug=free.slug)}?from={start}&to={end}&exact=1")

    def never(self, never: service.NeverError) -> str:
        """Nothing that becomes free would do, and why."""
        said = [sentences.said(one.sentence, one.values, self.words) for one in never.said]
        return self.shown(" ".join([gettext("Waiting would not help."), *said]))

    def shown(self, sentence: str = "", url: str = "") -> str:
        """The page."""
        zone_label = times.zone_label(self.zone, now())
        return render_template(
            "waiting/new.html", form=self.form, page=self, sentence=sentence, url=url, zone=zone_label
        )
