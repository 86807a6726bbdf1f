"""A length as people type it: 30 min, 4 h, 1 d, 2 wk, 12 mo; in Japanese too."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext
from wtforms import StringField, ValidationError
from wtforms.form import BaseForm

from ..core.amount import Amount, Measure

_UNITS = {  # as people write them, and as an amount is read
    **dict.fromkeys(("min", "mins", "minute", "minutes", "分"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "時間"), "h"),
    **dict.fromkeys(("half-day", "half-days", "half day", "half days", "半日"), "half-day"),
    **dict.fromkeys(("d", "day", "days", "日", "日間"), "d"),
    **dict.fromkeys(("w", "wk", "week", "weeks", "週", "週間"), "wk"),
    **dict.fromkeys(("mo", "month", "months", "か月", "ヶ月", "カ月", "ヵ月", "ケ月", "箇月"), "mo"),
}
_TYPED = re.compile(r"([0-9]{1,7})\s*(\D+)")
_MOST = {Measure.MINUTE: 5_256_000, Measure.HALF_DAY: 7300, Measure.DAY: 3650, Measure.MONTH: 120}  # ten years
_SPELLED = {Measure.MINUTE: "min", Measure.HALF_DAY: "half-day", Measure.DAY: "d", Measure.MONTH: "mo"}
LONGEST_TYPED = 40


def amount_from(typed: str) -> Amount:
    """What somebody means by "30 min", "４時間" or "2 half days". Raises ValueError for anything else."""
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", typed[:LONGEST_TYPED]).strip().lower())
    if found is None or found[2] not in _UNITS:
        raise ValueError(f"not an amount: {typed[:LONGEST_TYPED]!r}")
    return Amount.parse(f"{found[1]} {_UNITS[found[2]]}")


def typed_from(amount: Amount) -> str:
    """An amount as one would type it."""
    if amount.measure is Measure.MINUTE and amount and amount.count % 60 == 0:
        return f"{amount.count // 60} h"
    return f"{amount.count} {_SPELLED[amount.measure]}"


class AmountField(StringField):
    """A length, typed as text; `amount` is what it means once the form is valid."""

    amount: Amount | None = None

    def pre_validate(self, form: BaseForm) -> None:
        """Raise ValidationError for what is no length, or more than ten years."""
        try:
            self.amount = amount_from(self.data or "")
        except ValueError:
            raise ValidationError(gettext("Give a length, as in 30 min, 4 h, 1 d or 12 mo.")) from None
        if self.amount.count > _MOST[self.amount.measure]:
            raise ValidationError(gettext("At most ten years, please."))

    def show(self, amount: Amount) -> None:
        """Fill it with what is stored."""
        self.data, self.amount = typed_from(amount), amount


def amount_of(field: AmountField) -> Amount:
    """What a field of a valid form means. Raises ValueError when the form was not valid."""
    if field.amount is None:
        raise ValueError("the form is not valid")
    return field.amount
