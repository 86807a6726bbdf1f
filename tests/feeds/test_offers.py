"""What a person is offered to follow: all that they may, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.core.feeds import Detail, Scope, Takes
from labbook.core.language import Words
from labbook.core.permissions import ForbiddenError, NotFoundError
from labbook.db import db, transactional
from labbook.feeds.kept import feeds_of
from labbook.feeds.offers import followed, offers
from labbook.feeds.queries import zones
from labbook.feeds.service import making as service
from labbook.feeds.service.subject import subject_of
from labbook.models import Agreement, Area, Feed, Partner, Resource, ResourceGroup, ResourceGroupMember, RoleGrant, Site
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.feeds.reading import feed

EVERYBODY = ("hana", "alan", "ben", "cora", "chika", "dora", "sora", "sam", "ada", "audrey")


@transactional
def group_of(*slugs: str) -> str:
    """A group of these resources; returns its slug."""
    group = ResourceGroup(slug="readers", name=Words("Readers", "リーダー"))
    db.session.add(group)
    db.session.flush()
    for resource in db.session.scalars(select(Resource).where(Resource.slug.in_(slugs))):
        db.session.add(ResourceGroupMember(group_id=group.id, resource_id=resource.id))
    return group.slug


def offered(visitor: Visitor) -> set[str]:
    """The choices of the form."""
    select_box = re.search(r'<select id="about".*?</select>', visitor.get("/feeds").text, re.S)
    return set(re.findall(r'value="([^"]+)"', select_box[0])) if select_box else set()


def partner_key(slug: str) -> str:
    """The key of a partner."""
    return db.session.scalars(select(Partner.key).where(Partner.slug == slug)).one()


@on_sqlite
def test_each_is_offered_what_is_theirs(app: Flask, lab: Cast) -> None:
    group_of("tsukuba-plain", "cambridge-scope")
    keys = {slug: f"partner:{partner_key(slug)}" for slug in ("aoba", "birch", "cedar")}
    shown = {name: offered(Visitor(app, name)) for name in ("hana", "ben", "sora", "sam", "ada", "dora")}
    of_people = re.compile("[a-z]+|partner:.+")
    assert {name: set(filter(of_people.fullmatch, codes)) for name, codes in shown.items()} == {
        "hana": {"mine", keys["aoba"]},
        "ben": {"mine", keys["birch"]},
        "sora": {"mine", "waiting"},
        "sam": {"mine", "waiting"},
        "ada": {"mine"},
        "dora": set(),
    }
    sites = {name: {one for one in codes if one.startswith("site:")} for name, codes in shown.items()}
    assert sites == {**{name: set() for name in shown}, "sora": {"site:tsukuba"}, "sam": {"site:cambridge"}}
    assert {"group:readers", "resource:tsukuba-plain", "resource:cambridge-scope"} <= shown["hana"] & shown["sora"]
    assert any(one.startswith("area:tsukuba/") for one in shown["ben"])


@on_sqlite
def test_whoever_may_follow_nothing_reads_why(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "dora").get("/feeds").text
    assert "There is nothing that you may follow at present." in page
    assert "Make the feed" not in page


@on_sqlite
def test_what_is_hidden_is_offered_to_those_alone_who_see_it(app: Flask, lab: Cast) -> None:
    @transactional
    def hide() -> None:
        area = Area(site_id=lab.sites["tsukuba"], slug="vault", name=Words("Vault", "保管庫"))
        db.session.add(area)
        db.session.flush()
        resource = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-plain")).one()
        resource.is_hidden, resource.area_id = True, area.id

    group_of("tsukuba-plain")
    hide()
    secret = {"resource:tsukuba-plain", "area:tsukuba/vault", "group:readers"}
    assert not secret & offered(Visitor(app, "ben"))
    assert secret <= offered(Visitor(app, "sora"))
    for scope, _, slug in (code.partition(":") for code in sorted(secret)):
        with pytest.raises(NotFoundError):
            feed(lab, "ben", Scope(scope), about=slug)


@on_sqlite
def test_every_offer_makes_a_feed_that_answers(app: Flask, lab: Cast) -> None:
    group_of("tsukuba-plain", "cambridge-scope")
    made = Counter[Scope]()
    for name in ("hana", "sora", "ada"):
        for offer in offers(lab.actor(name)):
            path = feed(lab, name, offer.scope, about=offer.slug)
            assert Visitor(app).get(path).status_code == 200, (name, offer.code)
            made[offer.scope] += 1
            service.revoke_by_command({_last().key}, now=NOW)
    assert set(made) == set(Scope)


def _last() -> Feed:
    return db.session.scalars(select(Feed).order_by(Feed.id.desc())).first()  # type: ignore[return-value]


@on_sqlite
def test_the_list_calls_lost_what_the_door_calls_gone(app: Flask, lab: Cast) -> None:
    """Feeds of everything there is, in everybody's hands: the page and the door judge alike."""
    group_of("tsukuba-plain", "cambridge-scope")
    alike = Counter[bool]()
    for name in EVERYBODY:
        actor = lab.actor(name)
        feeds = _of_everything(lab, actor.person_id)
        for one in followed(feeds, offers(actor)):
            is_there = subject_of(one.feed, actor, zones(), NOW) is not None
            assert (one.offer is not None) == is_there, (name, one.feed.scope)
            alike[is_there] += 1
    assert all(alike[is_there] > 20 for is_there in (True, False)), alike


def _of_everything(lab: Cast, person_id: int) -> list[Feed]:
    about: list[dict[str, Any]] = [
        *({"scope": Scope.RESOURCE, "resource_id": one} for one in db.session.scalars(select(Resource.id))),
        *({"scope": Scope.AREA, "area_id": one} for one in db.session.scalars(select(Area.id))),
        *({"scope": Scope.SITE, "site_id": one} for one in db.session.scalars(select(Site.id))),
        *({"scope": Scope.GROUP, "group_id": one} for one in db.session.scalars(select(ResourceGroup.id))),
        *({"scope": Scope.PARTNER, "partner_id": one} for one in lab.partners.values()),
        {"scope": Scope.MINE},
        {"scope": Scope.WAITING},
    ]
    usual: dict[str, Any] = {"person_id": person_id, "detail": Detail.FULL, "language": "en", "history_days": 30}
    return [Feed(**usual, **one) for one in about]


@on_sqlite
def test_who_may_follow_a_thing_no_more_reads_so_and_not_how_it_is_called_now(app: Flask, lab: Cast) -> None:
    ben, path = Visitor(app, "ben"), feed(lab, "ben", Scope.RESOURCE, about="tsukuba-plain", title="Reader")

    @transactional
    def hide() -> None:
        resource = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-plain")).one()
        resource.is_hidden, resource.name = True, Words("Codename", "暗号")

    page = ben.get("/feeds").text
    assert "Plate reader" in page and "Renew the link" in page
    hide()
    page = ben.get("/feeds").text
    assert "Renew the link" not in page and "Revoke" in page  # a new link would be as dead
    assert "you may not follow this any more" in page
    assert "Codename" not in page and "One resource" in page
    assert Visitor(app).get(path).status_code == 410


@on_sqlite
def test_who_leaves_the_site_loses_its_feed_and_gets_it_back(app: Flask, lab: Cast) -> None:
    path = feed(lab, "sora", Scope.SITE, about="tsukuba")

    @transactional
    def move(site: str) -> None:
        grant = db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == lab.people["sora"])).one()
        grant.site_id = lab.sites[site]

    seen = []
    for site in ("tsukuba", "cambridge", "tsukuba"):
        move(site)
        is_lost = "この配信" in (page := Visitor(app, "sora").get("/feeds").text) and "権限がない" in page
        seen.append((is_lost, Visitor(app).get(path).status_code))
    assert seen == [(False, 200), (True, 410), (False, 200)]


@on_sqlite
def test_the_service_asks_for_itself(app: Flask, lab: Cast) -> None:
    with pytest.raises(ForbiddenError):
        feed(lab, "hana", Scope.SITE, about="tsukuba")
    with pytest.raises(ForbiddenError):
        feed(lab, "hana", Scope.WAITING)
    with pytest.raises(NotFoundError):
        feed(lab, "hana", Scope.PARTNER, about=partner_key("birch"))
    for scope, about in ((Scope.RESOURCE, "nowhere"), (Scope.AREA, "tsukuba/none"), (Scope.GROUP, "")):
        with pytest.raises(NotFoundError):
            feed(lab, "sora", scope, about=about)


@on_sqlite
def test_set_up_and_clean_up_are_for_staff_of_all_of_it(app: Flask, lab: Cast) -> None:
    group_of("tsukuba-plain", "cambridge-scope")
    with_buffers = Takes(buffers=True)
    feed(lab, "sora", Scope.RESOURCE, about="tsukuba-plain", takes=with_buffers)
    for name, scope, about in (
        ("hana", Scope.RESOURCE, "tsukuba-plain"),
        ("sam", Scope.RESOURCE, "tsukuba-plain"),
        ("sora", Scope.GROUP, "readers"),
        ("sora", Scope.MINE, ""),
    ):
        with pytest.raises(service.UnfitError):
            feed(lab, name, scope, about=about, takes=with_buffers)


@on_sqlite
@pytest.mark.parametrize("site", ["tsukuba", "cambridge"])
def test_a_group_over_sites_is_for_whoever_may_follow_one_of_them(app: Flask, lab: Cast, site: str) -> None:
    group_of("tsukuba-plain", "cambridge-scope")
    of_cedar = update(Agreement).where(Agreement.partner_id == lab.partners["cedar"])
    transactional(lambda: db.session.execute(of_cedar.values(site_id=lab.sites[site])))()
    assert "group:readers" in offered(Visitor(app, "chika"))
    assert Visitor(app).get(feed(lab, "chika", Scope.GROUP, about="readers")).status_code == 200


@on_sqlite
def test_feeds_are_listed_by_whether_they_live_and_then_the_newest_first(app: Flask, lab: Cast) -> None:
    for title in ("One", "Two", "Three"):
        feed(lab, title=title)
    key = db.session.scalars(select(Feed.key).where(Feed.name == "Three")).one()
    service.revoke(lab.actor("hana"), key, now=NOW)
    assert [one.name for one in feeds_of(lab.people["hana"])] == ["Two", "One", "Three"]


@on_sqlite
def test_a_feed_of_what_waits_takes_in_what_waits(app: Flask, lab: Cast) -> None:
    feed(lab, "sora", Scope.WAITING, takes=replace(Takes(), waiting=False))
    assert _last().waiting


@on_sqlite
@pytest.mark.parametrize(
    ("name", "page", "about"),
    [
        ("hana", "/resources/tsukuba-plain", "resource:tsukuba-plain"),
        ("hana", "/resources", "area:tsukuba/imaging"),
        ("hana", "/bookings", "mine"),
        ("sora", "/sites/tsukuba/day", "site:tsukuba"),
        ("sora", "/sites/tsukuba/week", "site:tsukuba"),
        ("sora", "/inbox", "waiting"),
        ("mio", "/sites/tsukuba/groups/readers", "group:readers"),
    ],
)
def test_pages_lead_to_the_form_with_the_choice_made(app: Flask, lab: Cast, name: str, page: str, about: str) -> None:
    group_of("tsukuba-plain")
    visitor = Visitor(app, name)
    links = re.findall(r'href="(/feeds\?about=[^"#]+)#new-feed"', visitor.get(page).text)
    chosen = [re.findall(r'<option selected value="([^"]+)"', visitor.get(link).text)[0] for link in links]
    assert about in chosen


@on_sqlite
def test_a_site_is_offered_to_its_staff_alone(app: Flask, lab: Cast) -> None:
    for name in ("hana", "sam"):
        assert "about=site" not in Visitor(app, name).get("/sites/tsukuba/day").text
