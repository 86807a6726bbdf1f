"""Forms about signs."""

from __future__ import annotations

from wtforms import SelectField

from ..web.fields import PageForm, languages, lazy, line

NAME_LENGTH = 60


class SignForm(PageForm):
    """A new sign; what it can be about the view says."""

    about = SelectField(lazy("What it shows"))
    name = line(lazy("Name"), longest=NAME_LENGTH)
    language = SelectField(lazy("Language of the sign"), choices=languages()[::-1])


class RenameForm(PageForm):
    """What may be changed of a sign."""

    name = line(lazy("Name"), longest=NAME_LENGTH, missing=lazy("Give it a name."))
    language = SelectField(lazy("Language of the sign"), choices=languages()[::-1])
