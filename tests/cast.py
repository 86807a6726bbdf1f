"""A small lab with a fixed cast that every test knows by name.

Two sites. Aoba and Birch are rivals at both; Cedar runs a joint project with Aoba; Dover's agreement has ended.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from sqlalchemy import select

from labbook.core.amount import Amount
from labbook.core.hours import Cover
from labbook.core.language import Words
from labbook.core.permissions import Actor, Role
from labbook.core.terms import Asks, ResourceKind
from labbook.db import db, transactional
from labbook.models import (
    Agreement,
    Area,
    OpeningRow,
    Partner,
    Person,
    Project,
    ProjectPartner,
    Resource,
    ResourcePartner,
    ResourceTraining,
    RoleGrant,
    Site,
    Training,
    TrainingRecord,
    Unit,
)
from labbook.models.people import PartnerKind
from labbook.people.queries import actor_of
from labbook.people.service import password_hash

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # Monday: 09:00 in Tsukuba, Sunday 19:00 in Cambridge
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Cast:
    """Keys of the lab, by name."""

    people: dict[str, int]
    partners: dict[str, int]
    sites: dict[str, int]

    def actor(self, name: str, now: datetime = NOW) -> Actor:
        """The person with the rights in force at `now`."""
        actor = actor_of(self.people[name], now)
        assert actor is not None
        return actor


def make_lab() -> Cast:
    """Write the lab into the empty database of the current application."""
    cast = _make()
    db.session.remove()
    return cast


@transactional
def _make() -> Cast:
    sites = {"tsukuba": _site("tsukuba", "Asia/Tokyo", "JP"), "cambridge": _site("cambridge", "America/New_York", "US")}
    partners = {name: _partner(name) for name in ("aoba", "birch", "cedar", "dover")}
    people: dict[str, int] = {}
    for partner, site, ends_on in (
        ("aoba", "tsukuba", None),
        ("aoba", "cambridge", None),
        ("birch", "tsukuba", None),
        ("birch", "cambridge", None),
        ("cedar", "tsukuba", date(2027, 3, 31)),
        ("dover", "tsukuba", date(2026, 10, 31)),
    ):
        db.session.add(
            Agreement(partner_id=partners[partner], site_id=sites[site], starts_on=date(2026, 1, 1), ends_on=ends_on)
        )
    people_of: list[tuple[str, str, str, str, list[tuple[Role, str | None, str | None]]]] = [
        ("hana", "佐藤", "花", "ja", [(Role.SCIENTIST, "aoba", None)]),
        ("alan", "Abbott", "Alan", "en", [(Role.SCIENTIST, "aoba", None)]),
        ("cora", "Cole", "Cora", "en", [(Role.COORDINATOR, "aoba", None)]),
        ("ben", "Birk", "Ben", "en", [(Role.SCIENTIST, "birch", None)]),
        ("chika", "近藤", "千佳", "ja", [(Role.SCIENTIST, "cedar", None)]),
        ("dora", "Dow", "Dora", "en", [(Role.SCIENTIST, "dover", None)]),
        ("sora", "鈴木", "空", "ja", [(Role.STAFF, None, "tsukuba")]),
        ("sam", "Stone", "Sam", "en", [(Role.STAFF, None, "cambridge")]),
        ("mio", "宮本", "澪", "ja", [(Role.MANAGER, None, "tsukuba"), (Role.SCIENTIST, "aoba", None)]),
        ("ada", "Adams", "Ada", "en", [(Role.ADMINISTRATOR, None, None)]),
        ("audrey", "Audley", "Audrey", "en", [(Role.AUDITOR, None, None)]),
        ("two", "Tanner", "Toby", "en", [(Role.SCIENTIST, "aoba", None), (Role.SCIENTIST, "cedar", None)]),
    ]
    for name, family, given, language, roles in people_of:
        people[name] = _person(name, family, given, language, sites, partners, roles)
    project = Project(slug="aurora", name=Words("Aurora", "オーロラ"))
    db.session.add(project)
    db.session.flush()
    db.session.add_all(ProjectPartner(project_id=project.id, partner_id=partners[name]) for name in ("aoba", "cedar"))
    _resources(sites, partners, people)
    return Cast(people, partners, sites)


def _site(slug: str, zone: str, country: str) -> int:
    site = Site(slug=slug, name=Words(slug.title(), {"tsukuba": "つくば"}.get(slug, "")), zone=zone, country=country)
    db.session.add(site)
    db.session.flush()
    db.session.add(Area(site_id=site.id, slug="imaging", name=Words("Imaging", "イメージング"), position=1))
    return site.id


def _partner(name: str) -> int:
    partner = Partner(slug=name, name=Words(f"{name.title()} Bio", f"{name.title()}バイオ"), kind=PartnerKind.BIOTECH)
    db.session.add(partner)
    db.session.flush()
    return partner.id


def _person(
    name: str,
    family: str,
    given: str,
    language: str,
    sites: dict[str, int],
    partners: dict[str, int],
    roles: list[tuple[Role, str | None, str | None]],
) -> int:
    person = Person(
        email=f"{name}@lab.example",
        family_name=family,
        given_name=given,
        language=language,
        home_site_id=sites["tsukuba"],
        password_hash=_hash(),
        created_at=NOW - timedelta(days=300),
    )
    db.session.add(person)
    db.session.flush()
    db.session.add_all(
        RoleGrant(
            person_id=person.id,
            role=role,
            partner_id=partners[partner] if partner else None,
            site_id=sites[site] if site else None,
            starts_on=date(2026, 1, 1),
        )
        for role, partner, site in roles
    )
    return person.id


@cache
def _hash() -> str:
    return password_hash(PASSWORD)


def _resources(sites: dict[str, int], partners: dict[str, int], people: dict[str, int]) -> None:
    laser = Training(slug="laser", level=2, name=Words("Laser sign-off", "レーザー講習"))
    db.session.add(laser)
    db.session.flush()
    db.session.add_all(
        TrainingRecord(person_id=number, training_id=laser.id, granted_on=date(2026, 1, 1))
        for name, number in people.items()
        if name != "alan"
    )
    confocal = add_resource(sites["tsukuba"], "tsukuba-confocal-1", name=Words("Confocal", "共焦点顕微鏡"))
    db.session.add(ResourceTraining(resource_id=confocal.id, training_id=laser.id))
    add_resource(sites["tsukuba"], "tsukuba-plain", name=Words("Plate reader", "プレートリーダー"))
    add_resource(sites["tsukuba"], "tsukuba-asked", name=Words("Sequencer", "シーケンサー"), asks=Asks.ALWAYS)
    add_resource(
        sites["tsukuba"],
        "tsukuba-sorter",
        name=Words("Cell sorter", "セルソーター"),
        asks=Asks.FORM,
        holds_on_request=False,
    )
    add_resource(sites["tsukuba"], "tsukuba-hood", name=Words("Hood", "ドラフト"), pieces=3)
    add_resource(
        sites["tsukuba"],
        "tsukuba-bench",
        name=Words("Bench", "ベンチ"),
        kind=ResourceKind.BENCH,
        pieces=2,
        by_day=True,
        slot="1 d",
        shortest="1 d",
        longest="30 d",
        before="0 min",
        after="0 min",
        horizon="60 d",
    )
    add_resource(
        sites["cambridge"],
        "cambridge-scope",
        name=Words("Microscope", ""),
        horizon="720 d",
        longest="14 h",
        before="0 min",
        after="0 min",
    )
    secret = add_resource(sites["tsukuba"], "tsukuba-secret", name=Words("Secret suite", "秘密の部屋"), is_hidden=True)
    db.session.add(ResourcePartner(resource_id=secret.id, partner_id=partners["aoba"]))
    daytime = add_resource(sites["tsukuba"], "tsukuba-daytime", name=Words("Workshop", "工作室"), cover=Cover.ALL)
    db.session.add_all(
        OpeningRow(site_id=sites["tsukuba"], resource_id=daytime.id, weekday=day, opens=9 * 60, closes=18 * 60)
        for day in range(5)
    )


def add_resource(
    site_id: int,
    slug: str,
    *,
    name: Words | None = None,
    kind: ResourceKind = ResourceKind.EQUIPMENT,
    pieces: int = 1,
    asks: Asks = Asks.NEVER,
    holds_on_request: bool = True,
    by_day: bool = False,
    cover: Cover = Cover.NONE,
    is_hidden: bool = False,
    slot: str = "30 min",
    shortest: str = "30 min",
    longest: str = "8 h",
    before: str = "15 min",
    after: str = "15 min",
    notice: str = "0 min",
    horizon: str = "30 d",
) -> Resource:
    """A resource of a site's first area with `pieces` units; flushed, not committed."""
    area = db.session.scalars(select(Area).where(Area.site_id == site_id).order_by(Area.id)).first()
    assert area is not None
    words = name or Words(slug, "")
    resource = Resource(
        slug=slug,
        site_id=site_id,
        area_id=area.id,
        kind=kind,
        name=words,
        slot=Amount.parse(slot),
        shortest=Amount.parse(shortest),
        longest=Amount.parse(longest),
        buffer_before=Amount.parse(before),
        buffer_after=Amount.parse(after),
        notice=Amount.parse(notice),
        horizon=Amount.parse(horizon),
        cover=cover,
        asks=asks,
        holds_on_request=holds_on_request,
        by_day=by_day,
        is_hidden=is_hidden,
    )
    db.session.add(resource)
    db.session.flush()
    db.session.add_all(
        Unit(resource_id=resource.id, name=str(number), position=number) for number in range(1, pieces + 1)
    )
    db.session.flush()
    return resource


def fresh_key() -> str:
    """An idempotency key of its own."""
    return secrets.token_urlsafe(12)
