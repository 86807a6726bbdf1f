"""The form that begins a preview."""

from __future__ import annotations

from wtforms import SelectField

from ...web.fields import PageForm, lazy


class PreviewForm(PageForm):
    """As which partner's people to look."""

    partner = SelectField(lazy("Partner"), choices=[])
