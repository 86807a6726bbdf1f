"""What a resource demands, and the same in plain words."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.amount import Amount, Measure
from labbook.core.hours import Cover
from labbook.core.terms import Asks, ResourceKind, Terms, in_words
from tests.core.cases import BY_DAY, TERMS, amount, terms_with

KEEPS_NOTHING = "A request keeps no time until staff approve it."


def texts(terms: Terms) -> list[str]:
    """The sentences, gaps and all."""
    return [sentence.text for sentence in in_words(terms)]


def test_ordinary_terms_take_five_sentences() -> None:
    assert texts(TERMS) == [
        "Book from %(shortest)s to %(longest)s.",
        "Start and end on a grid of %(slot)s.",
        "At most %(horizon)s ahead.",
        "It may be booked at any hour.",
        "Eligible scientists book it without asking.",
    ]


@pytest.mark.parametrize("name", ["notice", "before", "after"])
def test_notice_and_buffers_are_said_where_there_are_any(name: str) -> None:
    for nothing in ("0 min", "0 d"):
        assert texts(terms_with(**{name: nothing})) == texts(TERMS)
    [said] = [one for one in in_words(terms_with(**{name: "15 min"})) if one.text not in texts(TERMS)]
    assert said.params == {name: amount("15 min")}


@pytest.mark.parametrize("terms", [TERMS, BY_DAY])
def test_every_gap_has_its_amount(terms: Terms) -> None:
    full = replace(terms, notice=amount("1 d"), before=amount("15 min"), after=amount("1 half-day"))
    for sentence in in_words(full):
        gaps = set(re.findall(r"%\((\w+)\)s", sentence.text))
        assert gaps == set(sentence.params)
        assert all(sentence.params[gap] == getattr(full, gap) for gap in gaps)
        assert sentence.text.endswith(".")


@pytest.mark.parametrize("kinds", [Cover, Asks])
def test_each_kind_of_hours_and_of_asking_is_said_differently(kinds: type[Cover] | type[Asks]) -> None:
    name = {Cover: "cover", Asks: "asks"}[kinds]
    said = {tuple(texts(terms_with(**{name: kind}))) for kind in kinds}
    assert len(said) == len(kinds)


@pytest.mark.parametrize(("asks", "holds"), list(product(Asks, (True, False))))
def test_what_is_said_of_keeping_time_is_what_happens(asks: Asks, holds: bool) -> None:
    terms = terms_with(asks=asks, holds_on_request=holds)
    assert terms.always_asks is (asks in (Asks.ALWAYS, Asks.FORM))
    assert (KEEPS_NOTHING in texts(terms)) is (asks is not Asks.NEVER and not holds)


def test_that_buffers_are_shared_is_said_where_there_are_some() -> None:
    shared = replace(TERMS, shares_buffers=True)
    assert texts(shared) == texts(TERMS)
    assert len(texts(replace(shared, after=amount("15 min")))) == len(texts(terms_with(after="15 min"))) + 1


@pytest.mark.parametrize("name", ["slot", "shortest", "longest"])
@pytest.mark.parametrize("measure", Measure)
def test_a_resource_without_a_grid_or_a_length_is_none(name: str, measure: Measure) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        terms_with(**{name: Amount(0, measure)})


amounts = st.builds(Amount, st.integers(1, 40), st.sampled_from(Measure))


@given(st.fixed_dictionaries({one.name: amounts for one in fields(Terms) if one.type == "Amount"}))
def test_no_sentence_is_said_twice(changed: dict[str, Any]) -> None:
    said = texts(terms_with(**changed))
    assert len(said) == len(set(said))


def test_words_in_the_database_are_never_renamed() -> None:
    assert [str(one) for one in Asks] == ["none", "first", "always", "form"]
    assert [str(one) for one in Cover] == ["all", "ends", "none"]
    assert [str(one) for one in ResourceKind] == ["bench", "equipment", "room", "storage", "service"]
    assert [str(one) for one in Measure] == ["minute", "half-day", "day", "month"]
