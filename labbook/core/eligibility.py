"""May this person use this resource now, and if not, what is the next step? One line for each thing that it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from .contracts import first_uncovered_day
from .facts import AgreementFact, Value
from .language import N_, Words
from .proofs import Proof

SOON = timedelta(days=30)  # what lapses within this time is said
STAFF_ONLY = 3  # the level of trainings that only staff hold


class Light(IntEnum):
    """How it stands; of several the highest counts."""

    GREEN = 0  # it works
    AMBER = 1  # it works, but lapses soon; or it does not yet, and the next step is taken already
    RED = 2  # it does not work, and somebody has to take a step


class Next(StrEnum):
    """The step that helps, as a page offers it."""

    NONE = ""
    ACCEPT = "accept-conditions"
    ASK = "ask-for-training"
    TAKE = "take-place"


@dataclass(frozen=True, slots=True)
class Demand:
    """A training that the resource demands, what the person has to show for it, and what is under way."""

    slug: str
    name: Words
    level: int
    proof: Proof
    is_asked: bool = False  # they have asked for it, and it is not settled
    session_on: date | None = None  # they have a place in a session on that day
    has_places: bool = False  # some session to come has a free place


@dataclass(frozen=True, slots=True)
class Standing:
    """What a card is made from. Dates are the site's."""

    today: date
    agreements: tuple[tuple[AgreementFact, ...], ...]  # with the site, by partner of the person
    conditions: str = ""  # edition of the conditions that wait to be accepted; empty: none do
    demands: tuple[Demand, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that it takes. `works` when it does not stand in the way today."""

    code: str
    light: Light
    works: bool
    subject: Words  # the training; empty for what has no name of its own
    sentence: str
    help: str = ""  # what to do and whom to ask
    values: Mapping[str, Value] = field(default_factory=dict)
    step: Next = Next.NONE
    slug: str = ""  # of the training
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """All lines of one person and one resource."""

    lines: tuple[Line, ...]

    @property
    def light(self) -> Light:
        """The light of the whole: that of its worst line."""
        return max((one.light for one in self.lines), default=Light.GREEN)

    @property
    def works(self) -> bool:
        """Nothing of it stands in the way of a booking today."""
        return all(one.works for one in self.lines)


def card_of(standing: Standing) -> Card:
    """The card: the agreement, the conditions, then each training in the order given."""
    lines = [_agreement(standing)]
    if lines[0].works:  # without an agreement there is nothing to accept
        lines.append(_conditions(standing))
    return Card((*lines, *(_training(one, standing.today) for one in standing.demands)))


# --- agreement and conditions -----------------------------------------------------------------------------------------

_NOBODY = Words()


def _agreement(standing: Standing) -> Line:
    today = standing.today
    covering = [[one for one in own if one.covers] for own in standing.agreements]
    lasting = [own for own in covering if first_uncovered_day(own, today, today) is None]
    if lasting:
        return _lasting(lasting, today)
    if any(first_uncovered_day(own, today, today) is None for own in standing.agreements):
        sentence = N_("The partner's agreement does not cover this resource.")
        help_ = N_("Ask the partner's coordinator.")
        return Line("not-covered", Light.RED, False, _NOBODY, sentence, help_)
    days = [one.ends_on for own in standing.agreements for one in own if one.ends_on is not None]
    ended = max((day for day in days if day < today), default=None)
    if ended is None:
        sentence, help_ = N_("The partner has no agreement with this site."), N_("Ask the partner's coordinator.")
        return Line("agreement-none", Light.RED, False, _NOBODY, sentence, help_)
    sentence = N_("The partner's agreement with this site ended on %(day)s.")
    help_ = N_("Ask the partner's coordinator about renewing it.")
    return Line("agreement-ended", Light.RED, False, _NOBODY, sentence, help_, {"day": ended})


def _lasting(lasting: Sequence[Sequence[AgreementFact]], today: date) -> Line:
    """The agreement is live: it ends on the last day that is covered without a gap, for the best of the partners."""
    gaps = [first_uncovered_day(own, today, today + SOON) for own in lasting]
    if None in gaps:
        return Line("agreement", Light.GREEN, True, _NOBODY, N_("The partner has an agreement with this site."))
    ends_on = max(gap for gap in gaps if gap is not None) - timedelta(days=1)
    sentence = N_("The partner's agreement with this site ends on %(day)s.")
    help_ = N_("Ask the partner's coordinator about renewing it.")
    return Line("agreement-ends", Light.AMBER, True, _NOBODY, sentence, help_, {"day": ends_on})


def _conditions(standing: Standing) -> Line:
    if not standing.conditions:
        return Line("conditions", Light.GREEN, True, _NOBODY, N_("The site's conditions of use are accepted."))
    sentence = N_("The site's conditions of use, %(edition)s, are not accepted yet.")
    help_ = N_("Reading them takes a few minutes.")
    values: dict[str, Value] = {"edition": standing.conditions}
    return Line("conditions-open", Light.RED, False, _NOBODY, sentence, help_, values, Next.ACCEPT)


# --- trainings --------------------------------------------------------------------------------------------------------

_STAFF = N_("Ask the site's staff.")
_WAITING = N_("It is asked for already; the site's staff will name a day.")


def _training(one: Demand, today: date) -> Line:
    proof = one.proof
    if proof.is_good(today):
        return _good(one, today)
    if not proof.is_held:
        if one.level >= STAFF_ONLY:
            return _red(
                one, "training-staff-only", N_("Only staff hold this; they run it for the partners."), {}, can=False
            )
        if proof.is_revoked:
            return _red(one, "training-revoked", N_("It was taken away."), {})
        return _red(one, "training-missing", N_("Not held yet."), {})
    return _ended(one, today)


def _ended(one: Demand, today: date) -> Line:
    proof = one.proof
    if proof.has_ended:
        return _red(one, "training-ended", N_("Held once, and no longer good."), {})
    ended_on: dict[str, Value] = {"day": proof.expires_on or today}
    if proof.unused_since is not None:
        values: dict[str, Value] = {**ended_on, "since": proof.unused_since}
        return _red(one, "training-unused", N_("Ended on %(day)s: not used since %(since)s."), values)
    return _red(one, "training-expired", N_("Expired on %(day)s."), ended_on)


def _good(one: Demand, today: date) -> Line:
    until, since = one.proof.expires_on, one.proof.unused_since
    if one.proof.is_trainee and (until is None or until - today > SOON):
        return _as_trainee(one)
    if until is None:
        return _line(one, "training", Light.GREEN, True, N_("Held."))
    values: dict[str, Value] = {"day": until}
    if until - today > SOON:
        return _line(one, "training", Light.GREEN, True, N_("Good until %(day)s."), "", values)
    if since is not None:
        sentence = N_("Ends on %(day)s, because it was not used since %(since)s.")
        help_ = N_("Any use of what it is for keeps it alive.")
        return _line(one, "training-fades", Light.AMBER, True, sentence, help_, {**values, "since": since})
    step, help_, more = _next(one, N_("Renew it in time with the site's staff."))
    return _line(one, "training-lapses", Light.AMBER, True, N_("Lapses on %(day)s."), help_, {**values, **more}, step)


def _as_trainee(one: Demand) -> Line:
    """It counts, and the rules of a resource may let trainees in at some hours only."""
    help_ = N_("The site's staff make it a full one when you are ready.")
    if one.proof.expires_on is None:
        return _line(one, "training-trainee", Light.GREEN, True, N_("Held as a trainee: not yet on your own."), help_)
    sentence = N_("Held as a trainee, not yet on your own; good until %(day)s.")
    return _line(one, "training-trainee", Light.GREEN, True, sentence, help_, {"day": one.proof.expires_on})


def _red(one: Demand, code: str, sentence: str, values: Mapping[str, Value], *, can: bool = True) -> Line:
    """It stands in the way; amber when the next step is taken already and the person can only wait."""
    if not can:
        return _line(one, code, Light.RED, False, sentence, _STAFF, values)
    step, help_, more = _next(one, _STAFF)
    light = Light.RED if step is not Next.NONE else Light.AMBER
    return _line(one, code, light, False, sentence, help_, {**values, **more}, step)


def _next(one: Demand, otherwise: str) -> tuple[Next, str, dict[str, Value]]:
    """The step that is left, with the sentence about it."""
    if one.session_on is not None:
        return Next.NONE, N_("There is a place in the session on %(session)s."), {"session": one.session_on}
    if one.has_places:
        return Next.TAKE, N_("A session has free places."), {}
    if one.is_asked:
        return Next.NONE, _WAITING, {}
    return Next.ASK, otherwise, {}


def _line(
    one: Demand,
    code: str,
    light: Light,
    works: bool,
    sentence: str,
    help_: str = "",
    values: Mapping[str, Value] | None = None,
    step: Next = Next.NONE,
) -> Line:
    return Line(code, light, works, one.name, sentence, help_, values or {}, step, one.slug, one.level)
