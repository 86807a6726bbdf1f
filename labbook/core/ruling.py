"""The table of the lab's rules, and how a rule gets into it."""

from __future__ import annotations

from collections.abc import Callable

from .facts import Effect, Facts, Finding, Said, Verdict
from .limits.applied import broken
from .waivers import waives

Rule = Callable[[Facts], Said | None]
RULES: dict[str, tuple[Effect, Rule]] = {}


def rule(code: str, effect: Effect) -> Callable[[Rule], Rule]:
    """Enter a function in the lab's rules under a stable code."""

    def enter(function: Rule) -> Rule:
        RULES[code] = (effect, function)
        return function

    return enter


def judge(facts: Facts) -> Verdict:
    """Ask every rule, then every limit of the rule sets that apply."""
    said = ((code, effect, rule_(facts)) for code, (effect, rule_) in RULES.items())
    found = [Finding(code, effect, one, waives=waives(code)) for code, effect, one in said if one is not None]
    return Verdict((*found, *broken(facts)))
