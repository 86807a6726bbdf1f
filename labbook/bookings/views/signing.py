"""A signature from a form: the password is checked here, before and outside the transaction of the decision."""

from __future__ import annotations

from flask_babel import gettext

from ...core.permissions import Actor, Do, may
from ...core.signatures import Meaning
from ...people.service import checked
from ...web import now
from .. import forms, queries, service

SignedForm = forms.SignedApproveForm | forms.SignedDeclineForm


def is_signed(actor: Actor, key: str) -> bool:
    """Whether this person's decision on the request is to be signed. Raises NotFoundError."""
    found = queries.request_by_key(actor, key)
    return may(actor, Do.DECIDE_REQUEST, service.matter_of(found, now())) and service.is_signed(found, now())


def signature_of(form: SignedForm, actor: Actor) -> service.Signature | None:
    """The signature that a form of good shape carries, or None with a sentence beside the password."""
    if checked(actor.email, form.password.data or "") is None:
        form.password.errors = [gettext("That is not your password. Nothing was decided; try again.")]
        return None
    return service.Signature(Meaning(form.meaning.data))
