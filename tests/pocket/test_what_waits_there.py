"""On the spot, where staff decide: the button says so, and what was asked for is not asked for once more by mistake."""

from __future__ import annotations

from flask import Flask

from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast

ASKED, PLAIN = "/resources/tsukuba-asked/now", "/resources/tsukuba-plain/now"


@on_sqlite
def test_lengths_that_staff_decide_on_turn_the_button_into_a_request(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    assert 'class="length asks"' in alan.get(ASKED).text
    assert '<span class="when-asked">Send request</span>' in alan.get(ASKED).text
    assert 'class="length asks"' not in alan.get(PLAIN).text


@on_sqlite
def test_after_asking_more_time_is_folded_away(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(ASKED)
    assert 'class="another"' not in page.text
    assert alan.submit(page, "/now").status_code == 303
    after = alan.get(ASKED).text
    assert "Waiting for staff" in after
    assert 'class="another"' in after
