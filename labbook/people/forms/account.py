"""One's own account: shape and types."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask_babel import gettext
from wtforms import Field, HiddenField, PasswordField, SelectField
from wtforms.validators import InputRequired, Length, ValidationError

from ...web.fields import PageForm, lazy, reading
from .signing_in import LONGEST_SENT, address, code, present_password


def _new(label: str) -> PasswordField:
    return PasswordField(label, validators=[InputRequired(lazy("Choose a password.")), Length(max=LONGEST_SENT)])


class NewPasswordForm(PageForm):
    """A password to be chosen, typed twice, because nobody sees what they type."""

    new = _new(lazy("New password"))
    again = _new(lazy("The same again"))

    def validate_again(self, field: Field) -> None:
        """Raise ValidationError when the two are not the same."""
        if field.data != self.new.data:
            raise ValidationError(gettext("The two are not the same. Type both again."))


class ChangePasswordForm(NewPasswordForm):
    """The present password, and the one that is to follow it."""

    old = PasswordField(
        lazy("Present password"), validators=[InputRequired(lazy("Give your password.")), Length(max=LONGEST_SENT)]
    )


class ReadingForm(PageForm):
    """How one's own name is read."""

    reading = reading()


_CONTINENTS = ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"]


def _zones() -> list[tuple[str, str]]:
    """The zones of places, as one chooses among them; first that of the home site."""
    places = sorted(name for name in available_timezones() if name.partition("/")[0] in _CONTINENTS)
    return [("", gettext("As at my site")), *((name, name.replace("_", " ")) for name in places)]


class ClockForm(PageForm):
    """Where one's own clock is."""

    zone = SelectField(lazy("My clock"), choices=_zones)


class ForgotForm(PageForm):
    """Where to send a link for a new password."""

    email = address()


class ConfirmFactorForm(PageForm):
    """The first code of a new authenticator."""

    sealed = HiddenField(validators=[Length(max=400)])
    code = code(lazy("Code"))


class RemoveFactorForm(PageForm):
    """What shows that it is the owner who takes a second factor away."""

    password = present_password()
    code = code(lazy("Code, or a recovery code"))


class RenewCodesForm(PageForm):
    """A code, for new recovery codes."""

    code = code(lazy("Code"))
