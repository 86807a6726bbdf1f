"""The verbs about evidence, by theme."""

from .looking import export_trail, look_at_partner_trail, look_at_trail
from .retention import Keep, due, remove_daily, remove_due
from .seal_letters import mail_seal
from .sealing import seal
from .verifying import Verification, verify

__all__ = [
    "Keep",
    "Verification",
    "due",
    "export_trail",
    "look_at_partner_trail",
    "look_at_trail",
    "mail_seal",
    "remove_daily",
    "remove_due",
    "seal",
    "verify",
]
