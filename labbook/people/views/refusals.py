"""What the trail is told of refusals at the doors: bad addresses, ways out of the house, steps that are not theirs."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from flask import flash, g, request
from flask_babel import gettext

from ...core.permissions import ForbiddenError, NotFoundError
from ...web import actor_or_none, now, safe_next
from ..service import refusing
from ..service.refusing import Refused
from . import bp
from .entering import origin

View = TypeVar("View", bound=Callable[..., Any])
_GO_ON = {  # the pages and steps that go on to what `next` says
    *("people.sign_in", "people.send_sign_in", "people.code", "people.send_code", "people.begin_openid"),
    *("people.language", "agreements.conditions", "agreements.accept"),
}
LONGEST = 100  # characters kept of what was sent


def note_refused(refused: Refused, said: Mapping[str, str], *, subject: str = "person", subject_id: int = 0) -> None:
    """Let the trail tell that something was refused to whoever sends this request."""
    about = {"step": _step(), **said}
    refusing.note(refused, origin(), about, actor=actor_or_none(), now=now(), subject=subject, subject_id=subject_id)


def _step() -> str:
    return (request.endpoint or "").rpartition(".")[2]


def note_addresses(*fields: Any, is_kept: bool = True) -> None:
    """The same of mail addresses that were not merely mistyped.

    What was typed is kept only where no password is asked for: some type theirs into the wrong field.
    """
    for field in fields:
        typed = field.data or ""
        if fault := refusing.fault_of_address(typed):
            kept = {"typed": typed[:LONGEST]} if is_kept else {}
            note_refused(Refused.ADDRESS, {"reason": fault, "field": field.name, **kept})


def note_forged(refused: Refused, *fields: Any) -> None:
    """The same of choices that the form did not offer."""
    for field in fields:
        if field.data not in {choice.value for choice in field.choices or ()}:
            note_refused(refused, {"reason": "forged", "field": field.name, "tried": str(field.data)[:LONGEST]})


def tells(refused: Refused) -> Callable[[View], View]:
    """Let the trail tell when a step is refused because the place is not shown to this person, or not theirs."""

    def around(view: View) -> View:
        @functools.wraps(view)
        def run(**place: str) -> Any:
            try:
                return view(**place)
            except (NotFoundError, ForbiddenError) as error:
                reason = "not-shown" if isinstance(error, NotFoundError) else "not-theirs"
                note_refused(refused, {"reason": reason, **{name: value[:LONGEST] for name, value in place.items()}})
                raise

        return cast(View, run)

    return around


@bp.before_app_request
def stay_here() -> None:
    """Say so when a link wanted to lead on to another host; `safe_next` is what keeps it from doing so."""
    target = request.values.get("next", "") if request.endpoint in _GO_ON else ""
    if not leads_away(target):
        return
    note_refused(Refused.REDIRECT, {"to": re.split(r"[?#]", target)[0][:LONGEST]})
    g.stayed_here = True
    say_stayed()


def say_stayed() -> None:
    """Say it on the next page: again, where a new session has forgotten it."""
    if g.get("stayed_here"):
        flash(gettext("That link would have led away from LabBook. You stay here."), "error")


def leads_away(target: str) -> bool:
    """Whether a browser could take this for another host, or for no page at all."""
    if safe_next(target, ""):
        return False
    plain = re.sub(r"[\x00-\x20]", "", target).replace("\\", "/")
    return plain.startswith("//") or ":" in plain.partition("/")[0]
