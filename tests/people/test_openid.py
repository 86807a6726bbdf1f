"""Signing in by OpenID Connect: against a real provider, which finds an account here and never makes one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from joserfc.jwk import OctKey
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Event, EventDetail, Identity, Invitation, Person, RoleGrant, SignIn
from labbook.people.service import provider as talking
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.people.openid_provider import CLIENT, SECRET, LocalProvider, rsa_key, serving
from tests.people.test_factors import code, set_up

ALAN = {"email": "alan@lab.example", "email_verified": True}


@pytest.fixture
def provider(app: Flask) -> Iterator[LocalProvider]:
    """A provider, named in the settings."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    talking._known.by_issuer.clear()
    with serving(LocalProvider()) as made:
        app.config.update(OIDC_ISSUER=made.issuer, OIDC_CLIENT_ID=CLIENT, OIDC_CLIENT_SECRET=SECRET)
        app.config.update(OIDC_NAME="Campus ID")
        yield made


def come(visitor: Visitor, provider: LocalProvider, **claims: object) -> TestResponse:
    """To the provider and back again."""
    sent = visitor.get("/sign-in/openid?next=/bookings")
    assert sent.status_code == 303, sent.text
    return visitor.get("/sign-in/openid/callback", query_string=provider.authorize(sent.headers["Location"], **claims))


def refusals() -> list[tuple[str, int]]:
    """Why somebody was not let in, and whose account it was; nothing of it holds a token."""
    db.session.remove()
    found = db.session.execute(
        select(Event, EventDetail).join(EventDetail).where(Event.code == "openid-refused").order_by(Event.id)
    ).all()
    assert not any(word in str(detail.body) for _, detail in found for word in ("eyJ", "code-", "access", "@"))
    return [(detail.body["reason"], event.subject_id) for event, detail in found if detail.body]


def test_a_verified_address_finds_its_account_once_and_the_subject_from_then_on(
    app: Flask, lab: Cast, provider: LocalProvider
) -> None:
    visitor = Visitor(app)
    assert "Sign in with Campus ID" in visitor.get("/sign-in").text
    answer = come(visitor, provider, **ALAN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bookings")
    assert "Alan Abbott" in visitor.get("/bookings").text
    assert come(Visitor(app), provider, email="moved@elsewhere.example", email_verified=False).status_code == 303
    db.session.remove()
    assert [one.person_id for one in db.session.scalars(select(Identity))] == [lab.people["alan"]]
    codes = list(db.session.scalars(select(Event.code).order_by(Event.id)))
    assert codes == ["openid-linked", "signed-in", "signed-in"]


@on_sqlite
def test_many_providers_tell_the_address_only_when_asked(app: Flask, lab: Cast, provider: LocalProvider) -> None:
    provider.userinfo = {"sub": "subject-1", **ALAN}
    assert come(Visitor(app), provider).status_code == 303
    provider.userinfo = {"sub": "somebody-else", "email": "ben@lab.example", "email_verified": True}
    assert come(Visitor(app), provider, sub="subject-2").status_code == 403
    assert refusals() == [("answer", 0)]


@on_sqlite
@pytest.mark.parametrize(
    ("claims", "reason", "said"),
    [
        ({"email": "alan@lab.example", "email_verified": False}, "unverified", "does not say that your e-mail"),
        ({"email": "alan@lab.example"}, "unverified", "does not say that your e-mail"),
        ({"email": "alan@lab.example", "email_verified": "true"}, "unverified", "does not say that your e-mail"),
        ({"email": ["alan@lab.example"], "email_verified": True}, "unverified", "does not say that your e-mail"),
        ({}, "unverified", "does not say that your e-mail"),
        ({**ALAN, "aud": "another-client"}, "answer", "could not be trusted"),
        ({**ALAN, "aud": ["another-client", "third"]}, "answer", "could not be trusted"),
        ({**ALAN, "iss": "https://evil.example"}, "answer", "could not be trusted"),
        ({**ALAN, "nonce": "another"}, "answer", "could not be trusted"),
        ({**ALAN, "nonce": None}, "answer", "could not be trusted"),
        ({**ALAN, "exp": int(NOW.timestamp()) - 300}, "answer", "could not be trusted"),
        ({**ALAN, "iat": int(NOW.timestamp()) + 3000}, "answer", "could not be trusted"),
        ({**ALAN, "sub": None}, "answer", "could not be trusted"),
        ({"email": "nobody@lab.example", "email_verified": True}, "unknown", "Ask for an invitation first."),
        ({"email": "\u0430lan@lab.example", "email_verified": True}, "unknown", "Ask for an invitation first."),
    ],
)
def test_what_proves_nothing_lets_nobody_in(
    app: Flask, lab: Cast, provider: LocalProvider, claims: dict[str, object], reason: str, said: str
) -> None:
    visitor = Visitor(app)
    answer = come(visitor, provider, **claims)
    assert answer.status_code == 403
    assert said in answer.text
    assert visitor.get("/bookings").status_code == 303
    assert refusals() == [(reason, 0)]
    assert db.session.scalar(select(func.count(SignIn.id))) == 0
    assert db.session.scalar(select(func.count(Identity.subject))) == 0


@on_sqlite
@pytest.mark.parametrize("how", ["another key", "none", "HS256"])
def test_a_forged_signature_is_found(app: Flask, lab: Cast, provider: LocalProvider, how: str) -> None:
    if how == "another key":
        provider.signs_with = rsa_key("another")
    elif how == "none":
        provider.algorithm = "none"
    else:
        provider.algorithm, provider.signs_with = "HS256", OctKey.import_key(SECRET * 3)  # type: ignore[assignment]
    assert come(Visitor(app), provider, **ALAN).status_code == 403
    assert refusals() == [("answer", 0)]


@on_sqlite
def test_a_state_works_once_and_only_in_its_browser(app: Flask, lab: Cast, provider: LocalProvider) -> None:
    visitor, other = Visitor(app), Visitor(app)
    back = provider.authorize(visitor.get("/sign-in/openid").headers["Location"], **ALAN)
    other.get("/sign-in/openid")
    answers = [
        other.get("/sign-in/openid/callback", query_string=back),
        other.get("/sign-in/openid/callback"),
        visitor.get("/sign-in/openid/callback", query_string={**back, "state": back["state"] + "x"}),
        visitor.get("/sign-in/openid/callback", query_string=back),
        Visitor(app).get("/sign-in/openid/callback", query_string={"state": "é", "code": "x"}),
    ]
    assert [one.status_code for one in answers] == [400] * 5
    assert all("Begin it again." in one.text for one in answers)
    assert refusals() == [("state", 0)] * 5
    back = provider.authorize(visitor.get("/sign-in/openid").headers["Location"], **ALAN)
    kept = visitor.client.get_cookie("labbook")
    assert kept is not None
    assert visitor.get("/sign-in/openid/callback", query_string=back).status_code == 303
    thief = Visitor(app)
    thief.client.set_cookie("labbook", kept.value)
    assert thief.get("/sign-in/openid/callback", query_string=back).status_code == 403  # the code is used up


@on_sqlite
def test_who_says_no_over_there_is_told_so(app: Flask, lab: Cast, provider: LocalProvider) -> None:
    visitor = Visitor(app)
    back = provider.authorize(visitor.get("/sign-in/openid?next=/feeds").headers["Location"])
    answer = visitor.get("/sign-in/openid/callback", query_string={"error": "access_denied", "state": back["state"]})
    assert answer.status_code == 403
    assert "did not sign you in" in answer.text
    assert 'value="/feeds"' in answer.text


@on_sqlite
def test_a_closed_account_stays_closed_and_an_invitation_comes_first(
    app: Flask, lab: Cast, provider: LocalProvider
) -> None:
    assert come(Visitor(app), provider, **ALAN).status_code == 303

    @transactional
    def prepare() -> None:
        db.session.execute(
            update(Person).where(Person.email.in_(["alan@lab.example", "ben@lab.example"])).values(is_active=False)
        )
        db.session.add(
            Invitation(
                email="new@lab.example",
                role=Role.SCIENTIST,
                partner_id=lab.partners["aoba"],
                language="en",
                invited_by_id=lab.people["cora"],
                made_at=NOW,
                expires_at=NOW + timedelta(days=7),
            )
        )

    prepare()
    grants = db.session.scalar(select(func.count(RoleGrant.id)))
    for claims, said in (
        (ALAN, "This account is closed."),
        ({"sub": "two", "email": "ben@lab.example", "email_verified": True}, "This account is closed."),
        (
            {"sub": "three", "email": "new@lab.example", "email_verified": True},
            "Open the link in your invitation first",
        ),
    ):
        answer = come(Visitor(app), provider, **claims)
        assert answer.status_code == 403
        assert said in answer.text
    assert refusals() == [("closed", lab.people["alan"]), ("closed", lab.people["ben"]), ("invited", 0)]
    assert db.session.scalar(select(func.count(RoleGrant.id))) == grants


@on_sqlite
def test_an_address_given_to_somebody_else_opens_nothing(app: Flask, lab: Cast, provider: LocalProvider) -> None:
    assert come(Visitor(app), provider, **ALAN).status_code == 303
    answer = come(Visitor(app), provider, **ALAN, sub="the-one-after")
    assert answer.status_code == 403
    assert refusals() == [("other", lab.people["alan"])]


@on_sqlite
def test_the_second_factor_is_asked_for_all_the_same(
    app: Flask, lab: Cast, provider: LocalProvider, clock: Clock
) -> None:
    secret, _ = set_up(Visitor.by_the_form(app, "alan"), clock)
    clock.now += timedelta(minutes=1)
    visitor = Visitor(app)
    assert come(visitor, provider, **ALAN).headers["Location"] == "/sign-in/code?next=/bookings"
    assert visitor.get("/bookings").status_code == 303
    page = visitor.get("/sign-in/code?next=/bookings")
    assert visitor.submit(page, "/sign-in/code", code=code(secret, clock)).headers["Location"] == "/bookings"
    app.config["SECOND_FACTOR_FOR"] = frozenset({"staff"})
    sora = Visitor(app)
    come(sora, provider, sub="sora", email="sora@lab.example", email_verified=True)
    assert sora.get("/inbox").headers["Location"] == "/account/factor"


@on_sqlite
def test_a_provider_that_is_away_is_no_fault_of_ours(
    app: Flask, lab: Cast, provider: LocalProvider, clock: Clock
) -> None:
    visitor = Visitor(app)
    back = provider.authorize(visitor.get("/sign-in/openid").headers["Location"], **ALAN)
    provider.is_down = True
    assert visitor.get("/sign-in/openid/callback", query_string=back).status_code == 503
    clock.now += timedelta(minutes=11)
    for _ in range(3):
        answer = visitor.get("/sign-in/openid")
        assert answer.status_code == 503
        assert "cannot be reached at present" in answer.text
    assert provider.heard.count("/.well-known/openid-configuration") == 2  # silence is remembered for a moment
    provider.is_down = False
    clock.now += timedelta(seconds=16)
    assert visitor.get("/sign-in/openid").status_code == 303


@on_sqlite
def test_nothing_is_asked_of_a_provider_that_calls_itself_otherwise(
    app: Flask, lab: Cast, provider: LocalProvider
) -> None:
    provider.says_issuer = "https://evil.example"
    assert Visitor(app).get("/sign-in/openid").status_code == 503
    assert set(provider.heard) == {"/.well-known/openid-configuration"}


@on_sqlite
def test_without_a_provider_there_is_no_such_page(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    assert "openid" not in visitor.get("/sign-in").text
    for path in ("/sign-in/openid", "/sign-in/openid/callback?state=x&code=y"):
        assert visitor.get(path).status_code == 404


@on_sqlite
def test_next_leads_nowhere_else(app: Flask, lab: Cast, provider: LocalProvider) -> None:
    visitor = Visitor(app)
    sent = visitor.get("/sign-in/openid?next=//evil.example")
    back = provider.authorize(sent.headers["Location"], **ALAN)
    assert visitor.get("/sign-in/openid/callback", query_string=back).headers["Location"] == "/"


def test_the_secret_is_not_shown_and_a_half_setting_stops_the_start() -> None:
    import config

    whole = {
        "LABBOOK_ENV": "demo",
        "LABBOOK_OIDC_ISSUER": "https://login.example",
        "LABBOOK_OIDC_CLIENT_ID": "labbook",
        "LABBOOK_OIDC_CLIENT_SECRET": "hush-hush",
    }
    assert config.read(whole)["OIDC_CLIENT_SECRET"] == "hush-hush"
    assert "hush-hush" not in str(config.shown(whole))
    with pytest.raises(config.SettingError, match="CLIENT_SECRET"):
        config.read({**whole, "LABBOOK_OIDC_CLIENT_SECRET": ""})
    safe = {"LABBOOK_SECRET_KEY": "x" * 40, "LABBOOK_BASE_URL": "https://lab.example"}
    with pytest.raises(config.SettingError, match="https"):
        config.read({**whole, **safe, "LABBOOK_ENV": "production", "LABBOOK_OIDC_ISSUER": "http://login.example"})
