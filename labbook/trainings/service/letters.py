"""Letters about trainings: what they say is put into words here, in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from ...core import dates
from ...core.interval import Interval
from ...core.language import person_name
from ...db import db
from ...models import Person, Site, Training, TrainingSession
from ...models.letter import letter


def to_staff(staff: Iterable[Person], asker: Person, training: Training, site: Site, note: str, now: datetime) -> None:
    """Somebody asks to be trained."""
    db.session.add_all(
        letter(
            "training-asked",
            one.email,
            one.language,
            now=now,
            person_id=one.id,
            site_id=site.id,
            who=person_name(asker.family_name, asker.given_name, one.language),
            training=training.name.text(one.language),
            site=site.name.text(one.language),
            site_slug=site.slug,
            note=note,
        )
        for one in staff
    )


def about_session(
    step: str, person: Person, session: TrainingSession, training: Training, site: Site, now: datetime, reason: str = ""
) -> None:
    """A session: `open` for those who wish for it, `taken` for whoever takes a place, `cancelled` for its people."""
    db.session.add(
        letter(
            "training-session",
            person.email,
            person.language,
            now=now,
            person_id=person.id,
            site_id=site.id,
            step=step,
            training=training.name.text(person.language),
            training_slug=training.slug,
            site=site.name.text(person.language),
            site_slug=site.slug,
            when=dates.when(Interval(session.starts_at, session.ends_at), site.zoneinfo, person.language, by_day=False),
            reason=reason,
        )
    )


def passed(
    person: Person, training: Training, site: Site, expires_on: date | None, now: datetime, *, is_trainee: bool
) -> None:
    """A training is signed off."""
    db.session.add(
        letter(
            "training-passed",
            person.email,
            person.language,
            now=now,
            person_id=person.id,
            site_id=site.id,
            training=training.name.text(person.language),
            site_slug=site.slug,
            until=dates.day(expires_on, person.language) if expires_on else "",
            trainee=is_trainee,
        )
    )


def lapses(
    person: Person,
    training: Training,
    *,
    step: str,
    now: datetime,
    once: str | None = None,
    on: date | None = None,
    since: date | None = None,
    reason: str = "",
) -> None:
    """A proof is about to end (`lapses`), or was taken away (`revoked`)."""
    db.session.add(
        letter(
            "training-lapses",
            person.email,
            person.language,
            now=now,
            person_id=person.id,
            site_id=training.site_id,
            once=once,
            step=step,
            training=training.name.text(person.language),
            training_slug=training.slug,
            day=dates.day(on, person.language) if on else "",
            since=dates.day(since, person.language) if since else "",
            reason=reason,
        )
    )
