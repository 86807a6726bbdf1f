"""Roles of a person; who decides at a site, and who stands in."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import Conflict

from ...catalogue import queries as catalogue
from ...core.language import person_name
from ...core.permissions import Actor, Do, ForbiddenError, Matter, NotFoundError, Role, may, require
from ...web import language, login_required, now, signed_in, times
from ...web.fields import choices
from .. import approvers as named
from .. import directory, members, pages
from ..forms.roles import ApproverForm, EndRoleForm, GiveRoleForm, RemoveApproverForm, RemoveForm, StandInForm
from ..service import deciders, roles
from ..service.inviting import AlreadyThereError, AnsweredError, NoPlaceLeftError
from ..service.refusing import Refused
from . import Answer, bp
from .inviting import no_place_left
from .people import offer_places, person_page
from .refusals import LONGEST, note_forged, note_refused, tells


@bp.post("/people/<key>/roles")
@login_required
@tells(Refused.ROLE)
def give_role(key: str) -> Answer:
    """Give somebody a role that one may give, from a day on."""
    actor, form = signed_in(), GiveRoleForm()
    member = members.person_by_key(actor, key, now())
    offer_places(form, actor, member.id, now())
    if not form.role.choices:
        raise ForbiddenError
    if not form.validate():
        note_forged(Refused.ROLE, form.role)
        return person_page(actor, key, form), 422
    role, place = form.wanted
    first, last = form.starts_on.data, form.ends_on.data
    if first is None:
        return person_page(actor, key, form), 422
    try:
        roles.give_role(actor, key, role, place, first, last, now=now())
    except AlreadyThereError:
        form.role.errors = [gettext("This person has that role there already. End it first.")]
        return person_page(actor, key, form), 409
    except NoPlaceLeftError as full:
        form.role.errors = [no_place_left(full)]
        return person_page(actor, key, form), 409
    flash(gettext("The role is given. A letter says so."), "message")
    return redirect(url_for(".person", key=key), 303)


@bp.post("/people/<key>/roles/end")
@login_required
@tells(Refused.ROLE)
def end_role(key: str) -> Answer:
    """Take a role away, at once."""
    form = EndRoleForm()
    if not form.validate() or form.role.data not in set(Role):
        note_refused(Refused.ROLE, {"reason": "forged", "field": "role", "tried": (form.role.data or "")[:LONGEST]})
        return person_page(signed_in(), key, GiveRoleForm()), 422
    try:
        roles.end_role(signed_in(), key, Role(form.role.data), form.place.data or "", now=now())
    except AnsweredError:
        raise Conflict from None
    except roles.LastAdministratorError:
        flash(gettext("The lab needs an administrator. Give the role to somebody else first."), "error")
        return person_page(signed_in(), key, GiveRoleForm()), 409
    flash(gettext("The role has ended."), "message")
    return _back_to(key)


@bp.post("/people/<key>/remove")
@login_required
@tells(Refused.ROLE)
def remove_person(key: str) -> Answer:
    """Remove somebody from a partner; it takes effect with their very next click."""
    form = RemoveForm()
    if not form.validate():
        return person_page(signed_in(), key, GiveRoleForm()), 422
    partner = form.partner.data or ""
    try:
        roles.remove_from_partner(signed_in(), key, partner, now=now())
    except AnsweredError:
        raise Conflict from None
    flash(gettext("Removed. Staff are asked what becomes of bookings that lie ahead."), "message")
    return redirect(url_for(".partner_people", key=partner), 303)


def _back_to(key: str) -> Answer:
    """To the person, or to the list when nothing of the person is to be seen any more."""
    try:
        members.person_by_key(signed_in(), key, now())
    except NotFoundError:
        return redirect(url_for(".people"), 303)
    return redirect(url_for(".person", key=key), 303)


# --- who decides ------------------------------------------------------------------------------------------------------


@bp.get("/sites/<site>/approvers")
@login_required
def approvers(site: str) -> Answer:
    """Who decides for which area or resource, and who stands in for whom."""
    return _page(signed_in(), site, ApproverForm(), StandInForm())


def _page(actor: Actor, slug: str, form: ApproverForm, away: StandInForm) -> str:
    words = language()
    site = directory.site_with_people(actor, slug)
    may_name = may(actor, Do.NAME_APPROVER, Matter(site.id))
    staff = members.staff_of(site.id, now())
    _offer(actor, site.id, form, away, staff)
    if request.method == "GET":
        away.starts_on.data = directory.local_day(site.zone, now())
    return render_template(
        "people/roles_approvers.html",
        site_slug=slug,
        site_name=site.name.text(words),
        form=form if may_name else None,
        away=away if away.absent.choices else None,
        approvers=[
            pages.ApproverLine(
                one.place,
                one.name.text(words),
                one.person_key,
                person_name(one.family_name, one.given_name, words),
                one.is_active,
                one.for_safety,
            )
            for one in named.approvers_at(site.id)
        ],
        stand_ins=[
            pages.StandInLine(
                one.key,
                person_name(*one.absent, words),
                person_name(*one.stand_in, words),
                _days(one.starts_on, one.ends_on, words),
                one.starts_on <= directory.local_day(site.zone, now()),
                may(actor, Do.NAME_STAND_IN, Matter(site.id, person_ids=frozenset({one.absent_id}))),
                one.is_active,
            )
            for one in named.stand_ins_at(site, now())
        ],
    )


def _days(first: date, last: date, words: str) -> str:
    until = "～" if words == "ja" else " – "
    return times.dated(first, words) + ("" if first == last else until + times.dated(last, words))


def _offer(actor: Actor, site_id: int, form: ApproverForm, away: StandInForm, staff: list[members.Member]) -> None:
    """Offer the site's areas and resources, its staff, and as absent those for whom the actor may name somebody."""
    words = language()
    people = [(one.key, person_name(one.family_name, one.given_name, words)) for one in staff if one.is_active]
    areas = sorted(catalogue.areas_at(site_id).values(), key=lambda one: (one.position, one.id))
    things = [one for one, _, site in catalogue.resources_for(actor) if site.id == site_id]
    form.place.choices = choices(
        [(f"area:{one.slug}", gettext("Area: %(name)s", name=one.name.text(words))) for one in areas]
        + [(f"resource:{one.slug}", one.name.text(words)) for one in things]
    )
    form.person.choices = away.person.choices = choices(people)
    away.absent.choices = choices(
        (one.key, person_name(one.family_name, one.given_name, words))
        for one in staff
        if one.is_active and may(actor, Do.NAME_STAND_IN, Matter(site_id, person_ids=frozenset({one.id})))
    )


@bp.post("/sites/<site>/approvers")
@login_required
@tells(Refused.ROLE)
def name_approver(site: str) -> Answer:
    """Let somebody decide for an area or a resource."""
    actor, form = signed_in(), ApproverForm()
    found = directory.site_with_people(actor, site)
    require(actor, Do.NAME_APPROVER, Matter(found.id))
    _offer(actor, found.id, form, StandInForm(), members.staff_of(found.id, now()))
    if not form.validate():
        note_forged(Refused.ROLE, form.place, form.person)
        return _page(actor, site, form, StandInForm()), 422
    try:
        is_for_safety = form.for_safety.data
        deciders.name_approver(actor, site, form.place.data, form.person.data, for_safety=is_for_safety, now=now())
    except AlreadyThereError:
        form.person.errors = [gettext("This person decides there already.")]
        return _page(actor, site, form, StandInForm()), 409
    except deciders.NotOfThisSiteError:
        form.person.errors = [gettext("Only those who work at this site can decide here.")]
        return _page(actor, site, form, StandInForm()), 409
    flash(gettext("Named. From now on only the named people decide there."), "message")
    return redirect(url_for(".approvers", site=site), 303)


@bp.post("/sites/<site>/approvers/remove")
@login_required
@tells(Refused.ROLE)
def remove_approver(site: str) -> Answer:
    """Let somebody no longer decide there."""
    form = RemoveApproverForm()
    if not form.validate():
        return _page(signed_in(), site, ApproverForm(), StandInForm()), 422
    try:
        deciders.remove_approver(signed_in(), site, form.place.data or "", form.person.data or "", now=now())
    except AnsweredError:
        raise Conflict from None
    flash(gettext("Removed. Where nobody is named, the site's staff decide."), "message")
    return redirect(url_for(".approvers", site=site), 303)


@bp.post("/sites/<site>/stand-ins")
@login_required
@tells(Refused.ROLE)
def name_stand_in(site: str) -> Answer:
    """Let somebody decide in another's place for some days."""
    actor, form = signed_in(), StandInForm()
    found = directory.site_with_people(actor, site)
    _offer(actor, found.id, ApproverForm(), form, members.staff_of(found.id, now()))
    if not form.absent.choices:
        raise ForbiddenError
    first, last = form.starts_on.data, form.ends_on.data
    if not form.validate() or first is None or last is None:
        note_forged(Refused.ROLE, form.absent, form.person)
        return _page(actor, site, ApproverForm(), form), 422
    try:
        deciders.name_stand_in(actor, site, form.absent.data, form.person.data, first, last, now=now())
    except AlreadyThereError:
        form.person.errors = [gettext("Choose somebody else: nobody stands in for themselves, or twice.")]
        return _page(actor, site, ApproverForm(), form), 409
    except deciders.NotOfThisSiteError:
        form.person.errors = [gettext("Only those who work at this site can decide here.")]
        return _page(actor, site, ApproverForm(), form), 409
    flash(gettext("Noted. On those days both of them may decide."), "message")
    return redirect(url_for(".approvers", site=site), 303)


@bp.post("/stand-ins/<key>/end")
@login_required
@tells(Refused.ROLE)
def end_stand_in(key: str) -> Answer:
    """End it before its last day."""
    try:
        site = deciders.end_stand_in(signed_in(), key, now=now())
    except AnsweredError:
        raise Conflict from None
    flash(gettext("It has ended."), "message")
    return redirect(url_for(".approvers", site=site), 303)
