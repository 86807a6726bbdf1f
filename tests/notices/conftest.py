"""A mail server, and an office that sends through it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from labbook.notices.service import Office
from labbook.worker import office as office_by_settings
from tests.cast import Cast
from tests.notices.server import Mailbox, mail_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real server that takes everything until it is told otherwise."""
    with mail_server() as box:
        yield box


@pytest.fixture
def office(app: Flask, lab: Cast, mailbox: Mailbox) -> Office:
    """Where letters go out: our server, with LabBook's own templates."""
    return replace(office_by_settings(), url=mailbox.url, sender="LabBook <labbook@lab.example>")


@pytest.fixture
def own_templates(office: Office, tmp_path: Path) -> Office:
    """The same with one template of the test's own, which says what it is given."""
    folder = tmp_path / "mail" / "test"
    folder.mkdir(parents=True)
    shutil.copy(office.templates / "_frame.html", folder.parent)
    (folder / "en.txt").write_text("About {{ what }}\n\nHello {{ what }}, see {{ base_url }}\n", encoding="utf-8")
    (folder / "ja.txt").write_text("{{ what }}について\n\n{{ what }}です。\n", encoding="utf-8")
    return replace(office, templates=tmp_path / "mail")
