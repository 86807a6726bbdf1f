"""Signing in: shape and types."""

from __future__ import annotations

from wtforms import Field, Form, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from ...web.fields import NoControls, PageForm, lazy, required

LONGEST_SENT = 1024  # characters of a password that is looked at
LONGEST_CODE = 40


class PlainLetters:
    """Refuses letters that only look like those of a mail address; no account has any."""

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError when there is any letter, digit or sign besides those of ASCII."""
        if field.data and not field.data.isascii():
            raise ValidationError(
                lazy("Give one e-mail address, as in name@lab.example, in plain letters without accents.")
            )


def address() -> StringField:
    """The e-mail address of an account."""
    return StringField(
        lazy("E-mail address"),
        validators=[required(lazy("Give your e-mail address.")), Length(max=254), NoControls(), PlainLetters()],
    )


def present_password() -> PasswordField:
    """The password that somebody has."""
    return PasswordField(
        lazy("Password"), validators=[InputRequired(lazy("Give your password.")), Length(max=LONGEST_SENT)]
    )


def code(label: str) -> StringField:
    """A code of an authenticator app, or one that stands in for it."""
    return StringField(label, validators=[required(lazy("Give the code.")), Length(max=LONGEST_CODE), NoControls()])


class SignInForm(PageForm):
    """Address and password."""

    email = address()
    password = present_password()
    next = HiddenField()


class CodeForm(PageForm):
    """The second factor's code."""

    code = code(lazy("Code"))
    next = HiddenField()
