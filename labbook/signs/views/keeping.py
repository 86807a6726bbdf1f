"""The page on which a site's staff keep its signs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext

from ...catalogue.queries import site_by_slug
from ...core.permissions import Do, Matter, require
from ...web import language, login_required, now, signed_in, times
from ...web.fields import grouped
from ...web.pictures import qr_code
from ...web.undo import flash_undoable
from .. import forms, queries, service
from ..pages import Line
from . import Answer, bp

_IS_ON = timedelta(minutes=75)  # that it asked is written down once an hour


@bp.get("/sites/<site>/signs")
@login_required
def signs(site: str) -> Answer:
    """The site's signs, and a form for one more."""
    found = _site(site)
    form, _ = _form(found)
    form.language.data = language()
    return _list(found, form)


@bp.post("/sites/<site>/signs")
@login_required
def make_sign(site: str) -> Answer:
    """Put up a sign and show its link once; the answer itself carries it, no redirect and no cookie does."""
    found = _site(site)
    form, names = _form(found)
    if not form.validate():
        return _list(found, form), 422
    kind, _, slug = form.about.data.partition(":")
    name = form.name.data or names[form.about.data][: forms.NAME_LENGTH].strip()
    wanted = service.Wanted(name, form.language.data, **{kind: slug})
    try:
        token = service.make(signed_in(), site, wanted, now=now())
    except service.TooManySignsError:
        form.name.errors = [gettext("The site has as many signs as one may have. Take one down first.")]
        return _list(_site(site), form), 409
    return _shown_once(_site(site), name, token), 201


@bp.get("/sites/<site>/signs/<key>")
@login_required
def one_sign(site: str, key: str) -> Answer:
    """One sign, to be called otherwise."""
    found, form = _site(site), forms.RenameForm()
    sign = queries.sign_by_key(found.id, key, now())
    form.name.data, form.language.data = sign.name, sign.language
    return _one(found, key, form)


@bp.post("/sites/<site>/signs/<key>")
@login_required
def set_sign(site: str, key: str) -> Answer:
    """Call it otherwise, or let it speak the other language."""
    found, form = _site(site), forms.RenameForm()
    queries.sign_by_key(found.id, key, now())
    if not form.validate():
        return _one(found, key, form), 422
    service.rename(signed_in(), site, key, form.name.data or "", form.language.data, now=now())
    flash(gettext("Saved. The tablet shows it within half a minute."), "message")
    return redirect(url_for(".signs", site=site), 303)


@bp.post("/sites/<site>/signs/<key>/renew")
@login_required
def renew_sign(site: str, key: str) -> Answer:
    """Give it a new link and show that once; the old one shows nothing from now on."""
    try:
        name, token = service.renew(signed_in(), site, key, now=now())
    except service.EndedError:
        flash(gettext("This sign was taken down. Put it up again first."), "error")
        return redirect(url_for(".signs", site=site), 303)
    return _shown_once(_site(site), name, token)


@bp.post("/sites/<site>/signs/<key>/end")
@login_required
def end_sign(site: str, key: str) -> Answer:
    """Take it down."""
    service.end(signed_in(), site, key, now=now())
    said = gettext("The sign is taken down. For 30 days it can be put up again with the same link.")
    flash_undoable(said, url_for(".put_sign_up_again", site=site, key=key))
    return redirect(url_for(".signs", site=site), 303)


@bp.post("/sites/<site>/signs/<key>/again")
@login_required
def put_sign_up_again(site: str, key: str) -> Answer:
    """Undo that."""
    try:
        service.put_up_again(signed_in(), site, key, now=now())
    except service.TooManySignsError:
        flash(gettext("The site has as many signs as one may have. Take one down first."), "error")
    else:
        flash(gettext("The sign is up again. Its tablet shows it within a few minutes."), "message")
    return redirect(url_for(".signs", site=site), 303)


def _site(slug: str) -> Any:
    actor = signed_in()
    site = site_by_slug(actor, slug)
    require(actor, Do.KEEP_SIGN, Matter(site.id))
    return site


def _form(site: Any) -> tuple[forms.SignForm, dict[str, str]]:
    """The form for one more, and the names of what it offers."""
    form, words = forms.SignForm(), language()
    rows = []
    for one in queries.subjects_at(site.id):
        kind, heading = ("resource", one.area.text(words)) if one.area else ("area", gettext("Areas"))
        rows.append((heading, one.name.text(words), f"{kind}:{one.slug}"))
    form.about.choices = grouped(rows)
    return form, {code: name for _, name, code in rows}


def _list(site: Any, form: forms.SignForm) -> str:
    lines = [_line(one) for one in queries.signs_at(site.id, now())]
    return render_template(
        "signs/signs.html",
        form=form,
        up=[one for one in lines if not one.ended],
        ended=[one for one in lines if one.ended],
        site_slug=site.slug,
        site_name=site.name.text(language()),
    )


def _line(one: queries.Listed) -> Line:
    sign, words = one.sign, language()
    about = one.area or one.resource
    return Line(
        key=sign.key,
        name=sign.name,
        language=sign.language,
        about=about.text(words) if about else "",
        is_area=one.area is not None,
        seen=times.ago(sign.seen_at, now(), words) if sign.seen_at else "",
        is_on=sign.seen_at is not None and now() - sign.seen_at < _IS_ON,
        is_blank=one.is_blank,
        ended=times.ago(sign.ended_at, now(), words) if sign.ended_at else "",
    )


def _one(site: Any, key: str, form: forms.RenameForm) -> str:
    return render_template(
        "signs/one.html", form=form, key=key, site_slug=site.slug, site_name=site.name.text(language())
    )


def _shown_once(site: Any, name: str, token: str) -> Response:
    url = f"{current_app.config['BASE_URL']}/signs/{token}"
    page = render_template(
        "signs/made.html",
        name=name,
        url=url,
        picture=qr_code(url),
        site_slug=site.slug,
        site_name=site.name.text(language()),
    )
    response = make_response(page)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
