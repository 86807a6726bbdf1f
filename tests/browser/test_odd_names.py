"""Names that no page was drawn for: without a space, from right to left, of pictures. No page is wider for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select, update

from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Area
from tests.browser.lab import Served, planted
from tests.cast import add_resource

LONG = "Pneumonoultramicroscopicsilicovolcanoconiosisanalyser" * 2
NAMES = (LONG, "超" * 100, "مجهر متحد البؤر للخلايا الحية", "🔬👩🏽‍🔬" * 8, "<b>bold</b> &amp; {{ 7 * 7 }}")
PAGES = (
    "/",
    "/now",
    "/resources",
    "/resources/odd-0",
    "/resources/odd-0/now",
    "/resources/odd-2/now",
    "/resources/odd-0/book",
    "/sites/tsukuba/day",
    "/sites/tsukuba/week",
    "/sites/tsukuba/list",
    "/sites/tsukuba/list?detail=full",
    "/day",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The lab, with such names in it, served."""
    with planted(tmp_path_factory.mktemp("odd")) as served:
        with served.app.app_context():
            _add_odd(served.lab.sites["tsukuba"])
            db.session.remove()
        yield served


@transactional
def _add_odd(site_id: int) -> None:
    for number, name in enumerate(NAMES):
        add_resource(site_id, f"odd-{number}", name=Words(name, ""))
    area = db.session.scalars(select(Area.id).where(Area.site_id == site_id).order_by(Area.id)).first()
    db.session.execute(update(Area).where(Area.id == area).values(name=Words("Ä" * 80, "区" * 80)))


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_screen_whatever_things_are_called(
    browser: Browser, served: Served, width: int
) -> None:
    page = served.page(browser, "hana", "ja", viewport={"width": width, "height": 800})
    for path in PAGES:
        answer = page.goto(served.url + path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.locator("main b:text-is('bold')").count() == 0
