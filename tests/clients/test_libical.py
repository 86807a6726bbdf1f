"""libical, where it is there, reads in a feed what others read: Evolution's parser, and the one below KOrganizer's."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from labbook.core.feeds import Detail, Scope
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.clients.changes import CHANGES, Bench, made
from tests.clients.libical import by_libical, library, written_by_libical
from tests.clients.readers import names
from tests.core.ical.parsers import by_icalendar
from tests.core.ical.scenes import GOLDEN
from tests.feeds.reading import feed

pytestmark = [pytest.mark.soak, pytest.mark.skipif(library() is None, reason="no libical 3 on this machine")]


@on_sqlite
def test_libical_reads_each_change_and_loses_nothing(app: Flask, lab: Cast) -> None:
    bench, calendar = Bench(app, date(2026, 11, 30)), Visitor(app)
    paths = [
        feed(lab),
        feed(lab, language="ja"),
        feed(lab, "sora", Scope.SITE, about="tsukuba"),
        feed(lab, "alan", Scope.RESOURCE, about="cambridge-scope"),
        feed(lab, "ben", Scope.RESOURCE, Detail.BUSY, about="cambridge-scope"),
    ]
    for change in (None, *CHANGES):
        if change is not None:
            made(bench, change)
        for path in paths:
            text = calendar.get(path).data.decode()
            assert by_libical(text) == by_icalendar(text), change
            written = written_by_libical(text)
            assert (by_icalendar(written), names(written)) == (by_icalendar(text), names(text)), change


@pytest.mark.parametrize("name", sorted(one.name for one in GOLDEN.glob("*.ics")))
def test_libical_reads_every_golden_calendar(name: str) -> None:
    text = (GOLDEN / name).read_bytes().decode()
    assert by_libical(text) == by_icalendar(text)
