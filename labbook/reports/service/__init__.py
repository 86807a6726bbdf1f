"""The verbs about evidence, by theme."""

from .seal_letters import mail_seal
from .sealing import seal
from .verifying import Verification, verify

__all__ = ["Verification", "mail_seal", "seal", "verify"]
