"""The locks pin everything by hash and name no registry, and nothing of anybody else's is committed."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import PurePath
from typing import Any

import pytest

from tests.house.tree import ROOT, tracked

REQUIREMENTS = ("requirements/app.txt", "requirements/dev.txt")
BUILT = {".whl", ".so", ".dll", ".dylib", ".exe", ".jar", ".woff", ".woff2", ".ttf", ".otf", ".map", ".mo", ".pyc"}
FOREIGN = re.compile(r"@licen[cs]e\b|sourceMapping[U]RL=|Copyright [(]c[)] (?!2026 The LabBook authors)", re.IGNORECASE)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins(name: str) -> list[str]:
    """One string for each requirement, hashes included."""
    return [line for line in text(name).replace("\\\n", " ").splitlines() if line and not line.startswith("#")]


def pinned(name: str) -> dict[str, str]:
    return dict(line.split()[0].split("==") for line in pins(name))


def packages() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(text("package-lock.json"))["packages"]
    return found


@pytest.mark.parametrize("name", [*REQUIREMENTS, "package-lock.json", "package.json", ".npmrc", "pyproject.toml"])
def test_no_lock_names_a_host(name: str) -> None:
    assert not re.findall(r"(?:https?|file)://\S+", text(name))
    assert not re.findall(r"^\s*(?:--(?:extra-)?index-url|--find-links|registry\s*=).*", text(name), re.MULTILINE)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_python_pin_has_a_hash(name: str) -> None:
    pattern = re.compile(r"[a-z0-9][a-z0-9.-]*==\S+( ; .+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert [line for line in pins(name) if not pattern.fullmatch(line)] == []


def test_every_npm_pin_has_a_hash() -> None:
    loose = [name for name, package in packages().items() if name and "sha512-" not in package.get("integrity", "")]
    assert loose == []


def test_app_and_dev_pin_the_same_versions() -> None:
    assert pinned("requirements/app.txt").items() <= pinned("requirements/dev.txt").items()


def test_the_locks_know_every_declared_package() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    declared = {"requirements/app.txt": project["project"]["dependencies"]}
    declared["requirements/dev.txt"] = project["dependency-groups"]["dev"]
    for lock, wanted in declared.items():
        names = {re.split(r"[^A-Za-z0-9.-]", line)[0].lower() for line in wanted}
        assert names - set(pinned(lock)) == set(), f"{lock}: run `make lock`"
    manifest, root = json.loads(text("package.json")), packages()[""]
    for part in ("dependencies", "devDependencies", "optionalDependencies"):
        assert manifest[part] == root[part], "package-lock.json: run `make lock`"


def test_nothing_built_or_foreign_is_in_git() -> None:
    def is_foreign(path: PurePath) -> bool:
        return bool({"vendor", "node_modules"} & set(path.parts)) or path.suffix in BUILT or ".min." in path.name

    assert [path for path in tracked() if is_foreign(PurePath(path))] == []


def test_every_copyright_line_in_git_is_ours() -> None:
    readable = {"", ".css", ".html", ".js", ".md", ".po", ".py", ".svg", ".txt"}
    ours = [path for path in tracked() if PurePath(path).suffix in readable]
    assert [path for path in ours if FOREIGN.search(text(path))] == []
