"""A mail server is spoken to in secret where the settings say so, or not at all; and only if it is who it says."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from labbook.db import db, transactional
from labbook.models import Letter
from labbook.models.letter import letter
from labbook.notices.service import Office, send_due
from tests.browsing import on_sqlite
from tests.cast import NOW
from tests.notices.server import mail_server

pytestmark = on_sqlite


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of a server at 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.lab.example")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(here, critical=False).add_extension(x509.BasicConstraints(True, None), critical=True)
    unlocked = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file = tmp_path_factory.mktemp("certificate") / "server.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, unlocked)
        + made.sign(key, hashes.SHA256()).public_bytes(pem)
    )
    return file


@pytest.fixture
def locks(certificate: Path) -> ssl.SSLContext:
    """What the server encrypts with."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@transactional
def write() -> None:
    """A letter that waits."""
    db.session.add(letter("test", "ann@lab.example", "en", now=NOW, what="cells"))


def tries() -> int:
    """How often it was tried."""
    db.session.remove()
    return db.session.scalars(select(Letter.tries)).one()


def test_with_starttls_letters_go_encrypted(own_templates: Office, locks: ssl.SSLContext, trusted: None) -> None:
    write()
    with mail_server(tls_context=locks, require_starttls=True) as box:
        assert send_due(replace(own_templates, url=f"{box.url}?starttls=1"), now=NOW) == 1
    assert box.were_encrypted == [True]


def test_by_smtps_letters_go_encrypted(own_templates: Office, locks: ssl.SSLContext, trusted: None) -> None:
    write()
    with mail_server(ssl_context=locks) as box:
        assert send_due(replace(own_templates, url=f"smtps://127.0.0.1:{box.port}"), now=NOW) == 1
    assert box.were_encrypted == [True]


def test_a_server_that_cannot_prove_who_it_is_gets_nothing(own_templates: Office, locks: ssl.SSLContext) -> None:
    write()
    with mail_server(tls_context=locks) as box:
        assert send_due(replace(own_templates, url=f"{box.url}?starttls=1"), now=NOW) == 0
    assert (box.recipients, tries()) == ([], 0)


def test_a_server_that_does_not_encrypt_gets_nothing_where_it_should(own_templates: Office) -> None:
    write()
    with mail_server() as box:
        assert send_due(replace(own_templates, url=f"{box.url}?starttls=1"), now=NOW) == 0
    assert (box.recipients, tries()) == ([], 0)


@pytest.mark.parametrize(("password", "sent"), [("p%40ss%3Aword", 1), ("wrong", 0)])
def test_it_signs_in_with_user_and_password(
    own_templates: Office,
    locks: ssl.SSLContext,
    trusted: None,
    password: str,
    sent: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def knows(server: object, session: object, envelope: object, mechanism: str, given: LoginPassword) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (b"labbook", b"p@ss:word"), handled=False)

    write()
    with mail_server(tls_context=locks, authenticator=knows, auth_required=True) as box:
        url = f"smtp://labbook:{password}@127.0.0.1:{box.port}?starttls=1"
        assert send_due(replace(own_templates, url=url), now=NOW) == sent
    assert (len(box.recipients), tries()) == (sent, sent)
    assert "wrong" not in caplog.text
