"""What the README says is true."""

from __future__ import annotations

import re

import pytest

from labbook.core.permissions import ALLOWED, Do
from labbook.core.rules import RULES
from labbook.settings import config
from tests.house.tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", config.SETTINGS, ids=lambda setting: str(setting.name))
def test_every_setting_is_explained(setting: config.Setting) -> None:
    assert f"| `{setting.name}` |" in README
    assert setting.meaning in README


def test_no_setting_is_explained_that_does_not_exist() -> None:
    known = {setting.name for setting in config.SETTINGS}
    assert set(re.findall(r"LABBOOK_[A-Z_]+", README)) - known == set()


def test_every_picture_and_path_exists() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert len(pictures) >= 4
    assert [one for one in pictures if not (ROOT / one).is_file()] == []


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.M)) - targets == set()


def test_everything_that_permission_is_asked_for_has_a_row() -> None:
    assert set(ALLOWED) == set(Do)
    assert all(ALLOWED.values())


@pytest.mark.parametrize("code", RULES)
def test_every_rule_says_what_it_is_about(code: str) -> None:
    _, rule = RULES[code]
    assert rule.__doc__
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
