"""The Chromium of the browser tests: which, how it is started, and what it believes of the world."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WAYS = ("without script", "by keys")  # of doing a task
QUIET = (
    "--no-sandbox",  # Chromium refuses root without it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chosen() -> dict[str, Any]:
    """What tools/browser.py found; LABBOOK_CHROMIUM still comes first."""
    file = ROOT / ".cache" / "chromium.path"
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    if own := os.environ.get("LABBOOK_CHROMIUM"):
        return {"node": found.get("node"), "path": own}
    return found


if node := chosen().get("node"):
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", node)


# A browser that goes on to the next page drops what it was fetching, and the development server its open file with it.
DROPPED = "ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.filterwarnings(DROPPED))
    _take_ways_in_turn(items)


def _take_ways_in_turn(items: list[pytest.Item]) -> None:
    """Each task is done in one way by `make test`, in turn; in the other by `make soak`."""
    tasks: dict[str, int] = {}
    for item in items:
        call = getattr(item, "callspec", None)
        if item.path.name == "test_every_task.py" and call is not None and "way" in call.params:
            name = getattr(item, "originalname", item.name)
            number = tasks.setdefault(name, len(tasks))
            if call.params["way"] != WAYS[number % len(WAYS)]:
                item.add_marker(pytest.mark.soak)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    browser = chosen()
    if "path" not in browser:
        sentence = "no Chromium: run `make test`, or set LABBOOK_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(sentence, pytrace=False)
        pytest.skip(sentence)
    environment = {**os.environ, **browser.get("env", {})}
    return {**browser_type_launch_args, "executable_path": browser["path"], "env": environment, "args": list(QUIET)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """London is no site's zone, so every leak of the browser's own time shows."""
    return {**browser_context_args, "timezone_id": "Europe/London", "locale": "en-GB"}
