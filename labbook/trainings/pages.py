"""What the pages about trainings show: values, in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask_babel import gettext, ngettext

from ..core.eligibility import Card, Light, Line, Next
from ..core.language import N_, Words
from ..web import sentences

LEVELS = {
    0: N_("Site induction"),
    1: N_("Online module"),
    2: N_("Sign-off by staff"),
    3: N_("Staff only"),
}
_SUBJECTS = {"agreement": N_("Agreement"), "not": N_("Agreement"), "conditions": N_("Conditions of use")}
_STEPS = {
    Next.ACCEPT: N_("Read and accept"),
    Next.ASK: N_("Ask for this training"),
    Next.TAKE: N_("See the sessions"),
}
_TONES = {Light.GREEN: "green", Light.AMBER: "amber", Light.RED: "red"}
_ICONS = {"green": "check", "amber": "hourglass", "red": "cross"}


@dataclass(frozen=True)
class LightView:
    """A light as a page tells it: tone, shape and word."""

    tone: str
    word: str

    @property
    def icon(self) -> str:
        """The shape that goes with the colour."""
        return _ICONS[self.tone]


@dataclass(frozen=True)
class LineView:
    """One line of a card."""

    code: str
    light: LightView
    subject: Words
    subject_label: str  # where it has no name of its own
    level: str
    sentence: str
    help: str
    step_label: str
    url: str


@dataclass(frozen=True)
class CardView:
    """The card of one resource."""

    name: str
    url: str
    icon: str
    light: LightView
    lines: list[LineView]

    @property
    def missing(self) -> list[str]:
        """What is not in order, by name."""
        return [line.subject_label for line in self.lines if line.light.tone != "green"]


@dataclass(frozen=True)
class NextStep:
    """A line that several resources have in common, and how many."""

    line: LineView
    resources: str


@dataclass(frozen=True)
class CardsPage:
    """All cards of a person at a site."""

    whose: str  # empty: one's own
    groups: list[tuple[str, list[CardView]]]
    steps: list[NextStep]
    counts: list[tuple[LightView, int]] = field(default_factory=list)


def light_of_card(card: Card) -> LightView:
    """The light of a whole card."""
    if card.light is Light.AMBER:
        return LightView("amber", gettext("Ready, lapses soon") if card.works else gettext("Under way"))
    return LightView(_TONES[card.light], gettext("Ready") if card.works else gettext("Not yet"))


def light_of_line(line: Line) -> LightView:
    """The light of one line."""
    if line.light is Light.AMBER:
        return LightView("amber", gettext("Soon") if line.works else gettext("Under way"))
    return LightView(_TONES[line.light], gettext("In order") if line.works else gettext("Missing"))


def line_view(line: Line, urls: Mapping[Next, str], language: str, *, is_own: bool) -> LineView:
    """A line; steps are offered to the person whose card it is, others read whom to ask."""
    label = line.subject.text(language) if line.subject else gettext(_SUBJECTS[line.code.partition("-")[0]])
    url = urls.get(line.step, "") if is_own else ""
    return LineView(
        line.code,
        light_of_line(line),
        line.subject,
        label,
        gettext(LEVELS[line.level]) if line.level is not None else "",
        sentences.said(line.sentence, line.values, language),
        sentences.said(line.help, line.values, language),
        gettext(_STEPS[line.step]) if url else "",
        url,
    )


def next_steps(cards: Iterable[CardView]) -> list[NextStep]:
    """What is not in order, each once, with the number of resources that it is for; the weightiest first."""
    found: dict[tuple[str, str], LineView] = {}
    counted: Counter[tuple[str, str]] = Counter()
    for card in cards:
        for line in card.lines:
            if line.light.tone != "green":
                key = (line.subject_label, line.code)
                found.setdefault(key, line)
                counted[key] += 1
    order = sorted(found, key=lambda key: (found[key].light.tone != "red", not found[key].url, -counted[key]))
    return [NextStep(found[key], ngettext("%(num)s resource", "%(num)s resources", counted[key])) for key in order]


@dataclass(frozen=True)
class SessionView:
    """A session as somebody who may take part sees it: nothing of who else does."""

    key: str
    training: str
    training_url: str
    when: str
    zone_label: str
    trainer: str
    left: str
    is_full: bool
    is_own: bool


@dataclass(frozen=True)
class TrainingPage:
    """One training at a site."""

    slug: str
    site: str  # slug
    site_name: str
    name: Words
    level: str
    description: Words
    line: LineView | None  # how it stands with the reader
    sessions: list[SessionView]
    resources: list[tuple[str, str]]  # that demand it: name and address
    may_ask: bool
    may_take: bool
    asked: bool


@dataclass(frozen=True)
class WishView:
    """An open wish, for staff."""

    who: str
    who_url: str
    partner: str
    training: str
    slug: str
    note: str
    asked: str
    session: StaffSession | None  # that has a place left


@dataclass(frozen=True)
class StaffSession:
    """A session, for staff."""

    url: str
    training: str
    when: str
    zone_label: str
    trainer: str
    places: str
    is_over: bool


@dataclass(frozen=True)
class ProofView:
    """A proof that somebody of the site's people has."""

    who: str
    who_url: str
    partner: str
    training: str
    until: str
    why: str  # it ends before its date


@dataclass(frozen=True)
class PersonView:
    """Somebody of the site's people, with what they hold."""

    key: str
    name: str
    url: str
    email: str
    partner: str
    held: list[tuple[str, str]]  # slug and name of each proof that is good
    is_oneself: bool


@dataclass(frozen=True)
class PlaceView:
    """Somebody's place in a session, for staff."""

    key: str
    name: str
    partner: str
    outcome: str
    is_open: bool
    is_oneself: bool


@dataclass(frozen=True)
class ImportLine:
    """A line of an import and what becomes of it."""

    number: int
    email: str
    training: str
    sentence: str
    is_wrong: bool
    is_new: bool
