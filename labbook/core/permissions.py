"""Who may do what. The table ALLOWED is the whole policy; `require` is the only door."""

from __future__ import annotations

from enum import StrEnum

from .actor import LAB_ROLES, PARTNER_ROLES, SITE_ROLES, Actor, Matter, Role
from .clauses import (
    Clause,
    administers,
    approves_as_manager,
    approves_here,
    asked_here,
    away_from_here,
    belongs,
    coordinates,
    for_another,
    for_other_partners,
    has_agreement,
    is_oneself,
    is_signed_in,
    leads,
    looks_at_everything,
    manages_all_of_partner,
    manages_here,
    manages_partner,
    owns,
    works_anywhere,
    works_here,
    works_with_partner,
)

__all__ = [
    "ALLOWED",
    "LAB_ROLES",
    "PARTNER_ROLES",
    "SITE_ROLES",
    "Actor",
    "Do",
    "ForbiddenError",
    "Matter",
    "NotFoundError",
    "Role",
    "may",
    "require",
]


class Do(StrEnum):
    """Everything that permission is asked for."""

    SEE_SITE = "see-site"
    # bookings
    REQUEST_BOOKING = "request-booking"
    DECIDE_REQUEST = "decide-request"
    WAIVE_RULE = "waive-rule"
    WAIVE_STRICT_RULE = "waive-strict-rule"
    ASSIGN_REQUEST = "assign-request"  # to one of those who decide
    ANSWER_PROPOSAL = "answer-proposal"
    ANSWER_QUESTION = "answer-question"  # of staff about a request
    WITHDRAW_REQUEST = "withdraw-request"
    CANCEL_BOOKING = "cancel-booking"
    MOVE_BOOKING = "move-booking"
    HAND_OVER = "hand-over"
    BOOK_FOR_ANOTHER = "book-for-another"
    CHECK_IN = "check-in"
    SEE_INBOX = "see-inbox"
    KEEP_REASONS = "keep-reasons"  # that a site often declines for
    KEEP_SIGN = "keep-sign"  # on the walls of a site, and the labels on its instruments
    SETTLE_FLAG = "settle-flag"
    CLOSE_SITE = "close-site"  # all of it
    CLOSE_PART = "close-part"  # an area, a resource or a unit; also for a fault
    SET_SITE = "set-site"
    SET_RESOURCE = "set-resource"
    REARRANGE = "rearrange"
    SEE_RULES = "see-rules"
    SET_RULES = "set-rules"
    # calendars
    FOLLOW_OWN = "follow-own"
    FOLLOW_PARTNER = "follow-partner"  # all that one's own partner has booked
    FOLLOW_RESOURCE = "follow-resource"
    FOLLOW_SITE = "follow-site"
    FOLLOW_WAITING = "follow-waiting"  # requests that wait for one's decision
    # people and their roles
    SEE_PEOPLE = "see-people"
    SEE_SITE_PEOPLE = "see-site-people"
    INVITE_SCIENTIST = "invite-scientist"
    INVITE_COORDINATOR = "invite-coordinator"
    INVITE_STAFF = "invite-staff"
    INVITE_MANAGER = "invite-manager"
    RENEW_INVITATION = "renew-invitation"
    REVOKE_INVITATION = "revoke-invitation"
    SEE_JOINING = "see-joining"
    ANSWER_JOINING = "answer-joining"
    GIVE_PARTNER_ROLE = "give-partner-role"
    GIVE_SITE_ROLE = "give-site-role"
    GIVE_LAB_ROLE = "give-lab-role"
    END_PARTNER_ROLE = "end-partner-role"
    END_SITE_ROLE = "end-site-role"
    END_LAB_ROLE = "end-lab-role"
    NAME_APPROVER = "name-approver"
    NAME_STAND_IN = "name-stand-in"
    # agreements
    SEE_AGREEMENT = "see-agreement"
    CHANGE_AGREEMENT = "change-agreement"
    END_AGREEMENT = "end-agreement"
    PUBLISH_CONDITIONS = "publish-conditions"
    ACCEPT_CONDITIONS = "accept-conditions"
    # trainings
    SEE_CARD = "see-card"
    ASK_FOR_TRAINING = "ask-for-training"
    TAKE_TRAINING_PLACE = "take-training-place"
    SEE_TRAININGS = "see-trainings"
    SCHEDULE_TRAINING = "schedule-training"
    SIGN_OFF_TRAINING = "sign-off-training"
    IMPORT_TRAININGS = "import-trainings"
    REVOKE_TRAINING = "revoke-training"
    # messages between people who do not know each other
    ASK_HOLDER = "ask-holder"
    READ_THREAD = "read-thread"
    # evidence
    PREVIEW_AS_PARTNER = "preview-as-partner"
    SEE_PARTNER_TRAIL = "see-partner-trail"
    SEE_TRAIL = "see-trail"
    EXPORT_TRAIL = "export-trail"
    SEE_POLICY = "see-policy"
    # letters
    SEE_LETTERS = "see-letters"
    SEE_UNDELIVERED = "see-undelivered"
    # one's own account, and what becomes of an account
    KEEP_ACCOUNT = "keep-account"
    KEEP_FAVOURITE = "keep-favourite"  # of the resources that one sees
    EXPORT_OWN_DATA = "export-own-data"
    CLOSE_ACCOUNT = "close-account"
    REMOVE_FACTOR = "remove-factor"
    ERASE_PERSON = "erase-person"


ALLOWED: dict[Do, tuple[Clause, ...]] = {  # any clause in the row will do
    Do.SEE_SITE: (has_agreement, works_anywhere, looks_at_everything),
    Do.REQUEST_BOOKING: (has_agreement,),
    Do.DECIDE_REQUEST: (approves_here,),
    Do.WAIVE_RULE: (for_other_partners(approves_here),),
    Do.WAIVE_STRICT_RULE: (for_other_partners(approves_as_manager),),
    Do.ASSIGN_REQUEST: (approves_here, for_another(manages_here)),
    Do.ANSWER_PROPOSAL: (owns, coordinates),
    Do.ANSWER_QUESTION: (owns, coordinates, asked_here),
    Do.WITHDRAW_REQUEST: (owns, coordinates, asked_here),
    Do.CANCEL_BOOKING: (owns, coordinates, works_here),
    Do.MOVE_BOOKING: (owns, coordinates, works_here),
    Do.HAND_OVER: (owns, coordinates, works_here),
    Do.BOOK_FOR_ANOTHER: (for_another(coordinates), for_another(works_here)),
    Do.CHECK_IN: (owns, coordinates, works_here),
    Do.SEE_INBOX: (works_here,),
    Do.KEEP_REASONS: (works_here,),
    Do.KEEP_SIGN: (works_here,),
    Do.SETTLE_FLAG: (for_another(works_here),),
    Do.CLOSE_SITE: (manages_here,),
    Do.CLOSE_PART: (works_here,),
    Do.SET_SITE: (manages_here,),
    Do.SET_RESOURCE: (manages_here,),
    Do.REARRANGE: (works_here,),
    Do.SEE_RULES: (works_here, looks_at_everything),
    Do.SET_RULES: (for_other_partners(manages_here),),  # what an agreement grants is a matter of its site
    Do.FOLLOW_OWN: (is_signed_in,),
    Do.FOLLOW_PARTNER: (belongs,),
    Do.FOLLOW_RESOURCE: (has_agreement, works_anywhere, looks_at_everything),
    Do.FOLLOW_SITE: (works_here,),
    Do.FOLLOW_WAITING: (works_anywhere,),
    Do.SEE_PEOPLE: (leads, works_with_partner, looks_at_everything),
    Do.SEE_SITE_PEOPLE: (works_here, looks_at_everything),
    # whoever comes into a partner reads what it does at all sites: nobody brings in more than they see themselves
    Do.INVITE_SCIENTIST: (leads, manages_all_of_partner, administers),
    Do.INVITE_COORDINATOR: (manages_all_of_partner, administers),
    Do.INVITE_STAFF: (manages_here, administers),
    Do.INVITE_MANAGER: (administers,),
    Do.RENEW_INVITATION: (leads, manages_partner, manages_here, administers),
    Do.REVOKE_INVITATION: (leads, manages_partner, manages_here, administers),
    Do.SEE_JOINING: (leads, works_anywhere),
    Do.ANSWER_JOINING: (leads, manages_partner),
    Do.GIVE_PARTNER_ROLE: (for_another(manages_all_of_partner), for_another(administers)),
    Do.GIVE_SITE_ROLE: (for_another(administers),),
    Do.GIVE_LAB_ROLE: (for_another(administers),),
    Do.END_PARTNER_ROLE: (for_another(leads), for_another(manages_partner)),
    Do.END_SITE_ROLE: (for_another(manages_here), for_another(administers)),
    Do.END_LAB_ROLE: (for_another(administers),),
    Do.NAME_APPROVER: (manages_here,),
    Do.NAME_STAND_IN: (manages_here, away_from_here),
    Do.SEE_AGREEMENT: (leads, works_here, looks_at_everything),
    Do.CHANGE_AGREEMENT: (for_other_partners(manages_here),),
    Do.END_AGREEMENT: (for_other_partners(manages_here),),
    Do.PUBLISH_CONDITIONS: (manages_here,),
    Do.ACCEPT_CONDITIONS: (has_agreement,),
    Do.SEE_CARD: (is_oneself, leads, works_here),
    Do.ASK_FOR_TRAINING: (has_agreement,),
    Do.TAKE_TRAINING_PLACE: (has_agreement,),
    Do.SEE_TRAININGS: (works_here, looks_at_everything),
    Do.SCHEDULE_TRAINING: (works_here,),
    Do.SIGN_OFF_TRAINING: (for_another(works_here),),
    Do.IMPORT_TRAININGS: (manages_here,),
    Do.REVOKE_TRAINING: (for_another(works_here),),
    Do.ASK_HOLDER: (has_agreement,),
    Do.READ_THREAD: (owns,),  # at the unit's site, for whichever partner: a thread has two
    Do.PREVIEW_AS_PARTNER: (works_with_partner,),
    Do.SEE_PARTNER_TRAIL: (leads, looks_at_everything),
    Do.SEE_TRAIL: (looks_at_everything,),
    Do.EXPORT_TRAIL: (looks_at_everything,),
    Do.SEE_POLICY: (works_anywhere, looks_at_everything),
    Do.SEE_LETTERS: (administers,),
    Do.SEE_UNDELIVERED: (works_here, administers),
    Do.KEEP_ACCOUNT: (is_oneself,),
    Do.KEEP_FAVOURITE: (is_oneself,),
    Do.EXPORT_OWN_DATA: (is_oneself,),
    Do.CLOSE_ACCOUNT: (for_another(administers),),
    Do.REMOVE_FACTOR: (for_another(administers),),
    Do.ERASE_PERSON: (for_another(administers),),
}


class NotFoundError(Exception):
    """It does not exist, or this viewer may not know that it does: one and the same."""


class ForbiddenError(Exception):
    """The matter is known to this person, but the action is not theirs."""


def may(actor: Actor, do: Do, matter: Matter) -> bool:
    """True when any clause of the action's row in ALLOWED holds."""
    return any(clause(actor, matter) for clause in ALLOWED[do])


def require(actor: Actor, do: Do, matter: Matter) -> None:
    """Raise ForbiddenError unless `actor` may do this."""
    if not may(actor, do, matter):
        raise ForbiddenError(f"{do} is not for this person")
