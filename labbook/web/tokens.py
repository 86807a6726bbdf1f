"""The tokens of the design, read from the style sheet itself: for the style page, and to measure contrast."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass

from .files import FOLDER

TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2: what is read; edges of controls, marks and the ring of the focus

_TOKEN = re.compile(r"--([a-z0-9-]+): ([^;]+);")
_COLOUR = re.compile(r"light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\)$")
_OKLCH = re.compile(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)")

_GROUNDS = ("paper", "sheet", "sunk")
_WASHES = ("accent-wash", "good-wash", "warn-wash", "bad-wash", "wish-wash")

# Which ink stands on which grounds, and how clear it has to be there.
PAIRS: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("ink", (*_GROUNDS, *_WASHES, "busy", "staff"), TEXT),
    ("ink-2", (*_GROUNDS, *_WASHES, "busy"), TEXT),
    ("accent", (*_GROUNDS, "accent-wash"), TEXT),
    ("accent-deep", (*_GROUNDS, "accent-wash"), TEXT),
    ("on-accent", ("accent", "accent-deep"), TEXT),
    ("good", (*_GROUNDS, "good-wash"), TEXT),
    ("warn", (*_GROUNDS, "warn-wash"), TEXT),
    ("bad", (*_GROUNDS, "bad-wash"), TEXT),
    ("wish", (*_GROUNDS, "wish-wash"), TEXT),
    ("on-partner", ("partner",), TEXT),
    ("on-pen", ("pen",), TEXT),
    ("sheet", ("ink",), TEXT),
    ("paper", ("warn",), TEXT),
    ("edge", _GROUNDS, SHAPE),
    ("pen", ("sheet", "paper"), SHAPE),
    ("accent", (*_WASHES, "busy", "staff", "partner"), SHAPE),  # the ring of the focus, wherever it comes to stand
    ("staff-edge", ("sheet",), SHAPE),
)
# What nothing has to be read from: lines between rows, hatching, the shade of what is past.
ORNAMENTS = frozenset({"rule", "rule-fine", "hatch", "hatch-fine"})


@dataclass(frozen=True)
class Colour:
    """A colour as lightness (0 to 1), chroma, and hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    @classmethod
    def read(cls, text: str) -> Colour:
        """From the notation of style sheets. Raises ValueError for any other."""
        found = _OKLCH.match(text)
        if found is None:
            raise ValueError(text)
        return cls(*(float(part) for part in found.groups()))

    def luminance(self) -> float:
        """Relative luminance as WCAG defines it; what no screen can show is cut off, as screens do."""
        turn = math.radians(self.hue)
        a, b = self.chroma * math.cos(turn), self.chroma * math.sin(turn)
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        middle = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
        green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
        blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
        red, green, blue = (min(max(part, 0.0), 1.0) for part in (red, green, blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@dataclass(frozen=True)
class Pair:
    """An ink on a ground, and how clear it is in light and in dark."""

    ink: str
    ground: str
    least: float
    light: float
    dark: float


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black on white)."""
    low, high = sorted((one.luminance(), other.luminance()))
    return (high + 0.05) / (low + 0.05)


@functools.cache
def tokens() -> dict[str, str]:
    """All tokens by name, as they are written."""
    sheet = (FOLDER / "app.css").read_text("utf-8")
    return dict(_TOKEN.findall(sheet[: sheet.index("@layer base")]))


@functools.cache
def colours() -> dict[str, tuple[Colour, Colour]]:
    """Each colour by name: in light, in dark."""
    found = {name: _COLOUR.match(value) for name, value in tokens().items()}
    return {name: (Colour.read(one[1]), Colour.read(one[2])) for name, one in found.items() if one}


def pairs() -> list[Pair]:
    """Every ink on every ground on which it stands."""
    of = colours()
    return [
        Pair(ink, ground, least, *(round(contrast(of[ink][i], of[ground][i]), 2) for i in (0, 1)))
        for ink, grounds, least in PAIRS
        for ground in grounds
    ]
