"""The way through the pages: five places at hand on a phone, the others in one's menu, and where one is said once."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast

pytestmark = on_sqlite
MOST = 5


def places(page: str) -> list[tuple[str, bool]]:
    """Where the main navigation leads, and whether it does on a phone."""
    nav = page[page.index('class="main-nav"') : page.index("</nav>", page.index('class="main-nav"'))]
    items = re.findall(r"<li([^>]*)><a href=\"([^\"]+)\"", nav)
    return [(target, "wide-only" not in marks) for marks, target in items]


@pytest.mark.parametrize("who", ["hana", "alan", "sora", "mio", "ada"])
def test_a_phone_has_five_places_at_hand_and_the_menu_has_the_others(app: Flask, lab: Cast, who: str) -> None:
    visitor = Visitor(app, who)
    page = visitor.get("/resources").text
    found = places(page)
    assert 0 < sum(on_phone for _, on_phone in found) <= MOST
    menu = page[page.index('class="person menu"') :]
    for target, on_phone in found:
        assert visitor.get(target).status_code == 200, target
        assert on_phone or f'href="{target}"' in menu, target


@pytest.mark.parametrize("path", ["/", "/resources", "/bookings", "/feeds", "/sites/tsukuba/day", "/now"])
def test_a_page_says_where_one_is_once(app: Flask, lab: Cast, path: str) -> None:
    page = Visitor(app, "alan").get(path).text
    nav = page[page.index('class="main-nav"') : page.index("</nav>", page.index('class="main-nav"'))]
    assert nav.count('aria-current="page"') == 1


def test_the_menu_of_staff_leads_to_closures_rules_and_signs_of_where_they_work(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    for look_at in ("/sites/tsukuba/day", "/sites/cambridge/day"):
        page = sora.get(look_at).text
        menu = page[page.index('class="person menu"') :]
        for target in ("/sites/tsukuba/closures", "/sites/tsukuba/rules", "/sites/tsukuba/signs"):
            assert f'href="{target}"' in menu, (look_at, target)
            assert sora.get(target).status_code == 200
    assert "/closures" not in Visitor(app, "alan").get("/").text
