"""A lab with Aoba's secrets in it, and what a viewer gets to read of it."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.cast import Cast
from tests.privacy.planting import Plants, plant


@pytest.fixture
def plants(app: Flask, lab: Cast) -> Plants:
    """Aoba's secrets, planted."""
    return plant(lab)
