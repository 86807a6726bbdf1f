"""Signing in: shape and types."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ...web.fields import NoControls, PageForm, lazy, required

_LONGEST_PASSWORD = 1024


class SignInForm(PageForm):
    """Address and password."""

    email = StringField(
        lazy("E-mail address"),
        validators=[required(lazy("Give your e-mail address.")), Length(max=254), NoControls()],
    )
    password = PasswordField(
        lazy("Password"), validators=[InputRequired(lazy("Give your password.")), Length(max=_LONGEST_PASSWORD)]
    )
    next = HiddenField()
