"""What was asked and answered about a request, as its page shows it; nothing of it in a preview as a partner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, url_for
from flask_babel import format_decimal

from ..bookings.service import matter_of, matter_to_withdraw
from ..core.attaching import KINDS
from ..core.disclosure import BookingRow, Relation, relation
from ..core.language import person_name
from ..core.lifecycle import OPEN, OVER
from ..core.permissions import Actor, Do, may
from ..web import preview, times
from .queries.remarks import File, Said, files_with, remarks_of
from .remark_forms import AnswerForm, AskForm
from .service.remarks import MOST_FILES


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file, and what it is."""

    url: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class RemarkLine:
    """One remark."""

    who: str
    is_mine: bool
    is_question: bool
    body: str
    at: str
    files: list[FileLine]


@dataclass(frozen=True, slots=True)
class RemarksPanel:
    """The thread, and the forms for those who may write into it."""

    lines: list[RemarkLine]
    stands: str  # since when the clock stands, while a question waits for its answer
    ask_form: AskForm | None
    answer_form: AnswerForm | None
    may_stop: bool  # something waits: a question makes the clock stand
    most_mb: int
    most_files: int


def remarks_panel(
    actor: Actor, found: Any, row: BookingRow, zone: ZoneInfo, words: str, now: datetime
) -> RemarksPanel | None:
    """What the reader gets of it: nothing where there is nothing to read or write, or it is not for them."""
    if preview.previewer() is not None or relation(actor, row) in (None, Relation.JOINT):
        return None
    said = remarks_of(found.id)
    states = {one.state for one in found.bookings}
    is_of_use = bool(states - OVER)
    may_ask = is_of_use and may(actor, Do.DECIDE_REQUEST, matter_of(found, now))
    may_answer = is_of_use and may(actor, Do.ANSWER_QUESTION, matter_to_withdraw(found))
    if not (said or may_ask or may_answer):
        return None
    ask_form = AskForm() if may_ask else None
    if ask_form is not None:
        ask_form.asks.data = True
    return RemarksPanel(
        lines=_lines(actor, found, said, zone, words),
        stands=times.moment(found.asked_at, zone, words) if found.asked_at else "",
        ask_form=ask_form,
        answer_form=AnswerForm() if may_answer else None,
        may_stop=bool(states & OPEN),
        most_mb=current_app.config["ATTACHMENT_MB"],
        most_files=MOST_FILES,
    )


def _lines(actor: Actor, found: Any, said: list[Said], zone: ZoneInfo, words: str) -> list[RemarkLine]:
    files = files_with(one.id for one in said) if said else {}
    return [
        RemarkLine(
            person_name(one.family_name, one.given_name, words),
            one.person_id == actor.person_id,
            one.is_question,
            one.body,
            times.moment(one.at, zone, words),
            _files(found.key, files.get(one.id, ())),
        )
        for one in said
    ]


def _files(request_key: str, files: Iterable[File]) -> list[FileLine]:
    return [
        FileLine(url_for("desk.attachment", key=request_key, file=one.key), one.name, _label(one))
        for one in files
        if one.size  # an erased one has none
    ]


def _label(one: File) -> str:
    """PDF, 1.2 MB."""
    kind = KINDS.get(one.media_type)
    size = f"{max(1, one.size // 1000)} kB"
    if one.size >= 1_000_000:
        size = f"{format_decimal(round(one.size / 1_000_000, 1))} MB"
    return f"{kind.endings[0].upper()}, {size}" if kind else size
