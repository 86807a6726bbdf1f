"""The verbs about people, by theme."""

from .passwords import checked, password_hash
from .sessions import is_due, seen, sign_out
from .signing_in import choose_language, choose_reading, choose_zone, sign_in

__all__ = [
    "checked",
    "choose_language",
    "choose_reading",
    "choose_zone",
    "is_due",
    "password_hash",
    "seen",
    "sign_in",
    "sign_out",
]
