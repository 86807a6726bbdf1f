"""Talking to the one OpenID provider that settings name (OpenID Connect Core 1.0 and Discovery 1.0)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

TIMEOUT_SECONDS = 5
METADATA_KEPT, SILENCE_KEPT = timedelta(minutes=10), timedelta(seconds=15)
LEEWAY_SECONDS = 60
SIGNED_BY = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
)  # nothing with a shared key
SCOPE = "openid email"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderAwayError(Exception):
    """The provider cannot be reached, or does not say what it has to."""


class BadAnswerError(Exception):
    """What came back does not prove anything: `reason` is a code for the history."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Pending:
    """What is kept in the browser's session until the provider sends it back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Whom the provider vouches for; `email` is empty unless the provider says that it is verified."""

    issuer: str
    subject: str
    email: str


@dataclass(slots=True)
class _Known:
    """Metadata, or that there was no answer, for a while; each process asks for itself."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    by_issuer: dict[str, tuple[datetime, dict[str, Any] | None]] = field(default_factory=dict)


_known = _Known()


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider and how it knows LabBook. Nothing is asked of it before somebody wants to come in by it."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str

    def begin(self, now: datetime) -> tuple[str, Pending]:
        """Where to send the browser, and what to keep meanwhile (PKCE, RFC 7636). Raises ProviderAwayError."""
        pending = Pending(generate_token(32), generate_token(32), generate_token(64))
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._metadata(now)["authorization_endpoint"],
                state=pending.state,
                nonce=pending.nonce,
                code_verifier=pending.verifier,
            )
        return url, pending

    def finish(self, code: str, pending: Pending, now: datetime) -> Proof:
        """Exchange the code and check what comes back. Raises ProviderAwayError, BadAnswerError."""
        metadata = self._metadata(now)
        with self._session() as session:
            try:
                token = session.fetch_token(
                    metadata["token_endpoint"],
                    code=code,
                    code_verifier=pending.verifier,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                )
                claims = self._checked(token, self._keys(session, metadata), metadata, pending, now)
                claims = self._with_email(claims, session, metadata)
            except AuthlibBaseError as error:
                raise BadAnswerError("code") from error
            except (RequestException, OSError) as error:
                raise ProviderAwayError from error
        email = claims.get("email")
        is_proved = claims.get("email_verified") is True and isinstance(email, str)
        return Proof(self.issuer, str(claims["sub"]), str(email) if is_proved else "")

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self.client_id,
            self.client_secret,
            scope=SCOPE,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
        )

    def _metadata(self, now: datetime) -> dict[str, Any]:
        with _known.lock:
            until, metadata = _known.by_issuer.get(self.issuer, (now, None))
        if now >= until or until - now > METADATA_KEPT:
            metadata = self._fetched()
            kept = SILENCE_KEPT if metadata is None else METADATA_KEPT
            with _known.lock:
                _known.by_issuer[self.issuer] = (now + kept, metadata)
        if metadata is None:
            raise ProviderAwayError
        return metadata

    def _fetched(self) -> dict[str, Any] | None:
        """Only from the configured issuer, and only what it says about itself."""
        address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            with self._session() as session:
                found = _json(session, address)
        except (RequestException, OSError, ValueError):
            return None
        scheme = self.issuer.partition("://")[0]
        endpoints = [found.get(name) for name in _ENDPOINTS]
        is_whole = all(isinstance(one, str) and one.startswith(("https://", f"{scheme}://")) for one in endpoints)
        return found if is_whole and found.get("issuer") == self.issuer else None

    @staticmethod
    def _keys(session: OAuth2Session, metadata: dict[str, Any]) -> KeySet:
        try:
            return KeySet.import_key_set(_json(session, metadata["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError) as error:
            raise ProviderAwayError from error

    def _checked(
        self, token: dict[str, Any], keys: KeySet, metadata: dict[str, Any], pending: Pending, now: datetime
    ) -> dict[str, Any]:
        """The claims of the ID token, once signature, issuer, audience, time and nonce are right."""
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        algorithms = [one for one in SIGNED_BY if one in offered]
        try:
            decoded = jwt.decode(
                token["id_token"], keys, registry=JWSRegistry(algorithms=algorithms, strict_check_header=False)
            )
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {"iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self.client_id}},
                {"nonce": pending.nonce, "client_id": self.client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, AuthlibBaseError) as error:
            raise BadAnswerError(str(getattr(error, "claim", "") or "token")) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadAnswerError("token") from error
        return dict(claims)

    @staticmethod
    def _with_email(claims: dict[str, Any], session: OAuth2Session, metadata: dict[str, Any]) -> dict[str, Any]:
        """Many providers tell the address only at their userinfo endpoint, where it must be of the same person."""
        address = metadata.get("userinfo_endpoint")
        if "email" in claims or not isinstance(address, str):
            return claims
        try:
            more = _json(session, address, withhold_token=False)
        except ValueError as error:
            raise BadAnswerError("userinfo") from error
        if more.get("sub") != claims["sub"]:
            raise BadAnswerError("userinfo")
        return {**claims, **{name: more[name] for name in ("email", "email_verified") if name in more}}


def _json(session: OAuth2Session, address: str, *, withhold_token: bool = True) -> dict[str, Any]:
    answer = session.request(
        "GET", address, withhold_token=withhold_token, timeout=TIMEOUT_SECONDS, allow_redirects=False
    )
    answer.raise_for_status()
    found = answer.json()
    if answer.is_redirect or not isinstance(found, dict):
        raise ValueError(address)
    return found
