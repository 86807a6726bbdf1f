"""Everything that the trail can tell: each event's code, what kind of thing it is, and what happened in words."""

from __future__ import annotations

from enum import StrEnum

from .language import N_


class Kind(StrEnum):
    """What an event is about; stands in addresses."""

    BOOKINGS = "bookings"
    LOOKS = "looks"
    PEOPLE = "people"
    AGREEMENTS = "agreements"
    TRAININGS = "trainings"
    MESSAGES = "messages"
    ACCOUNTS = "accounts"
    CALENDARS = "calendars"
    EVIDENCE = "evidence"
    LAB = "lab"


KIND_WORDS = {
    Kind.BOOKINGS: N_("Bookings and decisions"),
    Kind.LOOKS: N_("Looks at confidential details"),
    Kind.PEOPLE: N_("People and roles"),
    Kind.AGREEMENTS: N_("Agreements and conditions"),
    Kind.TRAININGS: N_("Trainings"),
    Kind.MESSAGES: N_("Messages"),
    Kind.ACCOUNTS: N_("Accounts and signing in"),
    Kind.CALENDARS: N_("Calendar feeds"),
    Kind.EVIDENCE: N_("Evidence and personal data"),
    Kind.LAB: N_("The lab"),
}

OF_PARTNERS = (Kind.BOOKINGS, Kind.LOOKS)
"""What a partner's own trail tells: who saw or changed its bookings. Everything else could tell of somebody else."""

HAPPENINGS: dict[str, tuple[Kind, str]] = {
    "booking-ask": (Kind.BOOKINGS, N_("A booking was asked for")),
    "booking-approve": (Kind.BOOKINGS, N_("A booking was approved")),
    "booking-decline": (Kind.BOOKINGS, N_("A booking was declined")),
    "booking-withdraw": (Kind.BOOKINGS, N_("A booking was withdrawn")),
    "booking-cancel": (Kind.BOOKINGS, N_("A booking was cancelled")),
    "booking-move": (Kind.BOOKINGS, N_("A booking was moved")),
    "booking-extend": (Kind.BOOKINGS, N_("A booking was extended")),
    "booking-shorten": (Kind.BOOKINGS, N_("A booking was shortened")),
    "booking-hand-over": (Kind.BOOKINGS, N_("A booking was handed over to a colleague")),
    "booking-ask-change": (Kind.BOOKINGS, N_("A change of a booking was asked for")),
    "booking-grant-change": (Kind.BOOKINGS, N_("A change of a booking was approved")),
    "booking-decline-change": (Kind.BOOKINGS, N_("A change of a booking was declined")),
    "booking-withdraw-change": (Kind.BOOKINGS, N_("A change of a booking was withdrawn")),
    "booking-end-change": (Kind.BOOKINGS, N_("A change of a booking ended undecided")),
    "booking-clear": (Kind.BOOKINGS, N_("Safety had no objection to a booking")),
    "booking-propose": (Kind.BOOKINGS, N_("Another time was proposed")),
    "booking-accept-proposal": (Kind.BOOKINGS, N_("The proposed time was accepted")),
    "booking-refuse-proposal": (Kind.BOOKINGS, N_("The proposed time was refused")),
    "booking-end-proposal": (Kind.BOOKINGS, N_("A proposed time was not answered for in time")),
    "booking-undo": (Kind.BOOKINGS, N_("A decision was undone")),
    "booking-undo-wish": (Kind.BOOKINGS, N_("A decision was undone")),
    "booking-start": (Kind.BOOKINGS, N_("A booking began")),
    "booking-finish": (Kind.BOOKINGS, N_("A booking ended")),
    "booking-expire": (Kind.BOOKINGS, N_("A booking expired: nobody decided in time")),
    "booking-release": (Kind.BOOKINGS, N_("The rest of a booking was given back")),
    "booking-no-show": (Kind.BOOKINGS, N_("Nobody came: the rest of a booking was freed")),
    "booking-checked-in": (Kind.BOOKINGS, N_("Somebody checked in for a booking")),
    "booking-charged": (Kind.BOOKINGS, N_("A booking was charged")),
    "series-changed": (Kind.BOOKINGS, N_("A series was given another rule")),
    "booking-renewed": (Kind.BOOKINGS, N_("A residency was renewed")),
    "booking-renews": (Kind.BOOKINGS, N_("A request renews a residency")),
    "rule-waived": (Kind.BOOKINGS, N_("A rule was waived for a booking")),
    "wait-joined": (Kind.BOOKINGS, N_("Somebody waits for time to become free")),
    "wait-ended": (Kind.BOOKINGS, N_("Somebody waits no longer for time to become free")),
    "offer-made": (Kind.BOOKINGS, N_("Free time was offered to somebody who waits")),
    "offer-taken": (Kind.BOOKINGS, N_("Offered time was taken")),
    "offer-refused": (Kind.BOOKINGS, N_("Offered time was refused")),
    "offer-lapsed": (Kind.BOOKINGS, N_("Offered time was not answered for in time")),
    "request-assigned": (Kind.BOOKINGS, N_("A request was given to somebody to decide on")),
    "request-questioned": (Kind.BOOKINGS, N_("Staff asked about a request")),
    "request-answered": (Kind.BOOKINGS, N_("A question about a request was answered")),
    "request-remarked": (Kind.BOOKINGS, N_("Something was added to a request")),
    "request-reminded": (Kind.BOOKINGS, N_("Those who decide were reminded of a request")),
    "request-escalated": (Kind.BOOKINGS, N_("A request was not decided on in time; managers were told")),
    "booking-reminded": (Kind.BOOKINGS, N_("Somebody was reminded of a booking")),
    "request-signed": (Kind.BOOKINGS, N_("A decision was signed")),
    "request-looked-at": (Kind.LOOKS, N_("A request was opened by staff")),
    "schedule-looked-at": (Kind.LOOKS, N_("A site's schedule was looked at by duty")),
    "previewed-as": (Kind.LOOKS, N_("Staff looked at the lab as the partner sees it")),
    "preview-ended": (Kind.LOOKS, N_("Staff ended the look as the partner")),
    "trail-looked-at": (Kind.LOOKS, N_("The trail was looked at")),
    "trail-exported": (Kind.LOOKS, N_("The trail was exported")),
    "thread-begun": (Kind.MESSAGES, N_("Somebody asked whoever holds a time")),
    "thread-answered": (Kind.MESSAGES, N_("A message was written in a conversation")),
    "thread-named": (Kind.MESSAGES, N_("Somebody told the other side their name")),
    "thread-closed": (Kind.MESSAGES, N_("A conversation was closed")),
    "booking-flagged": (Kind.BOOKINGS, N_("A booking was suspended: what it rests on is gone")),
    "booking-against-rule": (Kind.BOOKINGS, N_("A changed rule would not allow a booking")),
    "booking-closed-over": (Kind.BOOKINGS, N_("A place was closed over a booking")),
    "flag-settled": (Kind.BOOKINGS, N_("A suspended booking was decided on")),
    "sign-in-refused": (Kind.ACCOUNTS, N_("A sign-in was refused")),
    "signed-out": (Kind.ACCOUNTS, N_("Somebody signed out")),
    "session-ended": (Kind.ACCOUNTS, N_("Sessions were ended")),
    "password-changed": (Kind.ACCOUNTS, N_("A password was changed")),
    "password-reset": (Kind.ACCOUNTS, N_("A password was set anew by a link")),
    "factor-added": (Kind.ACCOUNTS, N_("A second factor was added")),
    "factor-removed": (Kind.ACCOUNTS, N_("A second factor was removed")),
    "factor-taken-away": (Kind.ACCOUNTS, N_("A lost second factor was removed for somebody")),
    "recovery-codes-renewed": (Kind.ACCOUNTS, N_("Recovery codes were renewed")),
    "factor-refused": (Kind.ACCOUNTS, N_("A code of a second factor was refused")),
    "reset-refused": (Kind.ACCOUNTS, N_("A link for a new password did not open")),
    "address-refused": (Kind.ACCOUNTS, N_("A mail address was refused: it hid something, or only looked like one")),
    "redirect-refused": (Kind.ACCOUNTS, N_("A link would have led away from LabBook")),
    "openid-linked": (Kind.ACCOUNTS, N_("An OpenID account was linked")),
    "openid-refused": (Kind.ACCOUNTS, N_("A sign-in by OpenID was refused")),
    "inviting-refused": (Kind.PEOPLE, N_("Somebody tried to invite, or to answer a wish to join, and was refused")),
    "invitation-sent": (Kind.PEOPLE, N_("Somebody was invited")),
    "invitation-resent": (Kind.PEOPLE, N_("An invitation was sent again")),
    "invitation-revoked": (Kind.PEOPLE, N_("An invitation was revoked")),
    "invitation-accepted": (Kind.PEOPLE, N_("An invitation was accepted")),
    "invitation-refused": (Kind.PEOPLE, N_("An invitation did not open")),
    "join-asked": (Kind.PEOPLE, N_("Somebody asked to join")),
    "join-told": (Kind.PEOPLE, N_("Those who answer were told of a wish to join")),
    "join-assigned": (Kind.PEOPLE, N_("A wish to join was passed on to a partner")),
    "join-accepted": (Kind.PEOPLE, N_("A wish to join was accepted")),
    "join-declined": (Kind.PEOPLE, N_("A wish to join was declined")),
    "role-refused": (Kind.PEOPLE, N_("Somebody tried to change a role and was refused")),
    "role-given": (Kind.PEOPLE, N_("A role was given")),
    "role-ended": (Kind.PEOPLE, N_("A role was ended")),
    "person-removed": (Kind.PEOPLE, N_("Somebody was removed from a partner")),
    "approver-named": (Kind.PEOPLE, N_("An approver was named")),
    "approver-removed": (Kind.PEOPLE, N_("An approver was removed")),
    "stand-in-named": (Kind.PEOPLE, N_("A stand-in was named")),
    "stand-in-ended": (Kind.PEOPLE, N_("A stand-in was ended")),
    "partner-made": (Kind.AGREEMENTS, N_("A partner was added")),
    "agreement-made": (Kind.AGREEMENTS, N_("An agreement was made")),
    "agreement-changed": (Kind.AGREEMENTS, N_("An agreement was changed")),
    "agreement-ended": (Kind.AGREEMENTS, N_("An agreement was ended")),
    "conditions-published": (Kind.AGREEMENTS, N_("Conditions of use were published")),
    "conditions-accepted": (Kind.AGREEMENTS, N_("Conditions of use were accepted")),
    "training-asked": (Kind.TRAININGS, N_("A training was asked for")),
    "training-session-made": (Kind.TRAININGS, N_("A training session was scheduled")),
    "training-session-cancelled": (Kind.TRAININGS, N_("A training session was cancelled")),
    "training-place-taken": (Kind.TRAININGS, N_("A place in a training session was taken")),
    "training-place-given-back": (Kind.TRAININGS, N_("A place in a training session was given back")),
    "training-granted": (Kind.TRAININGS, N_("A training was signed off")),
    "training-absent": (Kind.TRAININGS, N_("Somebody was absent from a training session")),
    "training-revoked": (Kind.TRAININGS, N_("A training was revoked")),
    "account-closed": (Kind.ACCOUNTS, N_("An account was closed")),
    "account-reopened": (Kind.ACCOUNTS, N_("An account was opened again")),
    "signed-in": (Kind.ACCOUNTS, N_("Somebody signed in")),
    "feed-created": (Kind.CALENDARS, N_("A calendar feed was made")),
    "feed-rotated": (Kind.CALENDARS, N_("A calendar feed got a new link")),
    "feed-revoked": (Kind.CALENDARS, N_("A calendar feed was revoked")),
    "own-data-exported": (Kind.EVIDENCE, N_("A person took their own data along")),
    "person-erased": (Kind.EVIDENCE, N_("A person's data were erased")),
    "retention-done": (Kind.EVIDENCE, N_("What was kept long enough was removed")),
    "site-set": (Kind.LAB, N_("A site's settings were changed")),
    "resource-set": (Kind.LAB, N_("What a resource demands was changed")),
    "resource-linked": (Kind.LAB, N_("A resource was linked to another one")),
    "resource-unlinked": (Kind.LAB, N_("A link between resources was removed")),
    "group-made": (Kind.LAB, N_("A group of resources was made")),
    "group-set": (Kind.LAB, N_("A group of resources was changed")),
    "rules-set": (Kind.LAB, N_("A site's rules were changed")),
    "reasons-set": (Kind.LAB, N_("A site's reasons for declining were changed")),
    "sign-made": (Kind.LAB, N_("A sign was put up")),
    "sign-set": (Kind.LAB, N_("A sign was given another name or language")),
    "sign-renewed": (Kind.LAB, N_("A sign was given a new link")),
    "sign-ended": (Kind.LAB, N_("A sign was taken down")),
    "sign-resumed": (Kind.LAB, N_("A sign that was taken down was put up again")),
    "letter-looked-at": (Kind.LOOKS, N_("A letter was opened by an administrator")),
    "letter-sent-again": (Kind.EVIDENCE, N_("A letter that had not been delivered was sent again")),
    "letters-chosen": (Kind.ACCOUNTS, N_("Somebody chose how to hear of things")),
    "closure-made": (Kind.LAB, N_("Something was closed")),
    "closure-set": (Kind.LAB, N_("A closure was changed")),
    "closure-imported": (Kind.LAB, N_("A calendar file was taken over into closures")),
    "closure-lifted": (Kind.LAB, N_("A closure was lifted")),
    "closure-decided": (Kind.LAB, N_("Bookings under a closure were decided on")),
    "demo-furnished": (Kind.LAB, N_("The demo lab was furnished")),
    "demo-lived": (Kind.LAB, N_("Another day of the demo lab")),
}


def kind_of(code: str) -> Kind:
    """What an event is about; what nobody has named yet is the lab's, and so on no partner's trail."""
    return HAPPENINGS[code][0] if code in HAPPENINGS else Kind.LAB


def words_of(code: str) -> str:
    """What happened, to be translated where it is shown."""
    return HAPPENINGS[code][1] if code in HAPPENINGS else code


def codes_of(*kinds: Kind) -> list[str]:
    """The codes of some kinds of events."""
    return [code for code, (kind, _) in HAPPENINGS.items() if kind in kinds]
