"""Everything about one person, for that person: complete, and nothing of others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, or_, select

from ...core.language import Words
from ...core.permissions import Actor, Do, Matter, require
from ...core.tokens import token_hash
from ...db import db, transactional
from ...models import (
    Acceptance,
    Area,
    AreaApprover,
    Attachment,
    Conditions,
    Event,
    EventDetail,
    Favourite,
    Feed,
    Identity,
    Invitation,
    JoinRequest,
    Message,
    Offer,
    Partner,
    Person,
    RecoveryCode,
    Remark,
    Request,
    Resource,
    ResourceApprover,
    ResourceGroup,
    RoleGrant,
    SignIn,
    Site,
    StandIn,
    Thread,
    Training,
    TrainingPlace,
    TrainingRecord,
    TrainingSession,
    TrainingWish,
    Try,
    Wait,
)
from ...models.audit import happened
from . import own_post, own_work

Rows = Select[*tuple[Any, ...]]

# Of the details of events only what says nothing of anybody else.
_WORDS = "reason before starts ends old as from to meaning decision until role mode biosafety"
TOLD = frozenset(_WORDS.split())


@transactional
def export_own_data(actor: Actor, *, now: datetime) -> dict[str, Any]:
    """Everything about whoever asks, as values for JSON; that it was taken is recorded. Raises ForbiddenError."""
    require(actor, Do.EXPORT_OWN_DATA, Matter(person_ids=frozenset({actor.person_id})))
    return _exported(actor.person_id, actor.person_id, now)


@transactional
def export_data_of(person: Person, *, now: datetime) -> dict[str, Any]:
    """The same, taken by the administrator of the server on the person's behalf."""
    return _exported(person.id, None, now)


def _exported(person_id: int, actor_id: int | None, now: datetime) -> dict[str, Any]:
    data = data_of(db.session.get_one(Person, person_id), now)
    done = happened("own-data-exported", at=now, actor_id=actor_id, subject="person", subject_id=person_id)
    db.session.add(done)
    return {"exported_at": _plain(now), **data}


def data_of(person: Person, now: datetime) -> dict[str, Any]:
    """All that is kept about a person, by section; no secrets, not even hashed ones."""
    told: dict[str, Any] = {"profile": _profile(person)}
    times = own_work.times_of(person.id, now)
    sections = {name: found(person) for name, found in SECTIONS.items()}
    sections |= {name: found(person.id, times) for name, found in own_work.SECTIONS.items()}
    for name, rows in sections.items():
        told[name] = [_row(row) for row in db.session.execute(rows)]
    for name in ("events_done", "events_about"):
        for one in told[name]:
            one["detail"] = {key: value for key, value in (one["detail"] or {}).items() if key in TOLD}
    return told


def _profile(person: Person) -> dict[str, Any]:
    kept = ("email", "family_name", "given_name", "reading", "language", "is_active", "created_at", "invitations")
    mail = ("reminder_minutes", "mail_refused_at")
    home = db.session.get(Site, person.home_site_id) if person.home_site_id else None
    return {
        **{name: _plain(getattr(person, name)) for name in (*kept, *mail)},
        "home_site": _plain(home.name) if home else None,
        "has_password": bool(person.password_hash),
        "has_second_factor": bool(person.totp_secret),
    }


def _row(row: Any) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row._mapping.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Words):
        return {"en": value.en, "ja": value.ja}
    return str(value) if isinstance(value, StrEnum) else value


# --- one query for each section ---------------------------------------------------------------------------------------

_SITE, _PARTNER = Site.name.label("site"), Partner.name.label("partner")


def _roles(person: Person) -> Rows:
    told = (RoleGrant.role, _PARTNER, _SITE, RoleGrant.starts_on, RoleGrant.ends_on, RoleGrant.ended_at)
    found = select(*told).outerjoin(Partner, Partner.id == RoleGrant.partner_id)
    return found.outerjoin(Site, Site.id == RoleGrant.site_id).where(RoleGrant.person_id == person.id)


def _acceptances(person: Person) -> Rows:
    found = select(_SITE, Conditions.edition, Acceptance.accepted_at).select_from(Acceptance)
    found = found.join(Conditions, Conditions.id == Acceptance.conditions_id).join(Site, Site.id == Conditions.site_id)
    return found.where(Acceptance.person_id == person.id)


def _stand_ins(person: Person) -> Rows:
    away = (StandIn.absent_id == person.id).label("is_away")
    found = select(_SITE, away, StandIn.starts_on, StandIn.ends_on, StandIn.ended_at)
    mine = or_(StandIn.absent_id == person.id, StandIn.person_id == person.id)
    return found.join(Site, Site.id == StandIn.site_id).where(mine)


def _approver_of(person: Person) -> Rows:
    of_resource, of_area = ResourceApprover.for_safety.label("for_safety"), AreaApprover.for_safety.label("for_safety")
    resources = select(Resource.name.label("name"), of_resource).join(ResourceApprover)
    areas = select(Area.name.label("name"), of_area).join(AreaApprover)
    both = resources.where(ResourceApprover.person_id == person.id).union_all(
        areas.where(AreaApprover.person_id == person.id)
    )
    return select(both.subquery())


def _trainings(person: Person) -> Rows:
    record = TrainingRecord
    found = select(Training.name.label("training"), record.granted_on, record.expires_on, record.revoked_at)
    return found.join(Training, Training.id == record.training_id).where(record.person_id == person.id)


def _training_wishes(person: Person) -> Rows:
    told = (Training.name.label("training"), _SITE, TrainingWish.note, TrainingWish.asked_at, TrainingWish.settled_at)
    found = select(*told).join(Training, Training.id == TrainingWish.training_id)
    return found.join(Site, Site.id == TrainingWish.site_id).where(TrainingWish.person_id == person.id)


def _training_places(person: Person) -> Rows:
    held, place = TrainingSession, TrainingPlace
    told = (Training.name.label("training"), held.starts_at, held.ends_at, place.taken_at, place.outcome)
    found = select(*told).select_from(place).join(held, held.id == place.session_id)
    return found.join(Training, Training.id == held.training_id).where(place.person_id == person.id)


def _trainings_taught(person: Person) -> Rows:
    held = TrainingSession
    found = select(Training.name.label("training"), held.starts_at, held.ends_at, held.cancelled_at)
    return found.join(Training, Training.id == held.training_id).where(held.trainer_id == person.id)


def _waits(person: Person) -> Rows:
    told = (Wait.key, Wait.title, Wait.purpose, _SITE, _PARTNER, Resource.name.label("resource"))
    group = ResourceGroup.name.label("group")
    when = (Wait.starts_at, Wait.ends_at, Wait.minutes, Wait.takes_it, Wait.created_at, Wait.ended_at, Wait.outcome)
    found = select(*told, group, Wait.mode, Wait.biosafety, *when).join(Site, Site.id == Wait.site_id)
    found = found.join(Partner, Partner.id == Wait.partner_id).outerjoin(Resource, Resource.id == Wait.resource_id)
    found = found.outerjoin(ResourceGroup, ResourceGroup.id == Wait.group_id)
    return found.where(Wait.person_id == person.id).order_by(Wait.id)


def _offers(person: Person) -> Rows:
    told = (Wait.key.label("wait"), Resource.name.label("resource"), Offer.starts_at, Offer.ends_at, Offer.made_at)
    found = select(*told, Offer.until, Offer.answered_at, Offer.answer).join(Wait, Wait.id == Offer.wait_id)
    return found.join(Resource, Resource.id == Offer.resource_id).where(Wait.person_id == person.id).order_by(Offer.id)


def _favourites(person: Person) -> Rows:
    found = select(Resource.slug.label("resource"), Resource.name, _SITE).select_from(Favourite)
    found = found.join(Resource, Resource.id == Favourite.resource_id).join(Site, Site.id == Resource.site_id)
    return found.where(Favourite.person_id == person.id).order_by(Resource.slug)


def _feeds(person: Person) -> Rows:
    told = (Feed.name, Feed.scope, Feed.detail, Feed.language, Feed.created_at, Feed.rotated_at, Feed.fetched_at)
    return select(*told, Feed.client, Feed.revoked_at).where(Feed.person_id == person.id)


def _sessions(person: Person) -> Rows:
    told = (SignIn.started_at, SignIn.seen_at, SignIn.ended_at, SignIn.address, SignIn.browser)
    return select(*told).where(SignIn.person_id == person.id)


def _identities(person: Person) -> Rows:
    return select(Identity.issuer, Identity.subject, Identity.linked_at).where(Identity.person_id == person.id)


def _recovery_codes(person: Person) -> Rows:
    return select(RecoveryCode.used_at).where(RecoveryCode.person_id == person.id)


def _tries(person: Person) -> Rows:
    mine = Try.account_hash == token_hash(person.email)
    return select(Try.door, Try.address, Try.at, Try.is_good).where(mine)


def _invitations(person: Person) -> Rows:
    told = (Invitation.email, Invitation.role, _PARTNER, _SITE, Invitation.made_at, Invitation.used_at)
    found = select(*told, Invitation.revoked_at).outerjoin(Partner, Partner.id == Invitation.partner_id)
    return found.outerjoin(Site, Site.id == Invitation.site_id).where(Invitation.email == person.email)


def _join_requests(person: Person) -> Rows:
    one = JoinRequest
    told = (one.email, one.family_name, one.given_name, one.organisation, one.message, one.asked_at, one.answered_at)
    return select(*told, one.is_accepted).where(one.email == person.email)


def _messages(person: Person) -> Rows:
    asked = and_(Thread.asker_id == person.id, Message.is_from_asker)
    held = and_(Thread.holder_id == person.id, ~Message.is_from_asker)
    found = select(Thread.key.label("thread"), Message.at, Message.body).join(Thread, Thread.id == Message.thread_id)
    return found.where(or_(asked, held)).order_by(Message.id)


def _remarks(person: Person) -> Rows:
    """What one asked or answered about requests."""
    told = (Request.key.label("request"), Remark.at, Remark.is_question, Remark.body)
    found = select(*told).join(Request, Request.id == Remark.request_id)
    return found.where(Remark.person_id == person.id).order_by(Remark.id)


def _files(person: Person) -> Rows:
    """The files with it; what they say belongs to the partner, and is read on the request's page."""
    file = Attachment
    found = select(Request.key.label("request"), Remark.at, file.name, file.media_type, file.size, file.sha256)
    found = found.join(Remark, Remark.id == file.remark_id).join(Request, Request.id == Remark.request_id)
    return found.where(Remark.person_id == person.id).order_by(file.id)


def _events_done(person: Person) -> Rows:
    found = select(*own_work.EVENT).outerjoin(EventDetail, EventDetail.event_id == Event.id)
    return found.outerjoin(Site, Site.id == Event.site_id).where(Event.actor_id == person.id).order_by(Event.id)


SECTIONS: dict[str, Callable[[Person], Rows]] = {
    "roles": _roles,
    "acceptances": _acceptances,
    "stand_ins": _stand_ins,
    "approver_of": _approver_of,
    "trainings": _trainings,
    "training_wishes": _training_wishes,
    "training_places": _training_places,
    "trainings_taught": _trainings_taught,
    "waits": _waits,
    "offers": _offers,
    "favourites": _favourites,
    "feeds": _feeds,
    "sessions": _sessions,
    "identities": _identities,
    "recovery_codes": _recovery_codes,
    "tries": _tries,
    "invitations": _invitations,
    "join_requests": _join_requests,
    "messages": _messages,
    "remarks": _remarks,
    "files": _files,
    **own_post.SECTIONS,
    "events_done": _events_done,
}
