"""The panel beside the form: every rule with whose it is, the numbers, and what would do instead."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.core.calendar import Span
from labbook.core.facts import Effect, Waives
from labbook.core.language import Words
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.apart import Apart
from labbook.core.limits.bookings import Bookings
from labbook.core.limits.counting import Subject
from labbook.core.weekly import Stretch, When
from labbook.db import db
from labbook.models import Partner
from tests.browsing import Visitor, form_of, on_sqlite, times
from tests.cast import Cast
from tests.ruling import add_group, add_rules
from tests.statements import counted

PEAK = When((Stretch(frozenset(range(5)), 9 * 60, 19 * 60),), name=Words("peak", "ピーク時間"))
WEEK = Allowance(most=4 * 60, span=Span.WEEK, subject=Subject.PARTNER, when=PEAK)
NAME = Words("Peak hours at Tsukuba", "つくばのピーク時間")
TEN, ELEVEN, NOON, TWO = (f"2026-11-24T{hour}:00" for hour in (10, 11, 12, 14))


def words_of(page: TestResponse) -> str:
    """The panel of a page or a fragment as one line of text."""
    text = page.text.partition('id="verdict"')[2].partition("</aside>")[0] or page.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def typed(visitor: Visitor, slug: str, start: str, end: str, **fields: str) -> TestResponse:
    """What the panel says while one types."""
    form = form_of(visitor.get(f"/resources/{slug}/book"), "/book").fields
    return visitor.open(f"/resources/{slug}/findings", method="POST", data={**form, **times(start, end), **fields})


def live(page: TestResponse) -> str:
    """What a screen reader hears of it."""
    (said,) = re.findall(r'role="status">([^<]*)<', page.text.partition('id="verdict"')[2] or page.text)
    return unescape(said)


def links(page: TestResponse) -> dict[str, str]:
    """The panel's offers, by what they are called."""
    found = re.findall(r'class="chip-link" href="([^"]+)">.*?<span>(.*?)</span>', page.text, re.DOTALL)
    return {unescape(label): unescape(url) for url, label in found}


@on_sqlite
def test_a_kept_allowance_is_said_with_its_numbers_and_drawn(app: Flask, lab: Cast) -> None:
    add_rules(lab, WEEK, name=NAME, partner="aoba")
    alan, hana = Visitor(app, "alan"), Visitor(app, "hana")
    assert hana.book("tsukuba-hood", TEN, NOON).status_code == 303
    page = typed(alan, "tsukuba-plain", TEN, ELEVEN)
    said = words_of(page)
    assert "2 h of 4 h used in that week within peak (Mon–Fri 09:00–19:00), 0 min of them by you" in said
    assert "this booking adds 1 h. Rule: Peak hours at Tsukuba 1 h left" in said
    assert 'class="others" style="--w:50.0"' in page.text
    assert live(page) == "Free: it is yours when you send it"


@on_sqlite
def test_a_used_up_allowance_says_whose_rule_it_is_who_may_waive_it_and_what_would_do(app: Flask, lab: Cast) -> None:
    add_rules(lab, WEEK, name=NAME, partner="aoba")
    alan, hana = Visitor(app, "alan"), Visitor(app, "hana")
    assert hana.book("tsukuba-hood", TEN, "2026-11-24T13:00").status_code == 303
    page = typed(alan, "tsukuba-plain", TEN, NOON)
    said = words_of(page)
    assert "Your organisation has used 3 h of 4 h in that week" in said
    assert "this booking needs 2 h" in said
    assert "Rule: Peak hours at Tsukuba · Staff who decide on the request may make an exception." in said
    assert "1 h are left: choose a shorter time, or another day." in said
    assert live(page).startswith("Not possible: 1 rule stands in the way. Nearest time: Tue 24 Nov")
    shorter = links(page)["Shorter: Tue 24 Nov 2026, 10:00–11:00 JST (1 h)"]
    taken = alan.get(shorter)
    assert live(taken) == "Free: it is yours when you send it"
    for url in links(page).values():
        assert 'data-outcome="approved"' in alan.get(url).text


@on_sqlite
def test_the_same_panel_stands_on_the_page_after_sending(app: Flask, lab: Cast) -> None:
    add_rules(lab, WEEK, name=NAME)
    alan = Visitor(app, "alan")
    sent = alan.book("tsukuba-plain", "2026-11-24T09:00", "2026-11-24T14:00")
    assert sent.status_code == 409
    told = typed(alan, "tsukuba-plain", "2026-11-24T09:00", "2026-11-24T14:00")
    assert links(sent) == links(told)
    assert live(sent) == live(told)
    assert "Peak hours at Tsukuba" in words_of(sent)


@on_sqlite
def test_only_one_short_sentence_is_live(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "hana").get("/resources/tsukuba-plain/book")
    panel = page.text.partition('id="verdict"')[2].partition("</aside>")[0]
    assert page.text.count('role="status"') == 1
    assert "aria-live" not in panel
    assert panel.count('role="status"') == 1


@on_sqlite
def test_what_passed_is_listed_and_counted(app: Flask, lab: Cast) -> None:
    add_rules(lab, Bookings(most=9, span=Span.DAY))
    cora = Visitor(app, "cora")
    said = words_of(cora.get(f"/resources/tsukuba-confocal-1/book?from={TEN}&to={NOON}&exact=1"))
    assert "9 rules passed" in said
    assert "You hold the training that it takes." in said
    assert "0 bookings of 9 bookings used on that day; this booking adds 1 booking." in said
    assert "You hold the training" not in words_of(cora.get("/resources/tsukuba-plain/book"))


@on_sqlite
def test_another_unit_is_offered_when_the_chosen_one_is_taken(app: Flask, lab: Cast) -> None:
    hana, ben = Visitor(app, "hana"), Visitor(app, "ben")
    form = hana.get("/resources/tsukuba-hood/book").text
    keys = re.findall(r'<option[^>]*value="([\w-]{10,})"', form)
    assert hana.book("tsukuba-hood", TEN, NOON, unit=keys[0]).status_code == 303
    page = typed(ben, "tsukuba-hood", TEN, NOON, unit=keys[0])
    url = links(page)["2, at the same time"]
    assert f"unit={keys[1]}" in url
    assert live(ben.get(url)) == "Free: it is yours when you send it"


@on_sqlite
def test_a_comparable_resource_is_offered_if_the_reader_may_see_and_book_it(app: Flask, lab: Cast) -> None:
    add_group("tsukuba-plain", "tsukuba-hood", "tsukuba-secret", "tsukuba-confocal-1", "tsukuba-daytime")
    assert Visitor(app, "hana").book("tsukuba-plain", TEN, NOON).status_code == 303
    page = typed(Visitor(app, "ben"), "tsukuba-plain", TEN, NOON)
    alike = [label for label in links(page) if label.endswith(", at the same time")]
    assert alike == ["Confocal, at the same time", "Hood, at the same time", "Workshop, at the same time"]
    assert "Secret" not in page.text
    alan = typed(Visitor(app, "alan"), "tsukuba-plain", TEN, NOON)  # without the training, but shown the secret suite
    same_time = [label for label in links(alan) if label.endswith(", at the same time")]
    assert same_time == ["Hood, at the same time", "Secret suite, at the same time", "Workshop, at the same time"]
    for url in links(page).values():
        assert 'data-outcome="approved"' in Visitor(app, "ben").get(url).text


@on_sqlite
def test_the_panel_is_japanese_for_japanese_readers(app: Flask, lab: Cast) -> None:
    add_rules(lab, WEEK, Bookings(most=0, span=Span.DAY, waives=Waives.MANAGER), name=NAME)
    add_group("tsukuba-plain", "tsukuba-hood")
    hana = Visitor(app, "hana")
    assert hana.book("tsukuba-hood", TEN, NOON).status_code == 409
    page = typed(hana, "tsukuba-plain", "2026-11-24T09:00", "2026-11-24T14:00")
    said = words_of(page)
    assert live(page).startswith("予約できません：2件の規則に合いません")
    assert "規則：つくばのピーク時間" in said
    assert "その週のうちピーク時間（月～金 09:00～19:00）は、所属機関が4時間のうち0分を使用しています" in said
    assert "拠点のマネージャーが例外を認めることができます。" in said
    assert not re.search(r"[A-Za-z]{4,} [a-z]{3,}", said)


@on_sqlite
def test_rivals_read_no_numbers_of_another_partner(app: Flask, lab: Cast) -> None:
    """Each partner's own use is said to its people only, in the panel of a joint project's other partner too."""
    add_rules(lab, WEEK, name=NAME)
    assert Visitor(app, "hana").book("tsukuba-hood", TEN, "2026-11-24T13:00").status_code == 303
    for name in ("ben", "chika"):
        said = words_of(typed(Visitor(app, name), "tsukuba-plain", TEN, ELEVEN))
        assert "3 h of 4 h" not in said
        assert "3時間を使用" not in said
        assert "4 h" in said or "4時間のうち0分" in said
    two = Visitor(app, "two")
    form = two.get("/resources/tsukuba-plain/book").text
    keys = {one.slug: one.key for one in db.session.scalars(select(Partner))}
    assert keys["cedar"] in form
    assert "3 h of 4 h" in words_of(typed(two, "tsukuba-plain", TEN, ELEVEN, partner=keys["aoba"]))
    assert "0 min of 4 h" in words_of(typed(two, "tsukuba-plain", TEN, ELEVEN, partner=keys["cedar"]))


@on_sqlite
def test_partners_kept_apart_read_nothing_of_it(app: Flask, lab: Cast) -> None:
    keys = {one.slug: one.key for one in db.session.scalars(select(Partner))}
    apart = Apart(partners=frozenset({keys["aoba"], keys["birch"]}))
    before = words_of(typed(Visitor(app, "ben"), "tsukuba-plain", TEN, NOON))
    add_rules(lab, apart, name=Words("Aoba and Birch apart", "青葉とバーチ"))
    assert words_of(typed(Visitor(app, "ben"), "tsukuba-plain", TEN, NOON)) == before
    assert Visitor(app, "hana").book("tsukuba-hood", TEN, NOON).status_code == 303
    page = typed(Visitor(app, "ben"), "tsukuba-plain", TEN, NOON)
    assert "Your organisation cannot be here at that time." in words_of(page)
    assert "apart" not in page.text
    assert "Aoba" not in page.text
    free = [url for url in links(page).values() if url.startswith("/resources/tsukuba-plain")]
    assert free
    assert all('data-outcome="approved"' in Visitor(app, "ben").get(url).text for url in free)


@on_sqlite
def test_the_move_form_explains_the_same_way(app: Flask, lab: Cast) -> None:
    add_rules(lab, WEEK, name=NAME)
    alan = Visitor(app, "alan")
    made = alan.get(alan.book("tsukuba-plain", TEN, NOON).headers["Location"])
    (key,) = set(re.findall(r"/bookings/([\w-]+)/move", made.text))
    page = alan.get(f"/bookings/{key}/move")
    moved = alan.submit(page, "/move", **times("2026-11-24T12:00", "2026-11-24T17:00"))
    assert moved.status_code == 409
    said = words_of(moved)
    assert "Your organisation has used 0 min of 4 h" in said  # its own hours do not count against it
    assert "Shorter: Tue 24 Nov 2026, 12:00–16:00 JST (4 h)" in links(moved)


@on_sqlite
@pytest.mark.parametrize("effect", [Effect.REVIEW, Effect.NOTE])
def test_a_rule_that_does_not_refuse_says_what_follows(app: Flask, lab: Cast, effect: Effect) -> None:
    add_rules(lab, Bookings(most=0, span=Span.DAY, effect=effect), name=NAME)
    page = typed(Visitor(app, "alan"), "tsukuba-plain", TEN, NOON)
    assert (
        live(page)
        == {
            Effect.REVIEW: "Possible: staff will decide",
            Effect.NOTE: "Free: it is yours when you send it",
        }[effect]
    )
    assert "Rule: Peak hours at Tsukuba" in words_of(page)
    assert "make an exception" not in words_of(page)


@on_sqlite
def test_the_panel_takes_a_bounded_number_of_statements(app: Flask, lab: Cast) -> None:
    """However many resources are alike, and however much was booked."""
    alan = Visitor(app, "alan")

    def sent() -> int:
        typed(alan, "tsukuba-plain", TEN, NOON)
        with counted() as statements:
            typed(alan, "tsukuba-plain", TEN, NOON)
        return len(statements)

    add_rules(lab, WEEK, Bookings(most=0, span=Span.DAY), name=NAME)
    few = sent()
    for number in range(5):
        add_rules(lab, Bookings(most=number, span=Span.AHEAD), WEEK, name=NAME)
    for hour in (20, 21, 22):
        Visitor(app, "hana").book("tsukuba-bench", f"2026-12-{hour}T00:00", f"2026-12-{hour}T00:00")
    assert sent() == few
    add_group(
        "tsukuba-plain", "tsukuba-hood", "tsukuba-secret", "tsukuba-confocal-1", "tsukuba-daytime", "tsukuba-asked"
    )
    many = sent()
    assert many <= few + 2 * 15  # the form and the findings, however many resources there are
    add_group("tsukuba-plain", "tsukuba-sorter", "tsukuba-bench", "cambridge-scope")
    assert sent() <= many
