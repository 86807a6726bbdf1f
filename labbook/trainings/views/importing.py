"""Importing proofs: a dry run that shows every line, then all of it or nothing."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from ...catalogue import queries as catalogue
from ...core.permissions import Do, Matter, require
from ...web import language, login_required, now, sentences, signed_in
from .. import forms, pages, queries, service
from . import Answer, bp


@bp.get("/sites/<site>/trainings/import")
@login_required
def import_page(site: str) -> Answer:
    """The form, and what a table looks like."""
    return _ImportPage(site).shown()


@bp.post("/sites/<site>/trainings/import")
@login_required
def import_table(site: str) -> Answer:
    """Look at a table, or write what was looked at: `step` says which."""
    page = _ImportPage(site)
    if not page.form.validate():
        return page.shown(), 422
    try:
        table = page.table()
        if request.form.get("step") != "confirm":
            lines = service.look(signed_in(), page.slug, table, now=now())
            return page.shown(lines, table), 422 if any(line.is_wrong for line in lines) else 200
        count = service.import_records(signed_in(), page.slug, table, now=now())
    except service.UnreadableError as error:
        page.complain(sentences.said(error.sentence, error.values, language()))
        return page.shown(), 422
    except service.UnfitError as error:
        return page.shown(error.lines, table), 409
    flash(ngettext("%(num)s proof is recorded.", "%(num)s proofs are recorded.", count))
    return redirect(url_for(".staff", site=page.slug), 303)


class _ImportPage:
    """The import of one site."""

    def __init__(self, slug: str) -> None:
        actor = signed_in()
        site = catalogue.site_by_slug(actor, slug)
        require(actor, Do.IMPORT_TRAININGS, Matter(site.id))
        self.slug, self.site_name = site.slug, site.name.text(language())
        self.trainings = [(one.slug, one.name.text(language())) for one in queries.trainings_at(site.id)]
        self.form = forms.ImportForm()

    def table(self) -> str:
        """The uploaded file, or the pasted lines. Raises UnreadableError."""
        upload = request.files.get("file")
        content = upload.read() if upload is not None else b""
        return service.decoded(content) if content else (self.form.table.data or "")

    def complain(self, sentence: str) -> None:
        """Say beside the field what is wrong with the table as a whole."""
        self.form.table.errors = [*self.form.table.errors, sentence]

    def shown(self, lines: list[Any] | None = None, table: str = "") -> str:
        """The page; with lines, what each of them would do."""
        words = language()
        views = [
            pages.ImportLine(
                line.number,
                line.email,
                line.training,
                sentences.said(line.sentence, line.values, words),
                line.is_wrong,
                line.proof is not None,
            )
            for line in lines or ()
        ]
        return render_template(
            "trainings/import.html",
            site=self.slug,
            site_name=self.site_name,
            form=self.form,
            lines=views,
            wrong=sum(view.is_wrong for view in views),
            new=sum(view.is_new for view in views),
            table=table,
            trainings=self.trainings,
        )
