"""Forms about agreements and conditions of use: shape and types."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from ..web.fields import ManyField, PageForm, Sensible, lazy, line, text

MOST_PLACES = 10_000
NAME_LENGTH, REASON_LENGTH, EDITION_LENGTH = 120, 500, 20
ENTITLEMENTS_LENGTH, CONDITIONS_LENGTH = 2000, 20_000
LONGEST_PAIR = 200

_DATE = lazy("Give a date, as in 2026-11-23.")
_PLACES = lazy("Give a number from 1 to 10,000, or leave it empty.")


class VersionForm(PageForm):
    """A change made from a page of a certain version."""

    version = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31)])


class EndForm(VersionForm):
    """Ending an agreement; the reason goes into its history."""

    reason = line(
        lazy("Reason"), longest=REASON_LENGTH, missing=lazy("Say why: it is kept in the agreement's history.")
    )


class AgreementForm(PageForm):
    """What an agreement says."""

    starts_on = DateField(lazy("First day"), validators=[InputRequired(_DATE), Sensible()])
    ends_on = DateField(lazy("Last day"), validators=[Optional(), Sensible()])
    places = IntegerField(
        lazy("Number of people"),
        validators=[
            Optional(),
            NumberRange(1, MOST_PLACES, lazy("Give a number from 1 to 10,000, or leave it empty.")),
        ],
    )
    signs = BooleanField(lazy("Approvals are signed with the password and a stated meaning"))
    areas = ManyField(lazy("Areas"), choices=[])
    resources = ManyField(lazy("Single resources besides"), choices=[])
    entitlements_en = text(lazy("In English"), longest=ENTITLEMENTS_LENGTH)
    entitlements_ja = text(lazy("In Japanese"), longest=ENTITLEMENTS_LENGTH)
    version = IntegerField(validators=[Optional(), NumberRange(1, 2**31)])

    def validate_ends_on(self, field: DateField) -> None:
        """Raise ValidationError when the last day lies before the first."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(gettext("The last day must not come before the first."))

    def validate_entitlements_en(self, field: TextAreaField) -> None:
        """Raise ValidationError for a line that is no pair."""
        _check_pairs(field.data)

    def validate_entitlements_ja(self, field: TextAreaField) -> None:
        """Raise ValidationError for a line that is no pair."""
        _check_pairs(field.data)

    def entitlements(self) -> dict[str, list[list[str]]]:
        """Pairs of a name and what is granted, by language."""
        return {"en": pairs_in(self.entitlements_en.data), "ja": pairs_in(self.entitlements_ja.data)}


class NewAgreementForm(AgreementForm):
    """The same for a new agreement, with a partner that is known or new."""

    partner = SelectField(lazy("Partner"), choices=[])
    name_en = line(lazy("Name in English"), longest=NAME_LENGTH)
    name_ja = line(lazy("Name in Japanese"), longest=NAME_LENGTH)
    kind = SelectField(lazy("Kind of organisation"), choices=[])

    def validate_name_en(self, field: TextAreaField) -> None:
        """Raise ValidationError when a new partner has no name in either language."""
        if not self.partner.data and not (field.data or self.name_ja.data):
            raise ValidationError(gettext("Choose a partner, or give the new one a name."))


class PublishForm(PageForm):
    """A new edition of a site's conditions."""

    edition = line(lazy("Name of the edition"), longest=EDITION_LENGTH, missing=lazy("Give it a name, as in 2026-12."))
    published_on = DateField(lazy("Counts from"), validators=[InputRequired(_DATE), Sensible()])
    text_en = text(lazy("Text in English"), longest=CONDITIONS_LENGTH)
    text_ja = text(lazy("Text in Japanese"), longest=CONDITIONS_LENGTH)

    def validate_text_en(self, field: TextAreaField) -> None:
        """Raise ValidationError when there is no text in either language."""
        if not (field.data or self.text_ja.data):
            raise ValidationError(gettext("Write the text in at least one language."))

    def is_from(self, today: date) -> bool:
        """Whether it counts from today or later; says so beside the field when not."""
        if self.published_on.data is None or self.published_on.data >= today:
            return True
        self.published_on.errors = [gettext("Choose today or a later day: nobody can have accepted it before.")]
        return False

    def is_taken(self) -> None:
        """Say beside the field that there is an edition of this name."""
        self.edition.errors = [gettext("There is an edition of this name already. Choose another.")]


class AcceptForm(PageForm):
    """Accepting what was read."""

    edition = HiddenField(validators=[InputRequired(), Regexp("^[0-9a-f]{24}$")])
    agrees = BooleanField(
        lazy("I have read the conditions of use and accept them."),
        validators=[InputRequired(lazy("Tick the box to accept the conditions."))],
    )


def pairs_in(typed: str | None) -> list[list[str]]:
    """The pairs in text of one “name: what” a line."""
    lines = [one.strip() for one in (typed or "").splitlines() if one.strip()]
    return [[part.strip() for part in one.replace("：", ":", 1).split(":", 1)] for one in lines]


def typed_from(pairs: list[list[str]]) -> str:
    """The same text back from pairs."""
    return "\n".join(": ".join(pair) for pair in pairs)


def _check_pairs(typed: str | None) -> None:
    for pair in pairs_in(typed):
        if len(pair) != 2 or not all(pair) or any(len(part) > LONGEST_PAIR for part in pair):
            raise ValidationError(gettext("Write one per line, as in “Desks: 2 shared desks”."))
