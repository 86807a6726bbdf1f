"""Groups of resources, for the managers of a site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from ...core.permissions import Do, Matter, require
from ...web import language, login_required, now, sentences, signed_in
from ...web.fields import choices
from .. import forms, pages, queries, service
from .. import groups as reads
from ..groups import Member
from . import Answer, bp


@bp.get("/sites/<site>/groups")
@login_required
def groups(site: str) -> Answer:
    """The groups of which one may see a resource, and a form for a new one."""
    found = _site(site)
    form = forms.NewGroupForm()
    _offer(form)
    return _list(form, found)


@bp.post("/sites/<site>/groups")
@login_required
def make_group(site: str) -> Answer:
    """Make a group."""
    found = _site(site)
    form = forms.NewGroupForm()
    _offer(form)
    if not form.validate():
        return _list(form, found), 422
    try:
        slug = service.make_group(signed_in(), site, _draft(form), now=now())
    except service.UnfitError as error:
        form.tell({name: sentences.plain(one, language()) for name, one in error.reasons.items()})
        return _list(form, found), 422
    flash(gettext("The group is made."), "message")
    return redirect(url_for(".group", site=site, slug=slug), 303)


@bp.get("/sites/<site>/groups/<slug>")
@login_required
def group(site: str, slug: str) -> Answer:
    """A group: its name, and which resources are in it."""
    found = _site(site)
    seen, members = reads.group_by_slug(signed_in(), slug)
    form = forms.GroupForm()
    _offer(form)
    form.version.data = seen.version
    form.name_en.data, form.name_ja.data = seen.name.en, seen.name.ja
    form.members.data = [one.resource.slug for one in members]
    return _page(form, found, seen, members)


@bp.post("/sites/<site>/groups/<slug>")
@login_required
def set_group(site: str, slug: str) -> Answer:
    """Change it; from a page that is out of date nothing is changed."""
    found = _site(site)
    seen, members = reads.group_by_slug(signed_in(), slug)
    form = forms.GroupForm()
    _offer(form)
    if not form.validate():
        return _page(form, found, seen, members), 422
    try:
        service.set_group(signed_in(), site, slug, _draft(form), version=form.version.data or 0, now=now())
    except service.UnfitError as error:
        form.tell({name: sentences.plain(one, language()) for name, one in error.reasons.items()})
        return _page(form, found, seen, members), 422
    except service.StaleError:
        seen, members = reads.group_by_slug(signed_in(), slug)
        form.version.data = seen.version
        flash(gettext("It was changed meanwhile. Look at how it stands now, then send this again."), "error")
        return _page(form, found, seen, members), 409
    flash(gettext("Saved. It counts for what is asked for or moved from now on."), "message")
    return redirect(url_for(".groups", site=site), 303)


def _site(slug: str) -> Any:
    actor = signed_in()
    site = queries.site_by_slug(actor, slug)
    require(actor, Do.SET_SITE, Matter(site.id))
    return site


def _offer(form: forms.NewGroupForm) -> None:
    """Let the form offer the resources of the sites that one manages; their sites are named where there are several."""
    words, mine = language(), reads.resources_managed_by(signed_in())
    has_several = len({one.site.id for one in mine}) > 1
    form.members.choices = choices((one.resource.slug, _name(one, words, has_several)) for one in mine)


def _name(member: Member, words: str, has_site: bool) -> str:
    name, site = member.resource.name.text(words), member.site.name.text(words)
    return gettext("%(name)s (%(site)s)", name=name, site=site) if has_site else name


def _draft(form: forms.NewGroupForm) -> service.GroupDraft:
    return service.GroupDraft(form.name, frozenset(form.members.data or ()))


def _list(form: forms.NewGroupForm, site: Any) -> str:
    words = language()
    lines = [
        pages.GroupLine(
            url_for(".group", site=site.slug, slug=one.slug),
            one.name,
            [_name(member, words, True) for member in members],
        )
        for one, members in reads.groups_for(signed_in())
    ]
    return render_template(
        "catalogue/groups.html", form=form, groups=lines, site_slug=site.slug, site_name=site.name.text(words)
    )


def _page(form: forms.GroupForm, site: Any, seen: Any, members: Sequence[Member]) -> str:
    words, mine = language(), set(reads.managed_sites(signed_in()))
    return render_template(
        "catalogue/group.html",
        form=form,
        name=seen.name,
        slug=seen.slug,
        now_in_it=[_name(one, words, True) for one in members],
        others=[_name(one, words, True) for one in members if one.site.id not in mine],
        may_name=any(one.site.id in mine for one in members),
        site_slug=site.slug,
        site_name=site.name.text(words),
    )
