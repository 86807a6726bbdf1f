"""What is answered alike in a language, whoever asks: no session is read for it, and none counts as in use by it."""

from __future__ import annotations

ALIKE = frozenset(
    {
        "static",
        "feeds.calendar",
        "health.healthz",
        "pocket.icon",
        "pocket.manifest",
        "pocket.offline",
        "pocket.worker",
        "robots.robots",
        "signs.sign",
    }
)
