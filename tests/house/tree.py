"""What lies in the work tree, for the tests of the house."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tracked() -> list[str]:
    """The paths that git keeps or would keep, relative to the top; where there is no git, what .gitignore leaves."""
    # safe.directory, because a checkout may belong to somebody else than the one who tests it.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return sorted(str(path.relative_to(ROOT)) for path in _unignored(ROOT))
    return sorted(path for path in done.stdout.split("\0") if path and (ROOT / path).exists())


def _unignored(folder: Path) -> Iterator[Path]:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    patterns = [".git", *(line.strip("/") for line in lines)]
    for path in folder.iterdir():
        named = (path.name, str(path.relative_to(ROOT)))
        if any(fnmatch(name, pattern) for name in named for pattern in patterns):
            continue
        if path.is_dir():
            yield from _unignored(path)
        else:
            yield path


def sources(*suffixes: str) -> list[Path]:
    """Our own files below labbook/ with one of these suffixes, relative to the top; what a build made is left out."""
    found = (path.relative_to(ROOT) for path in (ROOT / "labbook").rglob("*") if path.suffix in suffixes)
    return sorted(path for path in found if "vendor" not in path.parts and "__pycache__" not in path.parts)
