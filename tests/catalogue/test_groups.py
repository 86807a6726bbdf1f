"""Groups of resources: managers keep them, each for the resources of their own sites."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.catalogue import groups, service
from labbook.catalogue.service import GroupDraft
from labbook.core.language import Words
from labbook.core.permissions import ForbiddenError, NotFoundError
from labbook.db import db, transactional
from labbook.models import Event, Resource, ResourceGroup, ResourceGroupMember
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast

LIST = "/sites/tsukuba/groups"
PAGE = f"{LIST}/readers"


def members(slug: str = "readers") -> set[str]:
    """What is in a group, seen by nobody in particular."""
    db.session.remove()
    return set(
        groups.member_slugs(db.session.scalars(select(ResourceGroup.id).where(ResourceGroup.slug == slug)).one())
    )


def codes() -> list[str]:
    """What happened to groups."""
    db.session.remove()
    return list(db.session.scalars(select(Event.code).where(Event.code.startswith("group-")).order_by(Event.id)))


@transactional
def put(slug: str, *resources: str) -> None:
    """A group that is there already."""
    group = ResourceGroup(slug=slug, name=Words(slug.title(), ""))
    db.session.add(group)
    db.session.flush()
    ids = db.session.scalars(select(Resource.id).where(Resource.slug.in_(resources)))
    db.session.add_all(ResourceGroupMember(group_id=group.id, resource_id=one) for one in ids.all())


def send(visitor: Visitor, page: TestResponse, path: str, ticked: list[str], **changes: str) -> TestResponse:
    """Send a form with these resources ticked and no others."""
    fields = {name: one for name, one in form_of(page, path).fields.items() if name != "members"}
    return visitor.open(path, method="POST", data={**fields, **changes, "members": ticked})


def test_a_manager_makes_a_group_and_changes_it(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert LIST in mio.get("/sites/tsukuba/settings").text
    made = send(mio, mio.get(LIST), LIST, ["tsukuba-plain", "tsukuba-hood"], name_en="Readers", name_ja="リーダー")
    assert made.headers["Location"] == PAGE
    assert members() == {"tsukuba-plain", "tsukuba-hood"}
    assert "リーダー" in mio.get(LIST).text
    assert send(mio, mio.get(PAGE), PAGE, ["tsukuba-plain", "tsukuba-asked"], name_en="Plates").status_code == 303
    assert members() == {"tsukuba-plain", "tsukuba-asked"}
    assert codes() == ["group-made", "group-set"]


@on_sqlite
def test_the_same_again_changes_nothing(app: Flask, lab: Cast) -> None:
    put("readers", "tsukuba-plain")
    mio = Visitor(app, "mio")
    assert send(mio, mio.get(PAGE), PAGE, ["tsukuba-plain"]).status_code == 303
    assert codes() == []


@on_sqlite
def test_two_of_one_name_are_two_groups(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    paths = {send(mio, mio.get(LIST), LIST, ["tsukuba-plain"], name_en="Readers").headers["Location"] for _ in range(2)}
    assert len(paths) == 2


def test_a_page_that_is_out_of_date_changes_nothing(app: Flask, lab: Cast) -> None:
    put("readers", "tsukuba-plain")
    mio = Visitor(app, "mio")
    old = mio.get(PAGE)
    assert send(mio, old, PAGE, ["tsukuba-hood"]).status_code == 303
    answer = send(mio, old, PAGE, ["tsukuba-asked"])
    assert answer.status_code == 409
    assert members() == {"tsukuba-hood"}
    assert send(mio, answer, PAGE, ["tsukuba-asked"]).status_code == 303


@on_sqlite
def test_resources_of_other_sites_are_shown_and_kept(app: Flask, lab: Cast) -> None:
    put("readers", "tsukuba-plain", "cambridge-scope")
    mio = Visitor(app, "mio")
    page = mio.get(PAGE)
    assert "Microscope（拠点：Cambridge）" in page.text
    assert 'value="cambridge-scope"' not in page.text
    assert send(mio, page, PAGE, []).status_code == 303
    assert members() == {"cambridge-scope"}
    assert 'name="name_en"' not in mio.get(PAGE).text  # nothing of hers is in it any more
    assert send(mio, mio.get(PAGE), PAGE, ["tsukuba-hood"], name_en="Mine").status_code == 303
    db.session.remove()
    assert db.session.scalars(select(ResourceGroup.name)).one().en == "Readers"
    assert send(mio, mio.get(PAGE), PAGE, ["cambridge-scope"]).status_code == 422
    with pytest.raises(NotFoundError):
        draft = GroupDraft(Words("Mine", ""), frozenset({"cambridge-scope"}))
        service.set_group(lab.actor("mio"), "tsukuba", "readers", draft, version=3, now=NOW)


@on_sqlite
def test_a_group_of_nothing_or_without_a_name_is_none(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    mio.post("/language", language="en")
    empty = send(mio, mio.get(LIST), LIST, [])
    assert empty.status_code == 422
    assert "Give the group a name in at least one language." in empty.text
    assert "Choose at least one resource" in empty.text
    put("readers", "tsukuba-plain")
    assert send(mio, mio.get(PAGE), PAGE, []).status_code == 422
    assert send(mio, mio.get(PAGE), PAGE, ["tsukuba-plain"], name_en="", name_ja="").status_code == 422
    assert members() == {"tsukuba-plain"}


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [("sora", 403), ("sam", 403), ("hana", 403), ("ben", 403), ("ada", 403), ("audrey", 403), ("dora", 404)],
)
def test_groups_are_for_the_managers_of_the_site_alone(app: Flask, lab: Cast, name: str, status: int) -> None:
    put("readers", "tsukuba-plain")
    visitor = Visitor(app, name)
    for path in (LIST, PAGE):
        assert visitor.get(path).status_code == status
        sent = visitor.post(path, name_en="Mine", members="tsukuba-hood", version="1")
        assert sent.status_code == status
    assert members() == {"tsukuba-plain"}


@on_sqlite
def test_what_one_may_not_see_is_in_no_list(app: Flask, lab: Cast) -> None:
    put("secrets", "tsukuba-secret")
    put("both", "tsukuba-secret", "tsukuba-plain")
    assert [group.slug for group, _ in groups.groups_for(lab.actor("ben"))] == ["both"]
    [(_, seen)] = groups.groups_for(lab.actor("ben"))
    assert [one.resource.slug for one in seen] == ["tsukuba-plain"]
    assert [group.slug for group, _ in groups.groups_for(lab.actor("hana"))] == ["secrets", "both"]
    assert Visitor(app, "mio").get(f"{LIST}/nothing").status_code == 404


@on_sqlite
def test_it_is_all_said_in_japanese(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    mio.post("/language", language="ja")
    page = mio.get(LIST)
    assert "設備グループ" in page.text and "グループはまだありません" in page.text
    assert "空のグループは作れません" in send(mio, page, LIST, []).text


@on_sqlite
@pytest.mark.parametrize("name", ["sora", "ada", "cora"])
def test_the_service_itself_asks_who_it_is(app: Flask, lab: Cast, name: str) -> None:
    with pytest.raises(ForbiddenError):
        draft = GroupDraft(Words("Mine", ""), frozenset())
        service.make_group(lab.actor(name), "tsukuba", draft, now=NOW)
