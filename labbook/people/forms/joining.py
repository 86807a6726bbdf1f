"""Inviting, asking to join, and coming in: shape and types."""

from __future__ import annotations

import re

from wtforms import Field, Form, PasswordField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from ...core.language import tidied
from ...web.fields import NoControls, PageForm, languages, lazy, line, reading, required, text

_LONGEST_ADDRESS = 254
_LONGEST_PASSWORD = 1024
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")


class Address:
    """Refuses what is no mail address, and letters that only look like those of one."""

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError unless the field is empty or holds one plain address."""
        if field.data and not _ADDRESS.fullmatch(field.data):
            raise ValidationError(
                lazy("Give one e-mail address, as in name@lab.example, in plain letters without accents.")
            )


def _lowered(value: str | None) -> str | None:
    return tidied(value).lower() if value else value


def address(label: str, *, missing: str = "") -> StringField:
    """A field for one mail address, kept in small letters."""
    return StringField(
        label,
        filters=[_lowered],
        validators=[
            *([required(missing)] if missing else []),
            NoControls(),
            Length(max=_LONGEST_ADDRESS, message=lazy("At most %(max)d characters, please. Shorten it.")),
            Address(),
        ],
    )


class InviteForm(PageForm):
    """Whom to invite, and as what; the place is in the address of the page."""

    email = address(lazy("E-mail address"), missing=lazy("Give an e-mail address."))
    role = SelectField(lazy("Role"))
    language = SelectField(lazy("Language of the letter"), choices=languages())


class _NamesForm(PageForm):
    family_name = line(lazy("Family name"), longest=80, missing=lazy("Give your family name."))
    given_name = line(lazy("Given name"), longest=80, missing=lazy("Give your given name."))


class NewcomerForm(_NamesForm):
    """What somebody without an account says about themselves."""

    reading = reading()
    language = SelectField(lazy("Language"), choices=languages())
    home_site = SelectField(lazy("Home site"))
    password = PasswordField(
        lazy("Password"),
        validators=[InputRequired(lazy("Choose a password.")), Length(max=_LONGEST_PASSWORD)],
    )

    def refuse_password(self, sentence: str) -> None:
        """Say beside the field why this password will not do."""
        self.password.errors = [*self.password.errors, sentence]


class JoinForm(PageForm):
    """What anybody says who asks to join."""

    organisation = line(lazy("Organisation"), longest=120, missing=lazy("Say for which organisation you work."))
    coordinator = address(lazy("Your coordinator's address"))
    message = text(lazy("Message"), longest=1000)


class StrangerJoinForm(JoinForm):
    """The same from somebody who is not signed in."""

    family_name = line(lazy("Family name"), longest=80, missing=lazy("Give your family name."))
    given_name = line(lazy("Given name"), longest=80, missing=lazy("Give your given name."))
    email = address(lazy("E-mail address"), missing=lazy("Give your e-mail address."))


class AssignForm(PageForm):
    """Which partner somebody means."""

    partner = SelectField(lazy("Partner"))


class DeclineJoinForm(PageForm):
    """Why not."""

    reason = TextAreaField(
        lazy("Reason"),
        filters=[lambda value: tidied(value) if value else value],
        validators=[
            required(lazy("Give a reason; it is in the letter.")),
            Length(max=500, message=lazy("At most %(max)d characters, please. Shorten it.")),
            NoControls(multiline=True),
        ],
    )
