"""An agreement for some areas only: what it leaves out is seen, but not booked."""

from __future__ import annotations

from flask import Flask

from tests.agreements.making import agreement_of, cover_only
from tests.browsing import Visitor
from tests.cast import Cast

TIMES = ("2026-11-24T10:00", "2026-11-24T11:00")


def test_what_the_agreement_leaves_out_is_seen_but_not_booked(app: Flask, lab: Cast) -> None:
    cover_only(lab, "attic", partner="birch")
    ben = Visitor(app, "ben")
    assert ben.get("/resources/tsukuba-plain").status_code == 200
    refused = ben.book("tsukuba-plain", *TIMES)
    assert refused.status_code == 409
    assert "The agreement of Birch Bio with this site does not cover this resource." in refused.text
    assert Visitor(app, "hana").book("tsukuba-plain", *TIMES).status_code == 303


def test_a_single_resource_can_be_covered_besides(app: Flask, lab: Cast) -> None:
    cover_only(lab, "attic", partner="birch")
    mio = Visitor(app, "mio")
    path = f"/agreements/{agreement_of(lab, 'birch').key}"
    assert mio.submit(mio.get(f"{path}/change"), "/change", resources="tsukuba-plain").status_code == 303
    ben = Visitor(app, "ben")
    assert ben.book("tsukuba-plain", *TIMES).status_code == 303
    assert ben.book("tsukuba-hood", *TIMES).status_code == 409
