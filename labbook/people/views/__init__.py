"""The pages about people, by theme; one blueprint."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

Answer = ResponseReturnValue
bp = Blueprint("people", __name__)

from . import (  # noqa: E402, F401 - they enter their routes in `bp`
    account,
    closing,
    factor,
    inviting,
    joining,
    openid,
    own_data,
    people,
    previewing,
    refusals,
    reset,
    roles,
    signing_in,
    wishing,
)
