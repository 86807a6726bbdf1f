"""The trail as its readers get it: on pages, as CSV and as JSON lines."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from flask_babel import gettext

from ...core.happenings import words_of
from ...core.language import N_, Words, person_name
from ...core.lifecycle import State
from ...core.reasons import reason_of
from ...core.signatures import MEANING_WORDS, Meaning
from ...web import sentences, times
from ...web.prefix import at

BYTE_ORDER_MARK = "\ufeff"  # spreadsheets take the file for UTF-8 by it
_CODE = re.compile(r"[a-z]+(?:[-_][a-z]+)*")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

TOLD_TO_PARTNERS = ("reason", "before", "starts", "ends", "old", "as", "from", "to", "meaning", "name", "decision")
"""Of an event's detail, what the partner whose bookings it is about may read."""

DETAIL_WORDS = {
    "reason": N_("Reason"),
    "before": N_("State before"),
    "starts": N_("Start"),
    "ends": N_("End"),
    "as": N_("Seen as"),
    "from": N_("From"),
    "to": N_("To"),
    "until": N_("Until"),
    "meaning": N_("Meaning"),
    "name": N_("Printed name"),
    "decision": N_("Decision"),
    "record": N_("Digest of what was signed"),
}


class Told(NamedTuple):
    """A name and a value of an event's detail; codes are shown as they are stored, in no language."""

    name: str
    value: str
    name_is_code: bool
    value_is_code: bool


class Happening(Protocol):
    """One event as it was read; see reports.queries."""

    @property
    def number(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def code(self) -> str: ...
    @property
    def state(self) -> str | None: ...
    @property
    def subject(self) -> str: ...
    @property
    def actor_id(self) -> int | None: ...
    @property
    def actor_key(self) -> str | None: ...
    @property
    def family_name(self) -> str | None: ...
    @property
    def given_name(self) -> str | None: ...
    @property
    def about_key(self) -> str | None: ...
    @property
    def about_family_name(self) -> str | None: ...
    @property
    def about_given_name(self) -> str | None: ...
    @property
    def partner(self) -> Words | None: ...
    @property
    def site(self) -> Words | None: ...
    @property
    def zone(self) -> str | None: ...
    @property
    def request_key(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def body(self) -> dict[str, Any] | None: ...
    @property
    def erased_at(self) -> datetime | None: ...
    @property
    def seal(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One event of the trail. A partner's reader gets no number, no seal and no other partner's name."""

    number: int | None
    when: str
    what: str
    who: str
    about: str
    partner: str
    site: str
    title: str
    request_url: str
    state: str
    details: list[Told]
    is_erased: bool
    seal: int | None


def line(one: Happening, language: str, *, for_partner: bool) -> TrailLine:
    """An event in the reader's language, at the clock of its site, or in UTC where it has none."""
    zone = ZoneInfo(one.zone or "UTC")
    return TrailLine(
        None if for_partner else one.number,
        times.moment(one.at, zone, language),
        gettext(words_of(one.code)),
        _who(one, language),
        "" if for_partner else _about(one, language),
        "" if for_partner or one.partner is None else one.partner.text(language),
        one.site.text(language) if one.site else "",
        (one.title or "") if for_partner else "",
        at(f"/requests/{one.request_key}") if one.request_key else "",
        _state(one.code, one.state),
        [_detail(name, value, zone, language) for name, value in _details(one, for_partner).items()],
        one.erased_at is not None,
        None if for_partner else one.seal,
    )


def _who(one: Happening, language: str) -> str:
    if one.actor_id is None:
        return gettext("LabBook")
    return person_name(one.family_name or "", one.given_name or "", language)


def _about(one: Happening, language: str) -> str:
    if one.about_key is None or one.about_key == one.actor_key:
        return ""
    return person_name(one.about_family_name or "", one.about_given_name or "", language)


def _state(code: str, state: str | None) -> str:
    if not state:
        return ""
    if code == "request-signed":
        return gettext(MEANING_WORDS[Meaning(state)])
    return sentences.state_label(State(state)) if state in set(State) else state


def _details(one: Happening, for_partner: bool) -> Mapping[str, Any]:
    body = one.body or {}
    return {name: body[name] for name in TOLD_TO_PARTNERS if name in body} if for_partner else body


def _detail(name: str, value: Any, zone: ZoneInfo, language: str) -> Told:
    """A value of the detail as people read it; instants by the clock of the site."""
    label = gettext(DETAIL_WORDS[name]) if name in DETAIL_WORDS else name
    said, is_code = _value(name, value, zone, language)
    return Told(label, said, name not in DETAIL_WORDS, is_code)


def _value(name: str, value: Any, zone: ZoneInfo, language: str) -> tuple[str, bool]:
    if name == "reason":
        return reason_of({name: value}, language), isinstance(value, str) and _CODE.fullmatch(value) is not None
    if not isinstance(value, str):
        return _plain(value), True
    if value in set(State):
        return sentences.state_label(State(value)), False
    try:
        at = datetime.fromisoformat(value if "T" in value else "")
    except ValueError:
        return value, _CODE.fullmatch(value) is not None
    return (times.moment(at, zone, language) if at.tzinfo else value), False


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# --- files ------------------------------------------------------------------------------------------------------------


def record(one: Happening, language: str, *, for_partner: bool) -> dict[str, Any]:
    """An event for a file: codes and instants as they are stored, names in the reader's language."""
    told: dict[str, Any] = {} if for_partner else {"event": one.number, "seal": one.seal}
    told |= {
        "at": one.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "code": one.code,
        "what": gettext(words_of(one.code)),
        "who": _who(one, language),
        "site": one.site.text(language) if one.site else "",
        "request": one.request_key or "",
        "state": one.state or "",
    }
    if for_partner:
        told["title"] = one.title or ""
    else:
        told["partner"] = one.partner.text(language) if one.partner else ""
        told["about"] = _about(one, language)
    told["detail"] = dict(_details(one, for_partner))
    told["erased"] = one.erased_at is not None
    return told


def as_json_lines(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One JSON object a line."""
    for one in records:
        yield json.dumps(one, ensure_ascii=False) + "\n"


def as_csv(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A table with a head, for spreadsheets: UTF-8 with a byte order mark, no cell that could be taken for code."""
    yield BYTE_ORDER_MARK
    is_first = True
    for one in records:
        if is_first:
            yield _row(one)
            is_first = False
        yield _row("" if value is None else _plain(value) for value in one.values())


def _row(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([cell_of(cell) for cell in cells])
    return written.getvalue()


def cell_of(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    seen = "".join(one for one in normalize("NFKC", text) if one in _FORMULA or category(one)[0] not in "ZC")
    return f"'{text}" if seen.startswith(_FORMULA) else text
