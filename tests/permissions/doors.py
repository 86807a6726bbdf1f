"""The door of every deed: the request by which one does it, and how somebody is refused to whom it is not open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from labbook.core.permissions import Actor, Do, Matter, Role, may
from tests.permissions.scenes import Scene

GOOD = frozenset({200, 201, 302, 303, 409, 422})  # permission is past; 409 and 422 are about what was sent

Sees = Callable[[Actor, Scene], bool]


def everybody(actor: Actor, scene: Scene) -> bool:
    """The page is there for everybody who is signed in."""
    return True


def nobody(actor: Actor, scene: Scene) -> bool:
    """Whoever may not do it does not see that it is there."""
    return False


def site(actor: Actor, scene: Scene) -> bool:
    """Sees the site."""
    return may(actor, Do.SEE_SITE, scene.matter("site"))


def booking(actor: Actor, scene: Scene) -> bool:
    """Sees the booking in full (design.md section 6)."""
    is_own = (scene.partner_id, scene.site_id) in actor.agreements
    is_here = scene.site_id in actor.staffed_sites
    return is_own or is_here or actor.looks_at_everything or scene.project_id in actor.projects


def between_us(actor: Actor, scene: Scene) -> bool:
    """Sees what is between the partner and the staff: as the booking, but never through a joint project alone."""
    is_own = (scene.partner_id, scene.site_id) in actor.agreements
    return is_own or scene.site_id in actor.staffed_sites or actor.looks_at_everything


def people(actor: Actor, scene: Scene) -> bool:
    """Sees who the partner's people are."""
    return may(actor, Do.SEE_PEOPLE, scene.matter("partner"))


def staff(actor: Actor, scene: Scene) -> bool:
    """Sees who works at the site."""
    return may(actor, Do.SEE_SITE_PEOPLE, scene.matter("site"))


def lab(actor: Actor, scene: Scene) -> bool:
    """Sees who administrates and audits."""
    return actor.looks_at_everything


def partner(actor: Actor, scene: Scene) -> bool:
    """Works for the partner, or sees its people."""
    return any(one == scene.partner_id for one, _ in actor.agreements) or people(actor, scene)


def joining(actor: Actor, scene: Scene) -> bool:
    """Sees who asks to join."""
    return may(actor, Do.SEE_JOINING, scene.matter("partner"))


def agreement(actor: Actor, scene: Scene) -> bool:
    """Sees the agreement."""
    return may(actor, Do.SEE_AGREEMENT, scene.matter("site partner"))


def rules(actor: Actor, scene: Scene) -> bool:
    """Sees the site's rule sets."""
    return may(actor, Do.SEE_RULES, scene.matter("site"))


def session(actor: Actor, scene: Scene) -> bool:
    """Sees when trainings are taught: those who book or work at the site, and the lab."""
    has_agreement = any(where == scene.site_id for _, where in actor.agreements)
    return has_agreement or scene.site_id in actor.staffed_sites or actor.looks_at_everything


def thread(actor: Actor, scene: Scene) -> bool:
    """Takes part in the thread."""
    return may(actor, Do.READ_THREAD, scene.matter("site person"))


def partner_of_one_site(actor: Actor, scene: Scene) -> bool:
    """Manages a site that is the only one of some partner (Cedar's is Tsukuba), and may give roles for that one."""
    return any(held is Role.MANAGER for _, held in actor.sites)


def flag(actor: Actor, scene: Scene) -> bool:
    """Works at the site of the flag, or nowhere: the list of flags is a page of staff, and their own sites' alone."""
    return scene.site_id in actor.staffed_sites or not actor.is_staff


def works(actor: Actor, scene: Scene) -> bool:
    """Works at the site."""
    return scene.site_id in actor.staffed_sites


def undelivered(actor: Actor, scene: Scene) -> bool:
    """Sees the site, or has no business with letters that were not delivered anywhere."""
    return site(actor, scene) or not actor.is_staff


@dataclass(frozen=True, eq=False)
class Door:
    """One request; `{kind}` in address and fields stands for the scene's key of that kind."""

    do: Do
    request: str
    about: str = ""  # what the deed is about: site, partner, person, trainer
    sees: Sees = nobody  # whoever sees it but may not is told 403, whoever does not see it 404
    fields: Mapping[str, str] = field(default_factory=dict)
    relations: tuple[str, ...] = ("own", "rival", "project", "other site")
    good: frozenset[int] = GOOD
    or_422: Do | None = None  # the same form serves this deed too, and offers no choice that is not the person's
    offers: Sees = nobody  # the form offers the person something else
    also: Do | None = None  # must be allowed besides
    refusal: int | None = None  # said to whoever may not, when it is neither 403 nor 404

    def matter(self, scene: Scene) -> Matter:
        """The matter as the service judges it."""
        return scene.matter(self.about)

    def expected(self, actor: Actor, scene: Scene) -> frozenset[int]:
        """The statuses that are right for somebody who is signed in."""
        if self.about == "oneself":
            return self.good  # everybody has an account, and the address names nobody
        if all(may(actor, do, self.matter(scene)) for do in (self.do, self.also or self.do)):
            return self.good
        if self.refusal is not None:
            return frozenset({self.refusal})
        if not self.sees(actor, scene):
            return frozenset({404})
        has_form = self.offers(actor, scene) or (self.or_422 and may(actor, self.or_422, self.matter(scene)))
        return frozenset({422 if has_form else 403})


OLD, DONE = {"version": "99", "reason": "No"}, frozenset({303})
UNSAID = {"text": " "}
FEED = {"detail": "full", "language": "en"}
GROUP = {"name_en": "All", "members": "{resource}"}
APART = {
    **{"busy": "apart", "was": "together", "first_weekday": "6", "was_weekday": "0"},
    **{"free_busy": "everybody", "was_free_busy": "members"},
}
ONCE = ("own",)  # a page of one's own, or of the lab: there is nobody else's


def role(name: str, place: str) -> dict[str, str]:
    """The fields that give a role."""
    return {"role": f"{name}:{place}", "starts_on": "2026-11-24"}


def invite(name: str) -> dict[str, str]:
    """The fields that invite."""
    return {"email": "somebody@lab.example", "role": name, "language": "en"}


THEMES: dict[str, list[Door]] = {
    "bookings": [
        Door(Do.SEE_SITE, "GET /sites/{site}/day", "site"),
        Door(Do.SEE_SITE, "GET /resources/{resource}", "site"),
        Door(Do.REQUEST_BOOKING, "POST /resources/{resource}/book", "site", site, or_422=Do.BOOK_FOR_ANOTHER),
        Door(
            Do.BOOK_FOR_ANOTHER,
            "POST /resources/{resource}/book",
            "site",
            site,
            {"for_person": "nobody/at-all"},
            or_422=Do.REQUEST_BOOKING,
        ),
        Door(Do.DECIDE_REQUEST, "POST /requests/{request}/approve", "site partner person", booking, OLD),
        Door(Do.DECIDE_REQUEST, "POST /requests/{request}/decline", "site partner person", booking, OLD),
        Door(Do.WITHDRAW_REQUEST, "POST /requests/{request}/withdraw", "site partner person", booking, OLD),
        Door(Do.DECIDE_REQUEST, "POST /requests/{request}/ask", "site partner person", between_us, UNSAID),
        Door(Do.ANSWER_QUESTION, "POST /requests/{request}/answer", "site partner person", between_us, UNSAID),
        Door(Do.CANCEL_BOOKING, "POST /bookings/{booking}/cancel", "site partner person", booking, OLD),
        Door(Do.CHECK_IN, "POST /bookings/{booking}/check-in", "site partner person", booking, OLD),
        Door(Do.MOVE_BOOKING, "GET /bookings/{booking}/move", "site partner person", booking),
        Door(Do.MOVE_BOOKING, "POST /bookings/{booking}/move", "site partner person", booking, OLD),
        Door(Do.MOVE_BOOKING, "POST /bookings/{booking}/findings", "site partner person", booking, OLD),
        Door(Do.MOVE_BOOKING, "GET /bookings/{booking}/said", "site partner person", booking),
        Door(Do.MOVE_BOOKING, "POST /bookings/{booking}/change/withdraw", "site partner person", booking, OLD),
        Door(Do.DECIDE_REQUEST, "POST /bookings/{booking}/change/approve", "site partner person", booking, OLD),
        Door(Do.DECIDE_REQUEST, "POST /bookings/{booking}/change/decline", "site partner person", booking, OLD),
        Door(Do.DECIDE_REQUEST, "GET /requests/{request}/propose", "site partner person", booking),
        Door(Do.DECIDE_REQUEST, "POST /requests/{request}/propose", "site partner person", booking, OLD),
        Door(Do.DECIDE_REQUEST, "POST /requests/{request}/approve-changed", "site partner person", booking, OLD),
        Door(Do.DECIDE_REQUEST, "POST /requests/{request}/undo", "site partner person", booking, OLD),
        Door(Do.ASSIGN_REQUEST, "POST /requests/{request}/assign", "site partner person", booking, OLD),
        Door(Do.ANSWER_PROPOSAL, "POST /proposals/{booking}/accept", "site partner person", booking, OLD),
        Door(Do.ANSWER_PROPOSAL, "POST /proposals/{booking}/refuse", "site partner person", booking, OLD),
        Door(Do.DECIDE_REQUEST, "POST /proposals/{booking}/take-back", "site partner person", booking, OLD),
        Door(Do.HAND_OVER, "GET /bookings/{booking}/hand-over", "site partner person", booking),
        Door(Do.HAND_OVER, "POST /bookings/{booking}/hand-over", "site partner person", booking, OLD),
        Door(Do.SET_SITE, "GET /sites/{site}/settings", "site", site),
        Door(Do.SET_SITE, "POST /sites/{site}/settings", "site", site, APART, good=DONE),
        Door(Do.SET_SITE, "GET /sites/{site}/groups", "site", site),
        Door(Do.SET_SITE, "POST /sites/{site}/groups", "site", site, GROUP, good=DONE),
        Door(Do.SET_SITE, "GET /sites/{site}/groups/{group}", "site", site),
        Door(Do.SET_SITE, "POST /sites/{site}/groups/{group}", "site", site, OLD, good=frozenset({409})),
        Door(Do.SET_RESOURCE, "GET /resources/{resource}/terms", "site", site),
        Door(Do.SET_RESOURCE, "POST /resources/{resource}/terms", "site", site, OLD, good=frozenset({422})),
        Door(Do.SET_RESOURCE, "GET /resources/{resource}/links", "site", site),
        Door(Do.SET_RESOURCE, "POST /resources/{resource}/links", "site", site, OLD, good=frozenset({422})),
        Door(Do.SET_RESOURCE, "POST /resources/{resource}/links/remove", "site", site, OLD, good=frozenset({422})),
        Door(Do.REARRANGE, "GET /resources/{resource}/room?from=2026-11-24T10:00&to=2026-11-24T11:00", "site", site),
        Door(Do.REARRANGE, "POST /resources/{resource}/room", "site", site, OLD, good=frozenset({422})),
        Door(Do.KEEP_REASONS, "GET /sites/{site}/reasons", "site", site),
        Door(Do.KEEP_REASONS, "POST /sites/{site}/reasons", "site", site, good=frozenset({422})),
        Door(Do.KEEP_REASONS, "GET /sites/{site}/reasons/{reason}", "site", site),
        Door(Do.KEEP_REASONS, "POST /sites/{site}/reasons/{reason}", "site", site, OLD, good=frozenset({422})),
        Door(Do.KEEP_REASONS, "POST /sites/{site}/reasons/{reason}/remove", "site", site, OLD, good=frozenset({409})),
        Door(Do.KEEP_REASONS, "POST /sites/{site}/reasons/{reason}/first", "site", site, good=DONE),
        Door(Do.KEEP_SIGN, "GET /sites/{site}/signs", "site", site),
        Door(Do.KEEP_SIGN, "POST /sites/{site}/signs", "site", site, good=frozenset({422})),
        Door(Do.KEEP_SIGN, "GET /sites/{site}/signs/{sign}", "site", site),
        Door(Do.KEEP_SIGN, "POST /sites/{site}/signs/{sign}", "site", site, good=frozenset({422})),
        Door(Do.KEEP_SIGN, "POST /sites/{site}/signs/{sign}/renew", "site", site, good=frozenset({200})),
        Door(Do.KEEP_SIGN, "POST /sites/{site}/signs/{sign}/end", "site", site, good=DONE),
        Door(Do.KEEP_SIGN, "POST /sites/{site}/signs/{sign}/again", "site", site, good=DONE),
        Door(Do.KEEP_SIGN, "GET /sites/{site}/labels", "site", site),
        Door(Do.SEE_SITE, "GET /sites/{site}/list", "site"),
        Door(Do.SEE_RULES, "GET /sites/{site}/rules", "site", site),
        Door(Do.SEE_RULES, "GET /rules/{rules}", "site partner", rules),
        Door(Do.SET_RULES, "GET /sites/{site}/rules/new", "site", site),
        Door(Do.SET_RULES, "POST /sites/{site}/rules/new", "site", site),
        Door(Do.SET_RULES, "GET /rules/{rules}/edit", "site partner", rules),
        Door(Do.SET_RULES, "POST /rules/{rules}/edit", "site partner", rules, OLD),
        Door(Do.SET_RULES, "POST /rules/{rules}/switch", "site partner", rules, OLD),
        Door(Do.SET_RULES, "GET /rules/{rules}/limits/new?kind=bookings", "site partner", rules),
        Door(Do.SET_RULES, "POST /rules/{rules}/limits/new?kind=bookings", "site partner", rules, OLD),
        Door(Do.SET_RULES, "POST /rules/{rules}/limits/{limit}", "site partner", rules, OLD),
        Door(Do.SET_RULES, "POST /rules/{rules}/limits/{limit}/remove", "site partner", rules, OLD),
        Door(Do.SEE_INBOX, "GET /inbox", "site", everybody, relations=ONCE),
        Door(
            Do.SETTLE_FLAG,
            "POST /flags",
            "site partner person",
            flag,
            {"flags": "{flag}", "choice": "kept"},
        ),
        Door(Do.CLOSE_PART, "GET /sites/{site}/closures", "site", site),
        Door(Do.CLOSE_PART, "GET /sites/{site}/closures/new", "site", site),
        Door(Do.CLOSE_PART, "POST /sites/{site}/closures/new", "site", site),
        Door(Do.CLOSE_PART, "POST /sites/{site}/closures/import", "site", site),
        Door(Do.CLOSE_PART, "POST /sites/{site}/closures/import/close", "site", site),
        Door(Do.CLOSE_PART, "POST /sites/{site}/faults/new", "site", site),
        Door(Do.CLOSE_PART, "POST /sites/{site}/holidays", "site", site),
        Door(Do.CLOSE_PART, "GET /closures/{closure}", "site"),
        Door(Do.CLOSE_PART, "POST /closures/{closure}", "site"),
        Door(Do.CLOSE_PART, "POST /closures/{closure}/change", "site"),
        Door(Do.CLOSE_PART, "POST /closures/{closure}/lift", "site", fields={"version": "1"}),
        Door(Do.CLOSE_SITE, "GET /closures/{site-closure}/change", "site", works),
        Door(Do.CLOSE_SITE, "POST /closures/{site-closure}/change", "site", works, {"version": "1"}),
        Door(Do.CLOSE_SITE, "POST /closures/{site-closure}/lift", "site", works, {"version": "1"}),
    ],
    "calendars": [
        Door(Do.FOLLOW_OWN, "POST /feeds", "", fields={"about": "mine"}, relations=ONCE),
        Door(
            Do.FOLLOW_RESOURCE,
            "POST /feeds",
            "site",
            fields={"about": "resource:{resource}", **FEED},
            good=frozenset({201}),
            refusal=422,
        ),
        Door(
            Do.FOLLOW_SITE,
            "POST /feeds",
            "site",
            fields={"about": "site:{site}", **FEED},
            good=frozenset({201}),
            refusal=422,
        ),
        Door(
            Do.FOLLOW_PARTNER,
            "POST /feeds",
            "partner",
            fields={"about": "partner:{partner}", **FEED},
            good=frozenset({201}),
            refusal=422,
        ),
        Door(
            Do.FOLLOW_WAITING,
            "POST /feeds",
            "",
            fields={"about": "waiting", **FEED},
            good=frozenset({201}),
            refusal=422,
            relations=ONCE,
        ),
    ],
    "people": [
        Door(Do.SEE_PEOPLE, "GET /people/partners/{partner}", "partner"),
        Door(Do.SEE_PEOPLE, "GET /people/{person}", "partner"),
        Door(Do.SEE_SITE_PEOPLE, "GET /people/sites/{site}", "site"),
        Door(
            Do.INVITE_SCIENTIST,
            "POST /people/partners/{partner}/invite",
            "partner",
            people,
            invite("scientist"),
            good=frozenset({303, 409}),
        ),
        Door(
            Do.INVITE_COORDINATOR,
            "POST /people/partners/{partner}/invite",
            "partner",
            people,
            invite("coordinator"),
            good=frozenset({303, 409}),
            or_422=Do.INVITE_SCIENTIST,
        ),
        Door(
            Do.INVITE_STAFF,
            "POST /people/sites/{site}/invite",
            "site",
            staff,
            invite("staff"),
            good=DONE,
        ),
        Door(
            Do.INVITE_MANAGER,
            "POST /people/sites/{site}/invite",
            "site",
            staff,
            invite("manager"),
            good=DONE,
            or_422=Do.INVITE_STAFF,
        ),
        Door(
            Do.RENEW_INVITATION,
            "POST /invitations/{invitation}/resend",
            "partner",
            people,
            also=Do.INVITE_SCIENTIST,
        ),
        Door(
            Do.REVOKE_INVITATION,
            "POST /invitations/{invitation}/revoke",
            "partner",
            people,
            good=DONE,
            also=Do.INVITE_SCIENTIST,
        ),
        Door(Do.SEE_JOINING, "GET /joining", "partner", everybody, relations=ONCE),
        Door(Do.ANSWER_JOINING, "POST /joining/{joining}/accept", "partner", joining, also=Do.INVITE_SCIENTIST),
        Door(Do.ANSWER_JOINING, "POST /joining/{joining}/decline", "partner", joining, {"reason": "No"}, good=DONE),
        Door(
            Do.GIVE_PARTNER_ROLE,
            "POST /people/{person}/roles",
            "partner person",
            people,
            role("coordinator", "{partner}"),
            good=frozenset({303, 409}),
            or_422=Do.GIVE_SITE_ROLE,
            offers=partner_of_one_site,
        ),
        Door(
            Do.GIVE_SITE_ROLE,
            "POST /people/{person}/roles",
            "partner person",
            people,
            role("staff", "{site}"),
            good=DONE,
            or_422=Do.GIVE_PARTNER_ROLE,
            offers=partner_of_one_site,
        ),
        Door(
            Do.GIVE_LAB_ROLE,
            "POST /people/{person}/roles",
            "partner person",
            people,
            role("auditor", ""),
            good=DONE,
            or_422=Do.GIVE_PARTNER_ROLE,
            offers=partner_of_one_site,
        ),
        Door(
            Do.END_PARTNER_ROLE,
            "POST /people/{person}/roles/end",
            "partner person",
            people,
            {"role": "scientist", "place": "{partner}"},
            good=DONE,
        ),
        Door(
            Do.END_PARTNER_ROLE,
            "POST /people/{person}/remove",
            "partner person",
            people,
            {"partner": "{partner}"},
            good=DONE,
        ),
        Door(
            Do.END_SITE_ROLE,
            "POST /people/{trainer}/roles/end",
            "site trainer",
            staff,
            {"role": "staff", "place": "{site}"},
            good=DONE,
        ),
        Door(
            Do.END_LAB_ROLE,
            "POST /people/{auditor}/roles/end",
            "auditor",
            lab,
            {"role": "auditor"},
            relations=ONCE,
            good=DONE,
        ),
        Door(Do.NAME_APPROVER, "POST /sites/{site}/approvers", "site", staff),
        Door(
            Do.NAME_APPROVER,
            "POST /sites/{site}/approvers/remove",
            "site",
            staff,
            {"place": "resource:{resource}", "person": "{trainer}"},
        ),
        Door(Do.NAME_STAND_IN, "POST /stand-ins/{stand-in}/end", "site trainer", staff, good=DONE),
    ],
    "agreements": [
        Door(Do.SEE_AGREEMENT, "GET /agreements/{agreement}", "site partner"),
        Door(Do.CHANGE_AGREEMENT, "GET /agreements/{agreement}/change", "site partner", agreement),
        Door(Do.CHANGE_AGREEMENT, "POST /agreements/{agreement}/change", "site partner", agreement, OLD),
        Door(Do.CHANGE_AGREEMENT, "GET /sites/{site}/agreements/new", "site", site),
        Door(Do.END_AGREEMENT, "POST /agreements/{agreement}/end", "site partner", agreement, OLD),
        Door(Do.PUBLISH_CONDITIONS, "POST /sites/{site}/conditions", "site", site),
        Door(Do.ACCEPT_CONDITIONS, "POST /conditions/{site}", "site", site),
    ],
    "trainings": [
        Door(Do.SEE_CARD, "GET /people/{person}/card?site={site}", "site partner person", lab),
        Door(Do.ASK_FOR_TRAINING, "POST /trainings/{training}/ask?site={site}", "site", site),
        Door(Do.TAKE_TRAINING_PLACE, "POST /training-sessions/{session}/take", "site", session),
        Door(Do.SEE_TRAININGS, "GET /sites/{site}/trainings", "site", site),
        Door(Do.SCHEDULE_TRAINING, "GET /sites/{site}/trainings/schedule", "site", site),
        Door(Do.SCHEDULE_TRAINING, "POST /sites/{site}/trainings/schedule", "site", site),
        Door(Do.SIGN_OFF_TRAINING, "POST /training-sessions/{session}/sign-off", "site person", session),
        Door(Do.REVOKE_TRAINING, "POST /sites/{site}/trainings/revoke", "site person", site),
        Door(Do.IMPORT_TRAININGS, "GET /sites/{site}/trainings/import", "site", site),
    ],
    "messages": [
        Door(Do.ASK_HOLDER, "GET /messages/new?unit={unit}", "site", site),
        Door(Do.ASK_HOLDER, "POST /messages/new", "site", site, {"unit": "{unit}"}),
        Door(Do.READ_THREAD, "GET /messages/{thread}", "site person", thread),
        Door(Do.READ_THREAD, "POST /messages/{thread}/read", "site person", thread, good=DONE),
        Door(Do.READ_THREAD, "POST /messages/{thread}/answer", "site person", thread),
        Door(Do.READ_THREAD, "POST /messages/{thread}/name", "site person", thread, good=DONE),
        Door(Do.READ_THREAD, "POST /messages/{thread}/close", "site person", thread, good=DONE),
    ],
    "evidence": [
        Door(Do.PREVIEW_AS_PARTNER, "GET /preview", "partner", everybody, relations=ONCE),
        Door(Do.SEE_PARTNER_TRAIL, "GET /trail/partner/{partner}", "partner", partner),
        Door(Do.SEE_TRAIL, "GET /trail", "", everybody, relations=ONCE),
        Door(Do.EXPORT_TRAIL, "GET /trail/export.csv", "", everybody, relations=ONCE),
        Door(Do.EXPORT_TRAIL, "GET /trail/export.jsonl", "", everybody, relations=ONCE),
        Door(Do.SEE_POLICY, "GET /policy", "", everybody, relations=ONCE),
        Door(Do.SEE_LETTERS, "GET /letters", "", everybody, relations=ONCE),
        Door(Do.SEE_LETTERS, "GET /letters/{letter}", "site", works),
        Door(Do.SEE_UNDELIVERED, "GET /letters/undelivered?site={site}", "site", undelivered),
        Door(Do.SEE_UNDELIVERED, "POST /letters/{letter}/again", "site", good=DONE),
    ],
    "accounts": [
        Door(Do.KEEP_ACCOUNT, "GET /account", "oneself", relations=ONCE),
        Door(Do.KEEP_ACCOUNT, "POST /account/reading", "oneself", relations=ONCE),
        Door(Do.KEEP_ACCOUNT, "POST /account/clock", "oneself", relations=ONCE),
        Door(Do.KEEP_ACCOUNT, "POST /account/sessions/{sign-in}/end", "person", good=DONE),
        Door(Do.EXPORT_OWN_DATA, "GET /account/data/labbook.json", "oneself", relations=ONCE),
        Door(Do.EXPORT_OWN_DATA, "GET /account/data/labbook.ics", "oneself", relations=ONCE),
        Door(Do.CLOSE_ACCOUNT, "POST /people/{person}/close", "person", people, {"reason": "Left"}, good=DONE),
        Door(Do.CLOSE_ACCOUNT, "POST /people/{person}/reopen", "person", people, good=frozenset({409})),
        Door(Do.REMOVE_FACTOR, "POST /people/{person}/remove-factor", "person", people, good=frozenset({409})),
        Door(Do.ERASE_PERSON, "GET /people/{person}/erase", "person", people),
    ],
}
DOORS = [door for doors in THEMES.values() for door in doors]
WITHOUT_A_DOOR = {
    Do.WAIVE_RULE: "a part of approving, where a rule stands in the way: tests/bookings/test_waivers.py",
    Do.WAIVE_STRICT_RULE: "the same for what only managers waive",
    Do.KEEP_FAVOURITE: "one's own, among what one sees: tests/home/test_favourites.py",
}
