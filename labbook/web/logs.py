"""Logs never hold the secret of a feed's or a sign's link, of an invitation, or of a link for a new password."""

from __future__ import annotations

import logging
import re

from flask import Flask

_SECRET = re.compile(r"((?:/|%2F)(?:feeds|signs|invitations|reset)(?:/|%2F)+)(?:(?!%2F)[^/\s?&\"'])+", re.IGNORECASE)


class MaskTokens(logging.Filter):
    """Blots out what stands behind /feeds/, /signs/, /invitations/ and /reset/, spelled either way."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, without secrets."""
        message = record.getMessage()
        masked = _SECRET.sub(r"\1…", message)
        if masked != message:
            record.msg, record.args = masked, ()
        return True


def install(app: Flask) -> None:
    """Mask what the application and its server write."""
    app.logger.setLevel(app.config["LOG_LEVEL"])
    for logger in (app.logger, logging.getLogger("gunicorn.error")):
        if not any(isinstance(one, MaskTokens) for one in logger.filters):
            logger.addFilter(MaskTokens())
