"""Letters for those who answer for them: all of them for administrators, undelivered ones for staff too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.permissions import Actor, Do, ForbiddenError, Matter, may, require
from ...web import language, login_required, now, signed_in
from .. import forms, pages, queries
from ..service import Office, keeping
from . import Answer, bp


@dataclass(frozen=True, slots=True)
class Asked:
    """Which letters somebody asks for."""

    form: forms.LettersForm
    is_good: bool
    wanted: queries.Wanted

    @property
    def filters(self) -> dict[str, str]:
        """The same for an address."""
        given = {"fate": self.wanted.fate or "", "q": self.wanted.words}
        return {name: value for name, value in given.items() if value}


@bp.get("/letters")
@login_required
def letters() -> Answer:
    """All letters, the newest first."""
    actor = signed_in()
    require(actor, Do.SEE_LETTERS, Matter())
    asked = _asked()
    rows = queries.letters(actor, asked.wanted, below=_below(), most=queries.PAGE + 1) if asked.is_good else []
    office = _office()
    page = render_template(
        "notices/letters.html",
        form=asked.form,
        lines=_lines(actor, rows),
        older=_older(rows, ".letters", **asked.filters),
        folder=urlsplit(office.url).path if office.url.startswith("file:") else "",
        server=urlsplit(office.url).hostname or "",
    )
    return (page, 200) if asked.is_good else (page, 422)


@bp.get("/letters/undelivered")
@login_required
def undelivered() -> Answer:
    """What could not be delivered, of one's sites; administrators see what is of no site too."""
    actor = signed_in()
    if not (actor.is_staff or may(actor, Do.SEE_UNDELIVERED, Matter())):
        raise ForbiddenError
    site = None
    if slug := request.args.get("site", ""):
        site = catalogue.site_by_slug(actor, slug)
        require(actor, Do.SEE_UNDELIVERED, Matter(site.id))
    rows = queries.undelivered(actor, site.id if site else None, below=_below(), most=queries.PAGE + 1)
    return render_template(
        "notices/undelivered.html",
        lines=_lines(actor, rows),
        older=_older(rows, ".undelivered", **({"site": site.slug} if site else {})),
        may_read=may(actor, Do.SEE_LETTERS, Matter()),
    )


@bp.get("/letters/<key>")
@login_required
def letter(key: str) -> Answer:
    """One letter, and what it says; that it was opened is recorded before it is shown."""
    actor, words = signed_in(), language()
    keeping.look_at(actor, key, now=now())
    line = queries.line_by_key(actor, key)
    return render_template(
        "notices/letter.html",
        letter=pages.letter_view(line, words, _zone(actor)),
        said=pages.letter_text(keeping.read(actor, key, _office(), now=now()), line.method),
    )


@bp.post("/letters/<key>/again")
@login_required
def send_again(key: str) -> Answer:
    """Try a letter that was given up once more."""
    try:
        keeping.send_again(signed_in(), key, now=now())
    except keeping.NotGivenUpError:
        flash(gettext("That letter is on its way already."), "error")
        return redirect(url_for(".undelivered"), 303)
    flash(gettext("The letter is being sent again."), "done")
    return redirect(url_for(".undelivered"), 303)


def _asked() -> Asked:
    form = forms.LettersForm(request.args, fates=[(str(one), gettext(pages.FATE_WORDS[one])) for one in queries.Fate])
    is_good = form.validate()
    fate = queries.Fate(form.fate.data) if is_good and form.fate.data else None
    return Asked(form, is_good, queries.Wanted(fate, (form.q.data or "") if is_good else ""))


def _below() -> int | None:
    text = request.args.get("below", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _older(rows: list[queries.Line], endpoint: str, **filters: Any) -> str:
    shown = rows[: queries.PAGE]
    return url_for(endpoint, **filters, below=shown[-1].number) if len(rows) > len(shown) else ""


def _lines(actor: Actor, rows: list[queries.Line]) -> list[pages.LetterView]:
    words, zone = language(), _zone(actor)
    return [pages.letter_view(one, words, zone) for one in rows[: queries.PAGE]]


def _zone(actor: Actor) -> str:
    """The zone of the reader's home site, else of the first one."""
    sites = catalogue.sites_for(actor)
    home = next((one.zone for one in sites if one.id == actor.home_site_id), None)
    return home or (sites[0].zone if sites else "Etc/UTC")


def _office() -> Office:
    folder = Path(current_app.jinja_loader.searchpath[0])  # type: ignore[union-attr]
    return Office.of(current_app.config, folder / "mail")
