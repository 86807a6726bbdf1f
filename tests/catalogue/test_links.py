"""Managers say what a resource contains, requires and offers; what cannot be is refused beside its field."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.links import LinkKind
from labbook.db import db
from labbook.models import Event, Hold, Resource, ResourceLink, Unit
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast

PATH = "/resources/tsukuba-plain/links"


def stored(slug: str = "tsukuba-plain") -> list[tuple[str, str, int]]:
    """The links of a resource: their kind, the other one, how many of it."""
    db.session.remove()
    other = select(ResourceLink.kind, Resource.slug, ResourceLink.pieces).join(
        Resource, Resource.id == ResourceLink.other_id
    )
    of_it = select(Resource.id).where(Resource.slug == slug).scalar_subquery()
    rows = db.session.execute(other.where(ResourceLink.resource_id == of_it).order_by(Resource.id))
    return [(str(kind), name, pieces) for kind, name, pieces in rows]


def tie(visitor: Visitor, kind: str, other: str, pieces: str = "1", *, path: str = PATH, **more: str) -> Any:
    """Open the page and make a link."""
    return visitor.submit(visitor.get(path), path, kind=kind, other=other, pieces=pieces, **more)


def held(slug: str) -> int:
    """How many holds lie on the units of a resource."""
    db.session.remove()
    return len(
        db.session.scalars(
            select(Hold.id).join(Unit, Unit.id == Hold.unit_id).join(Resource).where(Resource.slug == slug)
        ).all()
    )


def test_a_manager_links_resources_and_takes_a_link_away(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert PATH in mio.get("/resources/tsukuba-plain").text
    for kind, other, pieces in (("requires", "tsukuba-hood", "2"), ("offers", "tsukuba-asked", "1")):
        assert tie(mio, kind, other, pieces).headers["Location"] == PATH
    assert stored() == [("offers", "tsukuba-asked", 1), ("requires", "tsukuba-hood", 2)]
    page = Visitor(app, "alan").get("/resources/tsukuba-plain").text
    assert "Requires" in page and "Hood" in page and "2 units" in page and "Offers" in page
    assert "Is required by" in Visitor(app, "alan").get("/resources/tsukuba-hood").text
    assert mio.post(f"{PATH}/remove", other="tsukuba-hood", version="3").status_code == 303
    assert stored() == [("offers", "tsukuba-asked", 1)]
    events = db.session.scalars(select(Event).where(Event.code.like("resource-%linked")).order_by(Event.id)).all()
    assert [(one.code, (one.detail.body or {}).get("link")) for one in events] == [
        ("resource-linked", "requires 2 tsukuba-hood"),
        ("resource-linked", "offers 1 tsukuba-asked"),
        ("resource-unlinked", "requires tsukuba-hood"),
    ]


def test_bookings_to_come_hold_it_too_as_far_as_it_is_free(app: Flask, lab: Cast) -> None:
    alan, mio = Visitor(app, "alan"), Visitor(app, "mio")
    alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00")
    alan.book("tsukuba-plain", "2026-11-24T13:00", "2026-11-24T14:00")
    Visitor(app, "ben").book("tsukuba-asked", "2026-11-24T13:00", "2026-11-24T14:00")
    before = held("tsukuba-asked")
    page = mio.get(tie(mio, "contains", "tsukuba-asked").headers["Location"]).text
    assert held("tsukuba-asked") == before + 1
    assert "1" in page and 'class="flash flash-warning"' in page  # one of them stands without it
    assert Visitor(app, "ben").book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T11:00").status_code == 409
    mio.submit(mio.get(PATH), "/links/remove", other="tsukuba-asked")
    assert held("tsukuba-asked") == before


@on_sqlite
@pytest.mark.parametrize(
    ("kind", "other", "pieces"),
    [
        ("requires", "tsukuba-hood", "4"),  # it has three
        ("requires", "tsukuba-hood", "0"),
        ("requires", "tsukuba-hood", "many"),
        ("requires", "tsukuba-plain", "1"),  # itself
        ("requires", "cambridge-plain", "1"),  # elsewhere
        ("likes", "tsukuba-hood", "1"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(app: Flask, lab: Cast, kind: str, other: str, pieces: str) -> None:
    mio = Visitor(app, "mio")
    answer = tie(mio, kind, other, pieces)
    assert answer.status_code == 422
    assert 'class="errors"' in answer.text
    assert stored() == []


@on_sqlite
def test_links_never_lead_in_a_circle(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    chain = ("plain", "hood", "asked", "plain")
    for one, (this, other) in enumerate(pairwise(chain)):
        kind = ("contains", "requires", "offers")[one]
        answer = tie(mio, kind, f"tsukuba-{other}", path=f"/resources/tsukuba-{this}/links")
        assert answer.status_code == (422 if other == "plain" else 303)
    assert "循環" in answer.text
    assert stored("tsukuba-asked") == []
    assert tie(mio, "offers", "tsukuba-hood").status_code == 422  # they are linked already


@on_sqlite
def test_from_an_old_page_nothing_is_changed(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    page = mio.get(PATH)
    assert mio.submit(page, PATH, kind="contains", other="tsukuba-hood", pieces="1").status_code == 303
    assert mio.submit(page, PATH, kind="contains", other="tsukuba-asked", pieces="1").status_code == 409
    assert stored() == [("contains", "tsukuba-hood", 1)]
    old = mio.get(PATH)
    assert mio.submit(old, "/links/remove").status_code == 303
    assert mio.submit(old, "/links/remove").status_code in (404, 409)  # twice


@on_sqlite
@pytest.mark.parametrize(("who", "status"), [("sora", 403), ("hana", 403), ("sam", 403), ("audrey", 403)])
def test_links_are_for_the_site_s_managers(app: Flask, lab: Cast, who: str, status: int) -> None:
    assert Visitor(app, who).get(PATH).status_code == status
    assert "/links" not in Visitor(app, who).get("/resources/tsukuba-plain").text


def test_kinds_of_links_are_stored_by_these_names() -> None:
    assert [str(one) for one in LinkKind] == ["contains", "requires", "offers"]
