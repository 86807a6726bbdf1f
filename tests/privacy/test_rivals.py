"""Nobody reads Aoba's words but those whose business they are: every page, feed, error, header and redirect."""

from __future__ import annotations

from flask import Flask

from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.privacy.planting import Plants, told
from tests.privacy.reading import feeds_of, read_by, spelled

AT_CAMBRIDGE = ("Cambridge",)
AREA = "area:tsukuba/imaging"


def secrets_from(plants: Plants, viewer: str | None) -> list[str]:
    """What this viewer must never get: for staff of Cambridge, all that is at Tsukuba."""
    if viewer != "sam":
        return plants.all
    allowed = ("Binturong", "Fossa", "Capybara Bio", "カピバラ")
    there = plants.of(*(name for name in plants.names if name not in AT_CAMBRIDGE))
    return [word for word in [*there, *plants.about_aoba] if word not in allowed]


def test_the_owner_finds_every_planted_word(app: Flask, lab: Cast, plants: Plants) -> None:
    hana = Visitor(app, "hana")
    found = b"".join(read_by(hana).values())
    found += spelled(hana.get(f"/feeds/{plants.token}/mine.ics"))
    own = [name for name in plants.names if name not in ("Colleague", "Cambridge")]
    expected = [word for name in own for word in (*plants.words[name], plants.requests[name], plants.uids[name])]
    expected += [
        plants.bookings["Approved"],
        plants.bookings["Waiting"],
        "Axolotl",
        "Pangolin",
        "Capybara Bio",
        "クマムシ",
    ]
    assert sorted(told(expected, found)) == sorted(expected)


def test_no_feed_of_a_rival_tells(app: Flask, lab: Cast, plants: Plants) -> None:
    ben = Visitor(app, "ben")
    bodies = {name: spelled(ben.get(path)) for name, path in feeds_of(lab, "ben").items()}
    assert {name: words for name, body in bodies.items() if (words := told(plants.all, body))} == {}
    assert all(b"SUMMARY:Busy" in bodies[f"{about} full"] for about in ("tsukuba-plain", "group:all-of-them", AREA))
    assert all(b"Secret suite" not in body for body in bodies.values())


@on_sqlite
def test_no_feed_of_the_other_sites_staff_tells_anything_of_this_one(app: Flask, lab: Cast, plants: Plants) -> None:
    calendar = Visitor(app)
    bodies = {name: spelled(calendar.get(path)) for name, path in feeds_of(lab, "sam").items()}
    assert {name: found for name, body in bodies.items() if (found := told(secrets_from(plants, "sam"), body))} == {}
    theirs = {name for name, body in bodies.items() if told(plants.words["Cambridge"], body)}
    assert theirs == {f"{about} full" for about in ("site:cambridge", "group:all-of-them", "area:cambridge/imaging")}
    assert b"SUMMARY:Busy" in bodies["group:all-of-them full"]


@on_sqlite
def test_a_conflict_with_a_foreign_booking_says_only_that_the_time_is_held(
    app: Flask, lab: Cast, plants: Plants
) -> None:
    ben = Visitor(app, "ben")
    for slug in ("tsukuba-plain", "tsukuba-asked"):
        answer = ben.book(slug, "2026-11-24T10:00", "2026-11-24T11:00")
        assert answer.status_code == 409
        assert "Someone else holds this time, or the buffer around it." in answer.text
        assert told(plants.all, spelled(answer)) == []


@on_sqlite
def test_the_partner_of_a_joint_project_sees_its_bookings_and_no_others(app: Flask, lab: Cast, plants: Plants) -> None:
    chika = Visitor(app, "chika")
    read = b"".join(read_by(chika).values())
    read += b"".join(spelled(chika.get(path)) for path in feeds_of(lab, "chika").values())
    others = plants.of(*(name for name in plants.names if name != "Joint"))
    assert told(others, read) == []
    joint = [*plants.words["Joint"], plants.requests["Joint"], plants.uids["Joint"]]
    assert sorted(told(joint, read)) == sorted(joint)


@on_sqlite
def test_a_colleague_sees_all_of_the_partners_bookings(app: Flask, lab: Cast, plants: Plants) -> None:
    alan = Visitor(app, "alan")
    read = b"".join(read_by(alan).values())
    drawn = ("Approved", "Waiting", "Wished", "Joint", "Colleague", "Cambridge", "Hidden")
    assert {name for name in drawn if not told(plants.words[name][:1], read)} == set()


@on_sqlite
def test_someone_whose_agreement_ended_is_told_so_and_nothing_else(app: Flask, lab: Cast, plants: Plants) -> None:
    dora = Visitor(app, "dora")
    assert "No access at present" in dora.get("/").text
    for path in (
        "/sites/tsukuba/day",
        "/sites/tsukuba/week",
        "/resources/tsukuba-plain",
        "/resources/tsukuba-plain/book",
    ):
        assert dora.get(path).status_code == 404
    assert "tsukuba-plain" not in dora.get("/resources").text + dora.get("/feeds").text
