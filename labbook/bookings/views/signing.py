"""A signature from a form: the password is checked here, before and outside the transaction of the decision."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from flask import request
from flask_babel import gettext, ngettext

from ...core.browsers import browser_name
from ...core.permissions import Actor, Do, may
from ...core.signatures import Meaning
from ...people import accounts
from ...people.service.origin import Origin
from ...people.service.passwords import WrongPasswordError, confirm
from ...people.service.throttle import TooManyTriesError
from ...web import now
from .. import decision_forms, queries, service
from ..proposal_forms import SignedOtherwiseForm

SignedForm = (
    decision_forms.SignedApproveForm
    | decision_forms.SignedClearForm
    | decision_forms.SignedDeclineForm
    | SignedOtherwiseForm
)


class Refusal(NamedTuple):
    """How a signature is refused: status and headers of the answer."""

    status: int
    headers: dict[str, str]


def is_signed(actor: Actor, key: str) -> bool:
    """Whether this person's decision on the request is to be signed. Raises NotFoundError."""
    found = queries.request_by_key(actor, key)
    return may(actor, Do.DECIDE_REQUEST, service.matter_of(found, now())) and service.is_signed(found, now())


def has_password(actor: Actor) -> bool:
    """Whether this person can sign at all: whoever only ever came by OpenID has no password to sign with."""
    return accounts.factor_of(actor.person_id).has_password


def signature_of(form: SignedForm, actor: Actor) -> service.Signature | Refusal:
    """The signature that a form of good shape carries, or the refusal, with its sentence beside the password."""
    origin = Origin((request.remote_addr or "")[:45], browser_name(request.user_agent.string))
    try:
        confirm(actor, form.password.data or "", origin, now=now())
    except WrongPasswordError:
        form.password.errors = [gettext("That is not your password. Nothing was decided; try again.")]
        return Refusal(422, {})
    except TooManyTriesError as error:
        said = ngettext(
            "There were too many tries. Wait %(num)s minute, then try again.",
            "There were too many tries. Wait %(num)s minutes, then try again.",
            error.minutes,
        )
        form.password.errors = [said]
        return Refusal(429, {"Retry-After": str(ceil(error.wait.total_seconds()))})
    return service.Signature(Meaning(form.meaning.data))
