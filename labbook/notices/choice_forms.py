"""The form in which people choose how they hear of things: shape and types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from ..core.language import N_
from ..core.letters import CHOOSABLE, INVITATIONS, REMINDERS, TOPICS, Topic, Way
from ..web.fields import PageForm, choices, lazy

WAYS = ((Way.NOW, N_("At once")), (Way.DAILY, N_("In one letter a day")), (Way.NONE, N_("Not by mail")))
_INVITATIONS = dict(zip(INVITATIONS, (N_("Only while I follow no calendar feed"), N_("Yes"), N_("No")), strict=True))
_REMINDERS = dict(
    zip(REMINDERS, (N_("None"), N_("1 hour before"), N_("1 day before"), N_("2 days before")), strict=True)
)


class ChoicesForm(PageForm):
    """One way for each topic that concerns the reader; invitations; reminders."""

    invitations = SelectField(lazy("Invitations to my calendar, by mail"))
    reminder = SelectField(lazy("Reminder before each of my bookings"))
    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())

    def __init__(self, topics: Sequence[Topic]) -> None:
        super().__init__()
        for topic in set(CHOOSABLE) - set(topics):
            del self[topic]
        self.topics = topics
        self.invitations.choices = choices([(name, lazy(label)) for name, label in _INVITATIONS.items()])
        self.reminder.choices = choices([(str(count or ""), lazy(label)) for count, label in _REMINDERS.items()])

    def show(self, ways: Mapping[str, str], invitations: str, minutes: int | None) -> None:
        """Show what is chosen now."""
        for topic in self.topics:
            self[topic].data = ways.get(topic, str(Way.NOW))
        self.invitations.data, self.reminder.data = invitations, str(minutes or "")

    @property
    def ways(self) -> dict[str, str]:
        """The chosen ways."""
        return {str(topic): str(self[topic].data) for topic in self.topics}

    @property
    def minutes(self) -> int | None:
        """How long before a booking to remind."""
        return int(self.reminder.data) if self.reminder.data else None


for _topic in CHOOSABLE:
    _row, _ways = TOPICS[_topic], choices([(str(way), lazy(label)) for way, label in WAYS])
    setattr(ChoicesForm, str(_topic), SelectField(lazy(_row.label), description=lazy(_row.about), choices=_ways))
