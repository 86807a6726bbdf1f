"""What lies in the work tree, for the tests of the house."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tracked() -> list[str]:
    """The paths that git keeps or would keep, relative to the top.

    An unpacked sdist has no git: there this skips the test, but never in CI.
    """
    # safe.directory, because a checkout may belong to somebody else than the one who tests it.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"not a git checkout ({error})")
    return sorted(path for path in done.stdout.split("\0") if path and (ROOT / path).exists())


def sources(*suffixes: str) -> list[Path]:
    """Our own files below labbook/ with one of these suffixes, relative to the top; what a build made is left out."""
    found = (path.relative_to(ROOT) for path in (ROOT / "labbook").rglob("*") if path.suffix in suffixes)
    return sorted(path for path in found if "vendor" not in path.parts and "__pycache__" not in path.parts)
