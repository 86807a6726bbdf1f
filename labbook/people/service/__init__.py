"""The verbs about people, by theme."""

from .passwords import checked, password_hash
from .sessions import is_due, seen, sign_out
from .signing_in import choose_language, sign_in

__all__ = ["checked", "choose_language", "is_due", "password_hash", "seen", "sign_in", "sign_out"]
