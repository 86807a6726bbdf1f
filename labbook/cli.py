"""The `labbook` command; thin, calls services."""

from __future__ import annotations

import os
import sys

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup
from flask_migrate import upgrade


def install(app: Flask) -> None:
    """Enter the commands."""


def main() -> None:
    """The console script."""
    from labbook import create_app

    FlaskGroup(create_app=create_app, name="labbook")()


__all__ = ["click", "current_app", "os", "sys", "upgrade"]
