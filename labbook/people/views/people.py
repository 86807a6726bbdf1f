"""Who works where: the lists, and the page of each person."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from ...core.language import Words, person_name
from ...core.permissions import Actor, Do, ForbiddenError, Matter, Role, may
from ...core.searching import sought
from ...web import language, login_required, now, signed_in, times
from ...web.fields import choices
from .. import directory, invitations, members, pages
from ..forms.closing import CloseForm
from ..forms.joining import InviteForm
from ..forms.roles import GiveRoleForm
from ..service.inviting import INVITES
from ..service.roles import kind_of
from . import Answer, bp

_ENDS = {"partner": Do.END_PARTNER_ROLE, "site": Do.END_SITE_ROLE, "lab": Do.END_LAB_ROLE}
LONGEST_QUERY, SHOWN_FOUND = 100, 50
_OF_PARTNER, _OF_SITE = (Role.SCIENTIST, Role.COORDINATOR), (Role.STAFF, Role.MANAGER)


@bp.get("/people")
@login_required
def people() -> Answer:
    """The partners and sites whose people one may look at, and people by name; whoever has only one goes there."""
    actor, words = signed_in(), language()
    if not directory.sees_any_people(actor):
        raise ForbiddenError
    query = request.args.get("q", "")[:LONGEST_QUERY].strip()
    found = [_line(actor, one, words) for one in members.people_found(actor, query, now())] if sought(query) else []
    partners = directory.partners_for(actor, now())
    if len(partners) == 1 and not (actor.is_staff or actor.looks_at_everything):
        return redirect(url_for(".partner_people", key=partners[0].key))
    lines = [
        pages.PlaceLine(
            one.name.text(words),
            url_for(".partner_people", key=one.key),
            " · ".join(site.text(words) for site in one.sites) or gettext("No agreement in force"),
            pages.places_label(one.places.used, one.places.most),
            one.places.is_full,
        )
        for one in partners
    ]
    sites = [
        pages.PlaceLine(site.name.text(words), url_for(".site_people", site=site.slug), gettext("Staff and managers"))
        for site in directory.sites_with_people(actor)
    ]
    lab = [_line(actor, one, words) for one in members.people_of_lab(now())] if actor.looks_at_everything else []
    return render_template(
        "people/people.html",
        partners=lines,
        sites=sites,
        lab=lab,
        joining=invitations.joining_count(actor, now()),
        query=query if sought(query) else "",
        found=found[:SHOWN_FOUND],
        more=max(0, len(found) - SHOWN_FOUND),
    )


@bp.get("/people/partners/<key>")
@login_required
def partner_people(key: str) -> Answer:
    """The people of a partner, its places, and whom it has invited."""
    return partner_page(signed_in(), key, InviteForm())


def partner_page(actor: Actor, key: str, form: InviteForm) -> str:
    """The page with an invitation as it was filled in."""
    words = language()
    partner = directory.partner_by_key(actor, key, now())
    matter = directory.matter_of_partner(partner.id, now=now())
    offer_roles(form, actor, matter, _OF_PARTNER)
    places = directory.places_of([partner.id], now())[partner.id]
    sites = directory.sites_of_partner(partner.id)
    return render_template(
        "people/place.html",
        form=form if form.role.choices else None,
        page=pages.PlacePage(
            name=partner.name.text(words),
            about=" · ".join(site.name.text(words) for site in sites),
            places=pages.places_label(places.used, places.most),
            is_full=places.is_full,
            people=[_line(actor, one, words) for one in members.members_of(partner.id, now())],
            invitations=_invited(actor, matter, words, partner_id=partner.id),
            invite_url=url_for(".invite_to_partner", key=key),
            who_invites=gettext("Its coordinators, managers of all of its sites, and administrators."),
            joining_url=url_for(".joining") if may(actor, Do.SEE_JOINING, matter) else "",
        ),
    )


@bp.get("/people/sites/<site>")
@login_required
def site_people(site: str) -> Answer:
    """The staff and managers of a site."""
    return site_page(signed_in(), site, InviteForm())


def site_page(actor: Actor, slug: str, form: InviteForm) -> str:
    """The page with an invitation as it was filled in."""
    words = language()
    site = directory.site_with_people(actor, slug)
    matter = Matter(site.id)
    offer_roles(form, actor, matter, _OF_SITE)
    return render_template(
        "people/place.html",
        form=form if form.role.choices else None,
        page=pages.PlacePage(
            name=site.name.text(words),
            about=gettext("Staff and managers"),
            places="",
            is_full=False,
            people=[_line(actor, one, words) for one in members.staff_of(site.id, now())],
            invitations=_invited(actor, matter, words, site_id=site.id),
            invite_url=url_for(".invite_to_site", site=slug),
            who_invites=gettext("Managers of the site, and administrators."),
            approvers_url=url_for(".approvers", site=slug) if site.id in actor.staffed_sites else "",
            settings_url=url_for("catalogue.site_settings", site=slug) if may(actor, Do.SET_SITE, matter) else "",
            rules_url=url_for("rules.rule_sets", site=slug) if may(actor, Do.SEE_RULES, matter) else "",
        ),
    )


def offer_roles(form: InviteForm, actor: Actor, matter: Matter, roles: tuple[Role, ...]) -> None:
    """Let the form offer what the actor may invite as; anything else is no choice."""
    form.role.choices = choices(
        (str(role), pages.role_label(role)) for role in roles if may(actor, INVITES[role], matter)
    )
    if request.method == "GET":
        form.language.data = language()


def _invited(
    actor: Actor, matter: Matter, words: str, *, partner_id: int | None = None, site_id: int | None = None
) -> list[pages.InvitationLine]:
    return [
        pages.InvitationLine(
            one.key,
            one.email,
            pages.role_label(one.role),
            times.dated(one.expires_at.date(), words),
            one.expires_at > now(),
            may(actor, INVITES[one.role], matter),
        )
        for one in invitations.pending_at(now(), partner_id=partner_id, site_id=site_id)
    ]


@bp.get("/people/<key>")
@login_required
def person(key: str) -> Answer:
    """Somebody's roles, at the places that one may look at."""
    return person_page(signed_in(), key, GiveRoleForm())


def person_page(actor: Actor, key: str, form: GiveRoleForm, close_form: CloseForm | None = None) -> str:
    """The page with a role, or the reason why the account is closed, as it was filled in."""
    words, today = language(), now()
    member = members.person_by_key(actor, key, today)
    offer_places(form, actor, member.id, today)
    partners = {held.partner_id for held in member.held if held.partner_id}
    matters = directory.matters_of_partners(partners, member.id, now=today)
    removals = {
        held.partner_key: held.place.text(words)
        for held in member.held
        if held.partner_id and may(actor, Do.END_PARTNER_ROLE, matters[held.partner_id])
    }
    own = Matter(person_ids=frozenset({member.id}))
    closes = may(actor, Do.CLOSE_ACCOUNT, own) and not member.is_erased
    return render_template(
        "people/person.html",
        form=form if form.role.choices else None,
        close_form=close_form or CloseForm(),
        page=pages.PersonPage(
            _line(actor, member, words, matters),
            [pages.RemovalLine(place or "", name) for place, name in removals.items()],
            url_for("trainings.card_of", key=key) if actor.is_staff or directory.led_by(actor) else "",
            may_close=closes and member.is_active,
            may_reopen=closes and not member.is_active,
            may_remove_factor=member.has_factor and may(actor, Do.REMOVE_FACTOR, own),
            may_erase=may(actor, Do.ERASE_PERSON, own),
        ),
    )


def offer_places(form: GiveRoleForm, actor: Actor, person_id: int, today: datetime) -> None:
    """Let the form offer the roles that the actor may give this person."""
    words = language()
    found: list[tuple[str, str]] = []
    partners = directory.partners_for(actor, today) if actor.is_staff or actor.looks_at_everything else []
    matters = directory.matters_of_partners([one.id for one in partners], person_id, now=today)
    for partner in partners:
        if may(actor, Do.GIVE_PARTNER_ROLE, matters[partner.id]):
            found += [_offer(role, partner.key, partner.name, words) for role in _OF_PARTNER]
    own = frozenset({person_id})
    if may(actor, Do.GIVE_SITE_ROLE, Matter(person_ids=own)):
        sites = directory.sites_with_people(actor)
        found += [_offer(role, site.slug, site.name, words) for site in sites for role in _OF_SITE]
    if may(actor, Do.GIVE_LAB_ROLE, Matter(person_ids=own)):
        found += [_offer(role, "", Words(), words) for role in (Role.ADMINISTRATOR, Role.AUDITOR)]
    form.role.choices = choices(found)
    if request.method == "GET":
        form.starts_on.data = today.date()


def _offer(role: Role, place: str, name: Words, words: str) -> tuple[str, str]:
    label = pages.role_label(role)
    return f"{role}:{place}", f"{name.text(words)} · {label}" if place else label


def _line(
    actor: Actor, member: members.Member, words: str, matters: dict[int, Matter] | None = None
) -> pages.PersonLine:
    """Somebody as a line; with the matters of their partners it also says which roles the actor may end."""
    return pages.PersonLine(
        key=member.key,
        name=person_name(member.family_name, member.given_name, words),
        reading=member.reading,
        email=member.email,
        roles=[
            pages.RoleLine(
                str(held.role),
                pages.role_label(held.role),
                held.place.text(words) or gettext("The whole lab"),
                held.partner_key or held.site_slug or "",
                times.dated(held.starts_on, words),
                times.dated(held.ends_on, words) if held.ends_on else "",
                matters is not None and may(actor, _ENDS[kind_of(held.role)], _matter(held, member.id, matters)),
            )
            for held in member.held
        ],
        trainings=member.trainings,
        is_active=member.is_active,
        is_reader=member.id == actor.person_id,
    )


def _matter(held: members.Held, person_id: int, matters: dict[int, Matter]) -> Matter:
    if held.partner_id:
        return matters[held.partner_id]
    return Matter(held.site_id, person_ids=frozenset({person_id}))
