"""What became of a request, told on its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.flags import told
from ...core.language import person_name
from ...core.lifecycle import CHANGES, MOVES, PROPOSALS, Action
from ...core.permissions import Actor
from ...core.place import Place
from ...core.reasons import reason_of
from ...core.signatures import MEANING_WORDS, Meaning
from ...people.queries import names_by_id
from ...web import times
from .. import exceptions, queries, timeline

_PLACES = MOVES | CHANGES | PROPOSALS | {Action.APPROVE, Action.UNDO, Action.UNDO_WISH}
_OF_MOVES = frozenset(f"booking-{action}" for action in _PLACES)
_OF_THE_PARTNER = ("booking-charged", "rule-waived")  # its own business, and the site's


def history_lines(
    found: Any, sees: exceptions.Sees, place: Place, words: str, *, for_staff: bool
) -> list[timeline.HistoryLine]:
    """The request's history as its reader may know it; like steps of one moment are one line."""
    lines = []
    for one in queries.history_of(found.id):
        if one.code in _OF_THE_PARTNER and not sees.waivers:
            continue
        line = timeline.history_line(
            told(one.code, one.body or {}),
            one.at,
            person_name(one.family_name, one.given_name, words) if one.actor_id else gettext("LabBook"),
            _said(one.code, one.state, one.body or {}, words),
            place,
            words,
            counts="counts" in (one.body or {}) and sees.numbers,
        )
        if one.code in _OF_MOVES:
            line = replace(line, moved=timeline.moved_words(one.body or {}, place, words))
        if one.code == f"booking-{Action.HAND_OVER}":
            line = replace(line, moved=_handed(one.body or {}, words))
        line = replace(line, besides=timeline.besides_words(one.body or {}, words))
        if one.code == "rule-waived":
            line = replace(line, what=exceptions.waived_words(one.body or {}, for_staff=for_staff))
        lines.append(line)
    return timeline.folded(lines)


def is_own_last_step(actor: Actor, found: Any, action: Action, version: int | None) -> bool:
    """Whether the last step was this person's very one, taken from a page of that version."""
    last = queries.history_of(found.id)[-1]
    return (last.code, last.actor_id, found.version - 1) == (f"booking-{action}", actor.person_id, version)


def who_was_faster(actor: Actor, found: Any, words: str) -> str:
    """What became of a request meanwhile, for somebody who has decided from an old page: nothing of that was done."""
    last = queries.history_of(found.id)[-1]
    what = gettext(timeline.HISTORY_WORDS.get(told(last.code, last.body or {}), "")) if last.code else ""
    who = person_name(last.family_name, last.given_name, words) if last.actor_id else gettext("LabBook")
    site = catalogue.places([found.bookings[0].unit_id])[found.bookings[0].unit_id]
    when = times.moment(last.at, site.zoneinfo, words)
    if last.actor_id == actor.person_id:
        who = gettext("You")
    return gettext(
        "It was changed meanwhile (%(who)s, %(when)s: “%(what)s”). Nothing was done. Look at how it stands now.",
        who=who,
        when=when,
        what=what,
    )


def _handed(body: Mapping[str, Any], words: str) -> str:
    """From whom to whom, as they are called now."""
    numbers = [int(body[name]) for name in ("from_id", "to_id") if name in body]
    names = names_by_id(numbers)
    return " → ".join(person_name(*names[number], words) for number in numbers if number in names)


def _said(code: str, state: str | None, body: Mapping[str, Any], words: str) -> str:
    """What somebody said with a step: the meaning of a signature, or a reason."""
    if code == "request-signed":
        return gettext(MEANING_WORDS[Meaning(state or "")])
    said = body.get("price") or body.get("note")
    return str(said) if said else reason_of(body, words)
