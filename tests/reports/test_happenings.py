"""Every event that the code can write has words, in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from labbook.core.happenings import HAPPENINGS, KIND_WORDS, Kind
from labbook.core.lifecycle import Action
from tests.house.tree import ROOT, sources


def codes_in(code: str) -> Iterator[str]:
    """The codes of events that a file writes: what `happened` is called with, directly or by a function around it."""
    tree = ast.parse(code)
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "happened"):
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant):
            yield str(first.value)
        elif isinstance(first, ast.JoinedStr):
            assert ast.unparse(first) == "f'booking-{action}'", f"no words for {ast.unparse(first)}"
            yield from (f"booking-{action}" for action in Action)
        elif isinstance(first, ast.Name) and first.id in constants:
            yield constants[first.id]
        elif isinstance(first, ast.Name):
            yield from _passed_on(tree, first.id)
        elif isinstance(first, ast.IfExp):
            yield from (str(part.value) for part in (first.body, first.orelse) if isinstance(part, ast.Constant))
        else:
            pytest.fail(f"cannot tell the code of {ast.unparse(node)[:80]}")


def _passed_on(tree: ast.Module, name: str) -> Iterator[str]:
    """The code comes as an argument of a function of this file: from its calls."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or not any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "happened"
            and isinstance(node.args[0], ast.Name)
            and node.args[0].id == name
            for node in ast.walk(function)
        ):
            continue
        names = [one.arg for one in function.args.args]
        if name not in names:
            continue
        place = names.index(name)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == function.name:
                given = call.args[place] if place < len(call.args) else None
                given = given or next((one.value for one in call.keywords if one.arg == name), None)
                yield from (
                    str(one.value)
                    for one in ast.walk(given or ast.Constant(""))
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )


def all_codes() -> dict[str, str]:
    """Every code with the file that writes it."""
    return {code: str(path) for path in sources(".py") for code in codes_in((ROOT / path).read_text(encoding="utf-8"))}


def test_every_event_that_the_code_writes_has_words() -> None:
    written = all_codes()
    assert {"booking-approve", "request-looked-at", "signed-in", "trail-looked-at", "demo-lived"} <= set(written)
    assert {code: path for code, path in written.items() if code not in HAPPENINGS} == {}


def test_no_words_are_kept_for_what_never_happens() -> None:
    own = "happenings.py"
    code = "".join((ROOT / path).read_text(encoding="utf-8") for path in sources(".py") if path.name != own)
    unused = [name for name in set(HAPPENINGS) - set(all_codes()) if f'"{name}"' not in code]
    assert unused == []


def test_codes_fit_their_column() -> None:
    assert [code for code in HAPPENINGS if len(code) > 40] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_they_are_said_in_both_languages(app: Flask) -> None:
    said = [words for _, words in HAPPENINGS.values()] + list(KIND_WORDS.values())
    with app.test_request_context(), force_locale("ja"):
        assert [words for words in said if gettext(words) == words] == []
    assert set(KIND_WORDS) == set(Kind)
