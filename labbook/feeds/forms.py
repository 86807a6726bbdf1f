"""Forms about feeds: shape and types."""

from __future__ import annotations

from wtforms import SelectField

from ..web.fields import PageForm, choices, lazy, line

NAME_LENGTH = 60


class FeedForm(PageForm):
    """A feed to be made."""

    name = line(lazy("Name"), longest=NAME_LENGTH, missing=lazy("Give it a name, as in “My phone”."))
    scope = SelectField(lazy("About"), choices=[])
    resource = SelectField(lazy("Resource"), choices=[])
    site = SelectField(lazy("Site"), choices=[])
    detail = SelectField(lazy("Detail"), choices=[])
    language = SelectField(lazy("Language"), choices=choices([("en", "English"), ("ja", "日本語")]))
