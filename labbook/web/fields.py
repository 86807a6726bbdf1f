"""Form fields and validators that several slices use: shape and types, with a sentence for each mistake."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.i18n import Translations
from wtforms import Field, Form, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from ..core.language import N_, has_control_characters, tidied


def lazy(sentence: str) -> str:
    """A sentence that is translated when it is shown; forms are made once, for readers of every language."""
    return cast(str, lazy_gettext(sentence))


EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


def _tidy(value: str | None) -> str | None:
    return tidied(value) if value else value


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Choices of a field from values and labels."""
    return [SelectChoice(value, label) for value, label in pairs]


def grouped(rows: Iterable[tuple[str, str, str]]) -> list[SelectChoice]:
    """Choices of a field from headings, labels and values."""
    return [SelectChoice(value, label, optgroup=heading) for heading, label, value in rows]


def languages() -> list[SelectChoice]:
    """The languages, each called by its own name and read out in its own voice."""
    return [SelectChoice("en", "English", {"lang": "en"}), SelectChoice("ja", "日本語", {"lang": "ja"})]


class ManyField(SelectMultipleField):
    """Several of the choices, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


_CHOOSE = N_("Choose one from the list.")
# What WTForms says of a field that it cannot read, and what says how to put it right.
_CLEARER = {
    "Not a valid date value.": N_("Give a date, as in 2026-11-23."),
    "Not a valid time value.": N_("Give a time, as in 09:30."),
    "Not a valid integer value.": N_("Give a whole number."),
    "Not a valid choice.": _CHOOSE,
}


class _Sentences(Translations):
    """WTForms' own sentences, clearer where they only say that something is wrong."""

    def gettext(self, string: str) -> str:
        """The sentence in the reader's language."""
        clearer = _CLEARER.get(string)
        return gettext(clearer) if clearer else cast(str, super().gettext(string))  # type: ignore[no-untyped-call]  # flask_wtf has no types

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The same where something is counted; of several choices it does not matter which is not on the list."""
        if "valid choice" in singular:
            return gettext(_CHOOSE)
        return cast(str, super().ngettext(singular, plural, n))  # type: ignore[no-untyped-call]  # flask_wtf has no types


class PageForm(FlaskForm):
    """A form of a page, filled from the request that is being answered."""

    class Meta(FlaskForm.Meta):
        """Says what to do, in the reader's language."""

        def get_translations(self, form: BaseForm) -> _Sentences:
            """Whoever translates what WTForms itself says."""
            return _Sentences()

    def __init__(self) -> None:
        # Only form fields count: FlaskForm itself would also take JSON, in which fields have any type.
        super().__init__(request.form)  # type: ignore[no-untyped-call]  # flask_wtf has no types


class NoControls:
    """Refuses characters that cannot be seen: controls, and marks that turn the direction of writing."""

    def __init__(self, *, multiline: bool = False) -> None:
        self.multiline = multiline

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError when the text holds such a character."""
        if field.data and has_control_characters(field.data, multiline=self.multiline):
            raise ValidationError(lazy("It holds invisible control characters. Type it again instead of pasting it."))


class Sensible:
    """Refuses dates that no lab means."""

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError for a date outside the years that can be booked."""
        if field.data and not EARLIEST <= field.data <= LATEST:
            raise ValidationError(lazy("Choose a date between the years 2000 and 2100."))


def required(message: Any) -> DataRequired:
    """The field has to be filled in, with more than blanks."""
    return DataRequired(message)


def line(label: Any, *, longest: int, missing: Any = None) -> StringField:
    """One line of text."""
    return StringField(
        label,
        filters=[_tidy],
        validators=[
            *([required(missing)] if missing else []),
            Length(max=longest, message=lazy("At most %(max)d characters, please. Shorten it.")),
            NoControls(),
        ],
    )


_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\u309d\u309e\u30fd\u30fe・ ]*")


class Kana:
    """Takes nothing but hiragana and katakana, of whatever width, with spaces or middle dots between them."""

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError for a name that is written otherwise."""
        if not _KANA.fullmatch(field.data or ""):
            raise ValidationError(lazy("Write it in hiragana or katakana, or leave it empty."))


def _wide(value: str | None) -> str | None:
    return " ".join(unicodedata.normalize("NFKC", tidied(value)).split()) if value else value


def reading(longest: int = 160) -> StringField:
    """The reading of a name, by which people are sorted and found; kept in full width."""
    return StringField(
        lazy("Reading in kana"),
        filters=[_wide],
        validators=[Length(max=longest, message=lazy("At most %(max)d characters, please. Shorten it.")), Kana()],
    )


def text(label: Any, *, longest: int, missing: Any = None) -> TextAreaField:
    """Several lines of text."""
    return TextAreaField(
        label,
        filters=[_tidy],
        validators=[
            *([required(missing)] if missing else []),
            Length(max=longest, message=lazy("At most %(max)d characters, please. Shorten it.")),
            NoControls(multiline=True),
        ],
    )
