"""A served LabBook in which everything is there once: the lab with Aoba's secrets, on the Monday of the cast."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, Page
from sqlalchemy import select, text, update
from werkzeug.serving import make_server

from labbook.core.language import Words
from labbook.core.limits.no_show import NoShow
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Agreement, Person, RoleGrant, RuleSet
from labbook.people.views.entering import WAITING
from tests.browsing import Visitor
from tests.cast import NOW, Cast, make_lab
from tests.conftest import Clock, application, let_go
from tests.privacy.marks import INVITATION_TOKEN, RESET_TOKEN, SIGN_TOKEN
from tests.privacy.planting import Plants, plant
from tests.ruling import add_rules

HALF = "half"  # somebody who has typed the password, and not yet the code
LOCALES = {"en": "en-GB", "ja": "ja-JP"}


@dataclass
class Served:
    """A running LabBook and what is in it."""

    app: Flask
    url: str
    clock: Clock
    lab: Cast
    plants: Plants
    visitors: dict[str | None, Visitor] = field(default_factory=dict)

    def visitor(self, name: str | None) -> Visitor:
        """Somebody who asks without a browser; the same session each time."""
        if name not in self.visitors:
            with self.app.app_context():
                self.visitors[name] = visitor = Visitor(self.app, None if name == HALF else name)
            if name == HALF:
                with visitor.client.session_transaction() as kept:
                    kept[WAITING] = "a token"
        return self.visitors[name]

    def page(self, browser: Browser, name: str | None, language: str = "en", **kwargs: object) -> Page:
        """A page in a new context, signed in as somebody, who reads this language."""
        context = browser.new_context(locale=LOCALES[language], reduced_motion="reduce", **kwargs)  # type: ignore[arg-type]
        if name:
            context.add_cookies([{"name": "labbook", "value": self.visitor(name).session, "url": self.url}])
        return context.new_page()

    def speak(self, language: str) -> None:
        """Let everybody read this language."""
        with self.app.app_context():
            _speak(language)
            db.session.remove()


@contextmanager
def planted(folder: Path) -> Iterator[Served]:
    """The lab with Aoba's secrets, served as long as the block lasts."""
    clock, file = Clock(), folder / "planted.db"
    content, lab, plants = deepcopy(_sown())
    file.write_bytes(content)
    app = application(f"sqlite:///{file}", CLOCK=clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["BASE_URL"] = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Served(app, app.config["BASE_URL"], clock, lab, plants)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            let_go()


@cache
def _sown() -> tuple[bytes, Cast, Plants]:
    """The file with the lab in it, who is there, and what is: made once, since that takes seconds."""
    with TemporaryDirectory(prefix="labbook-sown-") as folder:
        file = Path(folder) / "planted.db"
        app = application(f"sqlite:///{file}", CLOCK=Clock())
        with app.app_context():
            upgrade()
            lab = make_lab()
            plants = plant(lab)
            _besides(lab, plants)
            add_rules(lab, NoShow(), name=Words("Arriving", "チェックイン"), resource="tsukuba-hood")
            db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            let_go()
        return file.read_bytes(), lab, plants


@transactional
def _speak(language: str) -> None:
    db.session.execute(update(Person).values(language=language))


@transactional
def _besides(lab: Cast, plants: Plants) -> None:
    """What no rival may know is all there; what only a manager without a partner may do needs one, and her things."""
    person = Person(
        email="rin@lab.example",
        family_name="小川",
        given_name="凛",
        reading="おがわ りん",
        language="ja",
        home_site_id=lab.sites["tsukuba"],
        password_hash="",
        created_at=NOW,
    )
    db.session.add(person)
    db.session.flush()
    lab.people["rin"] = person.id
    grants = {"person_id": person.id, "role": Role.MANAGER, "starts_on": date(2026, 1, 1)}
    db.session.add_all(RoleGrant(site_id=site, **grants) for site in lab.sites.values())
    limits = [{"kind": "bookings", "id": "7b3d9c21", "most": 40}]
    rules = RuleSet(site_id=lab.sites["tsukuba"], name=Words("House rules", "利用規則"), limits=limits, made_at=NOW)
    db.session.add(rules)
    db.session.flush()
    birch = select(Agreement.key).where(
        Agreement.partner_id == lab.partners["birch"], Agreement.site_id == lab.sites["tsukuba"]
    )
    plants.keys_of["rules"].append(rules.key)
    plants.keys_of["limit"].append("7b3d9c21")
    plants.keys_of["agreement"].append(db.session.scalars(birch).one())
    plants.keys_of["booking"].append(plants.bookings["Benched"])
    plants.keys_of["link"] = [INVITATION_TOKEN, RESET_TOKEN]
    plants.keys_of["feed-token"] = [plants.token]
    plants.keys_of["sign-token"] = [SIGN_TOKEN]
