"""What tests about people share."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import Clock
from tests.people.post import Postbox


@pytest.fixture
def box(app: Flask, clock: Clock, tmp_path: Path) -> Postbox:
    """Where letters arrive."""
    app.config["SMTP_URL"] = f"file://{tmp_path}/post"
    return Postbox(tmp_path / "post", clock)
