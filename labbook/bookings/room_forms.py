"""The form that lets bookings change unit, as the page named them."""

from __future__ import annotations

from datetime import datetime

from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from ..core.interval import Interval
from ..web.fields import EARLIEST, LATEST, PageForm


class RoomForm(PageForm):
    """For which time; for which booking that waits, where it is one; and what the page said would be done."""

    starts = HiddenField(validators=[InputRequired(), Length(max=40)])
    ends = HiddenField(validators=[InputRequired(), Length(max=40)])
    booking = HiddenField(validators=[Length(max=40)])
    seen = HiddenField(validators=[InputRequired(), Length(max=40)])

    @property
    def time(self) -> Interval | None:
        """The time that it means; None where it means none."""
        try:
            start, end = (datetime.fromisoformat(one.data or "") for one in (self.starts, self.ends))
            time = Interval(start, end)
        except (ValueError, OverflowError):
            return None
        return time if time.start.date() > EARLIEST and time.end.date() < LATEST else None
