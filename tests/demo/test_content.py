"""The demo lab's content agrees with itself: every reference resolves, and everything is said in both languages."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from labbook.core import limits
from labbook.core.amount import Amount
from labbook.core.contradictions import Wanted, contradictions
from labbook.core.hours import Cover
from labbook.core.permissions import LAB_ROLES, PARTNER_ROLES, SITE_ROLES, Role
from labbook.core.terms import Asks, ResourceKind
from labbook.core.work import slug_from
from labbook.demo.lab import openings
from labbook.demo.rules import limit_in
from labbook.models.people import PartnerKind
from labbook.models.site import Hours

Row = dict[str, Any]

FILES = ("sites", "catalogue", "trainings", "people", "phrases", "conditions", "desk")
FOLDER = Path(__file__).parents[2] / "labbook" / "demo"
rules: Row = tomllib.loads((FOLDER / "rules.toml").read_text("utf-8"))
SAID: dict[str, Row] = {name: tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")) for name in FILES}

SITES: dict[str, Row] = {row["slug"]: row for row in SAID["sites"]["site"]}
AREAS = {(site, area["slug"]) for site, row in SITES.items() for area in row["area"]}
RESOURCES: list[Row] = SAID["catalogue"]["resource"]
TRAININGS: dict[str, Row] = {row["slug"]: row for row in SAID["trainings"]["training"]}
PARTNERS: dict[str, Row] = {row["slug"]: row for row in SAID["people"]["partner"]}
AGREEMENTS: list[Row] = SAID["people"]["agreement"]
PEOPLE: dict[str, Row] = {row["email"]: row for row in SAID["people"]["person"]}
PROJECTS: list[Row] = SAID["people"]["project"]
RECORDS: list[Row] = SAID["people"]["record"]
PHRASES: list[Row] = SAID["phrases"]["phrase"]

TSUKUBA_ONLY = {15, 19, 21, 22, 25, 27, 32, 34, 35, 36, 39, 41, 43, 53, 54, 55, 56}
CAMBRIDGE_ONLY = {9, 10, 17, 18, 20, 24, 33, 37, 42, 44, 45, 46, 47, 49, 51, 61}
# fmt: off
ICONS = {
    "bench", "cabinet", "incubator", "hood", "pcr", "cycler", "gel", "reader", "cytometer", "sorter",
    "microscope", "imager", "scanner", "histology", "centrifuge", "column", "mass", "nmr", "interaction",
    "sequencer", "robot", "bioreactor", "counter", "dryer", "flask", "autoclave", "freezer", "cryo", "meeting",
    "hall", "people",
}
# fmt: on
AMOUNTS = ("slot", "shortest", "longest", "buffer_before", "buffer_after", "notice", "horizon")
EXTRAS = {"off_peak_longest", "peak_longest", "cancel_before", "check_in", "capacity"}
JAPANESE = "\u3040-\u30ff\u3400-\u9fff"
SENTENCES = {"description", "note", "purpose", "reason"}


def _bilingual(value: Any, path: str = "") -> Iterator[tuple[str, Row]]:
    """Every table that has a language in it, with the way to it."""
    if isinstance(value, dict):
        if value.keys() & {"en", "ja"}:
            yield path, value
        for key, part in value.items():
            yield from _bilingual(part, f"{path}.{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _bilingual(part, f"{path}[{number}]")


def _partners_of(person: Row) -> set[str]:
    return {role["partner"] for role in person["roles"] if "partner" in role}


def _sites_now(partner: str) -> set[str]:
    rows = (row for row in AGREEMENTS if row["partner"] == partner)
    return {row["site"] for row in rows if row["starts_days"] <= 0 <= row["ends_days"]}


def _fits(phrase: Row, resource: Row) -> bool:
    numbers = phrase.get("numbers", [resource["number"]])
    return resource["icon"] in phrase["icons"] and resource["number"] in numbers


def test_everything_is_said_in_both_languages() -> None:
    found = [(path, words) for name in FILES for path, words in _bilingual(SAID[name], name)]
    assert len(found) > 500
    assert not [path for path, words in found if set(words) != {"en", "ja"}]
    assert not [path for path, words in found if not all(text.strip() == text != "" for text in words.values())]
    assert not [path for path, words in found if re.search(f"[{JAPANESE}]", words["en"])]


def test_japanese_sentences_end_and_pause_the_japanese_way() -> None:
    found = [(path, words["ja"]) for name in FILES for path, words in _bilingual(SAID[name], name)]
    sentences = [(path, text) for path, text in found if path.rpartition(".")[2] in SENTENCES]
    assert not [path for path, text in sentences if not text.endswith("。")]
    assert not [path for path, text in found if re.search(f"[{JAPANESE}][,.!?;:()]|[,.()][{JAPANESE}]", text)]


def test_slugs_and_addresses_are_unique() -> None:
    lists: list[list[str]] = [
        [row["slug"] for row in SAID["sites"]["site"]] + [row["slug"] for row in RESOURCES],
        [area["slug"] for row in SAID["sites"]["site"] for area in row["area"]],
        [row["slug"] for row in SAID["trainings"]["training"]],
        [row["slug"] for row in SAID["people"]["partner"]],
        [row["slug"] for row in PROJECTS],
        [row["email"] for row in SAID["people"]["person"]],
        [f"{row['partner']} {row['site']}" for row in AGREEMENTS],
        [f"{row['person']} {row['training']}" for row in RECORDS],
    ]
    assert [[name for name, count in Counter(names).items() if count > 1] for names in lists] == [[]] * len(lists)
    assert not [slug for names in lists[:5] for slug in names if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)]


@pytest.mark.parametrize("site", SITES)
def test_a_site_has_a_zone_and_hours(site: str) -> None:
    row = SITES[site]
    ZoneInfo(row["zone"])
    hours = [*row["hours"], *(one for area in row["area"] for one in area.get("hours", []))]
    for one in hours:
        assert Hours(one["kind"])
        assert "00:00" <= one["opens"] < one["closes"] <= "24:00"
        assert set(one["days"]) <= set(range(7))
    assert [area["position"] for area in row["area"]] == list(range(1, len(row["area"]) + 1))
    assert {area["biosafety"] for area in row["area"]} == {0, 1, 2}


def test_terms_can_be_kept_and_groups_name_what_is_there() -> None:
    slugs = {row["slug"] for row in RESOURCES}
    for group in SAID["catalogue"]["group"]:
        assert len(set(group["members"])) == len(group["members"]) > 1
        assert set(group["members"]) <= slugs
    for row in RESOURCES:
        names = {"before": "buffer_before", "after": "buffer_after"}
        amounts = {
            name: Amount.parse(row[names.get(name, name)])
            for name in ("slot", "shortest", "longest", "before", "after", "notice", "horizon")
        }
        area = next(one for one in SITES[row["site"]]["area"] if one["slug"] == row["area"])
        hours = openings(area.get("hours", SITES[row["site"]]["hours"]))
        assert contradictions(Wanted(amounts, Cover(row["cover"]), row["by_day"], hours)) == {}, row["slug"]
        assert all(one["slug"] == slug_from(one["name"]["en"], ()) for one in row.get("modes", ()))


def test_all_sixty_two_kinds_stand_where_the_catalogue_says() -> None:
    where = {number: {row["site"] for row in RESOURCES if row["number"] == number} for number in range(1, 63)}
    both = set(range(1, 63)) - TSUKUBA_ONLY - CAMBRIDGE_ONLY
    assert {number for number, sites in where.items() if sites == set(SITES)} == both
    assert {number for number, sites in where.items() if sites == {"tsukuba"}} == TSUKUBA_ONLY
    assert {number for number, sites in where.items() if sites == {"cambridge"}} == CAMBRIDGE_ONLY
    assert {row["number"] for row in RESOURCES} == set(range(1, 63))


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda row: row["slug"])
def test_a_resource_is_well_described(resource: Row) -> None:
    assert (resource["site"], resource["area"]) in AREAS
    assert resource["slug"].startswith(f"{resource['site']}-")
    assert ResourceKind(resource["kind"])
    assert Asks(resource["asks"])
    assert Cover(resource["cover"])
    assert resource["icon"] in ICONS
    assert set(resource["extra"]) <= EXTRAS
    assert all(isinstance(text, str) for text in resource["extra"].values())
    assert len(resource["units"]) == len(set(resource["units"])) > 0
    amounts = {name: Amount.parse(resource[name]) for name in AMOUNTS}
    assert amounts["slot"] and amounts["shortest"] and amounts["longest"]
    assert resource["by_day"] == (resource["slot"] in ("1 d", "1 mo"))
    assert resource["holds_on_request"] == (resource["asks"] != "form")


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda row: row["slug"])
def test_the_names_in_a_resource_resolve(resource: Row) -> None:
    site = resource["site"]
    wanted = [TRAININGS[slug] for slug in resource["trainings"]]
    assert resource["trainings"][0] == f"{site}-induction"
    assert all(training["site"] in ("", site) and training["level"] < 3 for training in wanted)
    assert resource.get("hidden", False) == ("visible_to" in resource)
    assert set(resource.get("visible_to", [])) <= set(PARTNERS)
    for email in resource.get("approvers", []):
        assert {"role", "site"} in [set(role) for role in PEOPLE[email]["roles"]]
        assert site in {role.get("site") for role in PEOPLE[email]["roles"]}


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda row: row["slug"])
def test_three_people_could_book_a_resource_for_the_next_five_weeks(resource: Row) -> None:
    held = {(row["person"], row["training"]) for row in RECORDS if row["expires_days"] > 35}
    shown_to = set(resource.get("visible_to", PARTNERS))
    able = [
        email
        for email, person in PEOPLE.items()
        if person.get("active", True)
        and any(resource["site"] in _sites_now(partner) for partner in _partners_of(person) & shown_to)
        and all((email, training) in held for training in resource["trainings"])
    ]
    assert len(able) >= 3


def test_trainings_name_their_level_site_and_duration() -> None:
    for training in TRAININGS.values():
        assert training["level"] in range(4)
        assert training["site"] in ("", *SITES)
        assert not training["valid_for"] or Amount.parse(training["valid_for"])
    used = {slug for resource in RESOURCES for slug in resource["trainings"]}
    assert {slug for slug, row in TRAININGS.items() if row["level"] < 3} == used


def test_partners_are_of_many_kinds_and_one_agreement_has_ended() -> None:
    assert len(PARTNERS) >= 9
    assert {PartnerKind(row["kind"]) for row in PARTNERS.values()} == set(PartnerKind) - {PartnerKind.OTHER}
    assert all(row["partner"] in PARTNERS and row["site"] in SITES for row in AGREEMENTS)
    assert all(row["starts_days"] < 0 and row["starts_days"] < row["ends_days"] for row in AGREEMENTS)
    assert [slug for slug in PARTNERS if not _sites_now(slug)] == ["orrinfield"]
    assert _sites_now("kazemori") == _sites_now("quillfern") == set(SITES)
    for row in AGREEMENTS:
        people = [one for one in PEOPLE.values() if row["partner"] in _partners_of(one)]
        assert 0 < len(people) <= row["places"]


def test_forty_people_hold_all_the_roles() -> None:
    assert len(PEOPLE) == 40
    roles = [(Role(role["role"]), role) for person in PEOPLE.values() for role in person["roles"]]
    for name, role in roles:
        assert (name in PARTNER_ROLES) == (role.get("partner") in PARTNERS)
        assert (name in SITE_ROLES) == (role.get("site") in SITES)
        assert (name in LAB_ROLES) == (set(role) == {"role"})
    assert {(name, role["site"]) for name, role in roles if name in SITE_ROLES} == {
        (name, site) for name in SITE_ROLES for site in SITES
    }
    assert len([one for one in PEOPLE.values() if len(_partners_of(one)) == 2]) == 1
    assert len([one for one in PEOPLE.values() if not one.get("active", True)]) == 1


def test_people_have_names_a_language_and_an_address_that_cannot_exist() -> None:
    for email, person in PEOPLE.items():
        assert re.fullmatch(r"[a-z.]+@[a-z-]+\.example", email)
        assert person["family_name"] and person["given_name"]
        assert person["language"] in ("en", "ja")
        assert person["home_site"] in SITES
        if re.search(f"[{JAPANESE}]", person["family_name"]):
            assert re.fullmatch("[ぁ-ゖー]+ [ぁ-ゖー]+", person["reading"])


def test_the_printed_accounts_show_every_role() -> None:
    shown = [person for person in PEOPLE.values() if person.get("showcase")]
    assert {Role(role["role"]) for person in shown for role in person["roles"]} == set(Role)
    staff = {role["site"] for person in shown for role in person["roles"] if role["role"] == "staff"}
    scientists = [one for one in shown if one["roles"][0]["role"] == "scientist"]
    assert staff == set(SITES)
    assert {(one["language"], one["home_site"]) for one in scientists} >= {("ja", "tsukuba"), ("en", "cambridge")}
    assert {"kazemori", "quillfern"} <= {one["roles"][0]["partner"] for one in scientists}


def test_joint_projects_have_two_partners_that_meet_at_a_site() -> None:
    for project in PROJECTS:
        first, second = project["partners"]
        assert first != second
        assert _sites_now(first) & _sites_now(second)


def test_everybody_from_a_partner_has_an_induction_where_they_work() -> None:
    held = {(row["person"], row["training"]) for row in RECORDS}
    for email, person in PEOPLE.items():
        if _partners_of(person):
            assert (email, f"{person['home_site']}-induction") in held
            contracts = {row["site"] for row in AGREEMENTS if row["partner"] in _partners_of(person)}
            assert person["home_site"] in contracts


def test_training_records_last_as_long_as_the_training_says() -> None:
    days = {"12 mo": 365, "24 mo": 730}
    for row in RECORDS:
        assert row["person"] in PEOPLE
        training = TRAININGS[row["training"]]
        assert row["granted_days"] < 0
        assert row["expires_days"] - row["granted_days"] == days[training["valid_for"]]
    soon = [row for row in RECORDS if row["expires_days"] < 150]
    assert 8 <= len(soon) <= 14
    assert any(row["expires_days"] < 0 for row in soon) and any(row["expires_days"] > 0 for row in soon)


def test_level_three_is_held_by_the_labs_own_people_only() -> None:
    operators = {row["person"] for row in RECORDS if TRAININGS[row["training"]]["level"] == 3}
    assert operators
    assert all(not _partners_of(PEOPLE[email]) for email in operators)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda row: row["slug"])
def test_two_phrases_or_more_fit_a_resource_by_day(resource: Row) -> None:
    assert len([one for one in PHRASES if _fits(one, resource) and not one.get("overnight")]) >= 2


def test_phrases_and_reasons_are_many_and_name_nobody() -> None:
    assert len(PHRASES) >= 80
    assert all(set(one["icons"]) <= ICONS for one in PHRASES)
    assert len({one["title"]["en"] for one in PHRASES}) == len(PHRASES)
    assert min(len(SAID["phrases"][table]) for table in ("decline", "cancel")) >= 8
    said = (FOLDER / "phrases.toml").read_text("utf-8").casefold()
    names = {one["family_name"] for one in PEOPLE.values()} | {row["slug"] for row in PARTNERS.values()}
    assert not [name for name in names if re.search(rf"\b{re.escape(name.casefold())}\b", said)]


def test_every_rule_set_can_be_read_and_says_all_in_both_languages() -> None:
    keys = {slug: slug for slug in PARTNERS}
    ids = [one["id"] for row in rules["set"] for one in row["limits"]]
    assert len(ids) == len(set(ids))
    for row in rules["set"]:
        assert row["name"]["en"] and row["name"]["ja"]
        assert all(limits.read(limit_in(one, keys)) for one in row["limits"])


def test_the_rule_sets_are_of_nearly_every_kind() -> None:
    shown = {one["kind"] for row in rules["set"] for one in row["limits"]}
    assert shown <= set(limits.KINDS)
    assert len(shown) >= 12  # a kind that is new need not be shown
