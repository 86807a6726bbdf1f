"""Changes that wait: what the request's page shows of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.disclosure import BookingRow
from ...core.facts import Waives
from ...core.language import person_name
from ...core.permissions import Actor, Do, may
from ...core.place import Place
from ...people.queries import names_by_id
from ...web import now, times
from .. import changes, decision_forms, exceptions, findings, service
from ..pending import changes_of
from .signing import has_password


class Sent(NamedTuple):
    """A form about a change that came back with something wrong in it."""

    booking_key: str
    approve: decision_forms.ApproveForm | None = None
    decline: decision_forms.DeclineForm | None = None


def panels(
    actor: Actor, found: Any, rows: Sequence[BookingRow], sees: exceptions.Sees, words: str, sent: Sent | None
) -> list[changes.ChangePanel]:
    """What waits to be changed of a request that the reader sees."""
    several = changes_of(one.id for one in found.bookings)
    waiting = {number: one for number, one in several.items() if not one.is_proposal}
    if not waiting:
        return []
    around = _Around(
        catalogue.places([*(row.unit_id for row in rows), *(one.unit_id for one in waiting.values())]),
        names_by_id({one.asked_by_id for one in waiting.values()}),
        {row.key: row for row in rows},
        sees,
        words,
    )
    return [
        _panel(actor, booking, waiting[booking.id], around, sent) for booking in found.bookings if booking.id in waiting
    ]


class _Around(NamedTuple):
    """What all panels are made from."""

    place: dict[int, Place]
    names: dict[int, tuple[str, str]]
    rows: dict[str, BookingRow]
    sees: exceptions.Sees
    words: str


def _panel(actor: Actor, booking: Any, change: Any, around: _Around, sent: Sent | None) -> changes.ChangePanel:
    there, matter, words = around.place[change.unit_id], service.matter_to_decide(booking, now()), around.words
    row, may_decide = around.rows[booking.key], may(actor, Do.DECIDE_REQUEST, matter)
    signs = service.is_signed(booking.request, now())
    approve, decline = _forms(sent if sent and sent.booking_key == booking.key else Sent(booking.key), signs=signs)
    name = person_name(*around.names.get(change.asked_by_id, ("", "")), words)
    return changes.ChangePanel(
        key=booking.key,
        version=booking.version,
        old=changes.placed(row.time, around.place[row.unit_id], words, by_day=row.by_day),
        new=changes.placed(change.time, there, words, by_day=row.by_day),
        asked=gettext("%(name)s asked %(ago)s.", name=name, ago=times.ago(change.asked_at, now(), words)),
        is_held=service.place_of(booking)[0].holds_on_request,
        findings=exceptions.judged_lines(findings.restored(change.findings), [], around.sees, there, words),
        may_decide=may_decide,
        may_withdraw=_may_withdraw(actor, booking, change),
        is_own=actor.person_id in matter.person_ids and booking.site_id in actor.staffed_sites,
        against=_against(actor, booking, change, there, words, approve) if may_decide else None,
        is_signed=signs,
        may_sign=may_decide and signs and has_password(actor),
        approve_form=approve,
        decline_form=decline,
    )


def _may_withdraw(actor: Actor, booking: Any, change: Any) -> bool:
    """Whether it is this person's to take back, who may still change the booking."""
    may_move = may(actor, Do.MOVE_BOOKING, service.matter_of_booking(booking))
    return may_move and may(actor, Do.WITHDRAW_REQUEST, service.matter_of_change(booking, change))


def _forms(sent: Sent, *, signs: bool) -> tuple[decision_forms.ApproveForm, decision_forms.DeclineForm]:
    """The forms, their fields told apart from those of other decisions on the page; empty but for the one sent."""
    approve = sent.approve or (decision_forms.SignedApproveForm() if signs else decision_forms.ApproveForm())
    decline = sent.decline or (decision_forms.SignedDeclineForm() if signs else decision_forms.DeclineForm())
    for form, is_sent in ((approve, sent.approve), (decline, sent.decline)):
        if not is_sent:
            form.process()
        for field in form:
            field.id = field.label.field_id = f"{sent.booking_key[:8]}-{field.id}"
    return approve, decline


def _against(
    actor: Actor, booking: Any, change: Any, place: Place, words: str, form: decision_forms.ApproveForm
) -> exceptions.Against:
    """What stands in the way of approving it, and the field for the reason."""
    to_waive, beyond = service.against_change(actor, booking, change, now())
    sees = exceptions.Sees(numbers=True, waivers=False)
    return exceptions.Against(
        exceptions.judged_lines(to_waive, [], sees, place, words),
        exceptions.judged_lines(beyond, [], sees, place, words),
        form.waiver,
        any(one.waives is not Waives.NOBODY for one in beyond),
        booking.partner_id in actor.partner_ids,
    )
