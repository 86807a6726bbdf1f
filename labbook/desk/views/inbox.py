"""The inbox: what waits for a decision and on whom, what was decided lately, and deciding on many at once."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from ...bookings import queries
from ...bookings.flags import flagged_at
from ...core.language import N_
from ...core.lifecycle import Action
from ...core.permissions import Actor, ForbiddenError, NotFoundError
from ...notices.queries import undelivered_count
from ...web import language, login_required, now, safe_next, signed_in
from ..inbox import inbox_page
from ..inbox_forms import TogetherForm
from ..pages import Report
from ..service.together import Fault, Outcome, Pick, decide_together
from ..sifting import Sought, sought
from . import Answer, bp

_FAULTS = {
    Fault.DECIDED: N_("It was decided or withdrawn meanwhile."),
    Fault.CHANGED: N_("It was changed meanwhile. Look at how it stands now."),
    Fault.REFUSED: N_("A rule is in the way, or its time is no longer free."),
    Fault.EXCEPTION: N_("Rules are in the way: it needs a reason of its own."),
    Fault.SIGNED: N_("This organisation has agreed on signed decisions: sign on its own page."),
    Fault.UNCLEARED: N_("Safety is to have no objection first."),
    Fault.NOT_THEIRS: N_("Somebody else decides on it."),
    Fault.GONE: N_("It is no longer there."),
}


@bp.get("/inbox")
@login_required
def inbox() -> Answer:
    """What waits for a decision at the sites where the signed-in person works, and what was decided lately."""
    return _page(_staff(), sought(request.args))


@bp.post("/inbox/decide")
@login_required
def decide_on_many() -> Answer:
    """Decide on all that was ticked, each by itself; says what could not be done, and why."""
    actor, form = _staff(), TogetherForm()
    place = _place(form.next.data)
    if not form.validate():
        return _page(actor, sought(_parts(place)), form), 422
    action = Action.APPROVE if form.do.data == "approve" else Action.DECLINE
    picks = [Pick(*one) for one in form.picks]
    done = decide_together(actor, picks, action, reason=form.reason.data or "", now=now())
    left = [one for one in done if one.fault]
    went = len(done) - len(left)
    said = (
        ngettext("%(num)s approved.", "%(num)s approved.", went)
        if action is Action.APPROVE
        else ngettext("%(num)s declined.", "%(num)s declined.", went)
    )
    if left:
        reports = [_report(actor, one) for one in left]
        return render_template("desk/together.html", went=went, said=said, left=reports, place=place), 409
    flash(said, "message")
    return redirect(place, 303)


def _staff() -> Actor:
    actor = signed_in()
    if not actor.is_staff:
        raise ForbiddenError
    return actor


def _page(actor: Actor, wanted: Sought, form: TogetherForm | None = None) -> str:
    return render_template(
        "desk/inbox.html",
        inbox=inbox_page(actor, wanted, now=now(), language=language()),
        together=form or TogetherForm(),
        ticked=(form.pick.data if form else None) or [],
        suspended=flagged_at(actor.staffed_sites).bookings,
        undelivered=undelivered_count(actor),
    )


def _place(target: str | None) -> str:
    """The list from which one came."""
    inbox, wanted = url_for("desk.inbox"), safe_next(target)
    return wanted if wanted.partition("?")[0].partition("#")[0] == inbox else inbox


def _parts(place: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(place).query))


def _report(actor: Actor, one: Outcome) -> Report:
    """What is said of one that was left as it is."""
    said = gettext(_FAULTS[one.fault]) if one.fault else ""
    try:
        found = (
            queries.booking_by_key(actor, one.pick.key).request
            if one.pick.is_change
            else queries.request_by_key(actor, one.pick.key)
        )
    except NotFoundError:
        return Report("", "", said)
    return Report(found.title, url_for("bookings.request_page", key=found.key), said)
