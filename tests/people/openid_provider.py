"""A real OpenID provider on this machine: RSA keys, codes, PKCE, and a few ways to misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from tests.cast import NOW

CLIENT, SECRET = "labbook-client", "a-secret-between-us"


@cache
def rsa_key(name: str) -> RSAKey:
    """A key, made once; its name is not told."""
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


def _packed(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@dataclass
class LocalProvider:
    """What the provider says next; tests change it."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    says_issuer: str = ""
    is_down: bool = False
    key: RSAKey = field(default_factory=lambda: rsa_key("one"))
    signs_with: RSAKey | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)  # by code: what the browser brought
    heard: list[str] = field(default_factory=list)  # the paths that LabBook asked for

    def authorize(self, url: str, **claims: Any) -> dict[str, str]:
        """What the provider sends back through the browser that was sent to `url`, once its user agreed."""
        brought = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{self.issuer}/authorize?")
        assert brought["code_challenge_method"] == "S256"
        assert brought["response_type"] == "code"
        code = f"code-{len(self.asked)}"
        self.asked[code] = brought
        times = {"iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 300}
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": "subject-1", "nonce": brought["nonce"], **times}
        self.claims = {**usual, **claims}
        return {"code": code, "state": brought["state"]}

    def token(self) -> Any:
        """The token endpoint: the code once, with its verifier and the client's secret."""
        brought = self.asked.pop(request.form["code"], None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if brought is None or request.headers.get("Authorization") != f"Basic {basic}":
            return jsonify(error="invalid_grant"), 400
        challenge = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(challenge).decode().rstrip("=") != brought["code_challenge"]:
            return jsonify(error="invalid_grant"), 400
        key = self.signs_with or self.key
        header = {"alg": self.algorithm, "kid": "one"}
        if self.algorithm == "none":
            signed = ".".join([_packed(header), _packed(self.claims), ""])
        else:
            signed = jwt.encode(header, self.claims, key)
        return jsonify(access_token="access", token_type="Bearer", id_token=signed)


@contextmanager
def serving(provider: LocalProvider) -> Iterator[LocalProvider]:
    """The provider behind a real socket."""
    app = Flask("provider")

    @app.before_request
    def note() -> Any:
        provider.heard.append(request.path)
        return ("down", 503) if provider.is_down else None

    @app.get("/.well-known/openid-configuration")
    def metadata() -> Any:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        if provider.userinfo:
            ends["userinfo_endpoint"] = "userinfo"
        return jsonify(
            issuer=provider.says_issuer or provider.issuer,
            id_token_signing_alg_values_supported=["RS256", "HS256", "none"],
            **{name: f"{provider.issuer}/{path}" for name, path in ends.items()},
        )

    app.add_url_rule("/keys", "keys", lambda: jsonify(keys=[provider.key.as_dict(private=False)]))
    app.add_url_rule("/userinfo", "userinfo", lambda: jsonify(provider.userinfo))
    app.add_url_rule("/token", "token", provider.token, methods=["POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)  # how soon it sees the end
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()
