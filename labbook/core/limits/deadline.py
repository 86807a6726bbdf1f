"""Until when one may cancel or change, and what follows afterwards: refused, counted as used, or charged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ..amount import Amount, Measure
from ..facts import Effect, Facts, Said
from ..language import N_
from ..money import Money
from ..terms import Sentence
from . import kind
from .applied import Applied, Look
from .limit import EFFECT_LABELS, Limit, Place, Problem, Put, asked


class Step(StrEnum):
    """What has a deadline. Stored; never rename."""

    CANCEL = "cancel"
    CHANGE = "change"


class Consequence(StrEnum):
    """What follows after the deadline. Stored; never rename."""

    REFUSED = "refused"
    COUNTED = "counted"  # as used, in every allowance
    CHARGED = "charged"


STEP_LABELS = {Step.CANCEL: N_("Cancelling"), Step.CHANGE: N_("Moving or changing")}
CONSEQUENCE_LABELS = {
    Consequence.REFUSED: N_("It is not possible any more"),
    Consequence.COUNTED: N_("The time counts as used"),
    Consequence.CHARGED: N_("It is charged"),
}


@kind
@dataclass(frozen=True, kw_only=True)
class Deadline(Limit):
    """Cancelling or changing is free until so many hours before the start."""

    code = "deadline"
    title = N_("Deadline for cancelling or changing")
    about = N_("Free until so many hours before the start; later it is refused, counted or charged.")

    effect: Effect = asked(Put.CHOICE, N_("When it is not kept"), Effect.NOTE, labels=EFFECT_LABELS)
    step: Step = asked(Put.CHOICE, N_("What"), Step.CANCEL, labels=STEP_LABELS)
    hours: int = asked(Put.NUMBER, N_("Free until so many hours before the start"), 24)
    then: Consequence = asked(Put.CHOICE, N_("Afterwards"), Consequence.COUNTED, labels=CONSEQUENCE_LABELS)
    amount: int = asked(Put.MONEY, N_("Charge"), 0, N_("In whole units of the currency's smallest coin."))
    currency: str = asked(Put.CURRENCY, N_("Currency"), "JPY", N_("Three letters, such as JPY or USD."))

    def is_late(self, starts_at: datetime, now: datetime) -> bool:
        """Whether the deadline of a booking has passed."""
        return now > starts_at - timedelta(hours=self.hours)

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """Worth knowing when it has passed already as one asks."""
        is_late = self.is_late(facts.wanted.start, facts.now)
        return Look(not is_late, lambda: Said(self.words().text, "", self.words().params))

    def words(self) -> Sentence:
        """Free until, and what then."""
        values = {"hours": Amount(self.hours * 60, Measure.MINUTE), "amount": str(self.money)}
        return Sentence(_WORDS[self.step, self.then], values)

    @property
    def money(self) -> Money:
        """What is charged."""
        return Money(self.amount, self.currency)

    def problems(self, place: Place) -> Iterable[Problem]:
        """A charge without an amount, a currency that is none, or an old time that would count twice."""
        if self.hours < 0 or self.hours > 24 * 60:
            yield Problem("hours", N_("Enter a number of hours from 0 to 1440."))
        if self.then is Consequence.CHARGED and self.amount < 1:
            yield Problem("amount", N_("Say how much is charged."))
        if (self.step, self.then) == (Step.CHANGE, Consequence.COUNTED):
            yield Problem(
                "then", N_("The time counts as used after cancelling only. A change can be refused or charged.")
            )
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            yield Problem("currency", N_("Three capital letters, such as JPY or USD."))


_WORDS = {
    (Step.CANCEL, Consequence.REFUSED): N_("Cancelling is possible until %(hours)s before the start."),
    (Step.CANCEL, Consequence.COUNTED): N_(
        "Cancelling is free until %(hours)s before the start; later the time counts as used."
    ),
    (Step.CANCEL, Consequence.CHARGED): N_(
        "Cancelling is free until %(hours)s before the start; later %(amount)s is charged."
    ),
    (Step.CHANGE, Consequence.REFUSED): N_("Changes are possible until %(hours)s before the start."),
    (Step.CHANGE, Consequence.COUNTED): N_(
        "Changes are free until %(hours)s before the start; later the old time counts as used."
    ),
    (Step.CHANGE, Consequence.CHARGED): N_(
        "Changes are free until %(hours)s before the start; later %(amount)s is charged."
    ),
}
