"""Who may what: the table ALLOWED in words. Tests hold that nothing of it is left out and nothing is said otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from ...core.clauses import Clause
from ...core.language import N_
from ...core.permissions import ALLOWED, Do

GROUPS: tuple[tuple[str, dict[Do, str]], ...] = (
    (
        N_("Sites and bookings"),
        {
            Do.SEE_SITE: N_("See a site, its resources and its schedule"),
            Do.REQUEST_BOOKING: N_("Ask for a booking"),
            Do.DECIDE_REQUEST: N_("Approve or decline a request"),
            Do.WAIVE_RULE: N_("Approve against a rule, with a reason"),
            Do.WAIVE_STRICT_RULE: N_("Approve against a rule that only managers may waive"),
            Do.ASSIGN_REQUEST: N_("Say who is to decide on a request"),
            Do.ANSWER_PROPOSAL: N_("Accept or refuse another time that staff propose"),
            Do.ANSWER_QUESTION: N_("Answer what staff ask about a request"),
            Do.WITHDRAW_REQUEST: N_("Withdraw a request"),
            Do.CANCEL_BOOKING: N_("Cancel a booking"),
            Do.MOVE_BOOKING: N_("Move a booking"),
            Do.HAND_OVER: N_("Hand a booking over to a colleague of the same partner"),
            Do.BOOK_FOR_ANOTHER: N_("Book for somebody else"),
            Do.CHECK_IN: N_("Check in for a booking"),
            Do.SEE_INBOX: N_("See what waits for a decision"),
            Do.KEEP_REASONS: N_("Keep the list of reasons for declining"),
            Do.KEEP_SIGN: N_("Put up signs for everybody who passes, and print labels for instruments"),
            Do.SETTLE_FLAG: N_("Decide on a booking that has lost what it rests on"),
            Do.CLOSE_SITE: N_("Close a whole site"),
            Do.CLOSE_PART: N_("Close an area, a resource or a unit, and report faults"),
            Do.SET_SITE: N_("Choose a site's settings and groups of its resources"),
            Do.SET_RESOURCE: N_("Change what a resource demands of bookings"),
            Do.REARRANGE: N_("Let bookings change unit to make room for another one"),
            Do.SEE_RULES: N_("See a site's rule sets"),
            Do.SET_RULES: N_("Change a site's rule sets, and switch them on and off"),
        },
    ),
    (
        N_("Calendars"),
        {
            Do.FOLLOW_OWN: N_("Follow one's own bookings in a calendar"),
            Do.FOLLOW_PARTNER: N_("Follow all bookings of one's own organisation in a calendar"),
            Do.FOLLOW_RESOURCE: N_("Follow a resource in a calendar"),
            Do.FOLLOW_SITE: N_("Follow a whole site in a calendar"),
            Do.FOLLOW_WAITING: N_("Follow the requests that wait for one's decision in a calendar"),
        },
    ),
    (
        N_("People and their roles"),
        {
            Do.SEE_PEOPLE: N_("See a partner's people"),
            Do.SEE_SITE_PEOPLE: N_("See a site's staff"),
            Do.INVITE_SCIENTIST: N_("Invite a scientist"),
            Do.INVITE_COORDINATOR: N_("Invite a coordinator"),
            Do.INVITE_STAFF: N_("Invite staff of a site"),
            Do.INVITE_MANAGER: N_("Invite a manager of a site"),
            Do.RENEW_INVITATION: N_("Send an invitation again"),
            Do.REVOKE_INVITATION: N_("Revoke an invitation"),
            Do.SEE_JOINING: N_("See who asks to join"),
            Do.ANSWER_JOINING: N_("Answer who asks to join"),
            Do.GIVE_PARTNER_ROLE: N_("Give a role for a partner"),
            Do.GIVE_SITE_ROLE: N_("Give a role at a site"),
            Do.GIVE_LAB_ROLE: N_("Give a role for the whole lab"),
            Do.END_PARTNER_ROLE: N_("End a role for a partner"),
            Do.END_SITE_ROLE: N_("End a role at a site"),
            Do.END_LAB_ROLE: N_("End a role for the whole lab"),
            Do.NAME_APPROVER: N_("Name who decides on an area or a resource"),
            Do.NAME_STAND_IN: N_("Name who decides during an absence"),
        },
    ),
    (
        N_("Agreements"),
        {
            Do.SEE_AGREEMENT: N_("See an agreement"),
            Do.CHANGE_AGREEMENT: N_("Make or change an agreement"),
            Do.END_AGREEMENT: N_("End an agreement"),
            Do.PUBLISH_CONDITIONS: N_("Publish conditions of use"),
            Do.ACCEPT_CONDITIONS: N_("Accept conditions of use"),
        },
    ),
    (
        N_("Trainings"),
        {
            Do.SEE_CARD: N_("See what a person is trained for"),
            Do.ASK_FOR_TRAINING: N_("Ask for a training"),
            Do.TAKE_TRAINING_PLACE: N_("Take a place in a training session"),
            Do.SEE_TRAININGS: N_("See a site's trainings"),
            Do.SCHEDULE_TRAINING: N_("Schedule a training session"),
            Do.SIGN_OFF_TRAINING: N_("Sign off a training"),
            Do.IMPORT_TRAININGS: N_("Import trainings"),
            Do.REVOKE_TRAINING: N_("Revoke a training"),
        },
    ),
    (
        N_("Messages between people who do not know each other"),
        {
            Do.ASK_HOLDER: N_("Write to whoever holds a busy time"),
            Do.READ_THREAD: N_("Read a conversation and write in it"),
        },
    ),
    (
        N_("Evidence"),
        {
            Do.PREVIEW_AS_PARTNER: N_("See pages as a partner sees them"),
            Do.SEE_PARTNER_TRAIL: N_("See who saw or changed a partner's bookings"),
            Do.SEE_TRAIL: N_("See the trail of the whole lab"),
            Do.EXPORT_TRAIL: N_("Export a trail"),
            Do.SEE_POLICY: N_("Read this page"),
        },
    ),
    (
        N_("Letters"),
        {
            Do.SEE_LETTERS: N_("See the letters that LabBook has sent"),
            Do.SEE_UNDELIVERED: N_("See which letters could not be delivered, and send them again"),
        },
    ),
    (
        N_("One's own account, and what becomes of an account"),
        {
            Do.KEEP_ACCOUNT: N_("Keep an account: password, second factor, sessions"),
            Do.KEEP_FAVOURITE: N_("Keep favourites among the resources that one sees"),
            Do.EXPORT_OWN_DATA: N_("Take along everything about oneself"),
            Do.CLOSE_ACCOUNT: N_("Close an account, and open it again"),
            Do.REMOVE_FACTOR: N_("Remove a second factor that somebody has lost"),
            Do.ERASE_PERSON: N_("Erase a person's data"),
        },
    ),
)

EXCEPT = (N_("Never for oneself."), N_("Never for one's own organisation."))
"""What may stand behind a clause: the last words of its docstring when core.permissions has narrowed it."""

BESIDES: dict[Do, str] = {  # what the services ask for as well, whichever way it is taken
    do: N_("And only whoever may invite to the role that the invitation is for.")
    for do in (Do.RENEW_INVITATION, Do.REVOKE_INVITATION)
}

CLAUSES = {  # each clause of ALLOWED by its name; the English is its docstring
    "is_signed_in": N_("Anyone with an active account."),
    "is_oneself": N_("It is about nobody but this person."),
    "has_agreement": N_("Works for a partner whose agreement with this site is in force."),
    "works_here": N_("Is staff or manager of this site."),
    "works_anywhere": N_("Is staff or manager of some site; sees the others as busy or free."),
    "works_with_partner": N_("Is staff or manager of a site with which the partner has an agreement."),
    "away_from_here": N_("Is staff or manager of this site and names somebody for their own absence."),
    "manages_here": N_("Is manager of this site."),
    "manages_partner": N_("Is manager of a site with which the partner has an agreement."),
    "manages_all_of_partner": N_("Is manager of every site with which the partner has an agreement."),
    "administers": N_("Is administrator of the whole lab."),
    "looks_at_everything": N_("Is administrator or auditor."),
    "owns": N_("It is this person's own, for a partner whose agreement is in force."),
    "asked_here": N_("Works at this site, and it is this person's own or was asked for by them."),
    "coordinates": N_("Coordinates the partner whose it is, at a site with which its agreement is in force."),
    "belongs": N_("Works for the partner, some agreement of which is in force."),
    "leads": N_("Coordinates the partner, and some agreement of it is in force."),
    "approves_here": N_(
        "Works at this site and is among those who decide here, and it is neither their own nor cleared by them."
    ),
    "approves_as_manager": N_(
        "Is manager of this site and among those who decide here, and it is not this person's own request."
    ),
}


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One action, and every way in which somebody may take it."""

    code: str
    action: str
    ways: list[str]
    besides: str


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """Actions that belong together."""

    heading: str
    lines: list[PolicyLine]


def policy() -> list[PolicyGroup]:
    """The whole policy in the reader's language."""
    return [
        PolicyGroup(
            gettext(heading),
            [_line(do, words) for do, words in actions.items()],
        )
        for heading, actions in GROUPS
    ]


def _line(do: Do, words: str) -> PolicyLine:
    besides = BESIDES.get(do)
    return PolicyLine(str(do), gettext(words), [_way(one) for one in ALLOWED[do]], gettext(besides) if besides else "")


def _way(clause: Clause) -> str:
    said = gettext(CLAUSES[clause.__name__])
    narrowed = exception(clause)
    return f"{said} {gettext(narrowed)}" if narrowed else said


def exception(clause: Clause) -> str:
    """For whom the clause never holds (core.permissions.for_another, for_other_partners); empty when it always may."""
    return next((one for one in EXCEPT if (clause.__doc__ or "").endswith(one)), "")
