"""Who may what, for auditors."""

from __future__ import annotations

from flask import render_template

from ...core.permissions import Do, Matter, require
from ...web import login_required, signed_in
from ..pages.policy import policy
from . import Answer, bp


@bp.get("/policy")
@login_required
def who_may_what() -> Answer:
    """The table ALLOWED, printed."""
    require(signed_in(), Do.SEE_POLICY, Matter())
    return render_template("reports/policy.html", groups=policy())
