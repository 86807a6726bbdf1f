"""The pages of messages: a question to whoever holds a busy time, and the threads that come of it."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ..catalogue.queries import places, unit_by_key
from ..core.language import has_control_characters, person_name
from ..core.permissions import Actor, Do, Matter, NotFoundError, require
from ..people.queries import partners_by_id
from ..web import language, login_required, name_of, now, signed_in, times
from ..web.fields import choices
from . import forms, pages, queries, service
from .queries import Talk

Answer = ResponseReturnValue
bp = Blueprint("messages", __name__)


# --- a new one --------------------------------------------------------------------------------------------------------


@bp.get("/messages/new")
@login_required
def new() -> Answer:
    """The form, about a moment of a busy block."""
    page = _NewPage(signed_in(), request.args.get("unit", ""))
    at = forms.wall_instant(request.args.get("at", ""), request.args.get("at_fold", ""), page.site.zoneinfo)
    try:
        page.offer(at or now())
    except service.NobodyToAskError as error:
        return page.refused(error)
    page.form.at.data = next((value for value, _ in page.moments if at and value == at.isoformat()), None)
    return page.shown()


@bp.post("/messages/new")
@login_required
def send() -> Answer:
    """Send it: 303 to the thread, or the form again with what stands in the way."""
    page = _NewPage(signed_in(), request.form.get("unit", ""))
    at = forms.instant(page.form.at.data or "")
    if at is None:
        return page.shown(gettext("Choose a time from the list.")), 422
    try:
        page.offer(at)
        if not page.form.validate():
            return page.shown(), 422
        key = service.ask(page.actor, page.question(at), now=now())
    except (service.NobodyToAskError, service.AlreadyAskedError, service.TooManyError) as error:
        return page.refused(error)
    flash(gettext("Sent. You hear of an answer by mail."), "message")
    return redirect(url_for(".thread", key=key), 303)


class _NewPage:
    """The form of one unit for one person."""

    def __init__(self, actor: Actor, unit_key: str) -> None:
        if has_control_characters(unit_key):
            raise NotFoundError
        self.actor = actor
        self.unit, self.resource, self.site = unit_by_key(actor, unit_key)
        require(actor, Do.ASK_HOLDER, Matter(self.site.id))
        here = [partner for partner in actor.partner_ids if (partner, self.site.id) in actor.agreements]
        partners = partners_by_id(here).values()
        self.partners = {one.key: one.id for one in partners}
        self.place = places([self.unit.id])[self.unit.id]
        self.slug, self.by_day, self.zone = self.resource.slug, self.resource.by_day, self.site.zoneinfo
        self.moments: list[tuple[str, str]] = []
        self.form = forms.NewMessageForm()
        self.form.unit.data = self.unit.key
        self.form.partner.choices = choices((one.key, one.name.text(language())) for one in partners)
        if len(self.partners) == 1 and not self.form.partner.data:
            self.form.partner.data = next(iter(self.partners))

    def question(self, at: datetime) -> service.Question:
        """What is asked, for one of the asker's own partners here."""
        partner_id = self.partners[self.form.partner.data]
        return service.Question(self.unit.key, at, partner_id, self.form.text.data or "")

    def offer(self, at: datetime) -> None:
        """Let the moments of the busy block around `at` be chosen. Raises NobodyToAskError."""
        block = service.held_at(self.actor, self.unit, self.resource, self.site, at, now=now()).block
        self.moments = pages.moments(block, self.zone, language(), by_day=self.by_day, now=now())
        self.form.at.choices = choices(self.moments)

    def refused(self, error: Exception) -> tuple[str, int]:
        """The page, and why it cannot be sent."""
        if isinstance(error, service.AlreadyAskedError):
            sentence = gettext("You have asked about this busy time already. Go on there, or close it and ask again.")
            return self.shown(sentence, url_for(".thread", key=error.key)), 409
        if isinstance(error, service.TooManyError):
            return self.shown(_too_many()), 429
        return self.shown(gettext("There is nobody to ask at that time.")), 409

    def shown(self, sentence: str = "", thread_url: str = "") -> str:
        """The page."""
        page = pages.NewPage(
            pages.unit_label(self.place, language()),
            url_for("catalogue.resource", slug=self.slug),
            times.zone_label(self.zone, now()),
            sentence,
            thread_url,
            bool(self.moments),
        )
        return render_template("messages/new.html", page=page, form=self.form)


def _too_many() -> str:
    return gettext("That is as much as one may write in a day. Try again tomorrow.")


# --- threads ----------------------------------------------------------------------------------------------------------


@bp.get("/messages")
@login_required
def threads() -> Answer:
    """One's threads, the open ones first."""
    actor, words = signed_in(), language()
    talks = queries.talks_of(actor)
    said = queries.summaries(actor, [talk.thread.id for talk in talks])
    place = places(talk.thread.unit_id for talk in talks)
    lines = [
        pages.ThreadLine(
            url_for(".thread", key=talk.thread.key),
            pages.heading(place[talk.thread.unit_id], talk.thread.at, words, is_asker=talk.is_asker),
            times.ago(said[talk.thread.id].last_at, now(), words),
            said[talk.thread.id].unread,
            talk.thread.closed_at is not None,
        )
        for talk in talks
    ]
    return render_template("messages/threads.html", threads=lines)


@bp.get("/messages/<key>")
@login_required
def thread(key: str) -> Answer:
    """A thread, for the two whose it is."""
    return _shown(key, forms.AnswerForm())


@bp.post("/messages/<key>/read")
@login_required
def mark_read(key: str) -> Answer:
    """Note that one has read it; the other side does not hear of it."""
    service.mark_read(signed_in(), key, now=now())
    return redirect(url_for(".thread", key=key), 303)


@bp.post("/messages/<key>/answer")
@login_required
def answer(key: str) -> Answer:
    """Write to the other side."""
    form = forms.AnswerForm()
    if not form.validate():
        return _again(key, form), 422
    try:
        service.answer(signed_in(), key, form.text.data or "", now=now())
    except service.ClosedError:
        return _again(key, form, gettext("This conversation is closed.")), 409
    except service.TooManyError:
        return _again(key, form, _too_many()), 429
    return redirect(url_for(".thread", key=key), 303)


@bp.post("/messages/<key>/name")
@login_required
def tell_name(key: str) -> Answer:
    """Tell the other side who one is; it cannot be taken back."""
    try:
        service.tell_name(signed_in(), key, now=now())
    except service.ClosedError:
        return _again(key, forms.AnswerForm(), gettext("This conversation is closed.")), 409
    return redirect(url_for(".thread", key=key), 303)


@bp.post("/messages/<key>/close")
@login_required
def close(key: str) -> Answer:
    """End the conversation for both."""
    service.close(signed_in(), key, now=now())
    return redirect(url_for(".thread", key=key), 303)


def _again(key: str, form: forms.AnswerForm, sentence: str = "") -> str:
    if sentence:
        flash(sentence, "error")
    return _shown(key, form)


def _shown(key: str, form: forms.AnswerForm) -> str:
    page = _thread_page(queries.talk_by_key(signed_in(), key))
    return render_template("messages/thread.html", thread=page, form=form)


def _thread_page(talk: Talk) -> pages.ThreadPage:
    words, found = language(), talk.thread
    place = places([found.unit_id])[found.unit_id]
    booking_url = booking_title = ""
    partner_id = found.asker_partner_id
    if not talk.is_asker:
        request_key, booking_title, partner_id = queries.held_by(found)
        is_booked = bool(request_key)
        booking_url = url_for("bookings.request_page", key=request_key) if is_booked else url_for("waiting.waiting")
    other = _told_name(talk, words) if talk.other_is_named else ""
    stranger = gettext("The holder") if talk.is_asker else gettext("Somebody")
    written = queries.messages_of(found.id)
    partner = partners_by_id([partner_id])[partner_id].name.text(words)
    return pages.ThreadPage(
        key=found.key,
        heading=pages.heading(place, found.at, words, is_asker=talk.is_asker),
        resource_url=url_for("catalogue.resource", slug=place.slug),
        zone_label=times.zone_label(place.zoneinfo, found.at),
        lines=[
            pages.MessageLine(
                gettext("You") if one.is_from_asker is talk.is_asker else other or stranger,
                one.is_from_asker is talk.is_asker,
                one.body,
                times.moment(one.at, place.zoneinfo, words),
                one.read_at is None and one.is_from_asker is not talk.is_asker,
            )
            for one in written
        ],
        is_asker=talk.is_asker,
        is_closed=found.closed_at is not None,
        is_named=talk.is_named,
        own_name=f"{name_of(signed_in())} ({partner})",
        other_name=other,
        booking_url=booking_url,
        booking_title=booking_title,
    )


def _told_name(talk: Talk, words: str) -> str:
    """Name and organisation of the other side, which has told them."""
    found = talk.thread
    if talk.is_asker:
        family, given, partner = queries.name_of(found.holder_id, queries.held_by(found)[2])
    else:
        family, given, partner = queries.name_of(found.asker_id, found.asker_partner_id)
    return f"{person_name(family, given, words)} ({partner.text(words)})"
