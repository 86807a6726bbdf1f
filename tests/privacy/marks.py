"""The rest of Aoba's secrets: what joining, agreements, trainings, messages, letters and the history know of it.

They are written into the tables as they are, so that they are there whatever the services can make by now.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from labbook.core.language import Words
from labbook.core.permissions import Role
from labbook.core.tokens import token_hash
from labbook.db import db, transactional
from labbook.models import (
    Agreement,
    Area,
    Attachment,
    AttachmentContent,
    Booking,
    CannedReason,
    Claim,
    Closure,
    Conditions,
    Flag,
    Hold,
    Identity,
    Invitation,
    JoinRequest,
    Letter,
    Message,
    Offer,
    OneTimeLink,
    Partner,
    Person,
    Project,
    Remark,
    Request,
    Resource,
    ResourceGroup,
    ResourceGroupMember,
    RoleGrant,
    RuleSet,
    Series,
    Sign,
    SignIn,
    SkippedDate,
    StandIn,
    Thread,
    Training,
    TrainingPlace,
    TrainingSession,
    TrainingWish,
    Unit,
    Wait,
)
from labbook.models.access import Purpose
from labbook.models.audit import happened
from labbook.people.accounts import session_key
from labbook.people.service import password_hash
from tests.cast import NOW, PASSWORD, Cast

if TYPE_CHECKING:
    from tests.privacy.planting import Plants

FOREIGN = {  # kinds of things that are a partner's own: to a rival they are not there
    *("request", "booking", "feed", "person", "partner", "project", "invitation", "joining", "wish", "thread"),
    *("agreement", "flag", "sign-in", "rules", "wait", "offer", "series", "attachment", "letter"),
}
SHARED = {  # of the lab, or of a site
    *("site", "resource", "area", "training", "session", "conditions", "stand-in", "group", "closure", "reason"),
    "sign",
    "limit",  # only within its rule set
}
LINKS = {"feed-token", "sign-token", "link"}  # secrets: a rival has none, but may try the keys that it came by
WORDS = {"name", "file", "icon", "language"}
KINDS = FOREIGN | SHARED | LINKS | WORDS

INVITATION_TOKEN, RESET_TOKEN = "VicunaInvitationLink0123456789ab", "VicunaResetLink0123456789abcdefgh"
SIGN_TOKEN = "AlpacaSignLink0123456789abcdefgh"

# Who of those whose business it is finds which mark, walking through the pages: one of them must, or the crawl is void.
# An empty place: no page shows it to anybody, and yet it may leak.
READERS: dict[str, str] = {
    "title of what is approved": "hana cora sora",
    "title of what waits": "hana sora",
    "title of a wish": "hana sora",
    "title on a hidden resource": "hana",
    "title in a joint project": "hana chika",
    "title at the other site": "hana",
    "title of what was declined": "hana",
    "title of what was cancelled": "hana",
    "purpose": "hana sora",
    "reason of a declining": "hana",
    "reason of a cancelling": "hana",
    "the partner's name": "cora",
    "the partner's name in Japanese": "hana",
    "the partner's slug": "",
    "the project's name": "cora",
    "the project's name in Japanese": "hana",
    "the project's slug": "",
    "a family name": "hana",
    "a given name": "hana",
    "a reading of a name": "hana cora sora",
    "an address": "hana cora sora",
    "a colleague's family name": "hana cora",
    "a colleague's address": "cora sora",
    "the coordinator's family name": "cora",
    "the coordinator's address": "cora sora",
    "a request's key": "hana sora",
    "a booking's key": "hana sora",
    "a booking's UID": "hana",
    "the key that a form was sent with": "",
    "the name of a feed": "hana",
    "the key of a feed": "hana",
    "the link of a feed": "",
    "a person's key": "cora sora",
    "the partner's key": "hana cora",
    "the project's key": "hana",
    "the address of an invitation": "cora sora",
    "the key of an invitation": "cora",
    "the link of an invitation": "",
    "the link of a reset": "",
    "the address of somebody who asks to join": "cora sora",
    "the name of somebody who asks to join": "cora sora",
    "the organisation that somebody names": "cora sora",
    "what somebody says who asks to join": "cora sora",
    "the key of an asking to join": "cora",
    "the note of a training wish": "hana sora",
    "the key of a training wish": "",
    "a blind message": "hana chika",
    "the answer to a blind message": "hana chika",
    "the key of a thread": "hana chika",
    "what staff asked about a request": "hana sora",
    "what was answered": "hana sora",
    "the name of a file": "hana sora",
    "what a file says": "hana sora",
    "the key of a file": "hana sora",
    "title of what is waited for": "hana",
    "the key of a wait": "hana",
    "the key of an offer": "hana",
    "what an agreement grants": "cora",
    "the key of an agreement": "cora sora",
    "the name of a rule set of an agreement": "hana sora",
    "the key of a rule set": "sora",
    "a detail of the history": "hana cora",
    "the key of a flag": "sora",
    "what a letter says": "hana",
    "the browser of a session": "hana",
    "an account at a provider": "hana",
    "a person's address in the history": "audrey",
}


def _somebody(lab: Cast, name: str, role: Role, partner: str, ends_on: date | None = None) -> None:
    """One more person for the cast."""
    person = Person(
        email=f"{name}@lab.example",
        family_name=f"{name.title()}man",
        given_name=name.title(),
        language="en",
        home_site_id=lab.sites["tsukuba"],
        password_hash=password_hash(PASSWORD),
        created_at=NOW - timedelta(days=300),
    )
    db.session.add(person)
    db.session.flush()
    lab.people[name] = person.id
    days = {"starts_on": date(2026, 1, 1), "ends_on": ends_on}
    db.session.add(RoleGrant(person_id=person.id, role=role, partner_id=lab.partners[partner], **days))


def _series(booking: Booking) -> Series:
    """The booking is a date of a series, and another date of it was skipped."""
    series = Series(
        request_id=booking.request_id,
        rule="FREQ=WEEKLY;BYDAY=TU;COUNT=2",
        wall_start=booking.wall_start,
        wall_end=booking.wall_end,
        zone="Asia/Tokyo",
        resource_id=booking.resource_id,
    )
    db.session.add(series)
    db.session.flush()
    booking.series_id, booking.recurrence_on = series.id, booking.wall_start
    db.session.add(SkippedDate(series_id=series.id, recurrence_on="2027-06-01T10:00", findings=[]))
    db.session.flush()
    return series


def _waiting(lab: Cast, hana: int) -> tuple[Wait, Offer]:
    """Somebody waits, and time is kept for them."""
    plain = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-plain")).one()
    unit = db.session.scalars(select(Unit).where(Unit.resource_id == plain.id)).one()
    time = {"starts_at": NOW + timedelta(days=1, hours=6), "ends_at": NOW + timedelta(days=1, hours=8)}
    wait = Wait(
        site_id=lab.sites["tsukuba"],
        resource_id=plain.id,
        person_id=hana,
        partner_id=lab.partners["aoba"],
        title="Klipspringer plates",
        minutes=120,
        created_at=NOW,
        **time,
    )
    claim = Claim(kind="offer")
    db.session.add_all([wait, claim])
    db.session.flush()
    whose = {"wait_id": wait.id, "claim_id": claim.id, "resource_id": plain.id, "unit_id": unit.id}
    offer = Offer(**whose, made_at=NOW, until=NOW + timedelta(hours=4), **time)
    db.session.add_all([offer, Hold(unit_id=unit.id, claim_id=claim.id, **time)])
    db.session.flush()
    return wait, offer


def _asked_about(lab: Cast, plants: Plants) -> Attachment:
    """Staff asked about what waits, and it was answered with a file. Returns it."""
    request_id = db.session.scalars(select(Request.id).where(Request.key == plants.requests["Waiting"])).one()
    about = {"request_id": request_id, "at": NOW}
    question = Remark(**about, person_id=lab.people["sora"], is_question=True, body="Is Echidna serum infectious?")
    answer = Remark(**about, person_id=lab.people["hana"], is_question=False, body="The Platypus sheet says no.")
    db.session.add_all([question, answer])
    db.session.flush()
    content = b"lot,host\nA1,Dugong cells\n"
    file = Attachment(
        remark_id=answer.id, name="Manatee sheet.csv", media_type="text/csv", size=len(content), sha256="0" * 64
    )
    db.session.add(file)
    db.session.flush()
    db.session.add(AttachmentContent(attachment_id=file.id, content=content))
    return file


@transactional
def sow(lab: Cast, plants: Plants) -> dict[str, str]:
    """Write what Aoba has besides bookings, note its keys in `plants`, and return each mark's word."""
    aoba, tsukuba, hana, sora = lab.partners["aoba"], lab.sites["tsukuba"], lab.people["hana"], lab.people["sora"]
    add = db.session.add_all
    person = db.session.get_one(Person, hana)
    person.reading = "ナマケモノ"
    _somebody(lab, "bea", Role.COORDINATOR, "birch")
    _somebody(lab, "fay", Role.SCIENTIST, "aoba", ends_on=date(2026, 11, 20))  # a former member
    invitation = Invitation(
        email="numbat@lab.example",
        role=Role.SCIENTIST,
        partner_id=aoba,
        language="en",
        invited_by_id=lab.people["cora"],
        made_at=NOW,
        expires_at=NOW + timedelta(days=7),
    )
    joining = JoinRequest(
        email="okapi@lab.example",
        family_name="Ocelot",
        given_name="Olingo",
        organisation="Peccary Holdings",
        message="Potoo sent me",
        language="en",
        partner_id=aoba,
        asked_at=NOW,
    )
    laser = db.session.scalars(select(Training)).one()
    wish = TrainingWish(
        person_id=hana,
        training_id=laser.id,
        site_id=tsukuba,
        partner_id=aoba,
        note="Quetzal needs the laser",
        asked_at=NOW,
    )
    session = TrainingSession(
        training_id=laser.id,
        site_id=tsukuba,
        trainer_id=sora,
        starts_at=NOW + timedelta(days=2),
        ends_at=NOW + timedelta(days=2, hours=2),
        places=4,
    )
    conditions = Conditions(
        site_id=lab.sites["cambridge"],
        edition="2026-11",
        text=Words("Wear glasses.", "眼鏡をかけてください。"),
        published_on=date(2027, 1, 1),
    )
    stand_in = StandIn(
        site_id=tsukuba,
        absent_id=sora,
        person_id=lab.people["mio"],
        starts_on=date(2026, 11, 20),
        ends_on=date(2026, 11, 30),
    )
    joint = db.session.scalars(select(Booking).where(Booking.key == plants.bookings["Joint"])).one()
    approved = db.session.scalars(select(Booking).where(Booking.key == plants.bookings["Approved"])).one()
    thread = Thread(
        unit_id=joint.unit_id,
        at=joint.starts_at,
        booking_id=joint.id,
        asker_id=lab.people["chika"],
        asker_partner_id=lab.partners["cedar"],
        holder_id=hana,
        made_at=NOW,
    )
    flag = Flag(booking_id=approved.id, site_id=tsukuba, code="training-lapsed", raised_at=NOW)
    closure = Closure(
        site_id=tsukuba,
        starts_at=NOW + timedelta(days=200),
        ends_at=NOW + timedelta(days=201),
        reason=Words("Power cut", "停電"),
    )
    group = ResourceGroup(slug="all-of-them", name=Words("All of them", "すべて"))
    reason = CannedReason(site_id=tsukuba, words=Words("It is too late.", "間に合いません。"), position=1)
    letter = Letter(
        kind="no-show",
        address=person.email,
        language="en",
        person_id=hana,
        site_id=tsukuba,
        values={"site": "Tsukuba", "path": f"/requests/{plants.requests['Approved']}"},
        made_at=NOW,
        due_at=NOW,
        given_up_at=NOW,
        fault="550 No such user",
    )
    signed_in = SignIn(
        token_hash=token_hash("VicunaSession"),
        person_id=hana,
        started_at=NOW,
        seen_at=NOW,
        browser="Vervet, Linux",
        address="198.51.100.7",
    )
    add([closure, signed_in, invitation, joining, wish, session, conditions, stand_in, thread, flag, group])
    sign = Sign(
        token_hash=token_hash(SIGN_TOKEN),
        name="By the door",
        site_id=tsukuba,
        area_id=db.session.scalars(select(Area.id).where(Area.site_id == tsukuba)).first(),
        language="ja",
        made_by_id=lab.people["sora"],
        made_at=NOW,
    )
    add([reason, letter, sign])
    db.session.flush()
    add(ResourceGroupMember(group_id=group.id, resource_id=one) for one in db.session.scalars(select(Resource.id)))
    agreement = db.session.scalars(
        select(Agreement).where(Agreement.partner_id == aoba, Agreement.site_id == tsukuba)
    ).one()
    wait, offer = _waiting(lab, hana)
    file = _asked_about(lab, plants)
    series = _series(approved)
    rules = RuleSet(
        site_id=tsukuba,
        name=Words("Kinkajou grant", "Kinkajou grant"),
        agreement_id=agreement.id,
        limits=[{"kind": "bookings", "id": "5a1e0b3c", "most": 40}],
        made_at=NOW,
    )
    add([rules])
    db.session.flush()
    agreement.entitlements = {"en": [["Hours", "Takin hours on weekdays"]], "ja": [["時間", "Takin"]]}
    until = {"made_at": NOW, "expires_at": NOW + timedelta(days=7)}
    invited = token_hash(INVITATION_TOKEN)
    add(
        [
            TrainingPlace(session_id=session.id, person_id=hana, taken_at=NOW),
            Message(thread_id=thread.id, is_from_asker=True, body="Saiga asks for your time", at=NOW, read_at=NOW),
            Message(thread_id=thread.id, is_from_asker=False, body="Saola needs it", at=NOW),
            OneTimeLink(purpose=Purpose.INVITATION, token_hash=invited, invitation_id=invitation.id, **until),
            OneTimeLink(purpose=Purpose.RESET, token_hash=token_hash(RESET_TOKEN), person_id=hana, **until),
            Identity(issuer="https://id.example", subject="zorilla-subject", person_id=hana, linked_at=NOW),
            Letter(
                kind="reset",
                address=person.email,
                language="ja",
                person_id=hana,
                values={"title": "Xerus plates"},
                made_at=NOW,
                due_at=NOW,
                sent_at=NOW,
            ),
            happened(
                "role-given",
                at=NOW,
                actor_id=lab.people["cora"],
                subject="person",
                subject_id=hana,
                body={"role": "scientist", "reason": "Uakari campaign", "email": "vaquita@lab.example"},
                partner_id=aoba,
            ),
        ]
    )
    db.session.get_one(Partner, aoba).slug = "wolverine-bio"
    project = db.session.scalars(select(Project)).one()
    project.slug = "serow-project"
    people = db.session.scalars(select(Person).where(Person.id.in_([lab.people[name] for name in ("hana", "cora")])))
    plants.keys_of |= {
        "person": [one.key for one in people],
        "partner": [plants.others["partner"], "wolverine-bio"],
        "project": [project.key],
        "feed": [plants.others["feed"]],
        "invitation": [invitation.key],
        "joining": [joining.key],
        "wish": [wish.key],
        "thread": [thread.key],
        "agreement": [agreement.key],
        "rules": [rules.key],
        "limit": ["5a1e0b3c"],
        "flag": [flag.key],
        "letter": [letter.key],
        "wait": [wait.key],
        "offer": [offer.key],
        "series": [series.key],
        "attachment": [file.key],
        "sign-in": [session_key(signed_in)],
        "session": [session.key],
        "closure": [closure.key],
        "training": [laser.slug],
        "conditions": [conditions.key],
        "stand-in": [stand_in.key],
        "area": ["imaging"],
        "group": [group.slug],
        "reason": [reason.key],
        "sign": [sign.key],
        "site": ["tsukuba", "cambridge"],
        "resource": ["tsukuba-secret", "tsukuba-plain", "cambridge-scope"],
        "request": [plants.requests[name] for name in ("Waiting", "Approved", "Joint", "Cambridge", "Declined")],
        "booking": [plants.bookings[name] for name in ("Approved", "Waiting", "Hidden", "Cambridge")],
        "link": [plants.requests["Approved"], invitation.key, person.key],
        "sign-token": [sign.key, plants.bookings["Approved"]],
        "feed-token": [plants.others["feed"], person.key],
        "name": ["a"],
        "file": ["app.css"],
        "icon": ["icon-192"],
        "language": ["en"],
    }
    words = plants.words
    return {
        "title of what is approved": words["Approved"][0],
        "title of what waits": words["Waiting"][0],
        "title of a wish": words["Wished"][0],
        "title on a hidden resource": words["Hidden"][0],
        "title in a joint project": words["Joint"][0],
        "title at the other site": words["Cambridge"][0],
        "title of what was declined": words["Declined"][0],
        "title of what was cancelled": words["Cancelled"][0],
        "purpose": words["Approved"][1],
        "reason of a declining": words["Declined"][-1],
        "reason of a cancelling": words["Cancelled"][-1],
        "the partner's name": "Capybara Bio",
        "the partner's name in Japanese": "カピバラ",
        "the partner's slug": "wolverine-bio",
        "the project's name": "Tardigrade",
        "the project's name in Japanese": "クマムシ",
        "the project's slug": "serow-project",
        "a family name": "Axolotl",
        "a given name": "Pangolin",
        "a reading of a name": "ナマケモノ",
        "an address": "hana@lab.example",
        "a colleague's family name": "Binturong",
        "a colleague's address": "alan@lab.example",
        "the coordinator's family name": "Gharial",
        "the coordinator's address": "cora@lab.example",
        "a request's key": plants.requests["Approved"],
        "a booking's key": plants.bookings["Approved"],
        "a booking's UID": plants.uids["Approved"],
        "the key that a form was sent with": "MarkhorFormKey",
        "the name of a feed": "Quokka feed",
        "the key of a feed": plants.others["feed"],
        "the link of a feed": plants.token,
        "a person's key": person.key,
        "the partner's key": plants.others["partner"],
        "the project's key": project.key,
        "the address of an invitation": invitation.email,
        "the key of an invitation": invitation.key,
        "the link of an invitation": INVITATION_TOKEN,
        "the link of a reset": RESET_TOKEN,
        "the address of somebody who asks to join": joining.email,
        "the name of somebody who asks to join": "Ocelot",
        "the organisation that somebody names": "Peccary",
        "what somebody says who asks to join": "Potoo",
        "the key of an asking to join": joining.key,
        "the note of a training wish": "Quetzal",
        "the key of a training wish": wish.key,
        "a blind message": "Saiga",
        "the answer to a blind message": "Saola",
        "the key of a thread": thread.key,
        "what staff asked about a request": "Echidna",
        "what was answered": "Platypus",
        "the name of a file": "Manatee",
        "what a file says": "Dugong",
        "the key of a file": file.key,
        "title of what is waited for": wait.title,
        "the key of a wait": wait.key,
        "the key of an offer": offer.key,
        "what an agreement grants": "Takin",
        "the name of a rule set of an agreement": "Kinkajou",
        "the key of a rule set": rules.key,
        "the key of an agreement": agreement.key,
        "a detail of the history": "Uakari",
        "the key of a flag": flag.key,
        "what a letter says": "Xerus",
        "the browser of a session": "Vervet",
        "an account at a provider": "zorilla-subject",
        "a person's address in the history": "vaquita@lab.example",
    }


# What staff of the other site may know too, since Aoba has an agreement there: who its people are, and what they book.
FOR_STAFF_ELSEWHERE = {
    *("title at the other site", "the partner's name", "the partner's name in Japanese", "the partner's slug"),
    *("the partner's key", "a person's key", "a family name", "a given name", "a reading of a name", "an address"),
    *("a colleague's family name", "a colleague's address", "the coordinator's family name"),
    *("the coordinator's address", "the address of somebody who asks to join", "the name of somebody who asks to join"),
    *("the address of an invitation", "the key of an invitation"),
    *("the organisation that somebody names", "what somebody says who asks to join", "the key of an asking to join"),
}
