"""So many in a minute of each, and not one more."""

from __future__ import annotations

import pytest

from labbook.core import throttle
from labbook.core.throttle import Throttle


def test_each_key_has_its_own_count_which_begins_anew_with_the_minute() -> None:
    door = Throttle(2)
    assert [door.is_over("one", 600 + second) for second in range(4)] == [False, False, True, True]
    assert not door.is_over("another", 601)
    assert door.is_over("one", 659)
    assert not door.is_over("one", 660)


def test_counting_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_MOST_KEYS", 3)
    door = Throttle(1)
    for number in range(10):
        assert not door.is_over(str(number), 0)
    assert len(door._counts) == 3
    assert door.is_over("0", 0)
    assert not door.is_over("9", 0)
