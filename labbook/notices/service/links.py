"""The secret link of a letter that brings one: made when the letter is sent, kept as a hash alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import update

from ...core.tokens import new_token, token_hash
from ...db import db
from ...models import Invitation, Letter, OneTimeLink
from ...models.access import Purpose

RESET_LASTS = timedelta(hours=1)
BLOTTED = "…"  # in the place of a secret link, where a letter is shown


def link_of(letter: Letter, base_url: str, now: datetime) -> Mapping[str, str]:
    """The link of a letter that has one, made now; older ones for the same thing end."""
    if letter.invitation_id is not None:
        until = db.session.get_one(Invitation, letter.invitation_id).expires_at
        purpose = Purpose.INVITATION
    elif letter.kind == Purpose.RESET:
        purpose, until = Purpose.RESET, now + RESET_LASTS
    else:
        return {}
    same = OneTimeLink.invitation_id == letter.invitation_id
    if letter.invitation_id is None:
        same = OneTimeLink.person_id == letter.person_id
    older = update(OneTimeLink).where(same, OneTimeLink.purpose == purpose, OneTimeLink.revoked_at.is_(None))
    db.session.execute(older.values(revoked_at=now))
    token = new_token()
    db.session.add(
        OneTimeLink(
            purpose=purpose,
            token_hash=token_hash(token),
            person_id=letter.person_id if letter.invitation_id is None else None,
            invitation_id=letter.invitation_id,
            made_at=now,
            expires_at=until,
        )
    )
    return _spelled(letter, base_url, token)


def blotted_link(letter: Letter, base_url: str) -> Mapping[str, str]:
    """What stands in the place of the link for whoever reads the letter of somebody else."""
    has_one = letter.invitation_id is not None or letter.kind == Purpose.RESET
    return _spelled(letter, base_url, BLOTTED) if has_one else {}


def _spelled(letter: Letter, base_url: str, token: str) -> Mapping[str, str]:
    path = "invitations" if letter.invitation_id is not None else "reset"
    return {"link": f"{base_url}/{path}/{token}"}
