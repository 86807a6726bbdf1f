"""How long a proof of training is good: by its date, and by use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Record:
    """One proof as it was given."""

    granted_on: date
    expires_on: date | None
    is_revoked: bool = False
    is_trainee: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """The best that somebody has to show for a training; the last day is included, None means for ever."""

    is_held: bool  # also when it is no longer good
    expires_on: date | None = None
    unused_since: date | None = None  # it ends by disuse, counted from this day
    is_revoked: bool = False  # it was held and taken away, and nothing was given since
    has_ended: bool = False  # it does not count any more, whatever its days: they are not told
    is_trainee: bool = False  # they work, but not yet on their own

    def is_good(self, on: date) -> bool:
        """True when it still counts on this day."""
        return self.is_held and not self.has_ended and (self.expires_on is None or on <= self.expires_on)


def undated(proof: Proof, today: date) -> Proof:
    """Only whether a proof counts today: from a day that depends on use one could tell when it was used last."""
    if not proof.is_held:
        return proof
    return Proof(True, has_ended=not proof.is_good(today), is_trainee=proof.is_trainee)


def best_proof(records: Iterable[Record], last_used_on: date | None, disuse_days: int | None) -> Proof:
    """Of somebody's records of one training the one that lasts longest; those revoked count for nothing.

    A full proof counts before a trainee's, unless it had ended when they became a trainee once more.
    With `disuse_days` a proof ends so many days after it was given or after what demands it was last used, whichever
    is later, unless its own date comes first.
    """
    several = list(records)
    counting = [one for one in several if not one.is_revoked]
    as_trainee = [one for one in counting if one.is_trainee]
    full = _longest([one for one in counting if not one.is_trainee], last_used_on, disuse_days)
    trainee = _longest(as_trainee, last_used_on, disuse_days)
    if full is None or trainee is None:
        return full or trainee or Proof(is_held=False, is_revoked=bool(several))
    is_over = full.expires_on is not None and full.expires_on < max(one.granted_on for one in as_trainee)
    return trainee if is_over else full


def _longest(records: Iterable[Record], last_used_on: date | None, disuse_days: int | None) -> Proof | None:
    best: Proof | None = None
    for one in records:
        proof = replace(_lasting(one, last_used_on, disuse_days), is_trainee=one.is_trainee)
        if best is None or _outlasts(proof.expires_on, best.expires_on):
            best = proof
    return best


def _lasting(record: Record, last_used_on: date | None, disuse_days: int | None) -> Proof:
    if disuse_days is None:
        return Proof(True, record.expires_on)
    since = max(record.granted_on, last_used_on or record.granted_on)
    ends_on = since + timedelta(days=disuse_days)
    if record.expires_on is not None and record.expires_on <= ends_on:
        return Proof(True, record.expires_on)
    return Proof(True, ends_on, since)


def _outlasts(one: date | None, other: date | None) -> bool:
    return other is not None and (one is None or one > other)


def day_of_use(wall_end: str | None) -> date | None:
    """The last local date of a booking from its end as the site's clocks say it: midnight ends the day before."""
    if not wall_end:
        return None
    on, _, clock = wall_end.partition("T")
    ended_on = date.fromisoformat(on)
    return ended_on - timedelta(days=1) if clock == "00:00" else ended_on
