"""The verbs about people, by theme."""

from .passwords import checked, password_hash
from .signing_in import choose_language, is_due, seen, sign_in, sign_out

__all__ = ["checked", "choose_language", "is_due", "password_hash", "seen", "sign_in", "sign_out"]
